// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.task.Lsm;
import dev.stasis.kernel.task.Machine;
import dev.stasis.kernel.task.SeccompFilters;
import dev.stasis.kernel.trace.SleepMeter;

/**
 * What the processes of a dump have in common.
 *
 * @param ids of the kernel objects that they share
 * @param machine what threads have by default here
 * @param lsm the security module that labels them
 * @param seccomp the filters met so far
 * @param sleeps measures how much is left of sleeps
 */
record DumpedTree(TreeIds ids, Machine machine, Lsm lsm, SeccompFilters seccomp, SleepMeter sleeps) {
    DumpedTree(SleepMeter sleeps) {
        this(new TreeIds(), Machine.here(), Lsm.here(), new SeccompFilters(), sleeps);
    }
}
