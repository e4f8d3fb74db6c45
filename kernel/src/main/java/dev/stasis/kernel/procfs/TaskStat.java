// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import dev.stasis.spi.os.RawText;

/**
 * The line of {@code /proc/PID/stat} or {@code /proc/PID/task/TID/stat}; see proc_pid_stat(5).
 *
 * <p>Fields that the caller may not see (addresses, exit code) are 0 without the right to trace the process. Fields that
 * an older kernel lacks are 0.
 */
public final class TaskStat {
    /** {@code PF_EXITING} of {@link #flags}. */
    public static final long PF_EXITING = 0x4;

    /** {@code PF_FORKNOEXEC} of {@link #flags}: forked, but did not exec since. */
    public static final long PF_FORKNOEXEC = 0x40;

    /** {@code PF_KTHREAD} of {@link #flags}. */
    public static final long PF_KTHREAD = 0x0020_0000;

    private static final int LAST_FIELD = 52;

    private final String comm;
    private final char state;
    private final long[] fields;

    private TaskStat(String comm, char state, long[] fields) {
        this.comm = comm;
        this.state = state;
        this.fields = fields;
    }

    /** Parses the file's content. The name may hold anything: parentheses, blanks, newlines. */
    public static TaskStat parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        long[] fields = new long[LAST_FIELD + 1];
        fields[1] = scanner.decimal();
        scanner.expect(' ');
        scanner.expect('(');
        int commStart = scanner.position;
        // All that follows the name is numbers and one letter, so the last parenthesis ends it.
        int commEnd = text.length - 1;
        while (commEnd > commStart && text[commEnd] != ')') {
            commEnd--;
        }
        scanner.position = commEnd;
        scanner.expect(')');
        scanner.expect(' ');
        int state = scanner.peek();
        scanner.position++;
        for (int field = 4; field <= LAST_FIELD; field++) {
            scanner.skipBlanks();
            if (scanner.atEnd() || scanner.peek() == '\n') {
                break;
            }
            fields[field] = scanner.decimal();
        }
        return new TaskStat(RawText.decode(text, commStart, commEnd), (char) state, fields);
    }

    /** The numeric field with that number in proc_pid_stat(5), 4 to 52 (or 1); raw bits if it is unsigned. */
    public long field(int number) {
        return fields[number];
    }

    public int pid() {
        return (int) fields[1];
    }

    /** The task's name: up to 15 bytes, anything but 0. */
    public String comm() {
        return comm;
    }

    /** R running, S sleeping, D uninterruptible, T stopped, t tracing stop, Z zombie, X dead, I idle, P parked. */
    public char state() {
        return state;
    }

    public int ppid() {
        return (int) fields[4];
    }

    /** Process group. 0 if its leader is outside of the pid namespace that /proc shows. */
    public int pgrp() {
        return (int) fields[5];
    }

    /** Session. 0 if its leader is outside of the pid namespace that /proc shows. */
    public int session() {
        return (int) fields[6];
    }

    /** Device number of the controlling terminal, 0 if there is none. */
    public int ttyNr() {
        return (int) fields[7];
    }

    /** Foreground process group of the controlling terminal, -1 if there is none. */
    public int tpgid() {
        return (int) fields[8];
    }

    /** Kernel flags of the task, {@code PF_*} of the kernel's {@code linux/sched.h}. */
    public long flags() {
        return fields[9];
    }

    /** Kernel's own priority of the task. */
    public long priority() {
        return fields[18];
    }

    public int nice() {
        return (int) fields[19];
    }

    public int numThreads() {
        return (int) fields[20];
    }

    /** Clock ticks after boot. Together with the pid it identifies a process for good. */
    public long startTime() {
        return fields[22];
    }

    public long startCode() {
        return fields[26];
    }

    public long endCode() {
        return fields[27];
    }

    public long startStack() {
        return fields[28];
    }

    /** The signal that the parent gets when the task ends; -1 for a thread that is not the leader. */
    public int exitSignal() {
        return (int) fields[38];
    }

    public int rtPriority() {
        return (int) fields[40];
    }

    /** Scheduling policy, {@code SCHED_*} of sched(7). */
    public int policy() {
        return (int) fields[41];
    }

    public long startData() {
        return fields[45];
    }

    public long endData() {
        return fields[46];
    }

    public long startBrk() {
        return fields[47];
    }

    public long argStart() {
        return fields[48];
    }

    public long argEnd() {
        return fields[49];
    }

    public long envStart() {
        return fields[50];
    }

    public long envEnd() {
        return fields[51];
    }

    /** The status as waitpid(2) reports it; meaningful for a zombie. */
    public int exitCode() {
        return (int) fields[52];
    }

    public boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    public boolean isKernelThread() {
        return (flags() & PF_KTHREAD) != 0;
    }

    @Override
    public String toString() {
        return "pid " + pid() + " (" + comm + ") " + state;
    }
}
