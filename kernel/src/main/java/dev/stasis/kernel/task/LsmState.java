// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.criu.CredsEntry;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Gives restored threads the labels of the security module, such as AppArmor profiles.
 *
 * <p>A thread writes its own label and nobody else's. {@link #open} comes while it has the tool's rights, {@link #set}
 * when it needs no right any more that the label may take away.
 */
public final class LsmState implements AutoCloseable {
    private static final Path APPARMOR_PROFILES = Path.of("/sys/kernel/security/apparmor/profiles");
    private static final int O_PATH_DIRECTORY_CLOEXEC = 010000000 | 0200000 | 02000000;
    private static final int O_WRONLY_CLOEXEC = 02000001;
    private static final int NOTHING = -1;

    private final Lsm here = Lsm.here();
    private final Lsm saved;
    private final String forced;
    private final String own;
    private Fd proc;

    /**
     * @param saved the module of the dump
     * @param forced the label that all threads get, whatever theirs was; empty for their own
     */
    public LsmState(Lsm saved, String forced) {
        this.saved = saved;
        this.forced = forced;
        ProcFs procfs = new ProcFs();
        this.own = here.label(procfs, procfs.self(), procfs.self());
    }

    private String wanted(ProcessImage image, int thread) {
        CredsEntry credentials = image.credentials(thread);
        return forced.isEmpty() && credentials != null ? credentials.getLsmProfile() : forced;
    }

    /** Why a process cannot have its labels here. */
    public Optional<Failure> check(ProcessImage image) {
        Set<String> labels = new HashSet<>();
        for (int i = 0; i < image.threadCount(); i++) {
            labels.add(wanted(image, i));
        }
        labels.remove("");
        if (labels.isEmpty()) {
            return Optional.empty();
        }
        String label = labels.iterator().next();
        if (forced.isEmpty() && saved != here) {
            return Optional.of(Failure.of(RestoreFailure.SECURITY_MODULE, image.subject("label " + label))
                    .why("it was confined by " + saved + ", and this machine has "
                            + (here == Lsm.NONE ? "no such security module" : here + " instead"))
                    .remedy(
                            here == Lsm.NONE
                                    ? "restore on a machine with " + saved
                                    : "--lsm-profile says what it shall be confined by")
                    .build());
        }
        Set<String> loaded = here == Lsm.APPARMOR ? loadedProfiles() : Set.of();
        for (String profile : labels) {
            if (!loaded.isEmpty() && !loaded.contains(profile)) {
                return Optional.of(Failure.of(RestoreFailure.SECURITY_MODULE, image.subject("label " + profile))
                        .why("no AppArmor profile of that name is loaded")
                        .remedy("load it: apparmor_parser -r FILE")
                        .remedy("--lsm-profile apparmor:NAME takes another one")
                        .build());
            }
        }
        return Optional.empty();
    }

    /** Empty if we may not see them. */
    private static Set<String> loadedProfiles() {
        Set<String> profiles = new HashSet<>();
        try {
            if (Files.isReadable(APPARMOR_PROFILES)) {
                Files.readAllLines(APPARMOR_PROFILES).forEach(line -> profiles.add(Lsm.APPARMOR.parse(line)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return profiles;
    }

    /**
     * Opens what a thread sets its label through.
     *
     * @return its descriptor, for {@link #set}
     */
    public int open(ProcessImage image, int thread, RestoredTask task) {
        return wanted(image, thread).equals(own) || here == Lsm.NONE ? NOTHING : open(task.remote(), here.attribute());
    }

    /** Opens a file of {@code /proc/thread-self} in a task that may have no /proc where its root is. */
    private int open(RemoteSyscalls task, String attribute) {
        if (proc == null) {
            proc = new LocalSyscalls().open("/proc", O_PATH_DIRECTORY_CLOEXEC);
        }
        long tool = task.call(Sysno.PIDFD_OPEN, ProcessHandle.current().pid(), 0);
        long directory = task.call(Sysno.PIDFD_GETFD, tool, proc.number(), 0);
        task.call(Sysno.CLOSE, tool);
        try (Syscalls.Scratch path = task.scratch(RawText.encode("thread-self/" + attribute + '\0'))) {
            return (int) task.call(Sysno.OPENAT, directory, path.address(), O_WRONLY_CLOEXEC, 0);
        } finally {
            task.call(Sysno.CLOSE, directory);
        }
    }

    /** Sets the label of a thread, the last of its credentials. */
    public void set(ProcessImage image, int thread, RestoredTask task, int fd) {
        if (fd == NOTHING) {
            return;
        }
        String label = wanted(image, thread);
        byte[] request = here.request(label.isEmpty() ? Lsm.UNCONFINED : label);
        try (Syscalls.Scratch text = task.remote().scratch(request)) {
            task.remote().call(Sysno.WRITE, fd, text.address(), request.length);
        } catch (SyscallException e) {
            throw Failure.of(RestoreFailure.SECURITY_MODULE, image.subject("label " + label))
                    .why("the kernel refused to confine it: " + e.getMessage())
                    .remedy("run the restore unconfined")
                    .remedy("--lsm-profile says what it shall be confined by")
                    .toException(e);
        } finally {
            task.remote().attempt(Sysno.CLOSE, fd);
        }
    }

    @Override
    public void close() {
        if (proc != null) {
            proc.close();
        }
    }
}
