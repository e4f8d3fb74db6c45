// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes processes that are in a session which their parent was never in.
 *
 * <p>Three ways, by who is in that session: a child of the parent makes a sibling (CLONE_PARENT); a process further
 * down forks a process that forks the wanted one and ends, whereupon it is reparented, as every daemon is, to the
 * next subreaper above, which the parent is for that moment; or, if nobody is in it any more, a stand-in for its
 * leader founds it as a child of the parent and makes a sibling.
 */
final class Adoption {
    private static final int PR_SET_CHILD_SUBREAPER = 36;

    private final Map<Integer, RestoredProcess> processes;
    private final StandIns standIns;
    private final SessionMap sessions;
    private final Set<Integer> reserved;

    Adoption(Map<Integer, RestoredProcess> processes, StandIns standIns, SessionMap sessions, Set<Integer> reserved) {
        this.processes = processes;
        this.standIns = standIns;
        this.sessions = sessions;
        this.reserved = reserved;
    }

    /**
     * Has a process born into {@code session} that is, or will be, a child of {@code parent}.
     *
     * @return its maker, whose working area it has inherited; null if nobody can make it now. The caller adopts the
     *     new process and then calls {@link #end}
     */
    RestoredProcess bear(ProcessImage image, RestoredProcess parent, int session) {
        List<RestoredProcess> members = new ArrayList<>(standIns.all());
        members.addAll(processes.values());
        members.removeIf(member -> member.session() != session);
        for (RestoredProcess member : members) {
            if (member.parent() == parent) {
                return bearSibling(image, member);
            }
        }
        for (RestoredProcess member : members) {
            if (isBelow(member, parent)) {
                return bearOrphan(image, member, parent);
            }
        }
        boolean canFound = members.isEmpty() && !processes.containsKey(session) && !sessions.isOutside(session);
        return canFound && reserved.contains(session) ? bearSibling(image, standIns.make(session, parent)) : null;
    }

    /** Ends a maker that was made for the purpose. */
    void end(RestoredProcess maker, RestoredProcess parent) {
        if (standIns.all().contains(maker) && maker.parent() != parent) {
            standIns.end(maker);
            subreaper(parent, 0);
        }
    }

    private static RestoredProcess bearSibling(ProcessImage image, RestoredProcess maker) {
        Batch batch = maker.batch();
        CloneCall.sibling(image.pid(), 0, batch);
        batch.finish();
        return maker;
    }

    private RestoredProcess bearOrphan(ProcessImage image, RestoredProcess member, RestoredProcess parent) {
        subreaper(parent, 1);
        RestoredProcess maker = standIns.makeAny(member);
        List<RestoredProcess> unlucky = new ArrayList<>();
        while (reserved.contains(maker.pid())) {
            unlucky.add(maker);
            maker = standIns.makeAny(member);
        }
        unlucky.forEach(standIns::end);
        Batch batch = maker.batch();
        CloneCall.child(image.pid(), 0, batch);
        batch.finish();
        return maker;
    }

    private static boolean isBelow(RestoredProcess process, RestoredProcess ancestor) {
        for (RestoredProcess at = process.parent(); at != null; at = at.parent()) {
            if (at == ancestor) {
                return true;
            }
        }
        return false;
    }

    /** Nobody else is one yet: what the images say of it comes later. */
    private static void subreaper(RestoredProcess process, int value) {
        Batch batch = process.batch();
        batch.must("child subreaper", Sysno.PRCTL, PR_SET_CHILD_SUBREAPER, value, 0, 0, 0);
        batch.finish();
    }
}
