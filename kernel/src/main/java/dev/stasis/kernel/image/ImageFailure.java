// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** What can be wrong with images, or with the place where they are written. */
public enum ImageFailure implements FailureCode {
    /** The directory has no inventory: the dump failed, still runs, or was copied in part. */
    NOT_A_DUMP(ErrorType.IMAGE, "make the dump again; its own messages say why it did not complete"),
    /** An image that others refer to is not there. */
    MISSING(ErrorType.IMAGE, "copy the images again, all files of the directory"),
    /** The file holds something other than its name says. */
    WRONG_MAGIC(ErrorType.IMAGE, "give the directory that a dump was written to"),
    /** Written in a version that is no longer understood. */
    TOO_OLD(ErrorType.IMAGE, "restore with the version that wrote the images"),
    /** Written by a newer version. */
    TOO_NEW(ErrorType.IMAGE, "restore with the version that wrote the images, or a newer one"),
    /** The file ends in the middle of something. */
    TRUNCATED(ErrorType.IMAGE, "copy the images again; if this is the original, make the dump again"),
    /** The bytes make no sense. */
    CORRUPT(ErrorType.IMAGE, "copy the images again; if this is the original, make the dump again"),
    /** The content is not what the manifest recorded. */
    CHANGED(ErrorType.IMAGE, "copy the images again; after a deliberate change, remove manifest.img"),
    /** An image refers to something that no image holds, or two images contradict each other. */
    INCONSISTENT(ErrorType.IMAGE, "copy the images again; if this is the original, make the dump again"),
    /** A symbolic link, pipe, device or directory where an image is expected. */
    NOT_A_FILE(ErrorType.IMAGE, "put the plain file there; images are never read through links"),
    /** More than the tool has memory for. */
    TOO_LARGE(ErrorType.IMAGE, "give the tool more memory, if the image is known to be good"),
    /** No directory at the given path. */
    NO_DIRECTORY(ErrorType.USER, "give an existing directory"),
    /** The disk or the quota is full. */
    DISK_FULL(ErrorType.ENVIRONMENT, "free some space, or choose another file system with -D"),
    /** The file system refuses. */
    NO_PERMISSION(ErrorType.ENVIRONMENT, "run as a user who may, or choose another directory with -D"),
    /** Reading or writing failed. */
    IO_ERROR(ErrorType.ENVIRONMENT, "look at the kernel's log for errors of the device");

    private final ErrorType type;
    private final String remedy;

    ImageFailure(ErrorType type, String remedy) {
        this.type = type;
        this.remedy = remedy;
    }

    @Override
    public ErrorType type() {
        return type;
    }

    /** What to do about it when nothing more is known. */
    public String remedy() {
        return remedy;
    }
}
