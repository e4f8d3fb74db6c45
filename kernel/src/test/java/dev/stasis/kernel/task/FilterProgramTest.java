// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FilterProgramTest {
    private static final int LD_ABS = 0x20;
    private static final int JEQ = 0x15;
    private static final int JGT = 0x25;
    private static final int JSET = 0x45;
    private static final int RET = 0x06;
    private static final int ALLOW = 0x7fff0000;
    private static final int ERRNO = 0x00050000;
    private static final int LOG = 0x7ffc0000;
    private static final int USER_NOTIF = 0x7fc00000;

    private static FilterProgram program(int[]... instructions) {
        ByteBuffer code = ByteBuffer.allocate(instructions.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int[] instruction : instructions) {
            code.putShort((short) instruction[0]).put((byte) instruction[1]).put((byte) instruction[2]);
            code.putInt(instruction[3]);
        }
        return new FilterProgram(code.array());
    }

    private static int[] op(int code, int taken, int otherwise, int k) {
        return new int[] {code, taken, otherwise, k};
    }

    private static boolean allows(FilterProgram program, long number, long... arguments) {
        return program.allows(number, Arrays.copyOf(arguments, 6), 0x1234);
    }

    @Test
    void numberOfTheCall() {
        FilterProgram program =
                program(op(LD_ABS, 0, 0, 0), op(JEQ, 0, 1, 39), op(RET, 0, 0, ERRNO | 1), op(RET, 0, 0, ALLOW));
        assertFalse(allows(program, 39));
        assertTrue(allows(program, 40));
        assertFalse(program.notifies());
    }

    @Test
    void architectureInstructionPointerAndArguments() {
        // arch at 4, ip at 8, the low half of argument n at 16 + 8n.
        FilterProgram program = program(
                op(LD_ABS, 0, 0, 4),
                op(JEQ, 0, 5, 0xc000003e),
                op(LD_ABS, 0, 0, 8),
                op(JEQ, 0, 3, 0x1234),
                op(LD_ABS, 0, 0, 24),
                op(JGT, 1, 0, 100),
                op(RET, 0, 0, LOG),
                op(RET, 0, 0, 0));
        assertTrue(allows(program, 1, 0, 100));
        assertFalse(allows(program, 1, 0, 101));
        assertFalse(allows(program, 1, 0, -1), "numbers have no sign");
    }

    @Test
    void arithmeticAndMemory() {
        // x = nr * 3; memory[2] = x; a = memory[2] & 0xf; a ^= x's copy; returns ALLOW for nr = 5: (15 & 15) ^ 15 = 0.
        FilterProgram program = program(
                op(LD_ABS, 0, 0, 0),
                op(0x24, 0, 0, 3),
                op(0x07, 0, 0, 0),
                op(0x03, 0, 0, 2),
                op(0x60, 0, 0, 2),
                op(0x54, 0, 0, 0xf),
                op(0xac, 0, 0, 0),
                op(JEQ, 0, 1, 0),
                op(RET, 0, 0, ALLOW),
                op(RET, 0, 0, 0));
        assertTrue(allows(program, 5));
        assertFalse(allows(program, 7));
    }

    @Test
    void jumpsThatAreLongOrTestBits() {
        FilterProgram program = program(
                op(0x05, 0, 0, 1),
                op(RET, 0, 0, 0),
                op(LD_ABS, 0, 0, 16),
                op(JSET, 0, 1, 0x10),
                op(RET, 0, 0, ERRNO),
                op(RET, 0, 0, ALLOW));
        assertFalse(allows(program, 0, 0x30));
        assertTrue(allows(program, 0, 0x20));
    }

    @Test
    void aResultThatIsComputed() {
        FilterProgram program = program(op(0x00, 0, 0, ALLOW), op(0x16, 0, 0, 0));
        assertTrue(allows(program, 0));
        assertEquals(2, program.instructions().length / FilterProgram.INSTRUCTION_SIZE);
    }

    @Test
    void listenersAreSeen() {
        assertTrue(program(op(RET, 0, 0, USER_NOTIF)).notifies());
        assertFalse(program(op(RET, 0, 0, ALLOW)).notifies());
    }
}
