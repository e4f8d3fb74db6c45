// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

/** A tool did not do what it was asked to; the message says what went wrong, for the table. */
final class ToolFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    ToolFailedException(String message) {
        super(message);
    }
}
