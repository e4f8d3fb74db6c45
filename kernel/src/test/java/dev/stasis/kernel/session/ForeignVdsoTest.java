// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.Checkpointer;
import dev.stasis.kernel.DumpOptions;
import dev.stasis.kernel.KernelHandlers;
import dev.stasis.kernel.Progress;
import dev.stasis.kernel.RestoreOptions;
import dev.stasis.kernel.Restorer;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.Pagemap;
import dev.stasis.kernel.memory.VmaStatus;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.procfs.MapsEntry;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.vdso.VdsoImage;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program whose images have the vDSO of another kernel calls this kernel's through the addresses that it knows. */
class ForeignVdsoTest {
    private static final int SIGTERM = 15;
    private static final HandlerRegistry NO_PLUGINS =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    @TempDir
    Path directory;

    private final ProcFs proc = new ProcFs();
    private LiveProcess process;

    /** The functions of the dump's vDSO are traps: whoever runs one instruction of them dies. */
    @Test
    void otherCode() throws IOException {
        dump();
        VmaEntry old = overwrite(ForeignVdsoTest::trapped);

        int pid = restore("images");

        assertStandsElsewhere(pid, old);
        LiveProcess.pause(100);
        // And once more: what was the vDSO is ordinary memory now.
        dump(pid, "again");
        restore("again");
        assertStandsElsewhere(pid, old);
        LiveProcess.pause(100);
        finish(pid);
    }

    /** What is no vDSO at all is refused before anything is made. */
    @Test
    void noFunctions() throws IOException {
        dump();
        overwrite(content -> new byte[content.length]);

        CrException failure = assertThrows(CrException.class, () -> restore("images"));

        assertEquals("VDSO_DIFFERS", failure.failures().get(0).code().name());
        assertTrue(!proc.exists(process.pid()));
    }

    private static byte[] trapped(byte[] content) {
        byte[] trapped = content.clone();
        for (VdsoImage.Function function : VdsoImage.parse(content).functions()) {
            for (int i = 0; i + 1 < function.size(); i += 2) {
                trapped[function.offset() + i] = 0x0f;
                trapped[function.offset() + i + 1] = 0x0b;
            }
        }
        return trapped;
    }

    private void assertStandsElsewhere(int pid, VmaEntry old) {
        boolean stands = false;
        for (MapsEntry mapping : proc.maps(pid)) {
            if (mapping.name().equals("[vdso]")) {
                assertNotEquals(old.getStart(), mapping.start());
            }
            stands |= mapping.contains(old.getStart()) && mapping.isExecutable() && !mapping.isWritable();
        }
        assertTrue(stands, "nothing stands in place of the old vDSO");
    }

    private void finish(int pid) {
        Native.call(Sysno.KILL, pid, SIGTERM);
        assertEquals(0, new Restorer(KernelHandlers.withPlugins(NO_PLUGINS)).await(pid), process.output());
        assertEquals("ready\nPASS\n", process.output());
    }

    /** Changes the pages of the vDSO in the images. */
    private VmaEntry overwrite(UnaryOperator<byte[]> change) throws IOException {
        ImageDirectory images = ImageDirectory.open(directory.resolve("images"));
        MmEntry mm = images.readOne(CriuImages.MM, process.pid());
        VmaEntry vdso = mm.getVmasList().stream()
                .filter(vma -> VmaStatus.is(vma, VmaStatus.VDSO))
                .findFirst()
                .orElseThrow();
        Pagemap pagemap = images.readPagemap(CriuImages.PAGEMAP, process.pid());
        long offset = 0;
        for (PagemapEntry entry : pagemap.entries()) {
            long length = entry.getNrPages() * 4096;
            if (vdso.getStart() >= entry.getVaddr() && vdso.getStart() < entry.getVaddr() + length) {
                offset += vdso.getStart() - entry.getVaddr();
                break;
            }
            offset += length;
        }
        Path pages = images.file("pages-" + pagemap.head().getPagesId() + ".img");
        try (RandomAccessFile file = new RandomAccessFile(pages.toFile(), "rw")) {
            byte[] content = new byte[(int) (vdso.getEnd() - vdso.getStart())];
            file.seek(offset);
            file.readFully(content);
            file.seek(offset);
            file.write(change.apply(content));
        }
        return vdso;
    }

    private void dump() {
        Path program = Compiler.compileResource(directory, ForeignVdsoTest.class, "vdso.c");
        process = LiveProcess.start(directory, "setsid", program.toString());
        dump(process.pid(), "images");
    }

    private void dump(int pid, String images) {
        Path target = directory.resolve(images);
        new Checkpointer(KernelHandlers.withPlugins(NO_PLUGINS))
                .dump(new DumpOptions(pid, target, target, DumpOptions.AfterDump.KILL, false), Progress.NONE);
        process.close();
        LiveProcess.await("the end of the program", () -> !proc.exists(pid));
    }

    private int restore(String images) {
        Path source = directory.resolve(images);
        return new Restorer(KernelHandlers.withPlugins(NO_PLUGINS))
                .restore(new RestoreOptions(source, source, false, false, null), Progress.NONE)
                .pid();
    }
}
