// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.image.criu.SaEntry;
import dev.stasis.spi.image.criu.SiginfoEntry;
import dev.stasis.spi.image.criu.SignalQueueEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Signal actions and queued signals. */
public final class SignalState {
    /** Signals are numbered from 1 to this. */
    public static final int COUNT = 64;

    public static final int SIGTRAP = 5;
    public static final int SIGKILL = 9;
    public static final int SIGSTOP = 19;

    private static final int ACTION_SIZE = 32;

    private SignalState() {}

    /**
     * Adds calls that read all actions of the process.
     *
     * @return the address that {@link #actions} reads from afterwards
     */
    public static long collect(SyscallProgram program) {
        long room = program.reserve(COUNT * ACTION_SIZE);
        for (int signal = 1; signal <= COUNT; signal++) {
            if (signal != SIGKILL && signal != SIGSTOP) {
                program.call(Sysno.RT_SIGACTION, signal, 0, room + (signal - 1) * ACTION_SIZE, 8);
            }
        }
        return room;
    }

    /**
     * The actions in the order of the image: signals 1 to 64 without SIGKILL and SIGSTOP.
     *
     * @param trapAction the action of SIGTRAP before it was taken over for the program's own trap
     */
    public static List<SaEntry> actions(SyscallProgram program, long room, byte[] trapAction) {
        ByteBuffer read = ByteBuffer.wrap(program.read(room, COUNT * ACTION_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        read.put((SIGTRAP - 1) * ACTION_SIZE, trapAction);
        List<SaEntry> actions = new ArrayList<>(COUNT);
        for (int signal = 1; signal <= COUNT; signal++) {
            if (signal == SIGKILL || signal == SIGSTOP) {
                continue;
            }
            int at = (signal - 1) * ACTION_SIZE;
            actions.add(SaEntry.newBuilder()
                    .setSigaction(read.getLong(at))
                    .setFlags(read.getLong(at + 8))
                    .setRestorer(read.getLong(at + 16))
                    .setMask(read.getLong(at + 24))
                    .setCompatSigaction(false)
                    .build());
        }
        return actions;
    }

    /** Queued signals, each a {@code siginfo_t} of 128 bytes. */
    public static SignalQueueEntry queue(List<byte[]> signals) {
        SignalQueueEntry.Builder queue = SignalQueueEntry.newBuilder();
        for (byte[] signal : signals) {
            queue.addSignals(SiginfoEntry.newBuilder().setSiginfo(ByteString.copyFrom(signal)));
        }
        return queue.build();
    }
}
