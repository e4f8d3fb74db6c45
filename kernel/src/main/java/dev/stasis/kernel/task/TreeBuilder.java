// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes all processes of a tree, stopped and empty, each the child of its parent, in its session and group.
 *
 * <p>A session can only be inherited, at birth. Each child is therefore born at the right moment: before its parent
 * becomes a session leader or after, or, if it belongs to the session of a sibling, from that sibling with
 * CLONE_PARENT. Process groups are joined when everybody exists. A group or session whose leader is gone gets a
 * stand-in for it, which ends as soon as it has been joined.
 *
 * <p><b>Postconditions:</b> all processes are in {@link #processes}; after a failure as well, for those that exist.
 */
public final class TreeBuilder {
    private static final int WNOTHING = 0;

    private final Map<Integer, RestoredProcess> processes = new LinkedHashMap<>();
    private final Map<Integer, List<ProcessImage>> children = new HashMap<>();
    private final List<RestoredProcess> standIns = new ArrayList<>();
    private final SessionMap sessions;
    private RestoredProcess root;

    public TreeBuilder(List<ProcessImage> images, SessionMap sessions) {
        this.sessions = sessions;
        for (ProcessImage image : images) {
            children.computeIfAbsent(image.parentPid(), unused -> new ArrayList<>()).add(image);
        }
    }

    /** All processes that exist by now, parents before children. */
    public Map<Integer, RestoredProcess> processes() {
        return processes;
    }

    /** Processes that exist only for the sake of an id, as long as they do. */
    public List<RestoredProcess> standIns() {
        return standIns;
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
        root = adopt(image, null, factory, sessions.toolSession(), sessions.toolGroup());
    }

    /** Makes all others. */
    public void grow() {
        grow(root);
    }

    /** Puts every process into its group, and ends the stand-ins. */
    public void joinGroups() {
        for (RestoredProcess process : processes.values()) {
            if (sessions.group(process.image()) == process.pid()) {
                join(process);
            }
        }
        for (RestoredProcess process : List.copyOf(processes.values())) {
            int wanted = sessions.group(process.image());
            if (process.processGroup() != wanted && !sessions.isOutside(wanted) && !processes.containsKey(wanted)) {
                standInFor(wanted, process);
            }
            join(process);
        }
        for (RestoredProcess standIn : standIns) {
            end(standIn);
        }
        standIns.clear();
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
        ProcessImage image = process.image();
        int born = process.session();
        int wanted = sessions.session(image);
        boolean leads = wanted == image.pid();
        List<ProcessImage> deferred = new ArrayList<>();
        List<RestoredProcess> grown = new ArrayList<>();
        List<ProcessImage> early = new ArrayList<>();
        List<ProcessImage> late = new ArrayList<>();
        for (ProcessImage child : children.getOrDefault(image.pid(), List.of())) {
            int session = sessions.session(child);
            if (session == child.pid() || session == wanted) {
                late.add(child);
            } else if (leads && session == born) {
                early.add(child);
            } else {
                deferred.add(child);
            }
        }
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
        for (ProcessImage child : deferred) {
            grow(bearBySibling(process, child));
        }
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
                born.add(adopt(images.get(i), parent, parent.leader(), parent.session(), parent.processGroup()));
            }
        }
    }

    private RestoredProcess bearBySibling(RestoredProcess parent, ProcessImage image) {
        int session = sessions.session(image);
        RestoredProcess maker = null;
        for (RestoredProcess candidate : processes.values()) {
            if (candidate.parent() == parent && candidate.session() == session) {
                maker = candidate;
            }
        }
        for (RestoredProcess candidate : standIns) {
            if (candidate.parent() == parent && candidate.session() == session) {
                maker = candidate;
            }
        }
        if (maker == null) {
            if (processes.containsKey(session) || sessions.isOutside(session)) {
                throw Failure.of(RestoreFailure.UNSUPPORTED, image.subject("session " + session))
                        .why("neither its parent nor a sibling is or was in that session")
                        .toException();
            }
            maker = standInFor(session, parent);
            Batch batch = maker.batch();
            batch.mustReturn("session " + session, session, Sysno.SETSID);
            batch.finish();
            maker.moved(session, session);
        }
        Batch batch = maker.batch();
        CloneCall.sibling(image.pid(), 0, batch);
        batch.finish();
        return adopt(image, parent, maker.leader(), maker.session(), maker.processGroup());
    }

    /** A child of {@code parent} with an id that somebody is to find; it leads a group of its own. */
    private RestoredProcess standInFor(int id, RestoredProcess parent) {
        Batch batch = parent.batch();
        CloneCall.child(id, 0, batch);
        batch.finish();
        RestoredTask task = RestoredTask.adopt(new Tracee(id, id), parent.leader().area());
        RestoredProcess standIn =
                new RestoredProcess(parent.image(), parent, task, parent.session(), parent.processGroup());
        standIns.add(standIn);
        if (sessions.isSession(id)) {
            return standIn;
        }
        Batch group = standIn.batch();
        group.must("process group " + id, Sysno.SETPGID, 0, 0);
        group.finish();
        return standIn;
    }

    private static void end(RestoredProcess standIn) {
        Native.raw(Sysno.KILL, standIn.pid(), 9);
        standIn.leader().tracee().awaitEnd();
        Batch batch = standIn.parent().batch();
        batch.must("the stand-in for " + standIn.pid(), Sysno.WAIT4, standIn.pid(), 0, WNOTHING, 0);
        batch.finish();
    }

    private RestoredProcess adopt(
            ProcessImage image, RestoredProcess parent, RestoredTask maker, int session, int group) {
        RestoredTask task = RestoredTask.adopt(new Tracee(image.pid(), image.pid()), maker.area());
        RestoredProcess process = new RestoredProcess(image, parent, task, session, group);
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
