// SPDX-License-Identifier: Apache-2.0
/** Stops a process tree and keeps it stopped. Tracer thread only. */
package dev.stasis.kernel.freeze;
