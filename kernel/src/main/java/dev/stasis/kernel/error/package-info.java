// SPDX-License-Identifier: Apache-2.0
/** What can go wrong in the kernel, by code. Immutable, any thread. */
package dev.stasis.kernel.error;
