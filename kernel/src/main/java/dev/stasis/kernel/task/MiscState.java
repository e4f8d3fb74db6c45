// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.TaskCoreEntry;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Single settings of a process: personality, subreaper, membarrier registrations, OOM score, and what follows CRIU's. */
public final class MiscState {
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int PERSONALITY_QUERY = -1;
    private static final int AT_FDCWD = -100;
    private static final int O_WRONLY_CLOEXEC = 02000001;

    private MiscState() {}

    /** Settings that the process makes itself. */
    public static void restore(ProcessImage process, Batch batch) {
        TaskCoreEntry image = process.core().getTc();
        if (image.getPersonality() != PERSONALITY_QUERY) {
            batch.must("personality", Sysno.PERSONALITY, Integer.toUnsignedLong(image.getPersonality()));
        }
        // A child inherits no such setting, so nobody has it yet.
        if (image.getChildSubreaper()) {
            batch.must("child subreaper", Sysno.PRCTL, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        }
        for (int left = image.getMembarrierRegistrationMask(); left != 0; left &= left - 1) {
            batch.must("membarrier registration", Sysno.MEMBARRIER, Integer.lowestOneBit(left), 0, 0);
        }
        ProcessSettingsState.restore(process.settings(), batch);
    }

    /** Settings that the tool makes. */
    public static void fromOutside(ProcessImage image) {
        oomScore(image);
        ProcessSettingsState.restore(image);
    }

    /**
     * A descriptor of the tool through which a process can set the login uid that audit knows it by; null if it has
     * the right one. The kernel takes it from the process itself only, which may not find /proc where its root is.
     */
    public static LocalFd loginUidFile(ProcessImage image) {
        TaskCoreEntry task = image.core().getTc();
        Path file = Path.of("/proc/" + image.pid() + "/loginuid");
        if (!task.hasLoginuid() || !Files.exists(file)) {
            return null;
        }
        try {
            if (Files.readString(file).trim().equals(Integer.toUnsignedString(task.getLoginuid()))) {
                return null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (NativeBuffer path = NativeBuffer.ofString(file.toString())) {
            return new LocalFd((int) Native.call(Sysno.OPENAT, AT_FDCWD, path.address(), O_WRONLY_CLOEXEC, 0, 0, 0));
        }
    }

    /**
     * Sets the login uid. Once it has been set, another takes CAP_AUDIT_CONTROL.
     *
     * @param fd the process's own, of {@link #loginUidFile}
     */
    public static void loginUid(ProcessImage image, int fd, Batch batch) {
        byte[] text =
                Integer.toUnsignedString(image.core().getTc().getLoginuid()).getBytes(StandardCharsets.US_ASCII);
        batch.room(1, text.length);
        batch.must("login uid", Sysno.WRITE, fd, batch.data(text), text.length);
    }

    /** Sets the OOM score. Less than the tool's own needs CAP_SYS_RESOURCE. */
    private static void oomScore(ProcessImage image) {
        TaskCoreEntry task = image.core().getTc();
        if (!task.hasOomScoreAdj()) {
            return;
        }
        Path file = Path.of("/proc/" + image.pid() + "/oom_score_adj");
        String wanted = Integer.toString(task.getOomScoreAdj());
        try {
            if (!Files.readString(file).trim().equals(wanted)) {
                Files.writeString(file, wanted);
            }
        } catch (IOException e) {
            throw Failure.of(RestoreFailure.NOT_PERMITTED, image.subject("oom_score_adj"))
                    .why("cannot set it to " + wanted + ": " + e.getMessage())
                    .remedy("run with CAP_SYS_RESOURCE, or start the tool with that oom_score_adj")
                    .toException(e);
        }
    }
}
