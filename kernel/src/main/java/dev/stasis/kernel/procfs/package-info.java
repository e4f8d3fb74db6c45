// SPDX-License-Identifier: Apache-2.0
/**
 * What the kernel says about processes in {@code /proc}: pure parsers (bytes in, records out) and {@link
 * dev.stasis.kernel.procfs.ProcFs}, which reads the files.
 *
 * <p>Names of files and tasks are strings as {@link dev.stasis.spi.os.RawText} makes them: no byte is lost. Addresses and
 * other 64-bit values are raw bits in a {@code long}. Text that is not as proc(5) says is an {@link
 * java.lang.IllegalArgumentException}: a defect of ours or a kernel that we do not know.
 *
 * <p><b>Threading:</b> records and parsers are immutable or confined to a call; a {@code ProcFs} belongs to one thread.
 */
package dev.stasis.kernel.procfs;
