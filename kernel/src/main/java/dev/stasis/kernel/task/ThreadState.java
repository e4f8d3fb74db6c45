// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.RseqEntry;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.image.criu.ThreadSasEntry;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What every thread has of its own besides registers. */
public final class ThreadState {
    /** Bytes of {@code stack_t} on 64-bit machines. */
    public static final int STACK_SIZE = 24;

    private static final int PR_SET_NAME = 15;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int COMM_SIZE = 16;
    private static final int ROBUST_LIST_HEAD_SIZE = 24;

    private ThreadState() {}

    /**
     * The image of a thread.
     *
     * @param signalMask blocked signals, as found before we blocked more
     * @param answers what only the thread itself could tell
     */
    public static ThreadCoreEntry dump(Tracee tracee, ThreadFacts facts, long signalMask, ThreadAnswers answers) {
        TaskStat stat = facts.stat();
        ByteBuffer stack = answers.alternateStack();
        ThreadCoreEntry.Builder image = ThreadCoreEntry.newBuilder()
                .setBlkSigset(signalMask)
                .setSas(ThreadSasEntry.newBuilder()
                        .setSsSp(stack.getLong(0))
                        .setSsFlags(stack.getInt(8))
                        .setSsSize(stack.getLong(16)))
                .setSignalsP(SignalState.queue(tracee, false, facts.status().sigPnd()))
                .setCreds(CredentialState.dump(facts, answers.securebits()))
                .setCommBytes(ByteString.copyFrom(RawText.encode(stat.comm())));
        SchedulerState.dump(answers.scheduler(), stat.nice(), image);
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

    /** The name of the calling thread, as {@link RawText} has it. */
    public static void name(String comm, Batch batch) {
        byte[] bytes = RawText.encode(comm);
        batch.room(1, COMM_SIZE);
        long name = batch.data(Arrays.copyOf(bytes, Math.min(bytes.length, COMM_SIZE - 1) + 1));
        batch.must("its name", Sysno.PRCTL, PR_SET_NAME, name, 0, 0, 0);
    }

    /** Addresses in the restored memory that the kernel writes to or reads from when the thread ends. */
    public static void addresses(CoreEntry core, Batch batch) {
        batch.must(
                "the tid address", Sysno.SET_TID_ADDRESS, core.getThreadInfo().getClearTidAddr());
        ThreadCoreEntry thread = core.getThreadCore();
        if (thread.getFutexRla() != 0) {
            batch.must("the robust list", Sysno.SET_ROBUST_LIST, thread.getFutexRla(), ROBUST_LIST_HEAD_SIZE);
        }
    }

    /** Registers the rseq area of the calling thread; the kernel writes to it at once. */
    public static void rseq(ThreadCoreEntry image, Batch batch) {
        RseqEntry rseq = image.getRseqEntry();
        if (rseq.getRseqAbiPointer() != 0) {
            batch.must(
                    "the rseq area",
                    Sysno.RSEQ,
                    rseq.getRseqAbiPointer(),
                    rseq.getRseqAbiSize(),
                    0,
                    Integer.toUnsignedLong(rseq.getSignature()));
        }
    }

    /**
     * Puts the pointer to the critical section back, when the thread is stopped for the last time: the kernel
     * clears it whenever it finds the thread elsewhere, as in a program of ours.
     */
    public static void rseqSection(ThreadCoreEntry image, int pid) {
        RseqEntry rseq = image.getRseqEntry();
        if (rseq.getRseqAbiPointer() != 0 && rseq.getRseqCsPointer() != 0) {
            try (NativeBuffer pointer = NativeBuffer.allocate(8).putLong(0, rseq.getRseqCsPointer())) {
                ProcessMemory.write(pid, rseq.getRseqAbiPointer() + 8, pointer, 0, 8);
            }
        }
    }

    /** The signal that the thread gets when its parent ends. A change of credentials clears it. */
    public static void parentDeathSignal(ThreadCoreEntry image, Batch batch) {
        if (image.getPdeathSig() != 0) {
            batch.must("the parent-death signal", Sysno.PRCTL, PR_SET_PDEATHSIG, image.getPdeathSig(), 0, 0, 0);
        }
    }
}
