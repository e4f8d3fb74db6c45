// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** What can go wrong; a user sees {@code acme-file-saver/TOO_LARGE}. */
enum FileSaverFailure implements FailureCode {
    /** A setting makes no sense. */
    BAD_SETTING(ErrorType.USER),
    /** A file, or all of them together, is more than the limit allows. */
    TOO_LARGE(ErrorType.UNSUPPORTED),
    /** The file's name cannot be expressed in this locale. */
    BAD_NAME(ErrorType.UNSUPPORTED),
    /** A file cannot be read, written or opened. */
    IO(ErrorType.ENVIRONMENT),
    /** Another file stands where one is to be created. */
    EXISTS(ErrorType.ENVIRONMENT),
    /** The image wants a file that the settings do not allow. */
    NOT_ALLOWED(ErrorType.IMAGE),
    /** The image contradicts itself. */
    BAD_IMAGE(ErrorType.IMAGE);

    private final ErrorType type;

    FileSaverFailure(ErrorType type) {
        this.type = type;
    }

    @Override
    public ErrorType type() {
        return type;
    }
}
