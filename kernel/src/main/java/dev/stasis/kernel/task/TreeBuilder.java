// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes all processes of a tree, stopped and empty, each the child of its parent, in its session and group.
 *
 * <p>A session can only be inherited, at birth. Each child is therefore born at the right moment: before its parent
 * becomes a session leader or after. A child that belongs to a session that its parent was never in had come to its
 * parent by reparenting, and comes to it in the same way again, see {@link Adoption}. Process groups are joined when
 * everybody exists. A group or session whose leader is gone gets a stand-in for it, which ends as soon as it has been
 * joined.
 *
 * <p><b>Postconditions:</b> all processes are in {@link #processes}; after a failure as well, for those that exist.
 */
public final class TreeBuilder {
    private final Map<Integer, RestoredProcess> processes = new LinkedHashMap<>();
    private final Map<Integer, List<ProcessImage>> children = new HashMap<>();
    private final List<ProcessImage> deferred = new ArrayList<>();
    private final StandIns standIns;
    private final SessionMap sessions;
    private final Adoption adoption;
    private RestoredProcess root;
    private Consumer<RestoredProcess> parentToBe;

    /** @param reserved all ids that restored tasks and stand-ins will have */
    public TreeBuilder(List<ProcessImage> images, SessionMap sessions, Set<Integer> reserved) {
        this.sessions = sessions;
        this.standIns = new StandIns(sessions);
        this.adoption = new Adoption(processes, standIns, sessions, reserved);
        for (ProcessImage image : images) {
            children.computeIfAbsent(image.parentPid(), unused -> new ArrayList<>())
                    .add(image);
        }
    }

    /** All processes that exist by now, parents before children. */
    public Map<Integer, RestoredProcess> processes() {
        return processes;
    }

    /** Processes that exist only for a while, as long as they do. */
    public List<RestoredProcess> helpers() {
        return standIns.all();
    }

    /** Those that are no zombies, parents before children. */
    public List<RestoredProcess> living() {
        List<RestoredProcess> living = new ArrayList<>();
        for (RestoredProcess process : processes.values()) {
            if (!process.image().isZombie()) {
                living.add(process);
            }
        }
        return living;
    }

    /** Makes the root as a sibling of {@code factory}. */
    public void makeRoot(ProcessImage image, RestoredTask factory) {
        Batch batch = factory.batch(image);
        CloneCall.sibling(image.pid(), 0, batch);
        batch.finish();
        root = adopt(image, null, factory, sessions.toolSession(), sessions.toolGroup(), null);
    }

    /**
     * Makes all others.
     *
     * @param beforeChildren is told of each process before its first child is born
     */
    public void grow(Consumer<RestoredProcess> beforeChildren) {
        parentToBe = beforeChildren;
        grow(root);
        boolean progress = true;
        while (!deferred.isEmpty() && progress) {
            progress = false;
            for (Iterator<ProcessImage> i = deferred.iterator(); i.hasNext() && !progress; ) {
                ProcessImage image = i.next();
                RestoredProcess parent = processes.get(image.parentPid());
                RestoredProcess maker = adoption.bear(image, parent, birthSession(image));
                if (maker != null) {
                    i.remove();
                    progress = true;
                    grow(adopt(image, parent, maker.leader(), maker.session(), maker.processGroup(), maker.memory()));
                    adoption.end(maker, parent);
                }
            }
        }
        if (!deferred.isEmpty()) {
            ProcessImage image = deferred.get(0);
            throw Failure.of(RestoreFailure.UNSUPPORTED, image.subject("session " + birthSession(image)))
                    .why("there is no way for it to get into that session")
                    .toException();
        }
    }

    /** Puts every process into its group, and ends the stand-ins. */
    public void joinGroups() {
        for (RestoredProcess process : processes.values()) {
            if (sessions.group(process.image()) == process.pid()) {
                join(process);
            }
        }
        for (RestoredProcess process : processes.values()) {
            int wanted = sessions.group(process.image());
            boolean exists = processes.containsKey(wanted) || standIns.has(wanted) || sessions.isOutside(wanted);
            if (process.processGroup() != wanted && !exists) {
                standIns.make(wanted, process);
            }
            join(process);
        }
        standIns.endAll();
    }

    /** Lets those die that were dead; they stay zombies until their parents collect them. */
    public void endZombies() {
        for (RestoredProcess process : processes.values()) {
            if (process.image().isZombie()) {
                Zombie.end(process);
            }
        }
    }

    private void join(RestoredProcess process) {
        int wanted = sessions.group(process.image());
        if (process.processGroup() != wanted) {
            Batch batch = process.batch();
            batch.must("process group " + wanted, Sysno.SETPGID, 0, wanted == process.pid() ? 0 : wanted);
            batch.finish();
            process.moved(process.session(), wanted);
        }
    }

    private void grow(RestoredProcess process) {
        parentToBe.accept(process);
        ProcessImage image = process.image();
        int born = process.session();
        int wanted = sessions.session(image);
        boolean leads = wanted == image.pid();
        List<ProcessImage> early = new ArrayList<>();
        List<ProcessImage> late = new ArrayList<>();
        for (ProcessImage child : children.getOrDefault(image.pid(), List.of())) {
            int session = birthSession(child);
            if (session == 0 || session == wanted) {
                late.add(child);
            } else if (leads && session == born) {
                early.add(child);
            } else {
                deferred.add(child);
            }
        }
        List<RestoredProcess> grown = new ArrayList<>();
        bear(process, early, grown);
        if (leads) {
            Batch batch = process.batch();
            batch.mustReturn("session " + image.pid(), image.pid(), Sysno.SETSID);
            batch.finish();
            process.moved(image.pid(), image.pid());
        } else if (sessions.group(image) == image.pid()) {
            join(process);
        }
        bear(process, late, grown);
        for (RestoredProcess child : grown) {
            grow(child);
        }
    }

    /** The session that a process must be born in, 0 if it does not matter: it founds its own, and so do its children. */
    private int birthSession(ProcessImage image) {
        int session = sessions.session(image);
        if (session != image.pid()) {
            return session;
        }
        for (ProcessImage child : children.getOrDefault(image.pid(), List.of())) {
            int needed = birthSession(child);
            if (needed != 0 && needed != session && !isDescendant(needed, image)) {
                return needed;
            }
        }
        return 0;
    }

    private boolean isDescendant(int pid, ProcessImage ancestor) {
        for (ProcessImage child : children.getOrDefault(ancestor.pid(), List.of())) {
            if (child.pid() == pid || isDescendant(pid, child)) {
                return true;
            }
        }
        return false;
    }

    private void bear(RestoredProcess parent, List<ProcessImage> images, List<RestoredProcess> born) {
        int next = 0;
        while (next < images.size()) {
            Batch batch = parent.batch();
            int first = next;
            do {
                ProcessImage image = images.get(next++);
                CloneCall.child(image.pid(), sharing(image, parent.image()), batch);
            } while (next < images.size() && batch.hasRoom(1, CloneCall.ROOM));
            batch.finish();
            for (int i = first; i < next; i++) {
                born.add(adopt(
                        images.get(i),
                        parent,
                        parent.leader(),
                        parent.session(),
                        parent.processGroup(),
                        parent.memory()));
            }
        }
    }

    private RestoredProcess adopt(
            ProcessImage image,
            RestoredProcess parent,
            RestoredTask maker,
            int session,
            int group,
            ProcessImage memory) {
        RestoredTask task = RestoredTask.adopt(new Tracee(image.pid(), image.pid()), maker.area());
        RestoredProcess process = new RestoredProcess(image, parent, task, session, group, memory);
        processes.put(image.pid(), process);
        return process;
    }

    private static long sharing(ProcessImage child, ProcessImage parent) {
        TaskKobjIdsEntry a = child.ids();
        TaskKobjIdsEntry b = parent.ids();
        if (a == null || b == null) {
            return 0;
        }
        return (a.getFilesId() == b.getFilesId() ? CloneCall.CLONE_FILES : 0)
                | (a.getFsId() == b.getFsId() ? CloneCall.CLONE_FS : 0);
    }
}
