// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import dev.stasis.spi.os.RawText;
import java.util.Arrays;

/**
 * {@code /proc/PID/status} or {@code /proc/PID/task/TID/status}; see proc_pid_status(5).
 *
 * <p>Lines that are not known are ignored. A line that the kernel does not write (older kernel, zombie without memory)
 * leaves the default: 0, false, empty text; for the pids in inner namespaces the pid that /proc shows. User and group
 * ids are unsigned 32-bit values in an {@code int}. In a signal mask bit 0 stands for signal 1.
 */
public final class TaskStatus {
    /** Seccomp modes of {@link #seccomp}: see seccomp(2). */
    public static final int SECCOMP_STRICT = 1;

    public static final int SECCOMP_FILTER = 2;

    private static final int[] NONE = {};

    private String name = "";
    private int umask;
    private char state = '?';
    private int tgid;
    private int pid;
    private int ppid;
    private int tracerPid;
    private int[] uids = new int[4];
    private int[] gids = new int[4];
    private int[] groups = NONE;
    private int[] nsTgid = NONE;
    private int[] nsPid = NONE;
    private int[] nsPgid = NONE;
    private int[] nsSid = NONE;
    private boolean kthread;
    private long vmSize;
    private long vmLck;
    private long vmPin;
    private long vmRss;
    private long rssAnon;
    private long rssFile;
    private long rssShmem;
    private long vmSwap;
    private boolean thpEnabled = true;
    private int threads;
    private int sigQueued;
    private long sigPnd;
    private long shdPnd;
    private long sigBlk;
    private long sigIgn;
    private long sigCgt;
    private long capInh;
    private long capPrm;
    private long capEff;
    private long capBnd;
    private long capAmb;
    private boolean noNewPrivs;
    private int seccomp;
    private int seccompFilters;
    private String speculationStoreBypass = "";
    private String speculationIndirectBranch = "";
    private String threadFeatures = "";
    private long untagMask = -1;
    private long[] cpusAllowed = {};

    private TaskStatus() {}

    /** Parses the file's content. */
    public static TaskStatus parse(byte[] text) {
        TaskStatus status = new TaskStatus();
        ByteScanner scanner = new ByteScanner(text);
        while (!scanner.atEnd()) {
            int lineEnd = scanner.lineEnd();
            int colon = scanner.position;
            while (colon < lineEnd && text[colon] != ':') {
                colon++;
            }
            if (colon < lineEnd) {
                String key = scanner.ascii(colon);
                scanner.position++;
                scanner.skipBlanks();
                status.line(key, scanner);
            }
            scanner.position = lineEnd;
            scanner.nextLine();
        }
        status.nsTgid = orElse(status.nsTgid, status.tgid);
        status.nsPid = orElse(status.nsPid, status.pid);
        return status;
    }

    /** The name, with the kernel's escapes of newline and backslash undone. */
    public String name() {
        return name;
    }

    public int umask() {
        return umask;
    }

    /** As {@link TaskStat#state}. */
    public char state() {
        return state;
    }

    /** The process that this task is a thread of. */
    public int tgid() {
        return tgid;
    }

    /** The task's own id: of the thread, if it is not the leader. */
    public int pid() {
        return pid;
    }

    public int ppid() {
        return ppid;
    }

    /** Who traces this task, 0 for nobody. */
    public int tracerPid() {
        return tracerPid;
    }

    /** Real, effective, saved and file system user id. */
    public int[] uids() {
        return uids.clone();
    }

    /** Real, effective, saved and file system group id. */
    public int[] gids() {
        return gids.clone();
    }

    /** Supplementary groups. */
    public int[] groups() {
        return groups.clone();
    }

    /** The process id in each pid namespace, from that of /proc inwards; at least one. */
    public int[] nsTgid() {
        return nsTgid.clone();
    }

    /** The thread id in each pid namespace, from that of /proc inwards; at least one. */
    public int[] nsPid() {
        return nsPid.clone();
    }

    /** The process group in each pid namespace; empty if the kernel does not tell. */
    public int[] nsPgid() {
        return nsPgid.clone();
    }

    /** The session in each pid namespace; empty if the kernel does not tell. */
    public int[] nsSid() {
        return nsSid.clone();
    }

    /** Whether it is a kernel thread; false before Linux 6.8, see {@link TaskStat#isKernelThread}. */
    public boolean kthread() {
        return kthread;
    }

    /** Size of the address space in bytes. */
    public long vmSize() {
        return vmSize;
    }

    /** Locked memory in bytes. */
    public long vmLck() {
        return vmLck;
    }

    /** Pinned memory in bytes, as by drivers or io_uring. */
    public long vmPin() {
        return vmPin;
    }

    /** Resident memory in bytes. The kernel may be some dozens of pages behind. */
    public long vmRss() {
        return vmRss;
    }

    /** Resident anonymous memory in bytes. */
    public long rssAnon() {
        return rssAnon;
    }

    /** Resident pages of files in bytes. */
    public long rssFile() {
        return rssFile;
    }

    /** Resident shared memory in bytes. */
    public long rssShmem() {
        return rssShmem;
    }

    /** Swapped out anonymous memory in bytes. */
    public long vmSwap() {
        return vmSwap;
    }

    /** Whether transparent huge pages are allowed (not switched off by PR_SET_THP_DISABLE); true by default. */
    public boolean thpEnabled() {
        return thpEnabled;
    }

    public int threads() {
        return threads;
    }

    /** How many signals are queued for the task's real user. */
    public int sigQueued() {
        return sigQueued;
    }

    /** Signals pending for this thread. */
    public long sigPnd() {
        return sigPnd;
    }

    /** Signals pending for the whole process. */
    public long shdPnd() {
        return shdPnd;
    }

    public long sigBlk() {
        return sigBlk;
    }

    public long sigIgn() {
        return sigIgn;
    }

    public long sigCgt() {
        return sigCgt;
    }

    public long capInh() {
        return capInh;
    }

    public long capPrm() {
        return capPrm;
    }

    public long capEff() {
        return capEff;
    }

    public long capBnd() {
        return capBnd;
    }

    public long capAmb() {
        return capAmb;
    }

    public boolean noNewPrivs() {
        return noNewPrivs;
    }

    /** Seccomp mode: 0 none, 1 strict, 2 filter. */
    public int seccomp() {
        return seccomp;
    }

    /** Number of seccomp filters; 0 before Linux 5.9. */
    public int seccompFilters() {
        return seccompFilters;
    }

    /** In the kernel's words, for example {@code vulnerable} or {@code thread force mitigated}. */
    public String speculationStoreBypass() {
        return speculationStoreBypass;
    }

    /** In the kernel's words, for example {@code always enabled}. */
    public String speculationIndirectBranch() {
        return speculationIndirectBranch;
    }

    /** x86 features in use by the thread, for example {@code shstk}; empty for none. */
    public String threadFeatures() {
        return threadFeatures;
    }

    /** Address bits that count: all of them, unless the process uses tagged addresses (x86). */
    public long untagMask() {
        return untagMask;
    }

    /** The CPUs that the task may run on: bit {@code n % 64} of word {@code n / 64} stands for CPU n. */
    public long[] cpusAllowed() {
        return cpusAllowed.clone();
    }

    private void line(String key, ByteScanner value) {
        switch (key) {
            case "Name" -> name = unescapeName(value);
            case "Umask" -> umask = (int) value.octal();
            case "State" -> state = (char) value.peek();
            case "Tgid" -> tgid = (int) value.decimal();
            case "Pid" -> pid = (int) value.decimal();
            case "PPid" -> ppid = (int) value.decimal();
            case "TracerPid" -> tracerPid = (int) value.decimal();
            case "Uid" -> uids = Arrays.copyOf(numbers(value), 4);
            case "Gid" -> gids = Arrays.copyOf(numbers(value), 4);
            case "Groups" -> groups = numbers(value);
            case "NStgid" -> nsTgid = numbers(value);
            case "NSpid" -> nsPid = numbers(value);
            case "NSpgid" -> nsPgid = numbers(value);
            case "NSsid" -> nsSid = numbers(value);
            case "Kthread" -> kthread = value.decimal() != 0;
            case "VmSize" -> vmSize = kibibytes(value);
            case "VmLck" -> vmLck = kibibytes(value);
            case "VmPin" -> vmPin = kibibytes(value);
            case "VmRSS" -> vmRss = kibibytes(value);
            case "RssAnon" -> rssAnon = kibibytes(value);
            case "RssFile" -> rssFile = kibibytes(value);
            case "RssShmem" -> rssShmem = kibibytes(value);
            case "VmSwap" -> vmSwap = kibibytes(value);
            case "THP_enabled" -> thpEnabled = value.decimal() != 0;
            case "Threads" -> threads = (int) value.decimal();
            case "SigQ" -> sigQueued = (int) value.decimal();
            case "SigPnd" -> sigPnd = value.hex();
            case "ShdPnd" -> shdPnd = value.hex();
            case "SigBlk" -> sigBlk = value.hex();
            case "SigIgn" -> sigIgn = value.hex();
            case "SigCgt" -> sigCgt = value.hex();
            case "CapInh" -> capInh = value.hex();
            case "CapPrm" -> capPrm = value.hex();
            case "CapEff" -> capEff = value.hex();
            case "CapBnd" -> capBnd = value.hex();
            case "CapAmb" -> capAmb = value.hex();
            case "NoNewPrivs" -> noNewPrivs = value.decimal() != 0;
            case "Seccomp" -> seccomp = (int) value.decimal();
            case "Seccomp_filters" -> seccompFilters = (int) value.decimal();
            case "Speculation_Store_Bypass" -> speculationStoreBypass = value.restOfLine();
            case "SpeculationIndirectBranch" -> speculationIndirectBranch = value.restOfLine();
            case "x86_Thread_features" -> threadFeatures = value.restOfLine().trim();
            case "untag_mask" -> {
                value.skip("0x");
                untagMask = value.hex();
            }
            case "Cpus_allowed" -> cpusAllowed = mask(value);
            default -> {
                // Kernels add lines; most of them are of no concern to a dump.
            }
        }
    }

    private static long kibibytes(ByteScanner value) {
        return value.decimal() << 10;
    }

    private static int[] numbers(ByteScanner value) {
        int[] numbers = new int[4];
        int count = 0;
        value.skipBlanks();
        while (!value.atEnd() && value.peek() != '\n') {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, count * 2);
            }
            numbers[count++] = (int) value.decimal();
            value.skipBlanks();
        }
        return count == 0 ? NONE : Arrays.copyOf(numbers, count);
    }

    /** A bitmap as the kernel prints it: groups of 32 bits in hexadecimal, highest first, joined by commas. */
    private static long[] mask(ByteScanner value) {
        int end = value.lineEnd();
        int groups = 1;
        for (int i = value.position; i < end; i++) {
            groups += value.text[i] == ',' ? 1 : 0;
        }
        long[] words = new long[(groups + 1) / 2];
        for (int group = groups - 1; group >= 0; group--) {
            words[group / 2] |= value.hex() << (group % 2 * 32);
            if (group > 0) {
                value.expect(',');
            }
        }
        return words;
    }

    /** Here, unlike in stat, the kernel writes a newline as backslash n and a backslash twice. */
    private static String unescapeName(ByteScanner value) {
        int end = value.lineEnd();
        byte[] raw = new byte[end - value.position];
        int size = 0;
        for (int i = value.position; i < end; i++) {
            byte c = value.text[i];
            if (c == '\\' && i + 1 < end) {
                c = value.text[++i] == 'n' ? (byte) '\n' : value.text[i];
            }
            raw[size++] = c;
        }
        return RawText.decode(raw, 0, size);
    }

    private static int[] orElse(int[] numbers, int single) {
        return numbers.length > 0 ? numbers : new int[] {single};
    }
}
