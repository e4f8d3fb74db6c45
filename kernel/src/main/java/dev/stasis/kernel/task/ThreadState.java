// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.image.criu.RseqEntry;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.image.criu.ThreadSasEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What every thread has of its own besides registers. */
public final class ThreadState {
    /** Bytes of {@code stack_t} on 64-bit machines. */
    public static final int STACK_SIZE = 24;

    private static final int SCHED_OTHER = 0;

    private ThreadState() {}

    /**
     * The image of a thread.
     *
     * @param signalMask blocked signals, as found before we blocked more
     * @param answers what only the thread itself could tell
     */
    public static ThreadCoreEntry dump(
            Tracee tracee, TaskStat stat, TaskStatus status, long signalMask, ThreadAnswers answers) {
        ByteBuffer stack = ByteBuffer.wrap(answers.alternateStack()).order(ByteOrder.LITTLE_ENDIAN);
        ThreadCoreEntry.Builder image = ThreadCoreEntry.newBuilder()
                .setSchedNice(stat.nice())
                .setSchedPolicy(stat.policy())
                .setBlkSigset(signalMask)
                .setSas(ThreadSasEntry.newBuilder()
                        .setSsSp(stack.getLong(0))
                        .setSsFlags(stack.getInt(8))
                        .setSsSize(stack.getLong(16)))
                .setSignalsP(SignalState.queue(tracee.pendingSignals(false)))
                .setCreds(CredentialState.dump(status, answers.securebits()))
                .setComm(stat.comm());
        if (stat.policy() != SCHED_OTHER) {
            image.setSchedPrio(stat.rtPriority());
        }
        if (answers.parentDeathSignal() != 0) {
            image.setPdeathSig(answers.parentDeathSignal());
        }
        robustList(tracee.tid(), image);
        Tracee.Rseq rseq = tracee.rseq();
        if (rseq != null && rseq.address() != 0) {
            image.setRseqEntry(RseqEntry.newBuilder()
                    .setRseqAbiPointer(rseq.address())
                    .setRseqAbiSize(rseq.size())
                    .setSignature(rseq.signature()));
        }
        return image.build();
    }

    private static void robustList(int tid, ThreadCoreEntry.Builder image) {
        try (NativeBuffer room = NativeBuffer.allocate(16)) {
            Native.call(Sysno.GET_ROBUST_LIST, tid, room.address(), room.address() + 8, 0, 0, 0);
            image.setFutexRla(room.getLong(0)).setFutexRlaLen((int) room.getLong(8));
        }
    }
}
