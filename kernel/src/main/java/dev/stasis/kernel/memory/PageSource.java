// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.Pagemap;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the pages of a dump stand: in its own images and, for what had not changed, in those of the dumps before it,
 * which the symbolic link {@code parent} leads to.
 *
 * <p>It owns the descriptors of the page files. <p><b>Threading:</b> one thread.
 */
public final class PageSource implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final int MAX_PARENTS = 1024;
    private static final int O_RDONLY_CLOEXEC = 02000000;
    private static final String PARENT = "parent";

    private final List<ImageDirectory> directories = new ArrayList<>();
    private final List<Fd> files = new ArrayList<>();
    private final List<Path> paths = new ArrayList<>();
    private final Map<Path, Integer> indexes = new HashMap<>();
    private long pages;

    public PageSource(ImageDirectory images) {
        directories.add(images);
    }

    /**
     * The saved pages of one process or shared object in ascending order.
     *
     * @param type PAGEMAP or SHMEM_PAGEMAP
     */
    public List<PageRun> runs(ImageType<PagemapHead> type, long id) {
        if (!directories.get(0).exists(type, id)) {
            return List.of();
        }
        List<PageRun> runs = runs(0, type, id);
        for (PageRun run : runs) {
            pages += run.length() / PAGE;
        }
        return runs;
    }

    /** Open page files of the tool, by the numbers that the runs give. */
    public List<Fd> files() {
        return files;
    }

    /** Where the page file with that number is. */
    Path path(int source) {
        return paths.get(source);
    }

    /** How many pages all runs have that were asked for. */
    public long pages() {
        return pages;
    }

    private List<PageRun> runs(int level, ImageType<PagemapHead> type, long id) {
        ImageDirectory directory = directory(level, id);
        Pagemap pagemap = directory.readPagemap(type, id);
        int source = -1;
        long offset = 0;
        List<PageRun> parent = null;
        List<PageRun> runs = new ArrayList<>();
        for (PagemapEntry entry : pagemap.entries()) {
            long length = Math.multiplyExact(Pagemap.pageCount(entry), PAGE);
            if (Pagemap.isInParent(entry)) {
                parent = parent == null ? runs(level + 1, type, id) : parent;
                inherit(entry, length, parent, runs, directory);
            } else if (Pagemap.isPresent(entry)) {
                source = source < 0 ? file(directory.file("pages-" + pagesId(pagemap) + ".img")) : source;
                runs.add(new PageRun(entry.getVaddr(), length, source, offset));
                offset += length;
            }
        }
        return runs;
    }

    private static String pagesId(Pagemap pagemap) {
        return Integer.toUnsignedString(pagemap.head().getPagesId());
    }

    private static void inherit(
            PagemapEntry entry, long length, List<PageRun> parent, List<PageRun> runs, ImageDirectory directory) {
        long next = entry.getVaddr();
        long end = next + length;
        for (PageRun run : parent) {
            if (run.end() <= next || run.address() >= end) {
                continue;
            }
            long from = Math.max(run.address(), next);
            long to = Math.min(run.end(), end);
            if (from != next) {
                break;
            }
            runs.add(new PageRun(from, to - from, run.source(), run.offset() + from - run.address()));
            next = to;
        }
        if (next != end) {
            throw inconsistent(
                    directory.path(),
                    "its pages at " + Long.toHexString(next)
                            + " are said to be in the parent images, which do not have them");
        }
    }

    private ImageDirectory directory(int level, long id) {
        while (directories.size() <= level) {
            ImageDirectory last = directories.get(directories.size() - 1);
            Path parent = last.path().resolve(PARENT);
            if (directories.size() > MAX_PARENTS || !Files.isDirectory(parent)) {
                throw inconsistent(parent, "pages of " + id + " are said to be in these images, which are not there");
            }
            directories.add(ImageDirectory.open(parent));
        }
        return directories.get(level);
    }

    private int file(Path path) {
        Integer known = indexes.get(path);
        if (known != null) {
            return known;
        }
        LocalFd fd = (LocalFd) new LocalSyscalls().open(path.toString(), O_RDONLY_CLOEXEC);
        files.add(fd);
        paths.add(path);
        indexes.put(path, files.size() - 1);
        return files.size() - 1;
    }

    private static RuntimeException inconsistent(Path path, String why) {
        return Failure.of(RestoreFailure.IMAGE_INCONSISTENT, Subject.of(path.toString()))
                .why(why)
                .remedy("put the parent images back in their place")
                .toException();
    }

    @Override
    public void close() {
        files.forEach(Fd::close);
    }
}
