// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.image.criu.VmaEntry;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;

/** Checks address spaces: mappings in order and in range, pages inside mappings and really in the page images. */
final class MemoryCheck {
    /** End of user space with five-level page tables, the largest there is; addresses above it are the kernel's. */
    private static final long ADDRESS_LIMIT = 1L << 56;

    private static final int STATUS_VSYSCALL = 1 << 2;
    private static final int STATUS_FILE = 1 << 6 | 1 << 7;
    private static final int STATUS_PLUGIN = 1 << 27;
    private static final int STATUS_GUARD = 1 << 16;
    private static final String PARENT = "parent";

    private final Findings findings;
    private final Set<String> read;
    private final Set<Integer> fileIds;
    private final int pageSize;

    MemoryCheck(Findings findings, Set<String> read, Set<Integer> fileIds, int pageSize) {
        this.findings = findings;
        this.read = read;
        this.fileIds = fileIds;
        this.pageSize = pageSize;
    }

    /** Whether the mappings are sorted, apart from each other, aligned and in user space. */
    boolean mappings(List<VmaEntry> vmas, String file) {
        long end = 0;
        for (VmaEntry vma : vmas) {
            // The vsyscall page lies in the kernel's half and is the same in every process.
            if ((vma.getStatus() & STATUS_VSYSCALL) != 0) {
                continue;
            }
            String problem = null;
            if (vma.getStart() < 0 || vma.getEnd() < 0 || vma.getEnd() > ADDRESS_LIMIT) {
                problem = "is not in user space";
            } else if (vma.getStart() >= vma.getEnd()) {
                problem = "has no length";
            } else if ((vma.getStart() | vma.getEnd()) % pageSize != 0) {
                problem = "is not aligned to pages of " + pageSize + " bytes";
            } else if (vma.getStart() < end && !isGuard(vma)) {
                problem = "begins before the end of the one before it, 0x" + Long.toHexString(end);
            }
            if (problem != null) {
                findings.error(ImageFailure.INCONSISTENT, file, "mapping " + range(vma) + " " + problem);
                return false;
            }
            // Guard pages lie within mappings that have been listed before.
            end = isGuard(vma) ? end : vma.getEnd();
            boolean ofFile = (vma.getStatus() & STATUS_FILE) != 0 && (vma.getStatus() & STATUS_PLUGIN) == 0;
            if (ofFile && fileIds != null && !isFile(vma.getShmid())) {
                findings.error(
                        ImageFailure.INCONSISTENT,
                        file,
                        "mapping " + range(vma) + " is of file " + Long.toUnsignedString(vma.getShmid())
                                + ", which files.img does not have");
            }
        }
        return true;
    }

    private static boolean isGuard(VmaEntry vma) {
        return (vma.getStatus() & STATUS_GUARD) != 0;
    }

    private boolean isFile(long id) {
        return id >>> Integer.SIZE == 0 && fileIds.contains((int) id);
    }

    private static String range(VmaEntry vma) {
        return Long.toHexString(vma.getStart()) + "-" + Long.toHexString(vma.getEnd());
    }

    /**
     * Checks a pagemap and the length of its pages image.
     *
     * @param vmas where pages may be, null for shared memory, whose addresses are offsets
     */
    void pages(ImageType<PagemapHead> type, long id, List<VmaEntry> vmas) {
        String file = CriuImages.fileName(type, id);
        read.add(file);
        findings.read(file, () -> {
            try (ImageReader<PagemapHead> reader = findings.images().reader(type, id)) {
                pages(reader, file, vmas);
            }
            return null;
        });
    }

    private void pages(ImageReader<PagemapHead> reader, String file, List<VmaEntry> vmas) {
        PagemapHead head = reader.next();
        long end = 0;
        long present = 0;
        boolean parent = false;
        int vma = 0;
        while (reader.hasNext()) {
            PagemapEntry run = reader.next(PagemapEntry.parser());
            long start = run.getVaddr();
            long count = Pagemap.pageCount(run);
            if (start < end
                    || start % pageSize != 0
                    || start > ADDRESS_LIMIT
                    || count <= 0
                    || count > (ADDRESS_LIMIT - start) / pageSize) {
                findings.error(
                        ImageFailure.INCONSISTENT,
                        file,
                        Long.toUnsignedString(count) + " pages at 0x" + Long.toHexString(start)
                                + " are out of order, not aligned or not in user space");
                return;
            }
            end = start + count * pageSize;
            present += Pagemap.isPresent(run) ? count : 0;
            parent |= Pagemap.isInParent(run);
            if (vmas != null) {
                vma = covering(vmas, vma, start, end);
                if (vma < 0) {
                    findings.error(
                            ImageFailure.INCONSISTENT,
                            file,
                            count + " pages at 0x" + Long.toHexString(start) + " are not all inside of mappings");
                    return;
                }
            }
        }
        requirePages(head.getPagesId(), present, file);
        if (parent && Files.notExists(findings.images().file(PARENT).resolve(file))) {
            findings.error(
                    ImageFailure.MISSING,
                    file,
                    "some of its pages are in the parent images, but " + PARENT + "/" + file + " is not there");
        }
    }

    /** The mapping that holds the end of a run whose pages all lie in mappings; -1 if they do not. */
    private static int covering(List<VmaEntry> vmas, int from, long start, long end) {
        int index = from;
        while (index < vmas.size() && vmas.get(index).getEnd() <= start) {
            index++;
        }
        long covered = start;
        while (index < vmas.size() && vmas.get(index).getStart() <= covered && !isGuard(vmas.get(index))) {
            covered = vmas.get(index).getEnd();
            if (covered >= end) {
                return index;
            }
            index++;
        }
        return -1;
    }

    private void requirePages(int pagesId, long present, String pagemap) {
        if (present == 0) {
            return;
        }
        String name = "pages-" + Integer.toUnsignedString(pagesId) + ".img";
        read.add(name);
        findings.read(name, () -> {
            try (ImageSource source = ImageSource.open(findings.images().file(name))) {
                long expected = present * pageSize;
                if (source.remaining() < expected) {
                    findings.error(
                            ImageFailure.TRUNCATED,
                            name,
                            "it has " + source.remaining() + " bytes, but " + pagemap + " refers to " + expected);
                }
            }
            return null;
        });
    }
}
