// SPDX-License-Identifier: Apache-2.0
/** Identities of processes and resources, and what every context offers. */
package dev.stasis.spi.process;
