// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.spi.image.criu.CredsEntry;
import dev.stasis.spi.os.Sysno;
import java.util.List;

/** User and group ids, capabilities, securebits and no_new_privs of a task, see credentials(7). */
public final class CredentialState {
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_SECUREBITS = 28;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    /** Ids change without any effect on capabilities. */
    private static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;

    private static final int CAPABILITY_VERSION_3 = 0x20080522;

    private CredentialState() {}

    /**
     * The image of a task's credentials.
     *
     * @param facts what /proc tells of it
     * @param securebits as PR_GET_SECUREBITS tells the task
     */
    public static CredsEntry dump(ThreadFacts facts, int securebits) {
        TaskStatus status = facts.status();
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
        if (!facts.label().isEmpty()) {
            image.setLsmProfile(facts.label());
        }
        return image.build();
    }

    /** The calling thread takes on the saved credentials. It keeps no right that it did not have. */
    public static void restore(CredsEntry image, Capabilities ours, Batch batch) {
        // 1. From here on a change of ids does not touch capabilities.
        batch.must("securebits", Sysno.PRCTL, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
        // 2. Ids.
        groups(image.getGroupsList(), batch);
        batch.must("group ids", Sysno.SETRESGID, image.getGid(), image.getEgid(), image.getSgid());
        batch.must("user ids", Sysno.SETRESUID, image.getUid(), image.getEuid(), image.getSuid());
        // These two return the old id, whether they succeed or not.
        batch.call(Sysno.SETFSGID, image.getFsgid());
        batch.call(Sysno.SETFSUID, image.getFsuid());
        // 3. The bounding set, as long as CAP_SETPCAP is there.
        long bounding = set(image.getCapBndList());
        for (long dropped = ours.bounding() & ~bounding; dropped != 0; dropped &= dropped - 1) {
            int capability = Long.numberOfTrailingZeros(dropped);
            batch.must("bounding capability " + capability, Sysno.PRCTL, PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
        // 4. Ambient ones must be permitted and inheritable at that moment, and securebits may forbid to raise them.
        long ambient = set(image.getCapAmbList());
        long inheritable = set(image.getCapInhList());
        if (ambient != 0) {
            capset(ours.permitted(), ours.permitted(), inheritable, batch);
            batch.must("ambient capabilities", Sysno.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
            for (long left = ambient; left != 0; left &= left - 1) {
                int capability = Long.numberOfTrailingZeros(left);
                batch.must(
                        "ambient capability " + capability,
                        Sysno.PRCTL,
                        PR_CAP_AMBIENT,
                        PR_CAP_AMBIENT_RAISE,
                        capability,
                        0,
                        0);
            }
        }
        // 5. Securebits need CAP_SETPCAP, so capabilities come last.
        batch.must("securebits", Sysno.PRCTL, PR_SET_SECUREBITS, image.getSecbits(), 0, 0, 0);
        capset(set(image.getCapEffList()), set(image.getCapPrmList()), inheritable, batch);
        if (image.getNoNewPrivs() != 0) {
            batch.must("no_new_privs", Sysno.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        }
    }

    private static void groups(List<Integer> groups, Batch batch) {
        byte[] ids = new byte[groups.size() * 4];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (byte) (groups.get(i / 4) >>> i % 4 * 8);
        }
        batch.room(1, ids.length);
        batch.must("supplementary groups", Sysno.SETGROUPS, groups.size(), batch.data(ids));
    }

    private static void capset(long effective, long permitted, long inheritable, Batch batch) {
        batch.room(1, 48);
        long header = batch.longs(Integer.toUnsignedLong(CAPABILITY_VERSION_3));
        // struct __user_cap_data_struct twice, for the low and the high 32: effective, permitted, inheritable.
        long data = batch.longs(
                low(effective) | permitted << 32,
                low(inheritable) | effective >>> 32 << 32,
                permitted >>> 32 | inheritable >>> 32 << 32);
        batch.must("capabilities", Sysno.CAPSET, header, data);
    }

    private static long low(long set) {
        return set & 0xffffffffL;
    }

    /** A set from the images: 32 capabilities per word. */
    public static long set(List<Integer> words) {
        long set = 0;
        for (int i = 0; i < Math.min(words.size(), 2); i++) {
            set |= Integer.toUnsignedLong(words.get(i)) << i * 32;
        }
        return set;
    }
}
