// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Turns what goes wrong with image files into failures that name file, offset, found and expected. */
final class ImageErrors {
    private ImageErrors() {}

    static CrException at(ImageFailure code, Path file, long offset, String found, String expected) {
        return of(code, file, "at offset " + offset + ": " + found + ", expected " + expected);
    }

    static CrException of(ImageFailure code, Path file, String why) {
        return failure(code, file, why).toException();
    }

    static Failure.Builder failure(ImageFailure code, Path file, String why) {
        return Failure.of(code, Subject.of(file.toString()))
                .why(why)
                .remedy(code.remedy())
                .plugin(Failure.KERNEL);
    }

    /**
     * What the operating system refused to a reader.
     *
     * @param doing the attempt, for example {@code "cannot open it"}
     */
    static CrException io(Path file, String doing, IOException e) {
        String reason = reason(e);
        return failure(code(e, reason), file, doing + ": " + reason).toException(e);
    }

    /** The same where the images' place is at fault and not the images: a directory that vanished, for example. */
    static CrException writing(Path file, String doing, IOException e) {
        String reason = reason(e);
        ImageFailure code = e instanceof NoSuchFileException ? ImageFailure.IO_ERROR : code(e, reason);
        return failure(code, file, doing + ": " + reason).toException(e);
    }

    private static ImageFailure code(IOException e, String reason) {
        if (e instanceof NoSuchFileException) {
            return ImageFailure.MISSING;
        }
        if (e instanceof AccessDeniedException
                || reason.contains("not permitted")
                || reason.contains("Read-only file system")) {
            return ImageFailure.NO_PERMISSION;
        }
        if (reason.contains("No space left") || reason.contains("quota exceeded")) {
            return ImageFailure.DISK_FULL;
        }
        return ImageFailure.IO_ERROR;
    }

    /** The text of errno, which the JDK hides in different places. */
    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "Permission denied (EACCES)";
        }
        if (e instanceof NoSuchFileException) {
            return "No such file or directory (ENOENT)";
        }
        if (e instanceof FileSystemException && ((FileSystemException) e).getReason() != null) {
            return ((FileSystemException) e).getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
