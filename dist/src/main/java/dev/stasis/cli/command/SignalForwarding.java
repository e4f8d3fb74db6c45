// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Passes signals that ask this process to end on to the program it waits for, as a shell script's {@code exec} would:
 * Ctrl-C ends the program, and its exit status tells so. Without this, a supervisor that stops the command would
 * leave the program behind, since a restored program has its own session and hears no Ctrl-C.
 */
final class SignalForwarding implements AutoCloseable {
    // The JVM keeps SIGQUIT, SIGUSR1 and SIGUSR2 for itself.
    private static final List<String> FORWARDED = List.of("INT", "TERM", "HUP");

    private final List<Signal> signals = new ArrayList<>();
    private final List<SignalHandler> previous = new ArrayList<>();

    private SignalForwarding() {}

    /** Forwards until closed. */
    static SignalForwarding to(int pid) {
        SignalForwarding forwarding = new SignalForwarding();
        for (String name : FORWARDED) {
            Signal signal = new Signal(name);
            forwarding.previous.add(Signal.handle(signal, received -> send(pid, received.getNumber())));
            forwarding.signals.add(signal);
        }
        return forwarding;
    }

    @Override
    public void close() {
        for (int i = 0; i < signals.size(); i++) {
            Signal.handle(signals.get(i), previous.get(i));
        }
    }

    private static void send(int pid, int signal) {
        try {
            new LocalSyscalls().call(Sysno.KILL, pid, signal);
        } catch (SyscallException e) {
            // It ended at the same moment; whoever waits for it sees that.
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }
}
