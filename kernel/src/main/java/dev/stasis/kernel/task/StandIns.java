// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Processes that exist for a while only: leaders of groups and sessions that had ended, and makers of orphans. */
final class StandIns {
    private static final int SIGKILL = 9;

    private final List<RestoredProcess> all = new ArrayList<>();
    private final SessionMap sessions;

    StandIns(SessionMap sessions) {
        this.sessions = sessions;
    }

    List<RestoredProcess> all() {
        return Collections.unmodifiableList(all);
    }

    /** Whether one has that id. */
    boolean has(int id) {
        for (RestoredProcess process : all) {
            if (process.pid() == id) {
                return true;
            }
        }
        return false;
    }

    /** A child of {@code parent} with the id of a leader that is gone; it leads a session or a group of that id. */
    RestoredProcess make(int id, RestoredProcess parent) {
        Batch batch = parent.batch();
        CloneCall.child(id, 0, batch);
        batch.finish();
        RestoredProcess standIn = add(id, parent);
        Batch lead = standIn.batch();
        if (sessions.isSession(id)) {
            lead.mustReturn("session " + id, id, Sysno.SETSID);
        } else {
            lead.must("process group " + id, Sysno.SETPGID, 0, 0);
        }
        lead.finish();
        standIn.moved(sessions.isSession(id) ? id : parent.session(), id);
        return standIn;
    }

    /** A child of {@code parent} with whatever id the kernel gives it. */
    RestoredProcess makeAny(RestoredProcess parent) {
        Batch batch = parent.batch();
        int call = CloneCall.anyChild(batch);
        return add((int) batch.finish().result(call), parent);
    }

    private RestoredProcess add(int id, RestoredProcess parent) {
        RestoredTask task =
                RestoredTask.adopt(new Tracee(id, id), parent.leader().area());
        RestoredProcess process = new RestoredProcess(
                parent.image(), parent, task, parent.session(), parent.processGroup(), parent.memory());
        all.add(process);
        return process;
    }

    /** Ends one of them; its parent collects it. */
    void end(RestoredProcess process) {
        Native.raw(Sysno.KILL, process.pid(), SIGKILL);
        process.leader().tracee().awaitEnd();
        Batch batch = process.parent().batch();
        batch.must("the stand-in " + process.pid(), Sysno.WAIT4, process.pid(), 0, 0, 0);
        batch.finish();
        all.remove(process);
    }

    void endAll() {
        for (RestoredProcess process : List.copyOf(all)) {
            end(process);
        }
    }
}
