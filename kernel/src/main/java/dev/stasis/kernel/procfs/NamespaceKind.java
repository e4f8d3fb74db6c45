// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/** The links in {@code /proc/PID/ns}; see namespaces(7). */
public enum NamespaceKind {
    CGROUP("cgroup", "cgroup"),
    IPC("ipc", "ipc"),
    MNT("mnt", "mount"),
    NET("net", "network"),
    PID("pid", "pid"),
    /** Where the task's next child will be. */
    PID_FOR_CHILDREN("pid_for_children", "pid (for children)"),
    TIME("time", "time"),
    /** Where the task's next child will be. */
    TIME_FOR_CHILDREN("time_for_children", "time (for children)"),
    USER("user", "user"),
    UTS("uts", "uts");

    private final String link;
    private final String words;

    NamespaceKind(String link, String words) {
        this.link = link;
        this.words = words;
    }

    /** The name of the link. */
    public String link() {
        return link;
    }

    /** The kind in words, for messages. */
    public String words() {
        return words;
    }
}
