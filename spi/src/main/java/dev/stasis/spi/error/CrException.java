// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.error;

import dev.stasis.spi.Stable;
import java.util.List;
import java.util.stream.Collectors;

/** A dump or restore could not be done, for one or more reasons that a user can read. */
@Stable(since = "1.0")
public class CrException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Failure> failures;

    public CrException(Failure failure) {
        this(List.of(failure));
    }

    /**
     * @param failures all reasons found, at least one
     */
    public CrException(List<Failure> failures) {
        super(describe(failures), failures.get(0).cause());
        this.failures = List.copyOf(failures);
    }

    /** All reasons, at least one. */
    public List<Failure> failures() {
        return failures;
    }

    /** The type of the first reason. */
    public ErrorType type() {
        return failures.get(0).code().type();
    }

    private static String describe(List<Failure> failures) {
        return failures.stream()
                .map(failure -> failure.subject() + ": " + failure.why() + " [" + failure.id() + "]")
                .collect(Collectors.joining("; "));
    }
}
