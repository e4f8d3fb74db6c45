// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import java.util.Locale;

/**
 * Names of numbers in images, as people know them from headers and man pages. Flags and states are those of x86-64
 * and of the generic headers.
 */
final class ShowNames {
    private static final String[] PROT = {"PROT_READ", "PROT_WRITE", "PROT_EXEC"};
    private static final String[] MAP = {
        "MAP_SHARED",
        "MAP_PRIVATE",
        null,
        "MAP_DROPPABLE",
        "MAP_FIXED",
        "MAP_ANON",
        "MAP_32BIT",
        null,
        "MAP_GROWSDOWN",
        null,
        null,
        "MAP_DENYWRITE",
        "MAP_EXECUTABLE",
        "MAP_LOCKED",
        "MAP_NORESERVE",
        "MAP_POPULATE",
        "MAP_NONBLOCK",
        "MAP_STACK",
        "MAP_HUGETLB",
        "MAP_SYNC"
    };
    private static final String[] STATUS = {
        "VMA_AREA_REGULAR",
        "VMA_AREA_STACK",
        "VMA_AREA_VSYSCALL",
        "VMA_AREA_VDSO",
        null,
        "VMA_AREA_HEAP",
        "VMA_FILE_PRIVATE",
        "VMA_FILE_SHARED",
        "VMA_ANON_SHARED",
        "VMA_ANON_PRIVATE",
        "VMA_AREA_SYSVIPC",
        "VMA_AREA_SOCKET",
        "VMA_AREA_VVAR",
        "VMA_AREA_AIORING",
        "VMA_AREA_MEMFD",
        "VMA_AREA_SHSTK",
        "VMA_AREA_GUARD",
        "VMA_AREA_UPROBES",
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        "VMA_EXT_PLUGIN"
    };
    private static final String[] OPEN = {
        "O_WRONLY",
        "O_RDWR",
        null,
        null,
        null,
        null,
        "O_CREAT",
        "O_EXCL",
        "O_NOCTTY",
        "O_TRUNC",
        "O_APPEND",
        "O_NONBLOCK",
        "O_DSYNC",
        "O_ASYNC",
        "O_DIRECT",
        "O_LARGEFILE",
        "O_DIRECTORY",
        "O_NOFOLLOW",
        "O_NOATIME",
        "O_CLOEXEC",
        "O_SYNC",
        "O_PATH",
        "O_TMPFILE"
    };
    private static final String[] PAGES = {"PE_PARENT", "PE_LAZY", "PE_PRESENT"};
    private static final String[] SEALS = {
        "F_SEAL_SEAL", "F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE", "F_SEAL_FUTURE_WRITE", "F_SEAL_EXEC"
    };
    private static final String[] TCP_STATES = {
        null,
        "ESTABLISHED",
        "SYN_SENT",
        "SYN_RECV",
        "FIN_WAIT1",
        "FIN_WAIT2",
        "TIME_WAIT",
        "CLOSE",
        "CLOSE_WAIT",
        "LAST_ACK",
        "LISTEN",
        "CLOSING",
        "NEW_SYN_RECV"
    };
    private static final String[] TASK_STATES = {null, "Alive", "Dead", "Stopped", "Helper", "Thread", "Zombie"};

    private ShowNames() {}

    /** Flags of a set by name, unknown bits as one hexadecimal number: {@code PROT_READ | PROT_WRITE}. */
    static String flags(String set, long value) {
        StringBuilder text = new StringBuilder();
        if (set.equals("rfile.flags") && (value & 3) == 0) {
            text.append("O_RDONLY");
        }
        String[] names = names(set);
        long unknown = value;
        for (int bit = 0; bit < names.length; bit++) {
            if ((value >>> bit & 1) != 0 && names[bit] != null) {
                join(text, names[bit]);
                unknown &= ~(1L << bit);
            }
        }
        if (unknown != 0 || text.length() == 0) {
            join(text, "0x" + Long.toHexString(unknown));
        }
        return text.toString();
    }

    private static void join(StringBuilder text, String name) {
        text.append(text.length() == 0 ? "" : " | ").append(name);
    }

    private static String[] names(String set) {
        return switch (set) {
            case "mmap.prot" -> PROT;
            case "mmap.flags" -> MAP;
            case "mmap.status" -> STATUS;
            case "rfile.flags" -> OPEN;
            case "pmap.flags" -> PAGES;
            case "seals.flags" -> SEALS;
            default -> new String[0];
        };
    }

    /** The name of a number in a field such as {@code family}; null if it has none. */
    static String word(String field, long value) {
        return switch (field) {
            case "family" -> family(value);
            case "type" -> socketType(value);
            case "state" -> at(TCP_STATES, value);
            case "proto" -> protocol(value);
            case "task_state" -> at(TASK_STATES, value);
            default -> null;
        };
    }

    private static String family(long value) {
        return switch ((int) value) {
            case 1 -> "UNIX";
            case 2 -> "INET";
            case 10 -> "INET6";
            case 16 -> "NETLINK";
            case 17 -> "PACKET";
            default -> null;
        };
    }

    private static String socketType(long value) {
        return switch ((int) value) {
            case 1 -> "STREAM";
            case 2 -> "DGRAM";
            case 3 -> "RAW";
            case 5 -> "SEQPACKET";
            case 10 -> "PACKET";
            default -> null;
        };
    }

    private static String protocol(long value) {
        return switch ((int) value) {
            case 0 -> "IP";
            case 1 -> "ICMP";
            case 6 -> "TCP";
            case 17 -> "UDP";
            case 58 -> "ICMPV6";
            case 136 -> "UDPLITE";
            default -> null;
        };
    }

    private static String at(String[] names, long value) {
        return value >= 0 && value < names.length ? names[(int) value] : null;
    }

    /** What the tables of the format call an image, for example {@code EVENTFD_FILE}. */
    static String magic(String typeName) {
        return switch (typeName) {
            case "eventfd", "eventpoll", "inotify", "fanotify" -> upper(typeName) + "_FILE";
            case "pagemap-shmem" -> "PAGEMAP";
            case "sigacts" -> "SIGACT";
            case "netlinksk" -> "NETLINK_SK";
            case "ipcns-var" -> "IPC_VAR";
            case "memfd" -> "MEMFD_INODE";
            case "mountpoints" -> "MNTS";
            case "tty" -> "TTY_FILES";
            case "filelocks" -> "FILE_LOCKS";
            case "signal-s" -> "SIGNAL";
            case "signal-p" -> "PSIGNAL";
            case "stats-dump", "stats-restore" -> "STATS";
            default -> upper(typeName);
        };
    }

    private static String upper(String typeName) {
        return typeName.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
