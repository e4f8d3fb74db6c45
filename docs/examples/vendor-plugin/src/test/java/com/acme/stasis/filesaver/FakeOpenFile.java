// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.process.ProcessRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A file that this JVM has open, as Stasis would describe it for another process. */
final class FakeOpenFile implements OpenFile {
    private final FakeSyscalls syscalls;
    private final FakeSyscalls.FakeFd fd;

    FakeOpenFile(FakeSyscalls syscalls, Path path, int flags, long position) throws IOException {
        this.syscalls = syscalls;
        this.fd = syscalls.open(path.toString(), flags);
        fd.channel.position(position);
    }

    private Path link() {
        return Path.of("/proc/self/fd/" + fd.number());
    }

    private Map<String, Object> stat() {
        try {
            return Files.readAttributes(link(), "unix:*");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public ProcessRef process() {
        return new ProcessRef(4211, 1, "app");
    }

    @Override
    public int fd() {
        return fd.number();
    }

    @Override
    public String path() {
        try {
            return Files.readSymbolicLink(link()).toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public long device() {
        return (Long) stat().get("dev");
    }

    @Override
    public long inode() {
        return (Long) stat().get("ino");
    }

    @Override
    public long deviceNumber() {
        return 0;
    }

    @Override
    public int mode() {
        return (Integer) stat().get("mode");
    }

    @Override
    public long size() {
        return (Long) stat().get("size");
    }

    @Override
    public long links() {
        return (Integer) stat().get("nlink");
    }

    @Override
    public long position() {
        try {
            return fd.channel.position();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int flags() {
        return fd.flags;
    }

    @Override
    public int mountId() {
        return -1;
    }

    @Override
    public List<String> details() {
        return List.of();
    }

    @Override
    public Fd borrow() {
        return new Fd() {
            @Override
            public int number() {
                return fd.number();
            }

            @Override
            public void close() {
                // A real duplicate; here it is the file itself, which goes on.
            }
        };
    }
}
