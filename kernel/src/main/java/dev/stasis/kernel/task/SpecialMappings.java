// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's own mappings in a process: the vDSO, and the data pages before it that it reads.
 *
 * <p>They cannot be mapped, only moved: mremap(2) tells the kernel where the vDSO is now.
 *
 * @param data {@code [vvar]} and, since 6.13, {@code [vvar_vclock]}, ascending
 * @param vdso the code, null if there is none
 */
public record SpecialMappings(List<Mapping> data, Mapping vdso) {
    private static final int MREMAP_MAYMOVE_FIXED = 3;
    private static final String[] NAMES = {"[vvar]", "[vvar_vclock]"};

    public SpecialMappings {
        data = List.copyOf(data);
    }

    /** Those of process {@code pid}. */
    public static SpecialMappings of(int pid) {
        List<Mapping> data = new ArrayList<>();
        Mapping vdso = null;
        for (Mapping mapping : read(pid)) {
            if (mapping.name.equals("[vdso]")) {
                vdso = mapping;
            } else if (mapping.name.equals(NAMES[0]) || mapping.name.equals(NAMES[1])) {
                data.add(mapping);
            }
        }
        return new SpecialMappings(data, vdso);
    }

    /** All other mappings of process {@code pid} outside of [{@code start}, {@code end}) that can be unmapped. */
    public static List<Mapping> others(int pid, long start, long end) {
        List<Mapping> others = new ArrayList<>();
        for (Mapping mapping : read(pid)) {
            boolean inside = mapping.start >= start && mapping.end <= end;
            if (!inside && !mapping.name.equals("[vsyscall]")) {
                others.add(mapping);
            }
        }
        return others;
    }

    /** Moves them one behind the other, in their order. */
    public SpecialMappings moveTo(long address, RemoteSyscalls remote) {
        long next = address;
        List<Mapping> moved = new ArrayList<>();
        for (Mapping mapping : data) {
            moved.add(mapping.moveTo(next, remote));
            next += mapping.length();
        }
        return new SpecialMappings(moved, vdso == null ? null : vdso.moveTo(next, remote));
    }

    /** Total length of the data pages. */
    public long dataLength() {
        long length = 0;
        for (Mapping mapping : data) {
            length += mapping.length();
        }
        return length;
    }

    private static List<Mapping> read(int pid) {
        List<Mapping> mappings = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                int dash = line.indexOf('-');
                int space = line.indexOf(' ');
                int name = line.indexOf('[');
                mappings.add(new Mapping(
                        Long.parseUnsignedLong(line, 0, dash, 16),
                        Long.parseUnsignedLong(line, dash + 1, space, 16),
                        name < 0 ? "" : line.substring(name)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return mappings;
    }

    /**
     * One mapping.
     *
     * @param start first address
     * @param end first address behind it
     * @param name in brackets, empty for others
     */
    public record Mapping(long start, long end, String name) {
        public long length() {
            return end - start;
        }

        Mapping moveTo(long address, RemoteSyscalls remote) {
            remote.call(Sysno.MREMAP, start, length(), length(), MREMAP_MAYMOVE_FIXED, address);
            return new Mapping(address, address + length(), name);
        }
    }
}
