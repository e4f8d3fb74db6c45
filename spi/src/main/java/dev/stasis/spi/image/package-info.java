// SPDX-License-Identifier: Apache-2.0
/** Images: their types, and the places that handlers write to and read from. */
package dev.stasis.spi.image;
