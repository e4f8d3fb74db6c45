// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/**
 * The two-letter flags of a {@code VmFlags:} line in {@code /proc/PID/smaps}; see the kernel's
 * {@code Documentation/filesystems/proc.rst}.
 *
 * <p>A set of them is a {@code long}: {@code (flags & VmFlag.DD.bit()) != 0}.
 */
public enum VmFlag {
    /** Readable. */
    RD,
    /** Writable. */
    WR,
    /** Executable. */
    EX,
    /** Shared. */
    SH,
    /** May become readable, writable, executable, shared. */
    MR,
    MW,
    ME,
    MS,
    /** Grows down, as stacks do. */
    GD,
    /** Pure page frame numbers: a device's memory. */
    PF,
    /** Writes to the file are denied (before Linux 5.15). */
    DW,
    /** Locked in memory. */
    LO,
    /** Memory-mapped I/O. */
    IO,
    /** MADV_SEQUENTIAL. */
    SR,
    /** MADV_RANDOM. */
    RR,
    /** MADV_DONTFORK. */
    DC,
    /** No mremap that grows it. */
    DE,
    /** Pages are locked when they are touched: mlock2 with MLOCK_ONFAULT. */
    LF,
    /** Counts against the commit limit. */
    AC,
    /** MAP_NORESERVE. */
    NR,
    /** Huge pages of hugetlbfs. */
    HT,
    /** Synchronous page faults: MAP_SYNC. */
    SF,
    /** Non-linear (before Linux 4.0). */
    NL,
    /** Of the architecture's own making. */
    AR,
    /** MADV_WIPEONFORK. */
    WF,
    /** MADV_DONTDUMP. */
    DD,
    /** Soft-dirty. */
    SD,
    /** Mixed: pages with and without a struct page. */
    MM,
    /** MADV_HUGEPAGE. */
    HG,
    /** MADV_NOHUGEPAGE. */
    NH,
    /** MADV_MERGEABLE. */
    MG,
    /** Branch target identification (arm64). */
    BT,
    /** Memory tagging (arm64). */
    MT,
    /** userfaultfd: missing pages. */
    UM,
    /** userfaultfd: write protection. */
    UW,
    /** userfaultfd: minor faults. */
    UI,
    /** Shadow stack. */
    SS,
    /** Sealed by mseal(2). */
    SL,
    /** May be dropped under memory pressure: MAP_DROPPABLE. */
    DP,
    /** May hold guard regions: MADV_GUARD_INSTALL. */
    GU,
    /** A flag that we do not know. The parser sets it for any other two letters. */
    UNKNOWN;

    private static final VmFlag[] BY_LETTERS = new VmFlag[26 * 26];

    static {
        for (VmFlag flag : values()) {
            if (flag != UNKNOWN) {
                BY_LETTERS[(flag.name().charAt(0) - 'A') * 26 + flag.name().charAt(1) - 'A'] = flag;
            }
        }
    }

    /** Its place in a set of flags. */
    public long bit() {
        return 1L << ordinal();
    }

    /** Whether the set holds it. */
    public boolean in(long flags) {
        return (flags & bit()) != 0;
    }

    /** The flag of two letters as the kernel writes them, {@link #UNKNOWN} if there is none. */
    static VmFlag of(byte first, byte second) {
        if (first < 'a' || first > 'z' || second < 'a' || second > 'z') {
            return UNKNOWN;
        }
        VmFlag flag = BY_LETTERS[(first - 'a') * 26 + second - 'a'];
        return flag == null ? UNKNOWN : flag;
    }
}
