// SPDX-License-Identifier: Apache-2.0
/**
 * The facade: {@link dev.stasis.kernel.Checkpointer} dumps and {@link dev.stasis.kernel.Restorer} restores process
 * trees, with the handlers that {@link dev.stasis.kernel.KernelHandlers} puts together.
 * {@link dev.stasis.kernel.KernelModule} offers them to programs that are wired by Guice. Any thread; each call works
 * on a tracer thread of its own.
 */
package dev.stasis.kernel;
