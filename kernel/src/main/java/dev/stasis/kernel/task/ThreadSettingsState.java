// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.image.SchedulerSettings;
import dev.stasis.kernel.image.SleepingCall;
import dev.stasis.kernel.image.SpeculationControl;
import dev.stasis.kernel.image.SyscallDispatch;
import dev.stasis.kernel.image.ThreadSettings;
import dev.stasis.kernel.trace.DispatchPause;
import dev.stasis.kernel.trace.InterruptedSleep;
import dev.stasis.kernel.trace.Registers;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Settings of a thread that CRIU has no field for: most of prctl(2), I/O priority, processors it may run on.
 *
 * <p>Only what a new thread would not have is saved. New threads are those of the {@link Factory}, which takes back
 * what the tool was started with.
 */
public final class ThreadSettingsState {
    static final int PR_MCE_KILL_DEFAULT = 2;
    static final long DEFAULT_TIMER_SLACK = 50_000;

    private static final int PR_SET_TSC = 26;
    private static final int PR_SET_TIMERSLACK = 29;
    private static final int PR_MCE_KILL = 33;
    private static final int PR_MCE_KILL_SET = 1;
    private static final int PR_SET_SPECULATION_CTRL = 53;
    private static final int PR_SET_IO_FLUSHER = 57;
    private static final int PR_TSC_SIGSEGV = 2;
    private static final int ARCH_SET_CPUID = 0x1012;
    private static final int IOPRIO_WHO_PROCESS = 1;
    private static final int IOPRIO_CLASS_SHIFT = 13;

    private static final int PR_SPEC_PRCTL = 1;
    private static final int PR_SPEC_ENABLE = 1 << 1;
    private static final int PR_SPEC_DISABLE = 1 << 2;
    private static final int PR_SPEC_L1D_FLUSH = 2;

    /** PF_MEMALLOC_NOIO and PF_LOCAL_THROTTLE: PR_GET_IO_FLUSHER itself takes CAP_SYS_RESOURCE. */
    private static final long IO_FLUSHER = 0x0018_0000;

    private ThreadSettingsState() {}

    /**
     * The settings of a thread.
     *
     * @param facts what /proc tells of it
     * @param processPersonality the first thread's
     * @param machine the machine's processors and default slice
     */
    public static ThreadSettings.Builder dump(
            ThreadAnswers answers, ThreadFacts facts, int processPersonality, Machine machine) {
        long[] cpus = facts.status().cpusAllowed();
        ThreadSettings.Builder settings = ThreadSettings.newBuilder();
        SchedulerSettings scheduler = SchedulerState.settings(answers.scheduler(), machine.slice());
        if (scheduler != null) {
            settings.setScheduler(scheduler);
        }
        if (answers.ioPriority() >> IOPRIO_CLASS_SHIFT != 0) {
            settings.setIoPriority(answers.ioPriority());
        }
        if (!machine.includes(cpus)) {
            for (long word : cpus) {
                settings.addCpus(word);
            }
        }
        // 0 is what real-time threads have and cannot change.
        if (answers.timerSlack() != DEFAULT_TIMER_SLACK && answers.timerSlack() != 0) {
            settings.setTimerSlack(answers.timerSlack());
        }
        if (answers.tsc() == PR_TSC_SIGSEGV) {
            settings.setTsc(answers.tsc());
        }
        if (answers.personality() != processPersonality) {
            settings.setPersonality(answers.personality());
        }
        if ((facts.stat().flags() & IO_FLUSHER) == IO_FLUSHER) {
            settings.setIoFlusher(true);
        }
        if (answers.machineCheck() != PR_MCE_KILL_DEFAULT) {
            settings.setMachineCheck(answers.machineCheck());
        }
        if (!answers.cpuid()) {
            settings.setCpuid(false);
        }
        for (int feature = 0; feature < ThreadAnswers.SPECULATION_FEATURES; feature++) {
            int state = answers.speculation(feature);
            int usual = feature == PR_SPEC_L1D_FLUSH ? PR_SPEC_DISABLE : PR_SPEC_ENABLE;
            if ((state & PR_SPEC_PRCTL) != 0 && (state & ~PR_SPEC_PRCTL) != usual) {
                settings.addSpeculation(
                        SpeculationControl.newBuilder().setFeature(feature).setState(state & ~PR_SPEC_PRCTL));
            }
        }
        return settings;
    }

    /** Adds what is left of a sleep for a given time. */
    public static void sleep(InterruptedSleep sleep, ThreadSettings.Builder settings) {
        if (sleep.number() != 0) {
            settings.setSleepingCall(
                    SleepingCall.newBuilder().setNumber(sleep.number()).setRemaining(sleep.left()));
        }
    }

    /**
     * Has a stopped thread that makes no more calls for us go on with its sleep.
     *
     * @param registers with which it would make the call anew
     * @return with which it goes on
     */
    public static Registers sleep(ThreadSettings settings, Tracee tracee, Registers registers) {
        SleepingCall sleep = settings.getSleepingCall();
        return settings.hasSleepingCall()
                ? InterruptedSleep.resume(tracee, registers, sleep.getNumber(), sleep.getRemaining())
                : registers;
    }

    /** Adds where the thread's calls are dispatched to itself. */
    public static void dispatch(DispatchPause pause, ThreadSettings.Builder settings) {
        Tracee.Dispatch found = pause.found();
        if (found.on()) {
            settings.setSyscallDispatch(SyscallDispatch.newBuilder()
                    .setOffset(found.offset())
                    .setLength(found.length())
                    .setSelector(found.selector())
                    .setSelectorValue(pause.selected()));
        }
    }

    /** Puts the dispatch of calls in force in a stopped thread that makes no more calls for us. */
    public static void dispatch(ThreadSettings settings, Tracee tracee) {
        if (settings.hasSyscallDispatch()) {
            SyscallDispatch saved = settings.getSyscallDispatch();
            DispatchPause.restore(
                    tracee, new Tracee.Dispatch(true, saved.getOffset(), saved.getLength(), saved.getSelector()), (byte)
                            saved.getSelectorValue());
        }
    }

    /** Policy, priorities and processors of the calling thread, as long as it may raise them. */
    public static void scheduling(ThreadCoreEntry image, ThreadSettings settings, Batch batch) {
        if (settings.getCpusCount() > 0) {
            ByteBuffer mask = ByteBuffer.allocate(settings.getCpusCount() * 8).order(ByteOrder.LITTLE_ENDIAN);
            settings.getCpusList().forEach(mask::putLong);
            batch.room(1, mask.capacity());
            // It fails where there are none of these processors, which the CHECK phase has said.
            batch.call(Sysno.SCHED_SETAFFINITY, 0, mask.capacity(), batch.data(mask.array()));
        }
        SchedulerState.restore(image, settings.getScheduler(), batch);
        if (settings.hasIoPriority()) {
            batch.must("I/O priority", Sysno.IOPRIO_SET, IOPRIO_WHO_PROCESS, 0, settings.getIoPriority());
        }
        // After the policy: for a real-time thread it is no setting.
        if (settings.hasTimerSlack()) {
            batch.must("timer slack", Sysno.PRCTL, PR_SET_TIMERSLACK, settings.getTimerSlack(), 0, 0, 0);
        }
    }

    /** What else there is, before the thread loses its rights. */
    public static void restore(ThreadSettings settings, Batch batch) {
        if (settings.hasPersonality()) {
            batch.must("personality", Sysno.PERSONALITY, Integer.toUnsignedLong(settings.getPersonality()));
        }
        if (settings.getIoFlusher()) {
            batch.must("I/O flusher", Sysno.PRCTL, PR_SET_IO_FLUSHER, 1, 0, 0, 0);
        }
        if (settings.hasMachineCheck()) {
            batch.must(
                    "machine check policy",
                    Sysno.PRCTL,
                    PR_MCE_KILL,
                    PR_MCE_KILL_SET,
                    settings.getMachineCheck(),
                    0,
                    0);
        }
        if (settings.hasCpuid()) {
            batch.must("CPUID faulting", Sysno.ARCH_PRCTL, ARCH_SET_CPUID, settings.getCpuid() ? 1 : 0);
        }
        if (settings.hasTsc()) {
            batch.must("time stamp counter", Sysno.PRCTL, PR_SET_TSC, settings.getTsc(), 0, 0, 0);
        }
    }

    /** Speculation controls, which installing a seccomp filter may change. */
    public static void speculation(ThreadSettings settings, Batch batch) {
        for (SpeculationControl control : settings.getSpeculationList()) {
            // A processor that is not vulnerable, or a kernel that always mitigates, has nothing to be set.
            batch.call(Sysno.PRCTL, PR_SET_SPECULATION_CTRL, control.getFeature(), control.getState(), 0, 0);
        }
    }
}
