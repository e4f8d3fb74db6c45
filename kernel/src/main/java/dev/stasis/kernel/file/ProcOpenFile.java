// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.procfs.FdInfo;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;

/** A descriptor as /proc shows it. */
final class ProcOpenFile implements OpenFile {
    private final ProcessRef process;
    private final ProcessFds fds;
    private final int fd;
    private final String path;
    private final FileStatus status;
    private final FdInfo info;
    private final boolean isAtPath;
    private Description description;

    ProcOpenFile(
            ProcessRef process, ProcessFds fds, int fd, String path, FileStatus status, FdInfo info, boolean isAtPath) {
        this.process = process;
        this.fds = fds;
        this.fd = fd;
        this.path = path;
        this.status = status;
        this.info = info;
        this.isAtPath = isAtPath;
    }

    @Override
    public ProcessRef process() {
        return process;
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public long device() {
        return status.device();
    }

    @Override
    public long inode() {
        return status.inode();
    }

    @Override
    public long deviceNumber() {
        return isCharDevice() || isBlockDevice() ? status.deviceNumber() : 0;
    }

    @Override
    public int mode() {
        return status.mode();
    }

    @Override
    public long size() {
        return status.size();
    }

    @Override
    public long links() {
        return status.links();
    }

    @Override
    public long position() {
        return info.pos();
    }

    @Override
    public int flags() {
        return info.flags();
    }

    @Override
    public int mountId() {
        return info.mntId();
    }

    @Override
    public List<String> details() {
        return info.details();
    }

    @Override
    public Fd borrow() {
        return fds.borrow(fd);
    }

    boolean closeOnExec() {
        return info.cloexec();
    }

    /** Whether the path is known to lead to the file; if not, it may all the same. */
    boolean isAtPath() {
        return isAtPath;
    }

    FileStatus status() {
        return status;
    }

    /** The open file description behind it, once the table has found out. */
    Description description() {
        return description;
    }

    void setDescription(Description found) {
        this.description = found;
    }

    @Override
    public String toString() {
        return process + " fd " + fd + ": " + path;
    }
}
