// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls of a restored task, run in as few programs as they fit into.
 *
 * <pre>{@code
 * Batch batch = task.batch(image);
 * batch.room(1, 16);
 * batch.must("the signal stack", Sysno.SIGALTSTACK, batch.longs(address, 0), 0);
 * batch.finish();
 * }</pre>
 *
 * <p>Each call carries what it is about, so that a refusal names the resource. A call that fails stops its program;
 * the failure is thrown by the flush, or by {@link #finish}.
 */
public final class Batch {
    private final RestoredTask task;
    private final ProcessImage image;
    private final List<Object> resources = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private SyscallProgram program;
    private boolean started;

    Batch(RestoredTask task, ProcessImage image) {
        this.task = task;
        this.image = image;
        this.program = task.area().program();
    }

    public RestoredTask task() {
        return task;
    }

    public ProcessImage image() {
        return image;
    }

    /** Makes room for calls and data that must stand in one program; runs what there is if need be. */
    public void room(int calls, int bytes) {
        if (program.size() > 0 && !program.hasRoom(calls, bytes)) {
            flush();
        }
    }

    /** Whether calls and data fit without running what there is. */
    public boolean hasRoom(int calls, int bytes) {
        return program.hasRoom(calls, bytes);
    }

    /**
     * Appends a call that must succeed.
     *
     * @param resource what it is about, in words; its {@code toString} is taken only if the call fails
     */
    public int must(Object resource, Sysno nr, long... args) {
        room(1, 0);
        resources.add(resource);
        return program.must(nr, args);
    }

    /** Appends a call that must return {@code expected}. */
    public int mustReturn(Object resource, long expected, Sysno nr, long... args) {
        int index = must(resource, nr, args);
        checks.add(new Check(index, expected));
        return index;
    }

    /** Appends a call that may fail. */
    public int call(Sysno nr, long... args) {
        room(1, 0);
        resources.add("");
        return program.call(nr, args);
    }

    /** See {@link SyscallProgram#pass}; both calls were made {@link #room} for. */
    public void pass(int from, int to, int argument) {
        program.pass(from, to, argument);
    }

    public long data(byte[] content) {
        return program.data(content);
    }

    public long string(String text) {
        return program.string(text);
    }

    public long longs(long... values) {
        return program.longs(values);
    }

    public long reserve(int size) {
        return program.reserve(size);
    }

    /** Runs what there is and starts anew. */
    public void flush() {
        finish();
        program = task.area().program();
        started = false;
        resources.clear();
        checks.clear();
    }

    /** Lets the task begin with what there is; {@link #finish} waits for it. */
    public void start() {
        program.start();
        started = true;
    }

    /** Waits for what was {@link #start started}, or runs it; {@link #finish} tells how it went. */
    public void await() {
        if (!started) {
            start();
        }
        program.await();
    }

    /** Runs what there is; its results can be read from what is returned. */
    public SyscallProgram finish() {
        await();
        for (int i = 0; i < program.size(); i++) {
            if (program.failed(i) && isLast(i)) {
                throw refusal(i);
            }
        }
        for (Check check : checks) {
            if (program.result(check.index) != check.expected) {
                throw Failure.of(RestoreFailure.REFUSED_BY_KERNEL, subject(check.index))
                        .why("a call returned " + program.result(check.index) + " instead of " + check.expected)
                        .toException();
            }
        }
        return program;
    }

    /** Whether the program ended with call {@code index}, and not because it was through. */
    private boolean isLast(int index) {
        return index + 1 < program.size()
                ? !program.wasMade(index + 1)
                : !resources.get(index).equals("");
    }

    private CrException refusal(int index) {
        try {
            program.requireSuccess(index);
            throw new IllegalStateException("call " + index + " did not fail");
        } catch (SyscallException e) {
            if (e.call() == Sysno.CLONE3 && e.errno() == Errno.EEXIST) {
                return Failure.of(RestoreFailure.ID_TAKEN, subject(index))
                        .why("a process or thread has taken the id since it was checked")
                        .remedy("restore again when it has ended, or on another machine")
                        .toException(e);
            }
            boolean memory = e.errno() == Errno.ENOMEM;
            return Failure.of(memory ? RestoreFailure.NO_MEMORY : RestoreFailure.REFUSED_BY_KERNEL, subject(index))
                    .why("the kernel refused: " + e.getMessage())
                    .toException(e);
        }
    }

    private Subject subject(int index) {
        return image.subject(resources.get(index).toString());
    }

    private record Check(int index, long expected) {}
}
