// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The few system calls that the plugin makes, on files of this JVM. Descriptors have their true numbers, so that
 * {@code /proc/self/fd} works as it does in Stasis.
 */
final class FakeSyscalls implements Syscalls {
    private static final int ENOENT = 2;
    private static final int EIO = 5;
    private static final int ENXIO = 6;
    private static final int BLOCK = 4096;

    private final Map<Integer, FakeFd> open = new HashMap<>();
    private final Map<Long, byte[]> memory = new HashMap<>();

    /** An open file of the JVM. */
    static final class FakeFd implements Fd {
        final FileChannel channel;
        final int flags;
        private final int number;

        private FakeFd(FileChannel channel, int number, int flags) {
            this.channel = channel;
            this.number = number;
            this.flags = flags;
        }

        @Override
        public int number() {
            return number;
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public FakeFd open(String path, int flags) {
        OpenOption[] options =
                switch (flags & 3) {
                    case 0 -> new OpenOption[] {StandardOpenOption.READ};
                    case 1 -> new OpenOption[] {StandardOpenOption.WRITE};
                    default -> new OpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE};
                };
        try {
            Set<Integer> before = descriptors();
            FileChannel channel = FileChannel.open(Path.of(path), options);
            Set<Integer> after = descriptors();
            after.removeAll(before);
            FakeFd fd = new FakeFd(channel, after.iterator().next(), flags);
            open.put(fd.number(), fd);
            return fd;
        } catch (NoSuchFileException e) {
            throw new SyscallException("test", Sysno.OPENAT, ENOENT);
        } catch (IOException e) {
            throw new SyscallException("test", Sysno.OPENAT, EIO);
        }
    }

    private static Set<Integer> descriptors() throws IOException {
        Set<Integer> numbers = new HashSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                // One is the directory that is being read here; it is gone when this returns.
                if (Files.isSymbolicLink(link) && !Files.readSymbolicLink(link).endsWith("fd")) {
                    numbers.add(Integer.parseInt(link.getFileName().toString()));
                }
            }
        }
        return numbers;
    }

    @Override
    public long call(Sysno nr, long... args) {
        try {
            FileChannel channel = open.get((int) args[0]).channel;
            return switch (nr) {
                case LSEEK -> seek(channel, args[1], (int) args[2]);
                case PREAD64 -> read(channel, args[1], (int) args[2], args[3]);
                default -> throw new AssertionError("the test knows no " + nr);
            };
        } catch (IOException e) {
            throw new SyscallException("test", nr, EIO, args);
        }
    }

    private static long seek(FileChannel channel, long offset, int whence) throws IOException {
        switch (whence) {
            case 0 -> channel.position(offset);
            case 3 -> {
                return edge(channel, offset, true);
            }
            case 4 -> {
                return edge(channel, offset, false);
            }
            default -> throw new AssertionError("whence " + whence);
        }
        return offset;
    }

    /** A hole is what a real file system need not have written: blocks of zeros. */
    private static long edge(FileChannel channel, long offset, boolean data) throws IOException {
        for (long at = offset; at < channel.size(); at = (at / BLOCK + 1) * BLOCK) {
            ByteBuffer block = ByteBuffer.allocate(BLOCK);
            channel.read(block, at / BLOCK * BLOCK);
            boolean zeros = true;
            for (byte value : block.array()) {
                zeros &= value == 0;
            }
            if (zeros != data) {
                return at;
            }
        }
        if (data) {
            throw new SyscallException("test", Sysno.LSEEK, ENXIO);
        }
        return channel.size();
    }

    private long read(FileChannel channel, long address, int length, long offset) throws IOException {
        return Math.max(channel.read(ByteBuffer.wrap(memory.get(address), 0, length), offset), 0);
    }

    @Override
    public Scratch scratch(int size) {
        byte[] bytes = new byte[size];
        long address = 0x1000L * (memory.size() + 1);
        memory.put(address, bytes);
        return new Scratch() {
            @Override
            public long address() {
                return address;
            }

            @Override
            public int size() {
                return size;
            }

            @Override
            public byte[] read() {
                return bytes.clone();
            }

            @Override
            public void write(int offset, byte[] content) {
                System.arraycopy(content, 0, bytes, offset, content.length);
            }

            @Override
            public void close() {
                memory.remove(address);
            }
        };
    }
}
