// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.os.Sysno;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which session and process group each process is to be in.
 *
 * <p>They are the saved ones, but for those of a terminal's shell that the root had belonged to: who is restored as
 * a shell job joins the session and group of the tool instead.
 */
public final class SessionMap {
    private final ProcessImage root;
    private final Set<Integer> pids = new HashSet<>();
    private final Set<Integer> ids = new HashSet<>();
    private final int toolSession;
    private final int toolGroup;
    private final boolean shellJob;

    public SessionMap(List<ProcessImage> images, boolean shellJob) {
        this.root = images.get(0);
        this.shellJob = shellJob;
        for (ProcessImage image : images) {
            pids.add(image.pid());
            ids.add(image.session());
        }
        this.toolSession = (int) Native.call(Sysno.GETSID, 0);
        this.toolGroup = (int) Native.call(Sysno.GETPGID, 0);
    }

    /** The reason why the tree cannot be restored with these sessions; empty if it can. */
    public Optional<Failure> check() {
        if (!isSessionOutside() || shellJob) {
            return Optional.empty();
        }
        return Optional.of(Failure.of(RestoreFailure.SESSION_OUTSIDE, root.subject("session " + root.session()))
                .why("the leader of its session is not in the images")
                .remedy("give --shell-job to restore it into the session of this terminal")
                .remedy("dump a program that was started with setsid")
                .build());
    }

    /** Ids in use that no process of the tree has: those of leaders that are gone. */
    public Set<Integer> idsOfGoneLeaders(List<ProcessImage> images) {
        Set<Integer> gone = new HashSet<>();
        for (ProcessImage image : images) {
            for (int id : new int[] {session(image), group(image)}) {
                if (!isOutside(id) && !pids.contains(id)) {
                    gone.add(id);
                }
            }
        }
        return gone;
    }

    int session(ProcessImage image) {
        return isSessionOutside() && image.session() == root.session() ? toolSession : image.session();
    }

    int group(ProcessImage image) {
        boolean outside = isSessionOutside()
                && image.processGroup() == root.processGroup()
                && !pids.contains(image.processGroup());
        return outside ? toolGroup : image.processGroup();
    }

    /** Whether a session or group is the tool's own. */
    boolean isOutside(int id) {
        return isSessionOutside() && (id == toolSession || id == toolGroup);
    }

    /** Whether {@code id} is that of a session, as opposed to a group only. */
    boolean isSession(int id) {
        return ids.contains(id);
    }

    int toolSession() {
        return toolSession;
    }

    int toolGroup() {
        return toolGroup;
    }

    private boolean isSessionOutside() {
        return root.session() != root.pid();
    }
}
