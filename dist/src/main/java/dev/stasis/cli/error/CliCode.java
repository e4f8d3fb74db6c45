// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.error;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** Why the command line itself refuses or gives up. */
public enum CliCode implements FailureCode {
    /** A command, an option or an argument that does not exist or has a wrong value. */
    BAD_USAGE(ErrorType.USER),
    /** A configuration file that cannot be read or is no HOCON. */
    BAD_CONFIG_FILE(ErrorType.USER),
    /** A setting that does not exist. */
    UNKNOWN_SETTING(ErrorType.USER),
    /** A setting with a value of the wrong kind. */
    BAD_SETTING(ErrorType.USER),
    /** The log file cannot be written. */
    LOG_FILE(ErrorType.ENVIRONMENT),
    /** The file for the root's pid exists already or cannot be written. */
    PID_FILE(ErrorType.ENVIRONMENT),
    /** What was asked to be shown does not exist. */
    NOT_FOUND(ErrorType.USER),
    /** A file could not be read or written. */
    IO(ErrorType.ENVIRONMENT),
    /** A defect: an exception that nobody expected. */
    INTERNAL(ErrorType.INTERNAL);

    /** The owner of these codes, as in {@code cli/BAD_USAGE}. */
    public static final String OWNER = "cli";

    private final ErrorType type;

    CliCode(ErrorType type) {
        this.type = type;
    }

    @Override
    public ErrorType type() {
        return type;
    }
}
