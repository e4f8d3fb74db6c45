// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

/**
 * How a stopped thread was found: its registers, and what is left of a sleep for a given time.
 *
 * @param found the registers with which it goes on as if nothing had been
 * @param registers the same in terms of the call that the program has made
 * @param number of the call that slept, 0 if it was none or its time is not known
 * @param left nanoseconds that it would have gone on sleeping
 */
public record InterruptedSleep(Registers found, Registers registers, int number, long left) {
    private static final int[] SHOWN = {
        Registers.RDI,
        Registers.RSI,
        Registers.RDX,
        Registers.R10,
        Registers.R8,
        Registers.R9,
        Registers.RSP,
        Registers.RIP
    };

    /** Of a task of our own making. */
    static InterruptedSleep none(Registers registers) {
        return new InterruptedSleep(registers, registers, 0, 0);
    }

    /** Looks at a thread, which may go on sleeping for a moment to be measured. */
    static InterruptedSleep of(Tracee tracee, SleepMeter meter) {
        Registers found = InterruptedCall.endless(tracee.registers());
        Registers registers = InterruptedCall.identify(tracee.pid(), found);
        TimedCall call =
                registers.hasRestartBlock() ? TimedCall.of(registers.get(Registers.ORIG_RAX), registers) : null;
        if (call == null) {
            return new InterruptedSleep(found, registers, 0, 0);
        }
        long left = call.told(tracee.pid());
        if (left < 0 && call.total(tracee.pid(), registers) >= SleepMeter.WORTHWHILE) {
            left = meter.measure(tracee, call.clock());
            found = tracee.registers();
            registers = found.hasRestartBlock() ? found.with(Registers.ORIG_RAX, call.number()) : found;
        }
        boolean isKnown = left >= 0 && registers.hasRestartBlock();
        return new InterruptedSleep(found, registers, isKnown ? call.number() : 0, left);
    }

    /**
     * Whether what is left of the sleep of a running thread would have to be measured if it were stopped now.
     *
     * @param call as {@code /proc/PID/task/TID/syscall} shows it: number, arguments, stack and instruction pointer
     */
    static boolean isMeasured(int pid, String call) {
        String[] words = call.trim().split(" ");
        if (words.length != SHOWN.length + 1) {
            return false;
        }
        Registers shown = Registers.of(new long[Registers.SIZE / 8])
                .with(Registers.CS, Registers.USER64_CS)
                .with(Registers.ORIG_RAX, Long.parseLong(words[0]))
                .with(Registers.RAX, Registers.RESTART_BLOCK);
        for (int i = 0; i < SHOWN.length; i++) {
            shown = shown.with(SHOWN[i], Long.parseUnsignedLong(words[i + 1].substring(2), 16));
        }
        Registers found = InterruptedCall.identify(pid, shown);
        TimedCall timed = TimedCall.of(found.get(Registers.ORIG_RAX), found);
        return timed != null && timed.rest() == 0 && timed.total(pid, found) >= SleepMeter.WORTHWHILE;
    }

    /**
     * Has a stopped thread, which is about to make the call again, sleep for what was left.
     *
     * @param before its registers, at the instruction that makes the call
     * @param number of the call
     * @return the registers to let it go with
     */
    public static Registers resume(Tracee tracee, Registers before, int number, long left) {
        TimedCall call = before.get(Registers.RAX) == number ? TimedCall.of(number, before) : null;
        return call == null ? before : call.enter(tracee, before, left);
    }
}
