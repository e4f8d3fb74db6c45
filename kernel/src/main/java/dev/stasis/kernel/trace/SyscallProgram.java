// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.Arrays;

/**
 * A batch of system calls that a task runs with one ptrace round trip.
 *
 * <pre>{@code
 * SyscallProgram program = area.program();
 * long range = program.reserve(16);
 * int call = program.call(Sysno.GETRLIMIT, 7, range);
 * program.run();
 * program.requireSuccess(call);
 * byte[] limits = program.read(range, 16);
 * }</pre>
 *
 * <p>Descriptors fill the first five eighths of the area's program room, data the rest. {@link #hasRoom} tells when
 * it is time to run what there is and start another program. Where the area has no code, see {@link
 * RemoteArea#onStack}, the tool has the calls made one by one and all of the room is for data.
 *
 * <p><b>Threading:</b> the tracer thread; one program per area at a time.
 */
public final class SyscallProgram {
    private static final long NOT_RUN = Long.MIN_VALUE;
    private static final int WORDS = SyscallLoop.DESCRIPTOR_SIZE / 8;
    /** Stands for the address of descriptors that are not in the task: no memory is ever there. */
    private static final long NOT_IN_TASK = 1L << 62;

    private final RemoteArea area;
    private final long base;
    private final long dataBase;
    private final int descriptorRoom;
    private final int dataRoom;
    private long[] words = new long[64 * WORDS];
    private int count;
    private byte[] data = new byte[1024];
    private int dataUsed;
    private boolean hasRun;
    private boolean running;

    SyscallProgram(RemoteArea area, long base, int room) {
        this.area = area;
        if (area.isOnStack()) {
            this.base = NOT_IN_TASK;
            this.dataBase = base;
            this.descriptorRoom = Integer.MAX_VALUE;
            this.dataRoom = room & ~15;
        } else {
            this.base = base;
            this.descriptorRoom = room / 8 * 5 & ~15;
            this.dataBase = base + descriptorRoom;
            this.dataRoom = room - descriptorRoom & ~15;
        }
    }

    /** Whether {@code calls} more calls and {@code bytes} more bytes of data fit. */
    public boolean hasRoom(int calls, int bytes) {
        return (count + calls) * SyscallLoop.DESCRIPTOR_SIZE <= descriptorRoom
                && (long) dataUsed + bytes + 16L * calls <= dataRoom;
    }

    /** How many calls it has. */
    public int size() {
        return count;
    }

    /** Appends a call with up to six arguments; a failure does not stop the program. */
    public int call(Sysno nr, long... args) {
        if (args.length > 6) {
            throw new IllegalArgumentException(args.length + " arguments for " + nr);
        }
        if (!hasRoom(1, 0)) {
            throw new IllegalStateException("program of " + count + " calls is full");
        }
        if ((count + 1) * WORDS > words.length) {
            words = Arrays.copyOf(words, words.length * 2);
        }
        int at = count * WORDS;
        words[at] = nr.number();
        for (int i = 0; i < args.length; i++) {
            words[at + 1 + i] = args[i];
        }
        words[at + 7] = NOT_RUN;
        return count++;
    }

    /** Appends a call whose failure stops the program. */
    public int must(Sysno nr, long... args) {
        int index = call(nr, args);
        words[index * WORDS + 8] = SyscallLoop.STOP_ON_ERROR;
        return index;
    }

    /** The result of call {@code from} becomes argument {@code argument} of the later call {@code to}. */
    public void pass(int from, int to, int argument) {
        words[from * WORDS + 9] = descriptor(to) + SyscallLoop.ARGUMENT_OFFSET + argument * 8L;
    }

    /** The result of call {@code from} is stored at {@code address} as well, as eight bytes. */
    public void store(int from, long address) {
        words[from * WORDS + 9] = address;
    }

    /** Puts {@code content} into the task's memory; returns where it will be, 16-byte aligned. */
    public long data(byte[] content) {
        long address = reserve(content.length);
        System.arraycopy(content, 0, data, (int) (address - dataBase), content.length);
        return address;
    }

    /** The bytes of {@code text}, see {@link RawText}, with a terminating zero. */
    public long string(String text) {
        return data(RawText.encode(text + '\0'));
    }

    /** Words, each eight bytes. */
    public long longs(long... values) {
        byte[] bytes = new byte[values.length * 8];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i / 8] >>> i % 8 * 8);
        }
        return data(bytes);
    }

    /** Room of {@code size} zeroed bytes for results. */
    public long reserve(int size) {
        if (size < 0 || size > dataRoom - dataUsed) {
            throw new IllegalStateException("no room for " + size + " bytes of data");
        }
        int start = dataUsed;
        int end = start + size + 15 & ~15;
        if (end > data.length) {
            data = Arrays.copyOf(data, Math.max(end, data.length * 2));
        }
        dataUsed = end;
        return dataBase + start;
    }

    /** Runs all calls. */
    public void run() {
        start();
        await();
    }

    /** Lets the task begin, so that the tool and other tasks can work meanwhile; {@link #await} comes next. */
    public void start() {
        if (area.isOnStack()) {
            makeCallsOneByOne();
            return;
        }
        running = write();
        if (running) {
            area.start(base, count);
        }
    }

    /** Waits until all calls have been made. */
    public void await() {
        if (running) {
            running = false;
            area.await();
            readResults();
        }
    }

    /**
     * Runs all calls in another thread of the process, which costs one stop.
     *
     * <p>The thread ends the program by sending {@code signal} to itself. Traced, it stops there. If the tool is
     * killed, the signal is ignored as it always is in this process, and the thread goes on to rt_sigreturn(2) and is
     * where it was: unlike the leader's {@code int3}, this needs no signal action of ours.
     *
     * @param thread has a signal frame, see {@link RemoteSyscalls#canRunPrograms}
     * @param signal one that the process does not catch and that does nothing by default, such as SIGURG
     */
    public void runIn(RemoteSyscalls thread, int signal) {
        call(Sysno.TGKILL, thread.tracee().pid(), thread.tracee().tid(), signal);
        if (write()) {
            area.runIn(thread, base, count, signal);
            readResults();
        }
    }

    /** Does what the loop does, from outside. */
    private void makeCallsOneByOne() {
        begin();
        RemoteSyscalls remote = area.remote();
        int pid = remote.tracee().pid();
        if (dataUsed > 0) {
            ProcessMemory.write(pid, dataBase, Arrays.copyOf(data, dataUsed));
        }
        for (int i = 0; i < count; i++) {
            int at = i * WORDS;
            long result = remote.attempt(name((int) words[at]), Arrays.copyOfRange(words, at + 1, at + 7));
            words[at + 7] = result;
            long copy = words[at + 9];
            if (copy >= NOT_IN_TASK) {
                words[(int) (copy - NOT_IN_TASK) / 8] = result;
            } else if (copy != 0) {
                try (NativeBuffer word = NativeBuffer.allocate(8).putLong(0, result)) {
                    ProcessMemory.write(pid, copy, word, 0, 8);
                }
            }
            if (failed(i) && words[at + 8] == SyscallLoop.STOP_ON_ERROR) {
                return;
            }
        }
    }

    private void begin() {
        if (hasRun) {
            throw new IllegalStateException("a program runs once");
        }
        hasRun = true;
    }

    /** @return whether there is anything to run */
    private boolean write() {
        begin();
        if (count == 0) {
            return false;
        }
        int bytes = count * SyscallLoop.DESCRIPTOR_SIZE;
        int pid = area.remote().tracee().pid();
        try (NativeBuffer buffer = NativeBuffer.allocate(bytes + dataUsed)) {
            for (int i = 0; i < count * WORDS; i++) {
                buffer.putLong(i * 8, words[i]);
            }
            buffer.put(bytes, data, 0, dataUsed);
            ProcessMemory.write(pid, buffer, base, bytes, dataBase, dataUsed);
        }
        return true;
    }

    private void readResults() {
        int bytes = count * SyscallLoop.DESCRIPTOR_SIZE;
        try (NativeBuffer buffer = NativeBuffer.allocate(bytes)) {
            ProcessMemory.read(area.remote().tracee().pid(), base, buffer, 0, bytes);
            for (int i = 0; i < count; i++) {
                words[i * WORDS + 7] = buffer.getLong(i * SyscallLoop.DESCRIPTOR_SIZE + SyscallLoop.RESULT_OFFSET);
            }
        }
    }

    /** What call {@code index} returned: a result or a negated error number. */
    public long result(int index) {
        long result = words[index * WORDS + 7];
        if (result == NOT_RUN) {
            throw new IllegalStateException("call " + index + " was not made");
        }
        return result;
    }

    /** Whether call {@code index} was made: it was not if a {@link #must} before it failed. */
    public boolean wasMade(int index) {
        return words[index * WORDS + 7] != NOT_RUN;
    }

    public boolean failed(int index) {
        long result = result(index);
        return result < 0 && result >= -4095;
    }

    /** @throws SyscallException if call {@code index} failed */
    public long requireSuccess(int index) {
        long result = result(index);
        if (failed(index)) {
            int at = index * WORDS;
            throw new SyscallException(
                    area.remote().tracee().toString(),
                    name((int) words[at]),
                    (int) -result,
                    Arrays.copyOfRange(words, at + 1, at + 7));
        }
        return result;
    }

    /** @throws SyscallException if a call that was made failed */
    public void requireAllSucceeded() {
        for (int i = 0; i < count && wasMade(i); i++) {
            requireSuccess(i);
        }
    }

    /** Bytes at an address that {@link #reserve} or {@link #data} gave. */
    public byte[] read(long address, int length) {
        return ProcessMemory.read(area.remote().tracee().pid(), address, length);
    }

    private long descriptor(int index) {
        return base + (long) index * SyscallLoop.DESCRIPTOR_SIZE;
    }

    private static Sysno name(int number) {
        for (Sysno nr : Sysno.values()) {
            if (nr.x8664() == number) {
                return nr;
            }
        }
        throw new IllegalStateException("system call " + number);
    }
}
