// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

/**
 * Ids of the kernel objects that a process may share with others, as CRIU's {@code ids} images hold them: from 1, one
 * series per kind, equal if the object is.
 *
 * @param vmId address space
 * @param filesId descriptor table
 * @param fsId root, working directory and umask
 * @param sighandId signal actions
 */
public record TaskObjects(int vmId, int filesId, int fsId, int sighandId) {}
