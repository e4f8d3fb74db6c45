// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import dev.stasis.spi.os.RawText;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the files of a proc file system.
 *
 * <p>Many of the reads happen while tasks are frozen, so they are plain: one open, as many reads as it takes, one close,
 * into a buffer that is used again.
 *
 * <p>Errors, for all methods:
 * <ul>
 *   <li>the process or thread has ended: {@link ProcessGoneException};
 *   <li>it lives but has no such file (a descriptor was closed meanwhile, the kernel lacks the file): {@link
 *       UncheckedIOException} with a {@link NoSuchFileException} in it;
 *   <li>anything else, such as missing permission: {@link UncheckedIOException}.
 * </ul>
 *
 * <p><b>Threading:</b> one thread at a time, because of the buffer. Instances are cheap.
 */
public final class ProcFs {
    // More than that in one read costs the JDK a malloc per read, and the kernel hands out most files by the page
    // anyway.
    private static final int CHUNK = 8192;

    private static final int LIST_RETRIES = 10;

    private final String root;
    private byte[] buffer = new byte[4 * CHUNK];

    /** The system's {@code /proc}. */
    public ProcFs() {
        this(Path.of("/proc"));
    }

    /**
     * @param root where the proc file system is mounted, or a directory with a copy of one
     */
    public ProcFs(Path root) {
        this.root = root.toString();
    }

    /** Our own pid as this proc file system sees it. */
    public int self() {
        try {
            return Integer.parseInt(
                    Files.readSymbolicLink(Path.of(root + "/self")).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All ids of tasks are below this one: {@code kernel.pid_max}. */
    public int pidMax() {
        return (int) sysctl("kernel/pid_max");
    }

    /**
     * The first number in {@code /proc/sys/NAME}.
     *
     * <p>Such a file must be read at one stroke: most answer a second read with the end of the file, wherever the first
     * one stopped. {@code Files.readAllBytes} begins with a single byte and gets no more than that.
     */
    public long sysctl(String name) {
        try {
            return new ByteScanner(content(root + "/sys/" + name)).decimal();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is a process or thread with that id. Unlike {@link #pids}, this finds threads as well. */
    public boolean exists(int id) {
        return new File(root + "/" + id).exists();
    }

    /** The pids of all processes that the file system shows, ascending. */
    public int[] pids() {
        return numbers(new File(root).list());
    }

    /**
     * The content of {@code /proc/PID/NAME}.
     *
     * @param name for example {@code stat}, {@code task/4212/status}, {@code fdinfo/7}
     */
    public byte[] read(int pid, String name) {
        String path = root + "/" + pid + "/" + name;
        try {
            return content(path);
        } catch (IOException e) {
            throw explain(pid, path, e);
        }
    }

    /** The threads of a process, the leader first. Exact only while none of them runs. */
    public List<Integer> tids(int pid) {
        String[] names = listTasks(pid);
        // The kernel ends the list early if the thread that it stands at is released meanwhile (next_tid in
        // fs/proc/base.c), and living threads behind it are missing. The count of threads gives that away.
        for (int retries = 0; names.length > 1 && retries < LIST_RETRIES; retries++) {
            if (names.length >= stat(pid).numThreads()) {
                break;
            }
            names = listTasks(pid);
        }
        int[] sorted = numbers(names);
        List<Integer> tids = new ArrayList<>(sorted.length);
        tids.add(pid);
        for (int tid : sorted) {
            if (tid != pid) {
                tids.add(tid);
            }
        }
        return tids;
    }

    /**
     * The children of all threads of a process, zombies included, ascending. Exact only while the process and its
     * children do not run.
     */
    public List<Integer> children(int pid) {
        List<Integer> children = new ArrayList<>();
        boolean known = false;
        for (int tid : tids(pid)) {
            String path = "task/" + tid + "/children";
            try {
                ByteScanner scanner = new ByteScanner(read(pid, path));
                known = true;
                scanner.skipBlanks();
                while (!scanner.atEnd()) {
                    children.add((int) scanner.decimal());
                    scanner.skipBlanks();
                }
            } catch (ProcessGoneException e) {
                // The thread ended after it was listed. Its children are another thread's now.
                continue;
            } catch (UncheckedIOException e) {
                if (e.getCause() instanceof NoSuchFileException) {
                    return childrenByParent(pid);
                }
                throw e;
            }
        }
        if (!known) {
            throw new ProcessGoneException(pid, root + "/" + pid, null);
        }
        children.sort(null);
        return children;
    }

    /** The numbers of all open descriptors, ascending. Empty for a zombie. */
    public int[] fds(int pid) {
        String path = root + "/" + pid + "/fd";
        String[] names = new File(path).list();
        if (names == null) {
            try {
                Files.newDirectoryStream(Path.of(path)).close();
            } catch (IOException e) {
                throw explain(pid, path, e);
            }
            return new int[0];
        }
        return numbers(names);
    }

    /**
     * The target of the symbolic link {@code /proc/PID/NAME}, for example {@code exe}, {@code cwd}, {@code fd/7}, as {@link
     * RawText}.
     */
    public String link(int pid, String name) {
        String path = root + "/" + pid + "/" + name;
        try {
            return rawText(Files.readSymbolicLink(Path.of(path)));
        } catch (IOException e) {
            throw explain(pid, path, e);
        }
    }

    public TaskStat stat(int pid) {
        return TaskStat.parse(read(pid, "stat"));
    }

    public TaskStat stat(int pid, int tid) {
        return TaskStat.parse(read(pid, "task/" + tid + "/stat"));
    }

    public TaskStatus status(int pid) {
        return TaskStatus.parse(read(pid, "status"));
    }

    public TaskStatus status(int pid, int tid) {
        return TaskStatus.parse(read(pid, "task/" + tid + "/status"));
    }

    public List<MapsEntry> maps(int pid) {
        return MapsParser.parse(read(pid, "maps"));
    }

    /** The mappings with their flags. The kernel walks the page tables for it: slow for big processes. */
    public List<SmapsEntry> smaps(int pid) {
        String path = root + "/" + pid + "/smaps";
        SmapsParser parser = new SmapsParser();
        int size = 0;
        try (FileInputStream in = new FileInputStream(path)) {
            while (true) {
                if (buffer.length - size < CHUNK) {
                    buffer = Arrays.copyOf(buffer, buffer.length * 2);
                }
                int count = in.read(buffer, size, CHUNK);
                if (count < 0) {
                    break;
                }
                size += count;
                int lines = size;
                while (lines > 0 && buffer[lines - 1] != '\n') {
                    lines--;
                }
                parser.lines(buffer, 0, lines);
                System.arraycopy(buffer, lines, buffer, 0, size - lines);
                size -= lines;
            }
        } catch (IOException e) {
            throw explain(pid, path, e);
        }
        parser.lines(buffer, 0, size);
        return parser.finish();
    }

    public FdInfo fdInfo(int pid, int fd) {
        return FdInfo.parse(read(pid, "fdinfo/" + fd));
    }

    public List<MountPoint> mountInfo(int pid) {
        return MountInfoParser.parse(read(pid, "mountinfo"));
    }

    public ResourceLimits limits(int pid) {
        return LimitsParser.parse(read(pid, "limits"));
    }

    public Auxv auxv(int pid) {
        return Auxv.parse(read(pid, "auxv"));
    }

    public List<CgroupEntry> cgroup(int pid) {
        return CgroupParser.parse(read(pid, "cgroup"));
    }

    public List<PosixTimer> timers(int pid) {
        return TimersParser.parse(read(pid, "timers"));
    }

    public IdMap uidMap(int pid) {
        return IdMap.parse(read(pid, "uid_map"));
    }

    public IdMap gidMap(int pid) {
        return IdMap.parse(read(pid, "gid_map"));
    }

    /** The namespaces of a process's leader. */
    public NamespaceLinks namespaces(int pid) {
        return namespaces(pid, "ns/");
    }

    /** The namespaces of one thread; those of mounts, network, ipc, uts and cgroup may differ from the leader's. */
    public NamespaceLinks namespaces(int pid, int tid) {
        return namespaces(pid, "task/" + tid + "/ns/");
    }

    private NamespaceLinks namespaces(int pid, String directory) {
        NamespaceKind[] kinds = NamespaceKind.values();
        long[] inodes = new long[kinds.length];
        for (NamespaceKind kind : kinds) {
            try {
                inodes[kind.ordinal()] = NamespaceLinks.parse(link(pid, directory + kind.link()));
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
            }
        }
        return new NamespaceLinks(inodes);
    }

    private String[] listTasks(int pid) {
        String path = root + "/" + pid + "/task";
        String[] names = new File(path).list();
        if (names == null || names.length == 0) {
            throw new ProcessGoneException(pid, path, null);
        }
        return names;
    }

    private byte[] content(String path) throws IOException {
        int size = 0;
        try (FileInputStream in = new FileInputStream(path)) {
            while (true) {
                if (buffer.length - size < CHUNK) {
                    buffer = Arrays.copyOf(buffer, buffer.length * 2);
                }
                int count = in.read(buffer, size, CHUNK);
                if (count < 0) {
                    return Arrays.copyOf(buffer, size);
                }
                size += count;
            }
        }
    }

    /** For kernels without CONFIG_PROC_CHILDREN. */
    private List<Integer> childrenByParent(int parent) {
        List<Integer> children = new ArrayList<>();
        for (int pid : pids()) {
            try {
                if (stat(pid).ppid() == parent) {
                    children.add(pid);
                }
            } catch (ProcessGoneException e) {
                // Ended while we looked: no child any more.
                continue;
            }
        }
        return children;
    }

    /**
     * The bytes of a link's target, without loss.
     *
     * <p>The JDK keeps them in the path, but {@code toString()} decodes them with {@code sun.jnu.encoding}, which follows
     * the locale: wrong or lossy for all but ASCII names unless the locale is UTF-8 and the name is valid. The path's URI is
     * built from the bytes themselves, one percent escape for each that is not plain. It is the slow way (it looks whether
     * the target is a directory), so names that came out as ASCII do without.
     */
    private static String rawText(Path target) {
        String text = target.toString();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return fromUri(target);
            }
        }
        return text;
    }

    private static String fromUri(Path target) {
        String escaped = target.toUri().getRawPath();
        int from = 0;
        if (!target.isAbsolute()) {
            String here = Path.of("").toUri().getRawPath();
            from = here.endsWith("/") ? here.length() : here.length() + 1;
        }
        int to = escaped.length();
        if (to > from + 1 && escaped.charAt(to - 1) == '/') {
            to--;
        }
        byte[] bytes = new byte[to - from];
        int size = 0;
        for (int i = from; i < to; i++) {
            char c = escaped.charAt(i);
            if (c == '%') {
                bytes[size++] = (byte) Integer.parseInt(escaped, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[size++] = (byte) c;
            }
        }
        return RawText.decode(bytes, 0, size);
    }

    /** What the failure means: ended, no such file, or something else. */
    private static RuntimeException explain(int pid, String path, IOException error) {
        if (!new File(path).getParentFile().exists()) {
            return new ProcessGoneException(pid, path, error);
        }
        if (error instanceof FileNotFoundException) {
            // The stream throws this for every errno; the newer API tells them apart.
            try {
                Files.newByteChannel(Path.of(path)).close();
            } catch (FileSystemException typed) {
                typed.addSuppressed(error);
                // ESRCH: the task is on its way out, its memory is gone already.
                return "No such process".equals(typed.getReason())
                        ? new ProcessGoneException(pid, path, typed)
                        : new UncheckedIOException(typed);
            } catch (IOException typed) {
                typed.addSuppressed(error);
                return new UncheckedIOException(typed);
            }
        }
        return new UncheckedIOException(error);
    }

    private static int[] numbers(String[] names) {
        int[] numbers = new int[names.length];
        int count = 0;
        for (String name : names) {
            char first = name.charAt(0);
            if (first >= '0' && first <= '9') {
                numbers[count++] = Integer.parseInt(name);
            }
        }
        numbers = Arrays.copyOf(numbers, count);
        Arrays.sort(numbers);
        return numbers;
    }
}
