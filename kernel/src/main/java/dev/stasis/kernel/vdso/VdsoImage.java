// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.vdso;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A vDSO: an ELF shared object, as it stands in memory, and the functions that it offers by name.
 *
 * <p>Images are untrusted, so nothing in it is believed: every offset is checked, every table has an end.
 */
public final class VdsoImage {
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_HASH = 4;
    private static final int DT_STRTAB = 5;
    private static final int DT_SYMTAB = 6;
    private static final int DT_STRSZ = 10;
    private static final int DT_GNU_HASH = 0x6ffffef5;
    private static final int STT_FUNC = 2;
    private static final int STT_NOTYPE = 0;
    private static final int MAX_HEADERS = 64;
    private static final int MAX_SYMBOLS = 4096;

    private final byte[] content;
    private final boolean wide;
    private final List<Function> functions;

    private VdsoImage(byte[] content, boolean wide, List<Function> functions) {
        this.content = content;
        this.wide = wide;
        this.functions = List.copyOf(functions);
    }

    /**
     * Looks through a vDSO.
     *
     * @param content all its pages
     * @throws IllegalArgumentException if it is none, in words that go on after "the vDSO cannot be used: "
     */
    public static VdsoImage parse(byte[] content) {
        return new VdsoImage(
                content.clone(), new ElfBytes(content).isWide(), new Parser(new ElfBytes(content)).functions());
    }

    /** All its pages. */
    byte[] content() {
        return content.clone();
    }

    /** Whether it is for 64-bit code. */
    public boolean isWide() {
        return wide;
    }

    /** All functions, ascending by offset; one may have several names. */
    public List<Function> functions() {
        return functions;
    }

    /** The offset of a function, -1 if there is none of that name. */
    public int offset(String name) {
        for (Function function : functions) {
            if (function.name.equals(name)) {
                return function.offset;
            }
        }
        return -1;
    }

    /**
     * A function.
     *
     * @param offset in the pages
     * @param size in bytes; up to the next function where the file does not tell
     */
    public record Function(String name, int offset, int size) {}

    /** Walks from the header to the dynamic section, and from there to the symbols. */
    private static final class Parser {
        private final ElfBytes file;
        private final Map<Integer, Long> dynamic = new TreeMap<>();
        private long base;

        Parser(ElfBytes file) {
            this.file = file;
        }

        List<Function> functions() {
            readHeaders();
            long strings = table(DT_STRTAB);
            long stringsEnd = strings + dynamic.getOrDefault(DT_STRSZ, 0L);
            long symbols = table(DT_SYMTAB);
            int count = count();
            List<Function> functions = new ArrayList<>();
            for (int i = 1; i < count; i++) {
                long at = symbols + (long) i * (file.isWide() ? 24 : 16);
                int type = file.u8(at + (file.isWide() ? 4 : 12)) & 0xf;
                int section = file.u16(at + (file.isWide() ? 6 : 14));
                long value = file.word(at + (file.isWide() ? 8 : 4)) - base;
                long size = file.isWide() ? file.word(at + 16) : file.u32(at + 8);
                boolean isFunction = type == STT_FUNC || type == STT_NOTYPE;
                if (isFunction && section != 0 && value > 0 && value < file.length()) {
                    String name = file.name(strings + file.u32(at), stringsEnd);
                    functions.add(new Function(name, (int) value, (int) Math.min(size, file.length() - value)));
                }
            }
            functions.sort((a, b) -> Integer.compare(a.offset, b.offset));
            return withSizes(functions, file.length());
        }

        private void readHeaders() {
            long headers = file.word(file.isWide() ? 32 : 28);
            int size = file.u16(file.isWide() ? 54 : 42);
            int count = file.u16(file.isWide() ? 56 : 44);
            if (count > MAX_HEADERS) {
                throw new IllegalArgumentException("it has " + count + " program headers");
            }
            boolean isLoaded = false;
            long dynamicAt = -1;
            for (int i = 0; i < count; i++) {
                long at = headers + (long) i * size;
                long offset = file.word(at + (file.isWide() ? 8 : 4));
                if (file.u32(at) == PT_LOAD && !isLoaded) {
                    isLoaded = true;
                    // Where its first byte would like to be: 0, but for vDSOs that were prelinked.
                    base = file.word(at + (file.isWide() ? 16 : 8)) - offset;
                } else if (file.u32(at) == PT_DYNAMIC) {
                    dynamicAt = offset;
                }
            }
            if (!isLoaded || dynamicAt < 0) {
                throw new IllegalArgumentException("it is not laid out as shared objects are");
            }
            readDynamic(dynamicAt);
        }

        private void readDynamic(long at) {
            int word = file.isWide() ? 8 : 4;
            for (long next = at; file.word(next) != 0; next += 2L * word) {
                dynamic.putIfAbsent((int) file.word(next), file.word(next + word));
            }
        }

        private long table(int tag) {
            Long address = dynamic.get(tag);
            if (address == null) {
                throw new IllegalArgumentException("it has no table of symbols");
            }
            return address - base;
        }

        /** How many symbols there are: only the hash tables tell, and a file may have either kind. */
        private int count() {
            long count = dynamic.containsKey(DT_HASH) ? file.u32(table(DT_HASH) + 4) : gnuCount(table(DT_GNU_HASH));
            if (count > MAX_SYMBOLS) {
                throw new IllegalArgumentException("it has " + count + " symbols");
            }
            return (int) count;
        }

        /** The highest bucket's chain ends with the last symbol. */
        private long gnuCount(long hash) {
            long buckets = file.u32(hash);
            long first = file.u32(hash + 4);
            long filter = file.u32(hash + 8);
            long bucketsAt = hash + 16 + filter * (file.isWide() ? 8 : 4);
            long last = 0;
            for (long i = 0; i < Math.min(buckets, MAX_SYMBOLS); i++) {
                last = Math.max(last, file.u32(bucketsAt + 4 * i));
            }
            if (last < first) {
                return first;
            }
            long chains = bucketsAt + 4 * buckets;
            while ((file.u32(chains + 4 * (last - first)) & 1) == 0) {
                last++;
            }
            return last + 1;
        }

        private static List<Function> withSizes(List<Function> sorted, int end) {
            List<Function> sized = new ArrayList<>(sorted.size());
            for (int i = 0; i < sorted.size(); i++) {
                Function function = sorted.get(i);
                int next = end;
                for (int j = i + 1; j < sorted.size() && next == end; j++) {
                    next = sorted.get(j).offset > function.offset ? sorted.get(j).offset : end;
                }
                int room = next - function.offset;
                sized.add(new Function(
                        function.name, function.offset, function.size == 0 ? room : Math.min(room, function.size)));
            }
            return sized;
        }
    }
}
