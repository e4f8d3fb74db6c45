// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A process and all its descendants (CRIU: {@code pstree}). */
public final class ProcessTree {
    private final List<ProcessNode> nodes;
    private final Map<Integer, ProcessNode> byPid;

    /**
     * @param nodes the root first, every parent before its children, at least one
     */
    public ProcessTree(List<ProcessNode> nodes) {
        this.nodes = List.copyOf(nodes);
        this.byPid = new HashMap<>(nodes.size() * 2);
        for (ProcessNode node : this.nodes) {
            if (!byPid.isEmpty() && !byPid.containsKey(node.ppid())) {
                throw new IllegalArgumentException(node + " comes before its parent " + node.ppid());
            }
            if (byPid.put(node.pid(), node) != null) {
                throw new IllegalArgumentException(node + " is there twice");
            }
        }
    }

    public ProcessNode root() {
        return nodes.get(0);
    }

    /** All processes, zombies included; parents first. */
    public List<ProcessNode> nodes() {
        return nodes;
    }

    public Optional<ProcessNode> find(int pid) {
        return Optional.ofNullable(byPid.get(pid));
    }

    public boolean contains(int pid) {
        return byPid.containsKey(pid);
    }

    /** How many processes. */
    public int size() {
        return nodes.size();
    }

    /** How many threads in all processes, zombies not counted. */
    public int threadCount() {
        int count = 0;
        for (ProcessNode node : nodes) {
            count += node.isZombie() ? 0 : node.tids().size();
        }
        return count;
    }

    @Override
    public String toString() {
        return "tree of " + root() + ", " + size() + " processes";
    }
}
