// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.trace.Gates;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.os.TraceeGoneException;

/**
 * A second thread of a process that is being restored, which runs programs while the first one does. It is gone before
 * the process gets its own threads, and has an id that is nobody's.
 *
 * <pre>{@code
 * try (HelperThread helper = HelperThread.start(leader, image, free, size)) {
 *     Batch other = helper.batch();
 *     other.must(...);
 *     helper.begin(other);
 *     ... the leader's own batch ...
 *     helper.finish(other);
 * }
 * }</pre>
 */
public final class HelperThread implements AutoCloseable {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS_FIXED_NOREPLACE = 0x100022;
    private static final int SIGKILL = 9;

    private final RestoredTask leader;
    private final RestoredTask task;
    private final ProcessImage image;
    private final long room;
    private final int size;
    private boolean busy;

    private HelperThread(RestoredTask leader, RestoredTask task, ProcessImage image, long room, int size) {
        this.leader = leader;
        this.task = task;
        this.image = image;
        this.room = room;
        this.size = size;
    }

    /**
     * Makes the thread.
     *
     * @param leader runs nothing meanwhile
     * @param room {@code size} bytes of free address space for its programs
     */
    public static HelperThread start(RestoredTask leader, ProcessImage image, long room, int size) {
        Batch batch = leader.batch(image);
        batch.mustReturn(
                "room for a helper thread",
                room,
                Sysno.MMAP,
                room,
                size,
                PROT_READ_WRITE,
                MAP_PRIVATE_ANONYMOUS_FIXED_NOREPLACE,
                -1,
                0);
        int cloned = CloneCall.anyThread(batch);
        SyscallProgram made = batch.finish();
        Tracee tracee = new Tracee((int) made.result(cloned), leader.tid());
        tracee.awaitBirth();
        Gates gates = leader.area().gates();
        RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates);
        RestoredTask task = new RestoredTask(tracee, remote, leader.area().beside(remote, room, size));
        return new HelperThread(leader, task, image, room, size);
    }

    /** Calls of the helper, for {@link #begin}. They must fit into one program. */
    public Batch batch() {
        return task.batch(image);
    }

    /** Lets the helper work. */
    public void begin(Batch batch) {
        busy = true;
        batch.start();
    }

    /** Waits for it; what it could not do is thrown. */
    public void finish(Batch batch) {
        batch.await();
        busy = false;
        batch.finish();
    }

    /** Ends the thread; if it is still at work, because the restore has failed, the whole process with it. */
    @Override
    public void close() {
        if (busy) {
            Native.raw(Sysno.KILL, leader.tid(), SIGKILL);
            task.tracee().awaitEnd();
            return;
        }
        try {
            task.remote().call(Sysno.EXIT, 0);
            throw new IllegalStateException("a helper thread of " + image + " does not exit");
        } catch (TraceeGoneException expected) {
            leader.remote().call(Sysno.MUNMAP, room, size);
        }
    }
}
