// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.PipeEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No two owners write images of one kind. */
class ImageTypeCheckTest {
    private static final ImageType<PipeEntry> PIPE = ImageType.fileEntry(FdTypes.PIPE, 9, PipeEntry.parser());
    private static final ImageType<PipeEntry> EVENT = ImageType.fileEntry(FdTypes.EVENTFD, 7, PipeEntry.parser());

    private record Handler(ImageType<PipeEntry> imageType) implements FdHandler<PipeEntry> {
        @Override
        public boolean claims(OpenFile file) {
            return false;
        }

        @Override
        public PipeEntry dump(OpenFile file, DumpContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Fd open(PipeEntry image, RestoreContext context) {
            throw new UnsupportedOperationException();
        }
    }

    private static Owned<FdHandler<?>> owned(String plugin, ImageType<PipeEntry> type) {
        return new Owned<>(new Handler(type), plugin, "1.0.0", new HoconPluginConfig(ConfigFactory.empty(), ""));
    }

    @SafeVarargs
    private static int conflicts(Owned<FdHandler<?>>... handlers) {
        return ImageTypeCheck.check(new HandlerRegistry(List.of(handlers), List.of(), List.of(), List.of(), List.of()))
                .size();
    }

    @Test
    void differentTypesAreFine() {
        assertEquals(0, conflicts(owned(Failure.KERNEL, PIPE), owned(Failure.KERNEL, EVENT)));
        assertEquals(
                0,
                conflicts(
                        owned("acme", ImageType.of("acme", 1, PipeEntry.parser())),
                        owned("acme", ImageType.of("acme-two", 1, PipeEntry.parser())),
                        owned("acme-fs", ImageType.of("acme-fs", 1, PipeEntry.parser()))));
    }

    @Test
    void theKernelMayUseOneOfItsTypesTwice() {
        assertEquals(0, conflicts(owned(Failure.KERNEL, PIPE), owned(Failure.KERNEL, PIPE)));
    }

    @Test
    void aPluginMayNotTakeTheKernels() {
        assertEquals(1, conflicts(owned("acme", PIPE), owned(Failure.KERNEL, PIPE)));
        assertEquals(1, conflicts(owned("acme", ImageType.of("core-1", 1, PipeEntry.parser()))));
    }

    @Test
    void twoPluginsMayNotWriteOne() {
        assertEquals(
                1,
                conflicts(
                        owned("acme", ImageType.of("acme-fs", 1, PipeEntry.parser())),
                        owned("acme-fs", ImageType.of("acme-fs", 2, PipeEntry.parser()))));
    }
}
