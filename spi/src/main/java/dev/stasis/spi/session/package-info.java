// SPDX-License-Identifier: Apache-2.0
/** Hooks around a whole dump or restore. Tracer thread only. */
package dev.stasis.spi.session;
