// SPDX-License-Identifier: Apache-2.0
/**
 * Tasks under our control: registers, stops, and system calls made inside them.
 *
 * <p>The kernel ties a tracee to the thread that seized it, so everything here runs on one {@link
 * dev.stasis.kernel.trace.TracerThread}. A tracee that we leave in the middle of something must find its way back by
 * itself: the tool may be killed at any moment. How it does is told at {@link
 * dev.stasis.kernel.trace.RemoteSyscalls} and {@link dev.stasis.kernel.trace.RemoteArea}.
 */
package dev.stasis.kernel.trace;
