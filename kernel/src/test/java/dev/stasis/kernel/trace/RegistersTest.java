// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistersTest {
    private static final int READ = 0;
    private static final int NANOSLEEP = 35;

    /** ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK. */
    @ParameterizedTest
    @ValueSource(longs = {512, 513, 514, 516})
    void anInterruptedCallIsMadeAgain(long error) {
        Registers found = inCall(NANOSLEEP, -error);
        assertTrue(found.isInterruptedSyscall());
        assertEquals(error == 516, found.hasRestartBlock());
        Registers restarted = found.restarted();
        assertEquals(NANOSLEEP, restarted.result());
        assertEquals(0x1000, restarted.instructionPointer());
        assertEquals(-1, restarted.get(Registers.ORIG_RAX));
        assertEquals(0x7fff0000, restarted.stackPointer());
        assertEquals(7, restarted.get(Registers.RDI));
    }

    @Test
    void theCallWithNumberZeroIsMadeAgainAsWell() {
        assertEquals(READ, inCall(READ, -512).restarted().result());
    }

    /** EINTR, 515 (ENOIOCTLCMD), success, and results whose lower half looks like an interrupted call's. */
    @ParameterizedTest
    @ValueSource(longs = {-4, -515, -517, 0, 5, 0xfffffe00L, 0x7ffffffffe00L, 0xfffffdfcL})
    void anyOtherResultIsKept(long result) {
        Registers found = inCall(READ, result);
        assertFalse(found.isInterruptedSyscall());
        assertEquals(result, found.restarted().result());
        assertEquals(0x1002, found.restarted().instructionPointer());
        assertEquals(-1, found.restarted().get(Registers.ORIG_RAX));
    }

    @Test
    void aTaskOutsideOfCallsMayHoldAnyNumber() {
        Registers found = inCall(-1, -512);
        assertFalse(found.isInterruptedSyscall());
        assertEquals(-512, found.restarted().result());
        assertEquals(0x1002, found.restarted().instructionPointer());
    }

    @Test
    void isImmutableAndHas27Words() {
        Registers first = inCall(1, 2);
        assertEquals(9, first.with(Registers.RBX, 9).get(Registers.RBX));
        assertEquals(0, first.get(Registers.RBX));
        assertThrows(IllegalArgumentException.class, () -> Registers.of(new long[26]));
    }

    private static Registers inCall(long number, long result) {
        long[] words = new long[27];
        words[Registers.ORIG_RAX] = number;
        words[Registers.RAX] = result;
        words[Registers.RIP] = 0x1002;
        words[Registers.RSP] = 0x7fff0000;
        words[Registers.RDI] = 7;
        return Registers.of(words);
    }
}
