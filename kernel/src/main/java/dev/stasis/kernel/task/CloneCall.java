// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.os.Sysno;

/**
 * clone3(2) with a given id. The new task arrives stopped: CLONE_PTRACE makes it our tracee with the options of its
 * maker, so that it dies with the tool.
 */
final class CloneCall {
    static final long CLONE_VM = 0x100;
    static final long CLONE_FS = 0x200;
    static final long CLONE_FILES = 0x400;
    static final long CLONE_SIGHAND = 0x800;
    static final long CLONE_PTRACE = 0x2000;
    static final long CLONE_PARENT = 0x8000;
    static final long CLONE_THREAD = 0x10000;
    static final long CLONE_SYSVSEM = 0x40000;

    /** Bytes of data that one call takes. */
    static final int ROOM = 112;

    private static final long THREAD =
            CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PTRACE;
    private static final int SIGCHLD = 17;
    /** With set_tid, since 5.5. */
    private static final int ARGS_SIZE = 80;

    private CloneCall() {}

    /** A thread of the calling process. */
    static void thread(int tid, Batch batch) {
        call("thread id " + tid, tid, THREAD, 0, batch);
    }

    /** A thread of the calling process with an id of the kernel's choice, which the call returns. */
    static int anyThread(Batch batch) {
        batch.room(1, ROOM);
        long args = batch.longs(THREAD, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        return batch.must("a helper thread", Sysno.CLONE3, args, ARGS_SIZE);
    }

    /** A child of the calling process. */
    static void child(int pid, long sharing, Batch batch) {
        call("process id " + pid, pid, sharing | CLONE_PTRACE, SIGCHLD, batch);
    }

    /** A child of the calling process with an id of the kernel's choice, which the call returns. */
    static int anyChild(Batch batch) {
        batch.room(1, ROOM);
        long args = batch.longs(CLONE_PTRACE, 0, 0, 0, SIGCHLD, 0, 0, 0, 0, 0);
        return batch.must("a stand-in", Sysno.CLONE3, args, ARGS_SIZE);
    }

    /** A sibling of the calling process, in its session. The kernel gives it the same exit signal. */
    static void sibling(int pid, long sharing, Batch batch) {
        call("process id " + pid, pid, sharing | CLONE_PARENT | CLONE_PTRACE, 0, batch);
    }

    private static void call(Object resource, int id, long flags, long exitSignal, Batch batch) {
        batch.room(1, ROOM);
        long tid = batch.longs(id);
        long args = batch.longs(flags, 0, 0, 0, exitSignal, 0, 0, 0, tid, 1);
        batch.mustReturn(resource, id, Sysno.CLONE3, args, ARGS_SIZE);
    }
}
