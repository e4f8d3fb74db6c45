// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.session.RestoreSession;
import dev.stasis.spi.os.Sysno;
import java.util.Objects;

/**
 * Brings dumped process trees back.
 *
 * <pre>{@code
 * Restorer restorer = new Restorer(registry);
 * RestoreReport report = restorer.restore(options, Progress.NONE);
 * int status = restorer.await(report.pid());
 * }</pre>
 *
 * <p>The root of the tree becomes a child of the calling process.
 */
public final class Restorer {
    private static final int SIGNALLED = 128;

    private final HandlerRegistry registry;

    /** @param registry the handlers of the plugins and of the kernel */
    public Restorer(HandlerRegistry registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
    }

    /**
     * Restores a tree; it runs when this returns.
     *
     * @throws dev.stasis.spi.error.CrException if that fails; nothing of the tree is left
     */
    public RestoreReport restore(RestoreOptions options, Progress progress) {
        RestoreSession session = new RestoreSession(registry, options, progress);
        RestoreReport report = session.run();
        session.writeStats(report);
        return report;
    }

    /**
     * Waits for the end of a restored root.
     *
     * @return its exit status as a shell tells it: 128 and the signal if one has killed it
     * @throws dev.stasis.spi.os.SyscallException if it is no child of this process, or was waited for already
     */
    public int await(int pid) {
        try (NativeBuffer status = NativeBuffer.allocate(4)) {
            Native.call(Sysno.WAIT4, pid, status.address(), 0, 0);
            int value = status.getInt(0);
            return (value & 0x7f) == 0 ? value >> 8 & 0xff : SIGNALLED + (value & 0x7f);
        }
    }
}
