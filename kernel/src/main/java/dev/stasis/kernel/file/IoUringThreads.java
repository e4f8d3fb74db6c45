// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the threads of a dump answer about their rings of io_uring_setup(2): calls that change nothing, and whose errors
 * tell what the kernel shows nowhere.
 *
 * <p>A ring may belong to one thread, which alone can ask. Every thread may know rings by indexes of its own
 * (IORING_REGISTER_RING_FDS). And completions that wait for a thread to come by are put into the ring by its calls.
 */
public final class IoUringThreads {
    /** More would not fit into a program. */
    static final int MAX_RINGS = 200;

    private static final int REGISTER_EVENTFD = 4;
    private static final int REGISTER_PBUF_STATUS = 26;
    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_REGISTERED_RING = 1 << 4;
    private static final int SLOTS = 16;
    private static final int BUFFER_GROUPS = 16;

    private final Map<Integer, List<Answer>> answers = new HashMap<>();
    private final Map<Integer, Runnable> repeats = new HashMap<>();
    private final Set<Integer> owned = new HashSet<>();
    private final Set<Integer> busy = new HashSet<>();

    /**
     * Adds the questions to a program of a thread.
     *
     * @param rings its process's descriptors of rings
     * @return to be run afterwards; it takes the answers
     */
    public Runnable ask(int pid, int tid, int[] rings, SyscallProgram program) {
        int first = program.size();
        for (int ring : rings) {
            program.call(Sysno.IO_URING_ENTER, ring, 0, 0, ENTER_GETEVENTS, 0, 0);
            program.call(Sysno.IO_URING_REGISTER, ring, REGISTER_EVENTFD, 0, 1);
            for (int group = 0; group < BUFFER_GROUPS; group++) {
                // struct io_uring_buf_status: group, result, eight reserved words
                long status = program.longs(group, 0, 0, 0, 0);
                program.call(Sysno.IO_URING_REGISTER, ring, REGISTER_PBUF_STATUS, status, 1);
            }
        }
        int slots = program.size();
        for (int slot = 0; slot < SLOTS; slot++) {
            program.call(Sysno.IO_URING_ENTER, slot, 0, 0, ENTER_REGISTERED_RING, 0, 0);
        }
        return () -> {
            Map<Integer, RingAnswer> told = new HashMap<>();
            int call = first;
            for (int ring : rings) {
                int eventfd = call + 1;
                boolean groups = false;
                for (int group = 0; group < BUFFER_GROUPS; group++) {
                    groups |= !program.failed(call + 2 + group);
                }
                told.put(ring, new RingAnswer((int) program.result(eventfd), groups));
                call += 2 + BUFFER_GROUPS;
            }
            List<Integer> known = new ArrayList<>();
            for (int slot = 0; slot < SLOTS; slot++) {
                if (!program.failed(slots + slot)) {
                    known.add(slot);
                }
            }
            List<Answer> process = answers.computeIfAbsent(pid, unused -> new ArrayList<>());
            process.removeIf(answer -> answer.tid == tid);
            process.add(new Answer(tid, told, known));
        };
    }

    /** Says how the threads of a process are asked once more. */
    public void onRepeat(int pid, Runnable repeat) {
        repeats.put(pid, repeat);
    }

    /** Has the threads of a process come by once more. */
    void repeat(int pid) {
        repeats.getOrDefault(pid, () -> {}).run();
    }

    /** Notes that a ring belongs to one thread (IORING_SETUP_SINGLE_ISSUER). */
    void markOwned(int fileId) {
        owned.add(fileId);
    }

    boolean isOwned(int fileId) {
        return owned.contains(fileId);
    }

    /** Of all threads of a process. */
    List<Answer> of(int pid) {
        return answers.getOrDefault(pid, List.of());
    }

    /** Notes that requests of a process were in flight when it had stopped: they may change its memory. */
    void markBusy(int pid) {
        busy.add(pid);
    }

    /** The processes whose requests were in flight. */
    public Set<Integer> busy() {
        return busy;
    }

    /** The processes that have rings. */
    Iterable<Integer> processes() {
        return answers.keySet();
    }

    /**
     * What a thread has answered.
     *
     * @param rings by descriptor
     * @param slots indexes by which it knows some ring
     */
    record Answer(int tid, Map<Integer, RingAnswer> rings, List<Integer> slots) {}

    /**
     * What a ring has answered to a thread.
     *
     * @param eventfd how the registration of an eventfd failed, that was asked for without one
     * @param groups whether there are provided buffers
     */
    record RingAnswer(int eventfd, boolean groups) {
        private static final int EEXIST = 17;

        /** Whether the ring belongs to another thread. */
        boolean isForeign() {
            return eventfd == -EEXIST;
        }
    }
}
