// SPDX-License-Identifier: Apache-2.0
/** Kinds of mappings. Tracer thread only. */
package dev.stasis.spi.memory;
