// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.process.ProcessRef;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ways to find pages, by the ioctl and by reading, on the same process. */
class ProcessPagesTest {
    private static final long PAGE = PageRuns.PAGE_SIZE;

    private static PageProgram subject;

    @BeforeAll
    static void start(@TempDir Path directory) {
        subject = PageProgram.start(directory);
    }

    @AfterAll
    static void end() {
        subject.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anonymousPagesThatHoldSomethingAndNoZeroPages(boolean canScan) {
        assertEquals(List.of(hasZeroPage() ? "1+2" : "1+3", "5+1"), scan(canScan, "anonymous", 8, false));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyTheChangedPagesOfAPrivateFile(boolean canScan) {
        assertEquals(List.of("4+1"), scan(canScan, "file", 8, true));
        assertEquals(List.of("0+8"), scan(canScan, "file", 8, false));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pagesThatNobodyMayRead(boolean canScan) {
        assertEquals(List.of("0+2"), scan(canScan, "hidden", 2, false));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hugePages(boolean canScan) {
        assertEquals(List.of("0+512"), scan(canScan, "huge", 512, false));
        assertEquals(List.of("0+16"), scan(canScan, "huge", 16, false));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void moreRunsThanOneCallReturns(boolean canScan) {
        List<String> runs = scan(canScan, "many", 2 * PageProgram.RUNS, false);
        assertEquals(PageProgram.RUNS, runs.size());
        assertEquals(2 * PageProgram.RUNS - 2 + "+1", runs.get(runs.size() - 1));
    }

    /** Neighbours of one kind are scanned together; what lies between them is none of the dump. */
    @Test
    void keepsWhatLiesWithinTheMappings() {
        long base = subject.at("anonymous");
        List<Mapping> mappings = List.of(
                mapping(base, base + 2 * PAGE, VmaHandler.Pages.ALL),
                mapping(base + 4 * PAGE, base + 8 * PAGE, VmaHandler.Pages.ALL));
        PageRuns runs = AddressSpaceScan.pages(subject.pid(), mappings, new PageRuns());
        assertEquals(List.of("1+1", "5+1"), relative(runs, base));
    }

    @Test
    void leavesOutWhatIsNotSaved() {
        long base = subject.at("anonymous");
        List<Mapping> mappings = List.of(
                mapping(base, base + 2 * PAGE, VmaHandler.Pages.NONE),
                mapping(base + 2 * PAGE, base + 3 * PAGE, VmaHandler.Pages.ALL),
                mapping(base + 3 * PAGE, base + 8 * PAGE, VmaHandler.Pages.CHANGED));
        assertEquals(
                List.of(hasZeroPage() ? "2+1" : "2+2", "5+1"),
                relative(AddressSpaceScan.pages(subject.pid(), mappings, new PageRuns()), base));
    }

    @Test
    void runsJoinWhenTheyTouch() {
        PageRuns runs = new PageRuns();
        for (int i = 0; i < 100; i++) {
            runs.add(i * 3 * PAGE, (i * 3 + 1) * PAGE);
            runs.add((i * 3 + 1) * PAGE, (i * 3 + 2) * PAGE);
        }
        assertEquals(100, runs.count());
        assertEquals(200, runs.pages());
        assertEquals(99 * 3 * PAGE, runs.start(99));
        assertEquals(2 * PAGE, runs.length(99));
    }

    /**
     * Whether the page that was only read is the kernel's zero page. There are kernels that never map it; to them such a
     * page is like any other. Asks /proc/kpageflags (KPF_ZERO_PAGE), not the code under test.
     */
    private static boolean hasZeroPage() {
        long page = word("/proc/" + subject.pid() + "/pagemap", subject.at("anonymous") / PAGE + 3) & (1L << 55) - 1;
        return (word("/proc/kpageflags", page) >>> 24 & 1) != 0;
    }

    private static long word(String path, long index) {
        try (RandomAccessFile file = new RandomAccessFile(path, "r")) {
            // Both files want whole words at once.
            byte[] word = new byte[Long.BYTES];
            file.seek(index * Long.BYTES);
            assertEquals(Long.BYTES, file.read(word));
            return ByteBuffer.wrap(word).order(ByteOrder.nativeOrder()).getLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> scan(boolean canScan, String name, int pages, boolean privateOnly) {
        long start = subject.at(name);
        PageRuns runs = new PageRuns();
        try (PageScanner scanner = new PageScanner(subject.pid(), canScan)) {
            scanner.scan(start, start + pages * PAGE, privateOnly, runs, new PageRuns());
        }
        return relative(runs, start);
    }

    private static List<String> relative(PageRuns runs, long base) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < runs.count(); i++) {
            texts.add((runs.start(i) - base) / PAGE + "+" + runs.length(i) / PAGE);
        }
        return texts;
    }

    private static Mapping mapping(long start, long end, VmaHandler.Pages pages) {
        Vma vma = new Vma(new ProcessRef(subject.pid(), 0, ""), start, end, 3, false, 0, 0, 0, "");
        return new Mapping(vma, VmaEntry.newBuilder().setStatus(VmaStatus.REGULAR), pages);
    }
}
