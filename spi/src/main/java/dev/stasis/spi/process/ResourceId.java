// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.process;

import dev.stasis.spi.Stable;
import java.util.Objects;

/**
 * Names one resource within a dump, so that another can ask for it to be restored first.
 *
 * @param kind for example {@code file}, {@code pipe}
 * @param id unique within the kind
 */
@Stable(since = "1.0")
public record ResourceId(String kind, long id) {
    public ResourceId {
        Objects.requireNonNull(kind, "kind");
    }

    /** An open file description, by its id in the images. */
    public static ResourceId file(long id) {
        return new ResourceId("file", id);
    }
}
