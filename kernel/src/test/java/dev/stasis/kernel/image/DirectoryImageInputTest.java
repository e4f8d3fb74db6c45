// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.PipeDataEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What handlers wrote beside their messages comes back, entry by entry. */
class DirectoryImageInputTest {
    private static final ImageType<PipeDataEntry> TYPE = ImageType.of("acme-data", 1, PipeDataEntry.parser());

    @Test
    void entriesComeOneAtATimeWithTheirBytes(@TempDir Path directory) {
        try (DirectoryImageOutput output = new DirectoryImageOutput(ImageDirectory.create(directory))) {
            for (int length = 0; length < 3; length++) {
                output.append(TYPE, entry(length), new byte[length]);
            }
        }
        DirectoryImageInput input = new DirectoryImageInput(ImageDirectory.open(directory));

        List<PipeDataEntry> seen = new ArrayList<>();
        input.forEach(TYPE, PipeDataEntry::getBytes, found -> {
            seen.add(found.message());
            assertArrayEquals(new byte[found.message().getBytes()], found.extra());
        });

        assertEquals(List.of(entry(0), entry(1), entry(2)), seen);
        assertEquals(3, input.entries(TYPE, PipeDataEntry::getBytes).size());
        assertThrows(CrException.class, () -> input.forEach(TYPE, message -> 1, found -> {}));
    }

    @Test
    void anImageThatIsNotThereHasNoEntries(@TempDir Path directory) {
        DirectoryImageInput input = new DirectoryImageInput(ImageDirectory.open(directory));

        input.forEach(TYPE, PipeDataEntry::getBytes, found -> {
            throw new AssertionError(found);
        });
    }

    private static PipeDataEntry entry(int length) {
        return PipeDataEntry.newBuilder().setPipeId(1).setBytes(length).build();
    }
}
