// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.task.Capabilities;
import dev.stasis.kernel.task.CredentialState;
import dev.stasis.kernel.task.LsmState;
import dev.stasis.kernel.task.Machine;
import dev.stasis.kernel.task.PosixTimerState;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.RlimitState;
import dev.stasis.kernel.task.SchedulerState;
import dev.stasis.kernel.task.SeccompState;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.CredsEntry;
import dev.stasis.spi.image.criu.RlimitEntry;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.image.criu.UserX86RegsMode;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for state of processes that cannot be restored, or not with the rights that we have. */
final class ProcessCheck {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessCheck.class);
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_SYS_RESOURCE = 24;

    private final List<ProcessImage> images;
    private final SeccompState seccomp;
    private final LsmState lsm;
    private final Machine machine = Machine.here();
    private final Map<Integer, ProcessImage> byPid = new HashMap<>();
    private final Capabilities ours = Capabilities.ofTool();
    private final long[] hardLimits = new long[RlimitState.COUNT];
    private final List<Failure> failures = new ArrayList<>();

    ProcessCheck(List<ProcessImage> images, SeccompState seccomp, LsmState lsm) {
        this.images = images;
        this.seccomp = seccomp;
        this.lsm = lsm;
        images.forEach(image -> byPid.put(image.pid(), image));
        try (NativeBuffer limit = NativeBuffer.allocate(16)) {
            for (int i = 0; i < hardLimits.length; i++) {
                Native.call(Sysno.PRLIMIT64, 0, i, 0, limit.address());
                hardLimits[i] = limit.getLong(8);
            }
        }
    }

    List<Failure> check() {
        checkSharing();
        for (ProcessImage image : images) {
            if (!image.isZombie()) {
                checkProcess(image);
                for (int i = 0; i < image.threadCount(); i++) {
                    checkThread(image, i);
                }
            }
        }
        return failures;
    }

    /** Tables can be shared by clone(2) only, so by a parent and its child. */
    private void checkSharing() {
        Map<String, ProcessImage> seen = new HashMap<>();
        for (ProcessImage image : images) {
            TaskKobjIdsEntry ids = image.ids();
            if (ids == null || image.isZombie()) {
                continue;
            }
            ProcessImage parent = byPid.get(image.parentPid());
            TaskKobjIdsEntry above =
                    parent == null || parent.ids() == null ? TaskKobjIdsEntry.getDefaultInstance() : parent.ids();
            ProcessImage twin = seen.putIfAbsent("vm " + ids.getVmId(), image);
            if (twin != null) {
                shared(image, twin, "memory", "let it finish its vfork(2) before the dump");
            }
            twin = seen.putIfAbsent("files " + ids.getFilesId(), image);
            if (twin != null && above.getFilesId() != ids.getFilesId()) {
                shared(image, twin, "descriptor table", "");
            }
            twin = seen.putIfAbsent("fs " + ids.getFsId(), image);
            if (twin != null && above.getFsId() != ids.getFsId()) {
                shared(image, twin, "working directory", "");
            }
        }
    }

    private void shared(ProcessImage image, ProcessImage twin, String what, String remedy) {
        Failure.Builder failure = Failure.of(RestoreFailure.UNSUPPORTED, image.subject(what))
                .why("it shares its " + what + " with " + twin + ", which is not its parent or is another process");
        failures.add((remedy.isEmpty() ? failure : failure.remedy(remedy)).build());
    }

    private void checkProcess(ProcessImage image) {
        seccomp.check(image).ifPresent(failures::add);
        lsm.check(image).ifPresent(failures::add);
        if (SeccompState.concerns(image) && !ours.hasPermitted(CAP_SYS_ADMIN)) {
            failures.add(Failure.of(RestoreFailure.NOT_PERMITTED, image.subject("seccomp"))
                    .why("it is under seccomp, and filters can be kept from interfering with the restore only with "
                            + "CAP_SYS_ADMIN")
                    .remedy("run the restore with CAP_SYS_ADMIN")
                    .build());
        }
        PosixTimerState.check(image).ifPresent(failures::add);
        int resource = 0;
        for (RlimitEntry limit : image.core().getTc().getRlimits().getRlimitsList()) {
            boolean raised =
                    resource < hardLimits.length && Long.compareUnsigned(limit.getMax(), hardLimits[resource]) > 0;
            if (raised && !ours.hasPermitted(CAP_SYS_RESOURCE)) {
                failures.add(
                        Failure.of(RestoreFailure.NOT_PERMITTED, image.subject("limit " + RlimitState.name(resource)))
                                .why("its hard limit " + Long.toUnsignedString(limit.getMax()) + " is above ours, "
                                        + Long.toUnsignedString(hardLimits[resource])
                                        + ", and raising it takes CAP_SYS_RESOURCE")
                                .remedy("raise the limit of the shell that starts the restore")
                                .remedy("run with CAP_SYS_RESOURCE")
                                .build());
            }
            resource++;
        }
    }

    private void checkThread(ProcessImage image, int index) {
        CoreEntry core = image.core(index);
        if (core.getMtype() != CoreEntry.March.X86_64 || !core.hasThreadInfo()) {
            failures.add(Failure.of(RestoreFailure.WRONG_ARCHITECTURE, image.subject())
                    .why("it was dumped on " + core.getMtype() + ", this machine is X86_64")
                    .remedy("restore on a machine of that architecture")
                    .build());
            return;
        }
        if (core.getThreadInfo().getGpregs().getMode() != UserX86RegsMode.NATIVE) {
            unsupported(image, "32-bit mode", "32-bit programs are not restored yet");
        }
        if (SchedulerState.policy(core.getThreadCore()) == SchedulerState.SCHED_DEADLINE
                && !image.settings(index).getScheduler().hasRuntime()) {
            unsupported(image, "scheduling", "the images hold no parameters of SCHED_DEADLINE");
        }
        long[] cpus = image.settings(index).getCpusList().stream()
                .mapToLong(Long::longValue)
                .toArray();
        if (cpus.length > 0 && !machine.hasAny(cpus)) {
            LOG.warn(
                    "{} thread {}: none of the processors that it may run on is here, it may run on all",
                    image,
                    image.tid(index));
        }
        if (image.settings(index).getIoFlusher() && !ours.hasPermitted(CAP_SYS_RESOURCE)) {
            failures.add(Failure.of(RestoreFailure.NOT_PERMITTED, image.subject("I/O flusher"))
                    .why("it serves a file system's writes (PR_SET_IO_FLUSHER), and saying so takes CAP_SYS_RESOURCE")
                    .remedy("run with CAP_SYS_RESOURCE")
                    .build());
        }
        CredsEntry credentials = image.credentials(index);
        long lacking = credentials == null ? 0 : CredentialState.set(credentials.getCapPrmList()) & ~ours.permitted();
        if (lacking != 0 && index == 0) {
            failures.add(Failure.of(RestoreFailure.NOT_PERMITTED, image.subject("capabilities"))
                    .why("it has capabilities that we have not: bits 0x" + Long.toHexString(lacking)
                            + ", see capabilities(7)")
                    .remedy("run the restore with them, for example outside of the container that lacks them")
                    .build());
        }
    }

    private void unsupported(ProcessImage image, String resource, String why) {
        failures.add(Failure.of(RestoreFailure.UNSUPPORTED, image.subject(resource))
                .why(why)
                .build());
    }
}
