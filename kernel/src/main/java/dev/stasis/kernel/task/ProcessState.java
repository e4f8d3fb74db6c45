// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.freeze.FrozenProcess;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.image.criu.SaEntry;
import dev.stasis.spi.image.criu.TaskCoreEntry;
import dev.stasis.spi.image.criu.TaskRlimitsEntry;
import dev.stasis.spi.image.criu.TaskTimersEntry;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.Sysno;
import java.util.List;

/**
 * What a process as a whole has, told by itself.
 *
 * @param actions of all signals
 * @param brk the end of the heap
 * @param dumpable PR_GET_DUMPABLE
 * @param thpDisabled PR_GET_THP_DISABLE with its flags
 * @param subreaper PR_GET_CHILD_SUBREAPER
 * @param membarriers registrations of membarrier(2), as the commands that make them
 * @param mdwe PR_GET_MDWE
 * @param memoryMerge PR_GET_MEMORY_MERGE
 * @param keyrings see {@link Keyrings}
 */
public record ProcessState(
        List<SaEntry> actions,
        TaskTimersEntry timers,
        TaskRlimitsEntry limits,
        long brk,
        int dumpable,
        int thpDisabled,
        boolean subreaper,
        int membarriers,
        int mdwe,
        boolean memoryMerge,
        Keyrings keyrings) {
    /** {@code task_core_entry.task_state} of a process that runs or sleeps. */
    public static final int ALIVE = 1;
    /** Of a zombie. */
    public static final int DEAD = 2;
    /** Of one that job control has stopped. */
    public static final int STOPPED = 3;

    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_GET_CHILD_SUBREAPER = 37;
    private static final int PR_GET_THP_DISABLE = 42;
    private static final int PR_GET_MDWE = 66;
    private static final int PR_GET_MEMORY_MERGE = 68;
    /** Since 6.3. Before, nobody can tell the registrations. */
    private static final int MEMBARRIER_CMD_GET_REGISTRATIONS = 1 << 9;

    /** Adds the questions to a program of the leader. */
    public static Question ask(SyscallProgram program) {
        long actions = SignalState.collect(program);
        long timers = TimerState.collect(program);
        long limits = RlimitState.collect(program);
        long subreaper = program.reserve(8);
        int brk = program.call(Sysno.BRK, 0);
        int dumpable = program.call(Sysno.PRCTL, PR_GET_DUMPABLE);
        int thp = program.call(Sysno.PRCTL, PR_GET_THP_DISABLE, 0, 0, 0, 0);
        program.call(Sysno.PRCTL, PR_GET_CHILD_SUBREAPER, subreaper);
        int membarriers = program.call(Sysno.MEMBARRIER, MEMBARRIER_CMD_GET_REGISTRATIONS, 0, 0);
        int mdwe = program.call(Sysno.PRCTL, PR_GET_MDWE, 0, 0, 0, 0);
        int merge = program.call(Sysno.PRCTL, PR_GET_MEMORY_MERGE, 0, 0, 0, 0);
        Keyrings.Question keyrings = Keyrings.ask(program);
        return trapAction -> new ProcessState(
                SignalState.actions(program, actions, trapAction),
                TimerState.timers(program, timers),
                RlimitState.limits(program, limits),
                program.result(brk),
                (int) program.result(dumpable),
                (int) Math.max(0, program.result(thp)),
                program.read(subreaper, 1)[0] != 0,
                (int) Math.max(0, program.result(membarriers)),
                (int) Math.max(0, program.result(mdwe)),
                program.result(merge) > 0,
                keyrings.answer());
    }

    /**
     * The part of the core image that belongs to the process.
     *
     * @param leader its first thread's
     */
    public TaskCoreEntry taskCore(ProcessFacts facts, TaskStatus leader, FrozenProcess process, long signalMask) {
        TaskStat stat = process.stat();
        int stopSignal = process.leader().groupStopSignal();
        TaskCoreEntry.Builder core = TaskCoreEntry.newBuilder()
                .setTaskState(stopSignal != 0 ? STOPPED : ALIVE)
                // Of a stop that its parent has not waited for yet; 0 otherwise.
                .setExitCode(stopSignal != 0 ? (int) stat.field(52) : 0)
                .setPersonality(facts.personality())
                .setFlags((int) stat.flags())
                .setBlkSigset(signalMask)
                .setCommBytes(ByteString.copyFrom(RawText.encode(stat.comm())))
                .setTimers(timers)
                .setRlimits(limits)
                .setSignalsS(SignalState.queue(process.leader(), true, leader.shdPnd()))
                .setOomScoreAdj(facts.oomScoreAdj())
                .addAllSigactions(actions)
                .setChildSubreaper(subreaper);
        if (membarriers != 0) {
            core.setMembarrierRegistrationMask(membarriers);
        }
        if (stopSignal != 0) {
            core.setStopSigno(stopSignal);
        }
        facts.loginUid().ifPresent(core::setLoginuid);
        return core.build();
    }

    /** Is answered when the program has run. */
    @FunctionalInterface
    public interface Question {
        /** @param trapAction the process's own action for SIGTRAP */
        ProcessState answer(byte[] trapAction);
    }
}
