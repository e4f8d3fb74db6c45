// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.Capabilities;
import dev.stasis.kernel.task.CredentialState;
import dev.stasis.kernel.task.Factory;
import dev.stasis.kernel.task.LsmState;
import dev.stasis.kernel.task.MiscState;
import dev.stasis.kernel.task.MmState;
import dev.stasis.kernel.task.PosixTimerState;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RegisterState;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.RestoredProcess;
import dev.stasis.kernel.task.RestoredTask;
import dev.stasis.kernel.task.RlimitState;
import dev.stasis.kernel.task.SeccompState;
import dev.stasis.kernel.task.SignalState;
import dev.stasis.kernel.task.ThreadSettingsState;
import dev.stasis.kernel.task.ThreadState;
import dev.stasis.kernel.task.TimerState;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.CredsEntry;
import dev.stasis.spi.image.criu.TaskCoreEntry;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.Sysno;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** The last steps of one process, when memory and descriptors are there: state of the tasks, up to their release. */
final class ProcessFinish {
    private static final long STOP_TIMEOUT = 5_000_000_000L;
    private static final long POLL = 50_000;

    private final RestoredProcess process;
    private final ProcessImage image;
    private final Capabilities capabilities;
    private final SeccompState seccomp;
    private final LsmState lsm;

    ProcessFinish(RestoredProcess process, Capabilities capabilities, RestoreCheck check) {
        this.process = process;
        this.image = process.image();
        this.capabilities = capabilities;
        this.seccomp = check.seccomp();
        this.lsm = check.lsm();
    }

    /** Signal actions, and settings of the process as a whole. */
    void signals() {
        TaskCoreEntry task = image.core().getTc();
        Batch batch = process.batch();
        SignalState.forgetChildren(batch);
        SignalState.actions(task, batch);
        RlimitState.raisePending(task.getRlimits(), batch);
        MiscState.restore(image, batch);
        seccomp.restoreCommon(image, batch);
        batch.finish();
    }

    /** All state of the threads, credentials included; the leader comes last and sets what is the process's. */
    void credentials() {
        for (int i = 1; i < process.taskCount(); i++) {
            int label = lsm.open(image, i, process.task(i));
            Batch batch = process.task(i).batch(image);
            ThreadState.name(name(i), batch);
            thread(i, batch);
            SignalState.own(image, image.tid(i), image.core(i), batch);
            ThreadState.rseq(image.core(i).getThreadCore(), batch);
            batch.finish();
            lsm.set(image, i, process.task(i), label);
        }
        CoreEntry core = image.core();
        int label = lsm.open(image, 0, process.leader());
        Batch batch = process.batch();
        ThreadState.name(image.comm(), batch);
        PosixTimerState.create(image, batch);
        RlimitState.restore(core.getTc().getRlimits(), batch);
        thread(0, batch);
        // From here on what is queued counts for the process's own user.
        Set<Integer> armed = PosixTimerState.overruns(image, batch);
        SignalState.own(image, image.pid(), core, batch);
        SignalState.shared(image, batch);
        RlimitState.pending(core.getTc().getRlimits(), batch);
        // A change of credentials, by whichever thread, makes the whole process undumpable.
        MmState.dumpable(image.mm(), batch);
        ThreadState.rseq(core.getThreadCore(), batch);
        TimerState.arm(core.getTc().getTimers(), batch);
        PosixTimerState.arm(image, armed, batch);
        batch.finish();
        lsm.set(image, 0, process.leader(), label);
    }

    private String name(int thread) {
        CoreEntry core = image.core(thread);
        return core.getThreadCore().hasComm()
                ? RawText.decode(core.getThreadCore().getCommBytes().toByteArray())
                : image.comm();
    }

    private void thread(int index, Batch batch) {
        CoreEntry core = image.core(index);
        SignalState.alternateStack(core.getThreadCore(), batch);
        ThreadState.addresses(core, batch);
        ThreadSettingsState.scheduling(core.getThreadCore(), image.settings(index), batch);
        ThreadSettingsState.restore(image.settings(index), batch);
        seccomp.restore(image, index, batch);
        CredsEntry credentials = image.credentials(index);
        if (credentials != null) {
            CredentialState.restore(credentials, capabilities, batch);
        }
        ThreadSettingsState.speculation(image.settings(index), batch);
        ThreadState.parentDeathSignal(core.getThreadCore(), batch);
    }

    /**
     * Unmaps the working area and gives all threads their registers and signal masks. No program can run any more.
     *
     * @param fresh the extended state of a task that has not used any of it
     */
    void registers(long hole, byte[] fresh) {
        RestoredTask leader = process.leader();
        SignalState.trapAction(image.core().getTc(), leader);
        for (int i = 0; i < process.taskCount(); i++) {
            SignalState.traps(image.core(i).getThreadCore().getSignalsP(), false, image.pid(), process.task(i));
        }
        SignalState.traps(image.core().getTc().getSignalsS(), true, image.pid(), leader);
        // The call returns to an address that it has unmapped: the task is stopped before it gets there, and goes on
        // from another.
        leader.remote().call(Sysno.MUNMAP, hole, Factory.HOLE_SIZE);
        for (int i = 0; i < process.taskCount(); i++) {
            CoreEntry core = image.core(i);
            RestoredTask task = process.task(i);
            RegisterState.restore(task.tracee(), core, image.settings(i), image.extendedState(i), fresh);
            ThreadState.rseqSection(core.getThreadCore(), image.pid());
            task.tracee().setSignalMask(SignalState.blocked(core));
        }
        // The leader comes last: where others share its selector, the byte was read when it was ours already.
        for (int i = process.taskCount() - 1; i >= 0; i--) {
            ThreadSettingsState.dispatch(image.settings(i), process.task(i).tracee());
        }
    }

    /** Lets all threads of a process go that job control had stopped; it is stopped again when this returns. */
    void stop() {
        release(true);
        awaitStop();
        RestoredProcess parent = process.parent();
        if (parent != null && !SignalState.isQueued(parent.image(), SignalState.SIGCHLD)) {
            boolean waited = image.core().getTc().getExitCode() == 0;
            SignalState.forgetStop(process.pid(), waited, parent.leader().remote());
        }
    }

    private void awaitStop() {
        ProcFs proc = new ProcFs();
        long deadline = System.nanoTime() + STOP_TIMEOUT;
        while (proc.stat(process.pid()).state() != 'T') {
            if (System.nanoTime() > deadline) {
                throw Failure.of(RestoreFailure.TASK_DIED, image.subject())
                        .why("it was to be stopped and is not")
                        .toException();
            }
            LockSupport.parkNanos(POLL);
        }
    }

    /** Lets all threads go: past the point of no return. */
    void release(boolean stopped) {
        if (stopped) {
            Native.raw(Sysno.KILL, process.pid(), SignalState.SIGSTOP);
        }
        for (int i = 0; i < process.taskCount(); i++) {
            process.task(i).tracee().detach();
        }
    }
}
