// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.spi.image.criu.CredsEntry;

/** User and group ids, capabilities, securebits and no_new_privs of a task, see credentials(7). */
public final class CredentialState {
    private CredentialState() {}

    /**
     * The image of a task's credentials.
     *
     * @param securebits as PR_GET_SECUREBITS tells the task
     */
    public static CredsEntry dump(TaskStatus status, int securebits) {
        int[] uids = status.uids();
        int[] gids = status.gids();
        CredsEntry.Builder image = CredsEntry.newBuilder()
                .setUid(uids[0])
                .setEuid(uids[1])
                .setSuid(uids[2])
                .setFsuid(uids[3])
                .setGid(gids[0])
                .setEgid(gids[1])
                .setSgid(gids[2])
                .setFsgid(gids[3])
                .setSecbits(securebits);
        for (int group : status.groups()) {
            image.addGroups(group);
        }
        image.addCapInh((int) status.capInh()).addCapInh((int) (status.capInh() >>> 32));
        image.addCapPrm((int) status.capPrm()).addCapPrm((int) (status.capPrm() >>> 32));
        image.addCapEff((int) status.capEff()).addCapEff((int) (status.capEff() >>> 32));
        image.addCapBnd((int) status.capBnd()).addCapBnd((int) (status.capBnd() >>> 32));
        image.addCapAmb((int) status.capAmb()).addCapAmb((int) (status.capAmb() >>> 32));
        if (status.noNewPrivs()) {
            image.setNoNewPrivs(1);
        }
        return image.build();
    }
}
