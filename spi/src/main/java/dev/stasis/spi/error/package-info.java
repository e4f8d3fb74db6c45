// SPDX-License-Identifier: Apache-2.0
/** Failures that name process, resource, reason and remedy. Immutable, any thread. */
package dev.stasis.spi.error;
