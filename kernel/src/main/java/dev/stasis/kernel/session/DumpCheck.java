// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.error.KernelFailure;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.file.FileTable;
import dev.stasis.kernel.file.PathFiles;
import dev.stasis.kernel.memory.AddressSpaceReader;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.procfs.PosixTimer;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.procfs.SmapsEntry;
import dev.stasis.kernel.task.CpuClock;
import dev.stasis.kernel.trace.GateFinder;
import dev.stasis.kernel.tree.ProcessNode;
import dev.stasis.kernel.tree.ProcessTree;
import dev.stasis.kernel.tree.ProcessTreeReader;
import dev.stasis.kernel.tree.SharingCheck;
import dev.stasis.kernel.tree.TreeCheck;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import dev.stasis.spi.session.DumpHook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CHECK phase: finds everything that would make a dump fail, while the processes run.
 *
 * <p>Changes nothing. A process that ends meanwhile is passed over; whether it matters shows when the tree is frozen.
 */
final class DumpCheck {
    private static final Logger LOG = LoggerFactory.getLogger(DumpCheck.class);
    private static final List<String> LINKS = List.of("/exe", "/cwd", "/root");
    private static final int LOOKS = 3;
    private static final long LOOKS_APART_NANOS = 20_000_000;
    private static final int PR_SCHED_CORE = 62;
    private static final int PR_SCHED_CORE_GET = 0;

    private final ProcFs proc;
    private final HandlerRegistry registry;
    private final DumpContexts contexts;
    private final AddressSpaceReader memory;
    private final GateFinder gates;
    private final Map<ProcessRef, List<SmapsEntry>> mapped = new HashMap<>();
    private ProcessTree tree;
    private long residentBytes;

    DumpCheck(
            ProcFs proc, HandlerRegistry registry, DumpContexts contexts, AddressSpaceReader memory, GateFinder gates) {
        this.gates = gates;
        this.proc = proc;
        this.registry = registry;
        this.contexts = contexts;
        this.memory = memory;
    }

    /**
     * All findings, worst first.
     *
     * <p>The program runs meanwhile: in the middle of execve(2) a process has no vDSO, one that is ending has no memory,
     * and the end of a pipe may be held by nobody we have seen. So only what the next looks find as well counts.
     *
     * @throws dev.stasis.spi.error.CrException if there is no such process, or it may not be dumped at all
     */
    List<Failure> check(int pid, boolean shellJob) {
        List<Failure> failures = look(pid, shellJob);
        for (int i = 1; i < LOOKS && !failures.isEmpty(); i++) {
            Set<Finding> before = failures.stream().map(Finding::of).collect(Collectors.toSet());
            LockSupport.parkNanos(LOOKS_APART_NANOS);
            failures = look(pid, shellJob).stream()
                    .filter(failure -> before.contains(Finding.of(failure)))
                    .toList();
        }
        return failures;
    }

    private List<Failure> look(int pid, boolean shellJob) {
        residentBytes = 0;
        tree = new ProcessTreeReader(proc).read(pid);
        List<Failure> failures = new ArrayList<>(new TreeCheck(proc).check(tree, shellJob));
        failures.addAll(new SharingCheck(DumpCheck::compare).check(tree));
        List<ProcessRef> living = new ArrayList<>();
        for (ProcessNode node : tree.nodes()) {
            if (!node.isZombie()) {
                living.add(node.ref());
                try {
                    checkProcess(node.ref(), failures);
                } catch (ProcessGoneException e) {
                    living.remove(node.ref());
                } catch (SyscallException e) {
                    if (e.errno() != Errno.ESRCH) {
                        throw e;
                    }
                    living.remove(node.ref());
                }
            }
        }
        checkFiles(living, failures);
        for (Owned<DumpHook> hook : registry.dumpHooks()) {
            failures.addAll(hook.extension().check(living, contexts.of(hook)));
        }
        return failures.stream()
                .map(failure -> failure.in(DumpPhase.CHECK.name(), Failure.KERNEL))
                .toList();
    }

    private static int compare(int first, int second, int type, long firstIndex, long secondIndex) {
        return (int) Native.call(Sysno.KCMP, first, second, type, firstIndex, secondIndex, 0);
    }

    /** The tree as it was seen. */
    ProcessTree tree() {
        return tree;
    }

    /** About how many bytes of pages there are to save. */
    long residentBytes() {
        return residentBytes;
    }

    private void checkProcess(ProcessRef process, List<Failure> failures) {
        List<SmapsEntry> mappings = proc.smaps(process.pid());
        mapped.put(process, mappings);
        if (mappings.isEmpty()) {
            // On its way out: its memory is gone, and it will be a zombie, or nothing, by the time of the freeze.
            return;
        }
        failures.addAll(memory.check(process, mappings));
        // Searching a libc takes milliseconds; here they cost nobody anything, and the finder remembers.
        if (gates.find(process.pid(), AddressSpaceReader.vmas(process, mappings))
                .isEmpty()) {
            failures.add(ProcessDump.noGate(process));
        }
        if (hasCoreCookie(process.pid())) {
            LOG.warn(
                    "pid {} ({}): it shares processor cores only with its own kind (core scheduling), which is not saved",
                    process.pid(),
                    process.comm());
        }
        residentBytes += proc.status(process.pid()).rssAnon()
                + proc.status(process.pid()).vmSwap();
        for (PosixTimer timer : proc.timers(process.pid())) {
            int measured = CpuClock.task(timer.clock());
            if (measured != 0 && !CpuClock.isOfThread(timer.clock()) && !tree.contains(measured)) {
                failures.add(Failure.of(
                                KernelFailure.STATE_UNSUPPORTED,
                                Subject.process(process.pid(), process.comm(), "timer " + timer.id()))
                        .why("it counts the processor time of pid " + measured + ", which is not in the tree")
                        .remedy("save a tree that holds both processes")
                        .build());
            }
        }
    }

    /** Whether PR_SCHED_CORE_CREATE was called for a process; kernels without core scheduling say no. */
    private static boolean hasCoreCookie(int pid) {
        try (NativeBuffer cookie = NativeBuffer.allocate(8)) {
            return Native.raw(Sysno.PRCTL, PR_SCHED_CORE, PR_SCHED_CORE_GET, pid, 0, cookie.address()) == 0
                    && cookie.getLong(0) != 0;
        }
    }

    private void checkFiles(List<ProcessRef> living, List<Failure> failures) {
        try (FileTable files = FileTable.collect(living, contexts)) {
            contexts.files(files);
            failures.addAll(files.check());
            for (ProcessRef process : living) {
                checkPaths(process, files.paths(), failures);
            }
        } catch (SyscallException e) {
            passOver(e);
        } finally {
            contexts.files(null);
        }
    }

    private void checkPaths(ProcessRef process, PathFiles paths, List<Failure> failures) {
        try {
            failures.addAll(memory.checkDeleted(process, mapped.get(process), paths));
            for (String link : LINKS) {
                paths.check(process, "/proc/" + process.pid() + link).ifPresent(failures::add);
            }
        } catch (SyscallException e) {
            passOver(e);
        }
    }

    /** Throws it again unless it means that a process has ended. */
    private static void passOver(SyscallException error) {
        if (error.errno() != Errno.ESRCH && error.errno() != Errno.ENOENT) {
            throw error;
        }
    }

    /** What is said about what, however it is worded this time. */
    private record Finding(FailureCode code, Subject subject) {
        static Finding of(Failure failure) {
            return new Finding(failure.code(), failure.subject());
        }
    }
}
