// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Gathers findings, so that one damaged image does not hide the next. */
final class Findings {
    /** A wrong directory would otherwise give a line per page. */
    private static final int MOST = 100;

    private final ImageDirectory images;
    private final List<ImageFinding> found = new ArrayList<>();

    Findings(ImageDirectory images) {
        this.images = images;
    }

    ImageDirectory images() {
        return images;
    }

    void error(ImageFailure code, String file, String why) {
        add(ImageFinding.Severity.ERROR, file, failure(code, file, why));
    }

    void warning(ImageFailure code, String file, String why) {
        add(ImageFinding.Severity.WARNING, file, failure(code, file, why));
    }

    private Failure failure(ImageFailure code, String file, String why) {
        return ImageErrors.failure(code, file.isEmpty() ? images.path() : images.file(file), why)
                .build();
    }

    private void add(ImageFinding.Severity severity, String file, Failure failure) {
        if (found.size() < MOST) {
            found.add(new ImageFinding(severity, file, failure));
        }
    }

    /** What {@code reading} returns; null if it fails, which becomes a finding about {@code file}. */
    <T> T read(String file, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (CrException e) {
            for (Failure failure : e.failures()) {
                add(ImageFinding.Severity.ERROR, file, failure);
            }
            return null;
        }
    }

    boolean isFull() {
        return found.size() >= MOST;
    }

    List<ImageFinding> toList() {
        return List.copyOf(found);
    }
}
