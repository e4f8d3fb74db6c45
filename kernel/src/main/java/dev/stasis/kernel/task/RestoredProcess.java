// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.Tracee;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A process that is being restored, from its birth until it runs on its own. */
public final class RestoredProcess {
    private final ProcessImage image;
    private final RestoredProcess parent;
    private final RestoredTask leader;
    private final List<RestoredTask> threads = new ArrayList<>();
    private int session;
    private int processGroup;
    private ProcessImage memory;
    private boolean dead;

    /**
     * @param parent null for the root
     * @param session where it was born
     * @param processGroup where it was born
     * @param memory whose memory it was born with, null if it was born with none
     */
    RestoredProcess(
            ProcessImage image,
            RestoredProcess parent,
            RestoredTask leader,
            int session,
            int processGroup,
            ProcessImage memory) {
        this.image = image;
        this.parent = parent;
        this.leader = leader;
        this.session = session;
        this.processGroup = processGroup;
        this.memory = memory;
    }

    /** What it is to become; of a stand-in, its maker's. */
    public ProcessImage image() {
        return image;
    }

    public int pid() {
        return leader.tid();
    }

    /** Its parent in the tree, null for the root. */
    public RestoredProcess parent() {
        return parent;
    }

    public RestoredTask leader() {
        return leader;
    }

    /** The other threads, in the order of the image's, as far as they exist. */
    public List<RestoredTask> threads() {
        return Collections.unmodifiableList(threads);
    }

    /** Thread {@code index} in the order of {@link ProcessImage#tids}. */
    public RestoredTask task(int index) {
        return index == 0 ? leader : threads.get(index - 1);
    }

    public int taskCount() {
        return 1 + threads.size();
    }

    /** Calls of the leader. */
    public Batch batch() {
        return leader.batch(image);
    }

    /** Makes all other threads, by one program of the leader. They arrive stopped. */
    public void makeThreads() {
        List<Integer> tids = image.tids().subList(1, image.threadCount());
        int next = 0;
        while (next < tids.size()) {
            Batch batch = batch();
            int first = next;
            do {
                CloneCall.thread(tids.get(next), batch);
                next++;
            } while (next < tids.size() && batch.hasRoom(1, CloneCall.ROOM));
            batch.finish();
            for (int i = first; i < next; i++) {
                threads.add(RestoredTask.adopt(new Tracee(tids.get(i), pid()), leader.area()));
            }
        }
    }

    /** Whose memory it holds, as far as that was made for the sake of children; null if it has none. */
    public ProcessImage memory() {
        return memory;
    }

    /** Some of its own memory is there. */
    public void hasOwnMemory() {
        memory = image;
    }

    /** Whether it is a zombie by now. */
    public boolean isDead() {
        return dead;
    }

    void setDead() {
        dead = true;
    }

    int session() {
        return session;
    }

    int processGroup() {
        return processGroup;
    }

    void moved(int newSession, int newGroup) {
        session = newSession;
        processGroup = newGroup;
    }

    @Override
    public String toString() {
        return image.toString();
    }
}
