// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.OpenFile;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names the kinds of files that nobody saves, and says why and what helps. */
final class RefusedKinds {
    private static final String PLUGIN = "add a plugin that saves this kind (--plugin-dir, --plugin)";
    private static final String CLOSE = "dump when the program has closed it";
    private static final long MQUEUE_MAGIC = 0x19800202L;
    private static final Map<String, Kind> ANONYMOUS = anonymous();

    private RefusedKinds() {}

    /** Whether a file with the type bits of a regular one is something else, with no path to open it by. */
    static boolean isSpecialFile(OpenFile file) {
        String path = file.path();
        return !path.startsWith("/") && !path.startsWith("(unreachable)")
                || path.equals("/secretmem (deleted)")
                || path.startsWith("/dmabuf:");
    }

    /** The failure for a file that no handler claims. */
    static Failure failure(OpenFile file, DumpContext context) {
        Kind kind = kind(file);
        Failure.Builder failure = context.failure(
                        kind.isDevice() ? FileFailure.DEVICE_FILE : FileFailure.UNSUPPORTED_FILE, file)
                .why("it is " + kind.name() + ": " + kind.why());
        if (!kind.remedy().isEmpty()) {
            failure.remedy(kind.remedy());
        }
        return failure.remedy(CLOSE).build();
    }

    /** The kind of a nameless file that looks like a regular one, from its file system; null if it is none. */
    static Failure ofFileSystem(OpenFile file, long type, DumpContext context) {
        if (type != MQUEUE_MAGIC) {
            return null;
        }
        return context.failure(FileFailure.UNSUPPORTED_FILE, file)
                .why("it is a POSIX message queue: queues and the messages in them are not saved")
                .remedy(PLUGIN)
                .remedy(CLOSE)
                .build();
    }

    private static Kind kind(OpenFile file) {
        if (file.isSocket()) {
            return SocketKinds.of(file);
        }
        if (file.isCharDevice()) {
            return charDevice(file.deviceNumber());
        }
        if (file.isBlockDevice()) {
            return device("a block device", file.deviceNumber());
        }
        String path = file.path();
        if (path.startsWith("anon_inode:")) {
            return anonymousInode(path.substring("anon_inode:".length()));
        }
        if (path.startsWith("pidfd:")) {
            return ANONYMOUS.get("pidfd");
        }
        if (path.startsWith("/secretmem")) {
            return new Kind("secret memory (memfd_secret)", "nobody but the program can read it", "", false);
        }
        if (path.startsWith("/dmabuf:")) {
            return new Kind("a buffer shared with a device (dma-buf)", "its memory belongs to a driver", PLUGIN, false);
        }
        int bracket = path.indexOf(":[");
        if (bracket > 0 && path.endsWith("]")) {
            return new Kind(
                    "a handle of a namespace (" + path.substring(0, bracket) + ")",
                    "namespaces are not saved without a plugin for them",
                    PLUGIN,
                    false);
        }
        return new Kind("a " + RegularFiles.typeName(file.mode()), "no handler knows it", PLUGIN, false);
    }

    private static Kind anonymousInode(String name) {
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        Kind kind = ANONYMOUS.get(bare);
        if (kind == null && bare.startsWith("kvm-")) {
            kind = ANONYMOUS.get("kvm-");
        }
        return kind != null
                ? kind
                : new Kind("an object of the kernel named '" + bare + "'", "no handler knows it", PLUGIN, false);
    }

    private static Kind charDevice(long number) {
        int major = FileStatus.major(number);
        int minor = FileStatus.minor(number);
        String terminal = "the terminal is shared with programs that are not dumped, and its settings are not saved";
        String detach = "start the program with setsid, and with its input and output in files, pipes or /dev/null";
        if (major == 5 && minor == 2) {
            return new Kind("the master of a pseudoterminal", terminal, PLUGIN, false);
        }
        if (major >= 136 && major <= 143 || major == 3) {
            return new Kind("a pseudoterminal", terminal, detach, false);
        }
        if (major == 4 || major == 5) {
            return new Kind("a terminal", terminal, detach, false);
        }
        if (major == 10 && minor == 200) {
            return new Kind("a network tunnel (tun/tap)", "its network device is not saved", PLUGIN, false);
        }
        if (major == 10 && minor == 229) {
            return new Kind("a connection of a FUSE server", "the file system's state is in the kernel", PLUGIN, false);
        }
        if (major == 10 && minor == 232) {
            return new Kind("the door to virtual machines (KVM)", "their state is in the kernel", PLUGIN, false);
        }
        if (major == 1 && minor == 11) {
            return new Kind("a reader of the kernel log", "its place in the log cannot be found again", "", false);
        }
        if (major == 1 && minor <= 4) {
            return device("a door to the machine's memory", number);
        }
        if (major == 13) {
            return device("an input device", number);
        }
        return device("a character device", number);
    }

    private static Kind device(String name, long number) {
        return new Kind(
                name + " (" + FileStatus.major(number) + ":" + FileStatus.minor(number) + ")",
                "its driver's state cannot be read from outside",
                "add a plugin that knows the device (--plugin-dir, --plugin)",
                true);
    }

    private static Map<String, Kind> anonymous() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        add(kinds, "inotify", "a file watcher (inotify)", "its watches and queued events are not saved");
        add(kinds, "fanotify", "a file watcher (fanotify)", "its marks and queued events are not saved");
        add(kinds, "userfaultfd", "a page fault handler (userfaultfd)", "faults in flight cannot be saved");
        add(kinds, "perf_event", "a performance counter", "counters cannot be set");
        add(kinds, "bpf-map", "a BPF map", "BPF objects are not saved");
        add(kinds, "bpf-prog", "a BPF program", "BPF objects are not saved");
        add(kinds, "bpf_link", "a BPF link", "BPF objects are not saved");
        add(kinds, "bpf_iter", "a BPF iterator", "BPF objects are not saved");
        add(kinds, "btf", "BPF type information", "BPF objects are not saved");
        add(kinds, "pidfd", "a handle of a process (pidfd)", "handles of processes are not saved");
        add(kinds, "seccomp notify", "a listener for filtered calls (seccomp)", "calls in flight cannot be saved");
        add(kinds, "landlock-ruleset", "a set of access rules (landlock)", "its rules cannot be read back");
        add(kinds, "fscontext", "a mount in the making (fsopen)", "its settings cannot be read back");
        add(kinds, "kvm-", "a virtual machine (KVM)", "its state is in the kernel");
        add(kinds, "sync_file", "a fence of a device", "it belongs to a driver");
        return kinds;
    }

    private static void add(Map<String, Kind> kinds, String key, String name, String why) {
        kinds.put(key, new Kind(name, why, PLUGIN, false));
    }

    /** A kind of file in words. */
    record Kind(String name, String why, String remedy, boolean isDevice) {}
}
