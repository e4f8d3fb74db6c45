// SPDX-License-Identifier: Apache-2.0
/** Where processes are started: the warden, which starts all others, and the C compiler that builds it. */
package dev.stasis.bench.spawn;
