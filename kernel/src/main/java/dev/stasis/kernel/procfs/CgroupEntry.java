// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/**
 * One line of {@code /proc/PID/cgroup}; see cgroups(7).
 *
 * @param hierarchy 0 for the unified hierarchy (version 2)
 * @param controllers comma-separated, or {@code name=...}; empty for version 2
 * @param path relative to the root of our cgroup namespace, with a possible {@code " (deleted)"}
 */
public record CgroupEntry(int hierarchy, String controllers, String path) {}
