// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.Manifest;
import dev.stasis.kernel.procfs.NamespaceKind;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.task.Capabilities;
import dev.stasis.kernel.task.Clocks;
import dev.stasis.kernel.task.Factory;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.image.criu.TimensEntry;
import dev.stasis.spi.image.criu.Timespec;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether the restored tree gets a time namespace, in which CLOCK_MONOTONIC and CLOCK_BOOTTIME go on from where
 * they were.
 *
 * <p>It does if it had one, if the machine has been started since, or if the clocks would go back otherwise, which no
 * program copes with. Without, the clocks have gone on meanwhile: to the program it is as if it had slept.
 */
final class RestoredClocks {
    private static final Logger LOG = LoggerFactory.getLogger(RestoredClocks.class);
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_SYS_TIME = 25;
    /** Some 146 years, as far as the kernel goes. */
    private static final long MAX_SECONDS = Long.MAX_VALUE / 1_000_000_000L / 2;

    private final ProcFs proc = new ProcFs();
    private TimensEntry saved;
    private boolean needed;

    /** Reads the images and says what keeps the clocks from going on. */
    void check(ImageDirectory images, ProcessImage root, List<Failure> failures) {
        if (!images.exists(CriuImages.TIMENS, 0)) {
            return;
        }
        saved = images.readOne(CriuImages.TIMENS, 0);
        if (!isSane(saved.getMonotonic()) || !isSane(saved.getBoottime())) {
            failures.add(Failure.of(RestoreFailure.IMAGE_INCONSISTENT, root.subject("clocks"))
                    .why("the images tell no time that a clock can show")
                    .build());
            return;
        }
        boolean back = Clocks.ofTool().areBehind(saved);
        boolean own = hadNamespace(images, root);
        needed = own || back || isOtherBoot(images);
        if (!needed || isPossible()) {
            return;
        }
        needed = false;
        if (!back && !own) {
            LOG.info("the clocks of the program jump ahead: there are no time namespaces here");
            return;
        }
        failures.add(Failure.of(RestoreFailure.NOT_PERMITTED, root.subject("clocks"))
                .why(
                        back
                                ? "CLOCK_MONOTONIC and CLOCK_BOOTTIME would go back: this machine has been started later,"
                                        + " and a time namespace cannot be made"
                                : "it was in a time namespace, and one cannot be made")
                .remedy("run the restore with CAP_SYS_ADMIN and CAP_SYS_TIME, on a kernel with CONFIG_TIME_NS")
                .build());
    }

    /** Has everybody whom the factory makes from now on see the clocks go on. */
    void apply(Factory factory) {
        if (needed) {
            factory.enterTimeNamespace(Clocks.continuing(proc, saved));
        }
    }

    private static boolean isSane(Timespec time) {
        return time.getTvSec() >= 0
                && time.getTvSec() <= MAX_SECONDS
                && time.getTvNsec() >= 0
                && time.getTvNsec() < 1_000_000_000L;
    }

    private static boolean hadNamespace(ImageDirectory images, ProcessImage root) {
        TaskKobjIdsEntry ids = root.ids();
        TaskKobjIdsEntry tool = images.readOne(CriuImages.INVENTORY).getRootIds();
        return ids != null && ids.hasTimeNsId() && tool.hasTimeNsId() && ids.getTimeNsId() != tool.getTimeNsId();
    }

    private static boolean isOtherBoot(ImageDirectory images) {
        Manifest manifest = images.readManifest();
        return manifest != null && manifest.hasBootId() && !manifest.getBootId().equals(BootId.current());
    }

    private boolean isPossible() {
        Capabilities ours = Capabilities.ofTool();
        return proc.namespaces(proc.self()).inode(NamespaceKind.TIME) != 0
                && ours.hasPermitted(CAP_SYS_ADMIN)
                && ours.hasPermitted(CAP_SYS_TIME);
    }
}
