// SPDX-License-Identifier: Apache-2.0
/**
 * Starts processes through the warden, a small C program that is the subreaper of everything the tests start.
 *
 * <p>The only package that uses {@link java.lang.ProcessBuilder}, and only for the warden and its compiler. Any thread.
 */
package dev.stasis.zdtm.lib.spawn;
