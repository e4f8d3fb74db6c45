// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.Arrays;

/** The namespaces of a task by their inode numbers. */
public final class NamespaceLinks {
    private final long[] inodes;

    /**
     * @param inodes by the ordinals of {@link NamespaceKind}; 0 where the link is missing
     */
    NamespaceLinks(long[] inodes) {
        this.inodes = inodes;
    }

    /** The inode in the text of a link such as {@code mnt:[4026531841]}. */
    public static long parse(String link) {
        int open = link.indexOf(":[");
        if (open < 0 || !link.endsWith("]")) {
            throw new IllegalArgumentException("no namespace link: " + link);
        }
        return Long.parseLong(link.substring(open + 2, link.length() - 1));
    }

    /**
     * The inode number of the namespace; 0 if the kernel lacks the kind, if the task is a zombie that has left it, or if
     * it is a pid namespace for children that has no process yet.
     */
    public long inode(NamespaceKind kind) {
        return inodes[kind.ordinal()];
    }

    /** Whether all are the same. */
    @Override
    public boolean equals(Object other) {
        return other instanceof NamespaceLinks links && Arrays.equals(inodes, links.inodes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(inodes);
    }

    @Override
    public String toString() {
        return Arrays.toString(inodes);
    }
}
