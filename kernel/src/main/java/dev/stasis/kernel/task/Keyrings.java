// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.os.Sysno;
import java.util.Optional;

/**
 * The keyrings of a process, see keyrings(7). Keys are secrets of the kernel that nobody may copy, so they are not saved;
 * a program that may miss them is named.
 *
 * @param own whether it has a thread or process keyring
 * @param session the serial number of its session keyring, 0 or less if it has none
 * @param user that of its user's session keyring, which stands in for its own if it has none
 * @param sessionSize bytes of the list of keys in it
 */
public record Keyrings(boolean own, long session, long user, long sessionSize) {
    private static final int KEYCTL_GET_KEYRING_ID = 0;
    private static final int KEYCTL_READ = 11;
    private static final int KEY_SPEC_THREAD_KEYRING = -1;
    private static final int KEY_SPEC_PROCESS_KEYRING = -2;
    private static final int KEY_SPEC_SESSION_KEYRING = -3;
    private static final int KEY_SPEC_USER_SESSION_KEYRING = -5;
    private static final int SERIAL_SIZE = 4;

    static Question ask(SyscallProgram program) {
        int thread = program.call(Sysno.KEYCTL, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0);
        int process = program.call(Sysno.KEYCTL, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0);
        int session = program.call(Sysno.KEYCTL, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
        int user = program.call(Sysno.KEYCTL, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 0);
        int size = program.call(Sysno.KEYCTL, KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, 0, 0);
        return () -> new Keyrings(
                program.result(thread) > 0 || program.result(process) > 0,
                program.result(session),
                program.result(user),
                program.result(size));
    }

    /** What is lost, in words; empty if it is nothing. A session keyring that the tool has as well comes back. */
    public Optional<String> loss() {
        if (own) {
            return Optional.of("it has a keyring of its own, and keys are not saved");
        }
        long ours = Native.raw(Sysno.KEYCTL, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
        if (session > 0 && session != user && session != ours && sessionSize >= SERIAL_SIZE) {
            return Optional.of("its session keyring holds keys, which are not saved");
        }
        return Optional.empty();
    }

    /** Is answered when the program has run. */
    @FunctionalInterface
    interface Question {
        Keyrings answer();
    }
}
