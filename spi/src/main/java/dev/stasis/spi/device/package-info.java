// SPDX-License-Identifier: Apache-2.0
/** Devices that work on behalf of processes. Tracer thread only. */
package dev.stasis.spi.device;
