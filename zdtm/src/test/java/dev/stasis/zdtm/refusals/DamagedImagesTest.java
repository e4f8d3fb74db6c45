// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.refusals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Images;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.TestArea;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Images that were cut off, changed or lost are refused with status 5 before a process is created.
 *
 * <p>One image at a time is damaged, in a copy; the whole ones are restored at the end, so that the subject tells that
 * they were good. The statistics are no part of a dump and may be damaged without consequence.
 */
@SubjectProgram("static/fd_pipe_family.c")
class DamagedImagesTest {
    private static final int IMAGE = 5;
    /** Written for other tools only. */
    private static final String STATISTICS = "stats-.*";

    @ZdtmTest(modes = Mode.RESTORED)
    void everyImageCutOffOrFlippedOrMissing(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startUntilReady();
        Images images = cr.dump(subject);
        List<Path> files = images.files();
        Path copy = subject.area().makeDirectory("damaged");
        for (Path file : files) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        int number = 0;
        for (Path file : files) {
            if (file.getFileName().toString().matches(STATISTICS + "|.*\\.log")) {
                continue;
            }
            Path damaged = copy.resolve(file.getFileName());
            byte[] whole = Files.readAllBytes(file);
            // One kind of damage per file and run keeps the test short; all kinds meet every few files.
            // No manifest knows the hash of the inventory, which is written last, nor that of pages, which are many.
            boolean unhashed = file.getFileName().toString().matches("inventory\\.img|pages-.*");
            switch (unhashed ? number++ % 2 * 3 : number++ % 4) {
                case 0 -> Files.write(damaged, Arrays.copyOf(whole, whole.length / 2));
                case 1 -> Files.write(damaged, flipped(whole, whole.length - 1));
                case 2 -> Files.write(damaged, flipped(whole, Math.min(4, whole.length - 1)));
                default -> Files.delete(damaged);
            }
            expectRefusal(cr, copy, file.getFileName().toString());
            Files.write(damaged, whole);
        }
        assertTrue(number > 5, "only " + number + " images");
        TestArea.delete(copy);
        cr.restore(images);
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void hostileLengthsAndContents(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startUntilReady();
        Images images = cr.dump(subject);
        Path copy = subject.area().makeDirectory("hostile");
        for (Path file : images.files()) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        // Without a manifest the hashes protect nothing: the parsers must hold out by themselves.
        Files.deleteIfExists(copy.resolve("manifest.img"));
        byte[] endless = new byte[4096];
        Arrays.fill(endless, (byte) 0xff);
        for (Path file : images.files()) {
            String name = file.getFileName().toString();
            if (!name.matches("(core|mm|pstree|fdinfo|files|inventory|pagemap)(-\\d+)?\\.img")) {
                continue;
            }
            byte[] whole = Files.readAllBytes(file);
            for (int length : List.of(8, 12)) {
                // The first words are magics; a length of four gigabytes follows.
                byte[] hostile = Arrays.copyOf(whole, Math.min(length, whole.length) + endless.length);
                System.arraycopy(endless, 0, hostile, Math.min(length, whole.length), endless.length);
                Files.write(copy.resolve(name), hostile);
                expectRefusal(cr, copy, name);
            }
            Files.write(copy.resolve(name), new byte[0]);
            expectRefusal(cr, copy, name);
            Files.write(copy.resolve(name), whole);
        }
        TestArea.delete(copy);
        cr.restore(images);
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void directoryWithoutInventoryIsNoDump(Subject subject, CheckpointRestore cr) throws IOException {
        Path empty = subject.area().makeDirectory("empty");
        Failed failed = cr.restoreExpectingFailure(empty);
        assertEquals(IMAGE, failed.exitStatus(), failed::toString);
        Files.write(empty.resolve("inventory.img"), new byte[] {1, 2, 3});
        assertEquals(IMAGE, cr.restoreExpectingFailure(empty).exitStatus());
    }

    private static void expectRefusal(CheckpointRestore cr, Path images, String damaged) {
        Failed failed = restore(cr, images, damaged);
        // A busy machine may have given one of the free numbers to somebody else for a while.
        for (int i = 0; i < 60 && failed.code().equals("kernel/PID_TAKEN"); i++) {
            TestArea.pause(1000);
            failed = restore(cr, images, damaged);
        }
        Failed refused = failed;
        assertEquals(IMAGE, refused.exitStatus(), () -> damaged + ": " + refused);
        assertTrue(refused.toString().contains(damaged), () -> damaged + " is not named: " + refused);
        assertFalse(refused.why().isEmpty(), refused::toString);
    }

    private static Failed restore(CheckpointRestore cr, Path images, String damaged) {
        try {
            return cr.restoreExpectingFailure(images);
        } catch (AssertionError e) {
            throw new AssertionError(damaged + " is damaged: " + e.getMessage(), e);
        }
    }

    private static byte[] flipped(byte[] whole, int at) {
        byte[] bytes = whole.clone();
        if (bytes.length == 0) {
            return new byte[] {1};
        }
        bytes[at] ^= 0x10;
        return bytes;
    }
}
