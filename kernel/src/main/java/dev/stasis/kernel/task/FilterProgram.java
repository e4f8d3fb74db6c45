// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A seccomp filter: a program of classic BPF that decides upon system calls, see seccomp(2) and
 * {@code linux/filter.h}.
 *
 * @param instructions each a {@code struct sock_filter} of 8 bytes
 */
record FilterProgram(byte[] instructions) {
    static final int INSTRUCTION_SIZE = 8;

    private static final int ACTION = 0xffff0000;
    private static final int ACTION_USER_NOTIF = 0x7fc00000;
    private static final int ACTION_LOG = 0x7ffc0000;
    private static final int ACTION_ALLOW = 0x7fff0000;
    private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
    private static final int DATA_SIZE = 64;
    private static final int MEMORY_WORDS = 16;

    private static final int CLASS = 0x07;
    private static final int LD = 0;
    private static final int LDX = 1;
    private static final int ST = 2;
    private static final int STX = 3;
    private static final int ALU = 4;
    private static final int JMP = 5;
    private static final int RET = 6;
    private static final int MODE = 0xe0;
    private static final int MODE_IMM = 0;
    private static final int MODE_ABS = 0x20;
    private static final int MODE_MEM = 0x60;
    private static final int OPERATION = 0xf0;
    private static final int SOURCE_X = 0x08;
    private static final int RETURN_A = 0x10;
    private static final int MISC_TXA = 0x80;

    /** Whether it may hand calls over to another process, which must hold the other end. */
    boolean notifies() {
        ByteBuffer code = code();
        for (int at = 0; at < instructions.length; at += INSTRUCTION_SIZE) {
            if (code.getShort(at) == RET && (code.getInt(at + 4) & ACTION) == ACTION_USER_NOTIF) {
                return true;
            }
        }
        return false;
    }

    /** Whether a call made behind instruction {@code ip} is let through. */
    boolean allows(long number, long[] arguments, long ip) {
        ByteBuffer data = ByteBuffer.allocate(DATA_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt((int) number).putInt(AUDIT_ARCH_X86_64).putLong(ip);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        int action = run(data) & ACTION;
        return action == ACTION_ALLOW || action == ACTION_LOG;
    }

    private ByteBuffer code() {
        return ByteBuffer.wrap(instructions).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The kernel has checked the program: it ends, and stays within its memory. */
    private int run(ByteBuffer data) {
        ByteBuffer code = code();
        int[] memory = new int[MEMORY_WORDS];
        int a = 0;
        int x = 0;
        int at = 0;
        while (true) {
            int op = code.getShort(at) & 0xffff;
            int k = code.getInt(at + 4);
            int taken = code.get(at + 2) & 0xff;
            int otherwise = code.get(at + 3) & 0xff;
            at += INSTRUCTION_SIZE;
            switch (op & CLASS) {
                case LD -> a = load(op, k, data, memory);
                case LDX -> x = load(op, k, data, memory);
                case ST -> memory[k] = a;
                case STX -> memory[k] = x;
                case ALU -> a = compute(op & OPERATION, a, (op & SOURCE_X) != 0 ? x : k);
                case JMP -> at += INSTRUCTION_SIZE * jump(op, a, (op & SOURCE_X) != 0 ? x : k, k, taken, otherwise);
                case RET -> {
                    return (op & RETURN_A) != 0 ? a : k;
                }
                default -> {
                    boolean toA = (op & OPERATION) == MISC_TXA;
                    a = toA ? x : a;
                    x = toA ? x : a;
                }
            }
        }
    }

    private static int load(int op, int k, ByteBuffer data, int[] memory) {
        return switch (op & MODE) {
            case MODE_ABS -> data.getInt(k);
            case MODE_MEM -> memory[k];
            case MODE_IMM -> k;
            // The length of the data is all that is left.
            default -> DATA_SIZE;
        };
    }

    private static int compute(int operation, int a, int operand) {
        return switch (operation) {
            case 0x00 -> a + operand;
            case 0x10 -> a - operand;
            case 0x20 -> a * operand;
            case 0x30 -> operand == 0 ? 0 : Integer.divideUnsigned(a, operand);
            case 0x40 -> a | operand;
            case 0x50 -> a & operand;
            case 0x60 -> a << operand;
            case 0x70 -> a >>> operand;
            case 0x80 -> -a;
            default -> a ^ operand;
        };
    }

    private static int jump(int op, int a, int operand, int k, int taken, int otherwise) {
        return switch (op & OPERATION) {
            case 0x00 -> k;
            case 0x10 -> a == operand ? taken : otherwise;
            case 0x20 -> Integer.compareUnsigned(a, operand) > 0 ? taken : otherwise;
            case 0x30 -> Integer.compareUnsigned(a, operand) >= 0 ? taken : otherwise;
            default -> (a & operand) != 0 ? taken : otherwise;
        };
    }
}
