// SPDX-License-Identifier: Apache-2.0
/**
 * The tree of processes to be saved: which there are, whether they can be saved, which kernel objects they share.
 *
 * <p>All of it reads and compares; nothing is stopped or changed. What is read from running processes is a best effort:
 * only a frozen tree stands still.
 *
 * <p><b>Threading:</b> the records are immutable; the readers and checks belong to one thread.
 */
package dev.stasis.kernel.tree;
