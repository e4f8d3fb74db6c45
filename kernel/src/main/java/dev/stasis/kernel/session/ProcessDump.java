// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.error.KernelFailure;
import dev.stasis.kernel.file.IoUringThreads;
import dev.stasis.kernel.freeze.FrozenProcess;
import dev.stasis.kernel.image.ProcessSettings;
import dev.stasis.kernel.image.ThreadSettings;
import dev.stasis.kernel.memory.AddressSpaceScan;
import dev.stasis.kernel.memory.AioRings;
import dev.stasis.kernel.memory.Mapping;
import dev.stasis.kernel.memory.PageRuns;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.SmapsEntry;
import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.kernel.task.Lsm;
import dev.stasis.kernel.task.PosixTimers;
import dev.stasis.kernel.task.ProcessFacts;
import dev.stasis.kernel.task.ProcessSettingsState;
import dev.stasis.kernel.task.ProcessState;
import dev.stasis.kernel.task.RegisterState;
import dev.stasis.kernel.task.SeccompFilters;
import dev.stasis.kernel.task.SignalState;
import dev.stasis.kernel.task.ThreadAnswers;
import dev.stasis.kernel.task.ThreadFacts;
import dev.stasis.kernel.task.ThreadSettingsState;
import dev.stasis.kernel.task.ThreadState;
import dev.stasis.kernel.task.TimerState;
import dev.stasis.kernel.trace.FdGift;
import dev.stasis.kernel.trace.GateFinder;
import dev.stasis.kernel.trace.Gates;
import dev.stasis.kernel.trace.RemoteArea;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SleepMeter;
import dev.stasis.kernel.trace.Snapshot;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.SiginfoEntry;
import dev.stasis.spi.image.criu.TaskCoreEntry;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One frozen process on its way into images: what was read of it, and its leader working for us. */
final class ProcessDump {
    /** include/linux/sched.h */
    private static final int PF_IO_WORKER = 0x10;

    private final FrozenProcess process;
    private final Map<Integer, byte[]> extendedStates = new LinkedHashMap<>();
    private final List<Ahead.Item<ThreadFacts>> threadFacts = new ArrayList<>();
    private Ahead.Item<List<SmapsEntry>> smapsAhead;
    private Ahead.Item<ProcessFacts> factsAhead;
    private Ahead.Item<PageRuns> runsAhead;
    private ProcessFacts facts;
    private int umask;
    private final Map<Integer, ThreadSettings> threadSettings = new LinkedHashMap<>();
    private ProcessSettings settings;
    private List<SmapsEntry> smaps = List.of();
    private List<Mapping> mappings = List.of();
    private final PageRuns guards = new PageRuns();
    private PageRuns runs = new PageRuns();
    private RemoteSyscalls remote;
    private RemoteArea area;
    private ProcessState state;
    private FdGift gift;
    private int pagesId;
    /** A signal that the process does not catch and that does nothing by default, 0 if there is none. */
    private int harmless;

    private SleepMeter sleeps = SleepMeter.NONE;

    ProcessDump(FrozenProcess process) {
        this.process = process;
    }

    FrozenProcess process() {
        return process;
    }

    /** Has the address space read as the kernel shows it. */
    void readMappings(Ahead ahead) {
        smapsAhead = ahead.add(proc -> proc.smaps(process.pid()));
    }

    /** Takes what was read. */
    void mappingsRead(ProcFs proc) {
        smaps = smapsAhead.get(proc);
        smapsAhead = null;
    }

    /** Has everything else read that /proc tells, in the order in which it will be needed. */
    void readFacts(Ahead ahead, Lsm lsm) {
        int pid = process.pid();
        // Before the process works for us: that leaves its traces in its memory.
        runsAhead = ahead.add(proc -> AddressSpaceScan.pages(pid, mappings, guards));
        factsAhead =
                ahead.add(proc -> ProcessFacts.read(proc, pid, process.stat().session() == pid));
        for (Tracee thread : process.threads()) {
            threadFacts.add(ahead.add(proc -> ThreadFacts.read(proc, pid, thread.tid(), lsm)));
        }
    }

    /** Takes what is needed before the process is touched. */
    void factsRead(ProcFs proc) {
        runs = runsAhead.get(proc);
        facts = factsAhead.get(proc);
        runsAhead = null;
        factsAhead = null;
    }

    ProcessFacts facts() {
        return facts;
    }

    int umask() {
        return umask;
    }

    List<SmapsEntry> smaps() {
        return smaps;
    }

    void mappings(List<Mapping> found) {
        mappings = found;
    }

    List<Mapping> mappings() {
        return mappings;
    }

    void pagesId(int pagesImage) {
        pagesId = pagesImage;
    }

    PageRuns runs() {
        return runs;
    }

    /** Guard pages, see MADV_GUARD_INSTALL of madvise(2). */
    PageRuns guards() {
        return guards;
    }

    int pagesId() {
        return pagesId;
    }

    RemoteArea area() {
        return area;
    }

    RemoteSyscalls remote() {
        return remote;
    }

    ProcessState state() {
        return state;
    }

    /** What CRIU's core images have no field for, by thread id. */
    Map<Integer, ThreadSettings> threadSettings() {
        return threadSettings;
    }

    /** The same of the process as a whole. */
    ProcessSettings settings() {
        return settings;
    }

    /** Raw XSAVE areas by thread id. */
    Map<Integer, byte[]> extendedStates() {
        return extendedStates;
    }

    /**
     * Lets the leader work for us, and asks the process and its threads what only they can tell. Undone by {@link
     * #cure}, which is registered first.
     *
     * @param writesPages whether it is known already that the process itself will write them
     */
    void infect(GateFinder finder, UndoLog undo, ProcFs proc, DumpedTree tree, boolean writesPages, DumpImages writer) {
        Gates gates = finder.find(process.pid(), vmas()).orElseThrow(() -> new CrException(noGate(process.ref())));
        undo.onAbort("cure", this::cure);
        sleeps = tree.sleeps();
        remote = RemoteSyscalls.enter(process.leader(), gates, sleeps);
        area = mapArea();
        gift = area.isOnStack() ? null : new FdGift(area, FdGift.lowestFree(facts.fds()));
        SeccompFilters.OfProcess seccomp = tree.seccomp().process();
        TaskStatus status = threadFacts.get(0).get(proc).status();
        if (seccomp.read(process.leader(), status)) {
            area.restrict(seccomp.allowed(process.pid()));
        }
        PosixTimers posixTimers = new PosixTimers(facts.timers());
        SyscallProgram program = area.arm();
        long asked = System.nanoTime();
        ProcessState.Question question = ProcessState.ask(program);
        ThreadAnswers.Question leader = ThreadAnswers.ask(program);
        posixTimers.ask(program);
        Runnable rings = AioRings.ask(program, mappings);
        if (writesPages && gift != null) {
            gift.open(program);
        }
        program.run();
        FaultInjection.at("dump/infected");
        if (gift != null) {
            gift.opened();
        }
        state = question.answer(area.foundTrapAction());
        settings = ProcessSettingsState.dump(facts, state);
        posixTimers.answer(program, area);
        rings.run();
        List<Tracee> workers = new ArrayList<>();
        CoreEntry.Builder leaderCore = null;
        List<SiginfoEntry> pending = new ArrayList<>();
        long before = status.shdPnd();
        Map<Integer, CoreEntry.Builder> filtered = new LinkedHashMap<>();
        for (int i = 0; i < process.threads().size(); i++) {
            Tracee thread = process.threads().get(i);
            ThreadFacts told = threadFacts.get(i).get(proc);
            if ((told.stat().flags() & PF_IO_WORKER) != 0) {
                workers.add(thread);
                continue;
            }
            before |= told.status().sigPnd();
            if (thread == process.leader()) {
                umask = told.status().umask();
                harmless = SignalState.harmless(told.status().sigCgt());
                leaderCore = dumpThread(told, tree, thread, remote, leader.answer());
                leaderCore.setTc(state.taskCore(facts, told.status(), process, remote.foundSignalMask()));
                leaderCore.setIds(tree.ids().of(process));
                pending.addAll(leaderCore.getThreadCore().getSignalsP().getSignalsList());
                posixTimers.measure(remote);
            } else {
                try (RemoteSyscalls worker = RemoteSyscalls.enter(thread, sleeps, remote)) {
                    CoreEntry.Builder core = dumpThread(told, tree, thread, worker, ask(worker));
                    pending.addAll(core.getThreadCore().getSignalsP().getSignalsList());
                    if (seccomp.read(thread, told.status())) {
                        filtered.put(thread.tid(), core);
                    } else {
                        writer.writeCore(thread.tid(), core.build());
                    }
                    posixTimers.measure(worker);
                }
            }
        }
        threadFacts.clear();
        addTimers(leaderCore, posixTimers, before, pending, System.nanoTime() - asked);
        filtered.put(process.pid(), leaderCore);
        // How filters are listed depends on whether all threads have them.
        filtered.forEach((tid, core) -> {
            seccomp.dump(tid, core.getThreadCoreBuilder());
            writer.writeCore(tid, core.build());
        });
        letGo(workers);
    }

    /** Threads that the kernel has made for asynchronous calls run none of the program, and may have calls to end. */
    private void letGo(List<Tracee> workers) {
        for (Tracee worker : workers) {
            process.threads().remove(worker);
            worker.detach();
        }
    }

    /** Completes the leader's image, when all queues are known that the timers' signals may be in. */
    private void addTimers(
            CoreEntry.Builder leader, PosixTimers posixTimers, long before, List<SiginfoEntry> pending, long elapsed) {
        TaskCoreEntry.Builder task = leader.getTcBuilder();
        task.setTimers(TimerState.settled(task.getTimers(), before, task.getSignalsS(), elapsed));
        if (!posixTimers.isEmpty()) {
            pending.addAll(task.getSignalsS().getSignalsList());
            task.getTimersBuilder().addAllPosix(posixTimers.entries(process.pid(), before, pending));
        }
    }

    /** A process that has used up a limit of memory gets by with its stack. */
    private RemoteArea mapArea() {
        try {
            return RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
        } catch (SyscallException e) {
            boolean onStack = false;
            for (Mapping mapping : mappings) {
                onStack |= mapping.vma().name().equals("[stack]")
                        && isWithin(mapping.vma(), remote.found().stackPointer());
            }
            RemoteArea stack = e.errno() == Errno.ENOMEM && onStack ? RemoteArea.onStack(remote) : null;
            if (stack == null) {
                throw Failure.of(
                                KernelFailure.LIMIT_USED_UP,
                                Subject.process(process.pid(), process.ref().comm()))
                        .why("it has no room for one more MiB of memory: " + e.getMessage())
                        .remedy("raise its limit: prlimit --pid " + process.pid() + " --as --data")
                        .toException(e);
            }
            return stack;
        }
    }

    private static boolean isWithin(Vma vma, long address) {
        return address >= vma.start() && address < vma.end();
    }

    /**
     * Asks all threads about their rings of asynchronous calls, which also lets them come by for completions.
     *
     * @param descriptors those of the process that are rings
     */
    void askRings(int[] descriptors, IoUringThreads rings) {
        rings.onRepeat(process.pid(), () -> askRings(descriptors, rings));
        for (Tracee thread : process.threads()) {
            SyscallProgram program = area.program();
            Runnable answer = rings.ask(process.pid(), thread.tid(), descriptors, program);
            if (thread == process.leader()) {
                program.run();
            } else {
                try (RemoteSyscalls worker = RemoteSyscalls.enter(thread, sleeps, remote)) {
                    if (harmless == 0 || area.isOnStack() || !worker.canRunPrograms()) {
                        throw Failure.of(
                                        KernelFailure.STATE_UNSUPPORTED,
                                        Subject.process(
                                                process.pid(), process.ref().comm(), "thread " + thread.tid()))
                                .why("it cannot be asked which rings of io_uring it knows")
                                .remedy("let the program not catch SIGURG, or start it without io_uring")
                                .toException();
                    }
                    program.runIn(worker, harmless);
                }
            }
            answer.run();
        }
    }

    /** Looks for pages once more: requests of asynchronous I/O have filled some since. */
    void rescan() {
        runs = AddressSpaceScan.pages(process.pid(), mappings, new PageRuns());
    }

    private ThreadAnswers ask(RemoteSyscalls worker) {
        if (harmless == 0 || area.isOnStack() || !worker.canRunPrograms()) {
            return ThreadAnswers.ask(worker);
        }
        SyscallProgram program = area.program();
        ThreadAnswers.Question question = ThreadAnswers.ask(program);
        program.runIn(worker, harmless);
        return question.answer();
    }

    /** The finding that a process has no code to make a system call through. */
    static Failure noGate(ProcessRef process) {
        return Failure.of(KernelFailure.NO_GATE, Subject.process(process.pid(), process.comm()))
                .why("neither its program, its libraries nor its vDSO has a system call instruction we can read")
                .remedy("dump its parent without it, or end it before the dump")
                .build();
    }

    /**
     * Hands the page image over to the process.
     *
     * @return the gift on its way, null if the process has no descriptor or no memory left for it
     */
    FdGift giveImage(int fd) {
        if (gift == null) {
            return null;
        }
        if (!gift.isOpen()) {
            SyscallProgram program = area.program();
            gift.open(program);
            program.run();
        }
        return gift.send(fd) ? gift : null;
    }

    /** Makes a copy of the memory, so that the process need not wait until it is written. */
    Snapshot snapshot() {
        return Snapshot.of(area);
    }

    /** Puts the leader back as it was found; does nothing if it was never touched, or twice. */
    void cure() {
        if (remote == null) {
            return;
        }
        RemoteSyscalls found = remote;
        remote = null;
        try {
            if (area != null && process.leader().isAlive()) {
                if (gift != null) {
                    gift.abandon();
                }
                area.unmap();
            }
        } finally {
            area = null;
            found.close();
        }
    }

    private CoreEntry.Builder dumpThread(
            ThreadFacts told, DumpedTree tree, Tracee thread, RemoteSyscalls worker, ThreadAnswers answers) {
        byte[] extended = worker.foundExtendedState();
        extendedStates.put(thread.tid(), extended);
        ThreadSettings.Builder own = ThreadSettingsState.dump(answers, told, facts.personality(), tree.machine());
        ThreadSettingsState.dispatch(worker.dispatch(), own);
        ThreadSettingsState.sleep(worker.sleep(), own);
        threadSettings.put(thread.tid(), own.build());
        ThreadCoreEntry.Builder core = ThreadState.dump(thread, told, worker.foundSignalMask(), answers).toBuilder()
                .setCgSet(TreeIds.CGROUP_SET);
        return CoreEntry.newBuilder()
                .setMtype(CoreEntry.March.X86_64)
                .setThreadInfo(RegisterState.dump(worker.found(), extended, answers.clearChildTid()))
                .setThreadCore(core);
    }

    private List<Vma> vmas() {
        List<Vma> vmas = new ArrayList<>(mappings.size());
        for (Mapping mapping : mappings) {
            vmas.add(mapping.vma());
        }
        return vmas;
    }
}
