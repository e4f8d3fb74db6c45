// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import dev.stasis.kernel.procfs.ProcFs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that looks like a proc file system, for trees that real processes form only by accident. */
final class FakeProc {
    private final Path root;

    /** One where we ourselves are pid 900, a child of pid 1. */
    FakeProc(Path root) {
        this.root = root;
        process(1, 0, "init", 'S', 1, 1);
        process(900, 1, "stasis", 'S', 900, 900);
        link("self", "900");
        write("sys/kernel/pid_max", "32768\n");
    }

    ProcFs procfs() {
        return new ProcFs(root);
    }

    /** A process with one thread. */
    FakeProc process(int pid, int ppid, String comm, char state, int pgid, int sid) {
        return process(pid, ppid, comm, state, pgid, sid, 0);
    }

    FakeProc process(int pid, int ppid, String comm, char state, int pgid, int sid, long flags) {
        task(pid, pid, ppid, comm, state, pgid, sid, flags, 1);
        write(pid + "/cmdline", "/bin/" + comm + "\0--option\0\033[2J\0");
        return this;
    }

    /** A thread of a process; it is found by its id, but not listed among the processes. */
    FakeProc thread(int pid, int tid) {
        task(pid, tid, 1, "worker", 'S', pid, pid, 0, 2);
        return this;
    }

    /** What the children file of a process's only thread says. */
    FakeProc children(int pid, String pids) {
        return write(pid + "/task/" + pid + "/children", pids);
    }

    FakeProc write(String name, String content) {
        try {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void task(int pid, int tid, int ppid, String comm, char state, int pgid, int sid, long flags, int threads) {
        String stat = tid + " (" + comm + ") " + state + " " + ppid + " " + pgid + " " + sid + " 0 -1 " + flags
                + " 0 0 0 0 0 0 0 0 20 0 " + threads + " 0 " + (1000 + tid) + " 0\n";
        String status = "Name:\t" + comm + "\nState:\t" + state + "\nTgid:\t" + pid + "\nPid:\t" + tid + "\nPPid:\t"
                + ppid + "\nTracerPid:\t0\nSeccomp:\t0\n";
        for (String directory : new String[] {tid + "/", pid + "/task/" + tid + "/"}) {
            write(directory + "stat", stat);
            write(directory + "status", status);
            write(directory + "auxv", "");
            for (String kind : new String[] {"mnt", "pid", "net"}) {
                link(directory + "ns/" + kind, kind + ":[40265318" + kind.length() + "]");
            }
        }
        write(pid + "/task/" + tid + "/children", "");
    }

    private void link(String name, String target) {
        try {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            Files.deleteIfExists(file);
            Files.createSymbolicLink(file, Path.of(target));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
