// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.procfs.ClockOffsets;
import dev.stasis.kernel.procfs.NamespaceKind;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.spi.image.criu.TimensEntry;
import dev.stasis.spi.image.criu.Timespec;
import dev.stasis.spi.os.Sysno;
import java.io.UncheckedIOException;

/**
 * The clocks that count from the start of the machine, CLOCK_MONOTONIC and CLOCK_BOOTTIME, as a process sees them. A
 * time namespace makes them differ from the tool's.
 */
public final class Clocks {
    private static final int MONOTONIC = 1;
    private static final int BOOTTIME = 7;
    private static final long SECOND = 1_000_000_000L;

    private final ClockOffsets ahead;
    private final boolean own;

    private Clocks(ClockOffsets ahead, boolean own) {
        this.ahead = ahead;
        this.own = own;
    }

    /** The tool's own. */
    public static Clocks ofTool() {
        return new Clocks(ClockOffsets.NONE, false);
    }

    /** Those of process {@code pid}. */
    public static Clocks of(ProcFs proc, int pid) {
        int self = proc.self();
        long theirs = proc.namespaces(pid).inode(NamespaceKind.TIME);
        if (theirs == proc.namespaces(self).inode(NamespaceKind.TIME)) {
            return ofTool();
        }
        ClockOffsets a = offsets(proc, pid);
        ClockOffsets b = offsets(proc, self);
        return new Clocks(new ClockOffsets(a.monotonic() - b.monotonic(), a.boottime() - b.boottime()), true);
    }

    /** Whether they are shifted by a time namespace that is not the tool's. */
    public boolean areOwn() {
        return own;
    }

    /** What they show now. */
    public TimensEntry now() {
        return TimensEntry.newBuilder()
                .setMonotonic(time(read(MONOTONIC) + ahead.monotonic()))
                .setBoottime(time(read(BOOTTIME) + ahead.boottime()))
                .build();
    }

    /** Whether these show less than {@code earlier}. */
    public boolean areBehind(TimensEntry earlier) {
        TimensEntry now = now();
        return nanos(now.getMonotonic()) < nanos(earlier.getMonotonic())
                || nanos(now.getBoottime()) < nanos(earlier.getBoottime());
    }

    /** The offsets of a time namespace in which the tool's clocks go on from {@code saved}. */
    public static ClockOffsets continuing(ProcFs proc, TimensEntry saved) {
        ClockOffsets tool = offsets(proc, proc.self());
        return new ClockOffsets(
                nanos(saved.getMonotonic()) - read(MONOTONIC) + tool.monotonic(),
                nanos(saved.getBoottime()) - read(BOOTTIME) + tool.boottime());
    }

    private static ClockOffsets offsets(ProcFs proc, int pid) {
        try {
            return ClockOffsets.parse(proc.read(pid, "timens_offsets"));
        } catch (ProcessGoneException e) {
            throw e;
        } catch (UncheckedIOException e) {
            return ClockOffsets.NONE;
        }
    }

    private static long read(int clock) {
        try (NativeBuffer time = NativeBuffer.allocate(16)) {
            Native.call(Sysno.CLOCK_GETTIME, clock, time.address());
            return time.getLong(0) * SECOND + time.getLong(8);
        }
    }

    private static Timespec time(long nanos) {
        return Timespec.newBuilder()
                .setTvSec(Math.floorDiv(nanos, SECOND))
                .setTvNsec(Math.floorMod(nanos, SECOND))
                .build();
    }

    private static long nanos(Timespec time) {
        return time.getTvSec() * SECOND + time.getTvNsec();
    }
}
