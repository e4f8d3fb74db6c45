// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Files of /proc as several kernels wrote them. */
final class Recorded {
    private Recorded() {}

    /** A file below {@code procfs} of the test resources, for example {@code 6.1/stat}. */
    static byte[] read(String name) {
        try (InputStream in = Recorded.class.getResourceAsStream("/procfs/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
