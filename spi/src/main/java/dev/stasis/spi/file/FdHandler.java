// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.file;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.Stable;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.process.ResourceId;
import java.util.List;
import java.util.Set;
import org.pf4j.ExtensionPoint;

/**
 * Recognises, saves and reopens one kind of file descriptor.
 *
 * <p>One object holds both halves, so that what {@link #dump} writes and what {@link #open} reads cannot drift
 * apart. CRIU splits them into {@code fdtype_ops} and {@code file_desc_ops}; its plugin hooks DUMP_EXT_FILE,
 * RESTORE_EXT_FILE, DUMP_UNIX_SK and RESTORE_UNIX_SK all land here.
 *
 * <p><b>Unit of work:</b> an open file description, not a descriptor. Descriptors made by dup(2), fork(2) or
 * SCM_RIGHTS are shared out by the kernel module and never reach a handler.
 *
 * <p><b>Threading:</b> all methods run on the tracer thread. A handler may sleep in a system call of its own; it
 * must not wait for the tracee to act, because the tracee is stopped.
 *
 * @param <S> the protobuf message kept in the image
 */
@Stable(since = "1.0")
public interface FdHandler<S extends MessageLite> extends ExtensionPoint {
    /** The image this handler writes. Its name is stored on disk and must never change. */
    ImageType<S> imageType();

    /**
     * Whether this handler owns {@code file}. Must be cheap and must change nothing: it is also called by CHECK,
     * on running processes. A plugin's claim goes before the kernel's own; two plugins claiming one file fail the
     * dump.
     */
    boolean claims(OpenFile file);

    /** The same with the settings at hand; override this one where the claim depends on them. */
    default boolean claims(OpenFile file, DumpContext context) {
        return claims(file);
    }

    /** Reasons why {@code file} cannot be saved now; empty if it can. Must change nothing. */
    default List<Failure> check(OpenFile file, DumpContext context) {
        return List.of();
    }

    /**
     * Reads the state of {@code file}. Whatever is changed in the live object (a queue drained, a socket put in
     * repair mode) must be registered with {@link DumpContext#onAbort} first.
     *
     * @throws dev.stasis.spi.error.CrException if the state cannot be saved; say which, why and what to do
     */
    S dump(OpenFile file, DumpContext context);

    /** Resources that must exist before {@link #open} is called. Replaces retry loops. */
    default Set<ResourceId> requires(S image) {
        return Set.of();
    }

    /**
     * Reasons why the file cannot be opened again here; empty if it can. Called for all files before anything is
     * created; must change nothing. {@link RestoreContext#remote} does not work yet.
     */
    default List<Failure> checkOpen(S image, RestoreContext context) {
        return List.of();
    }

    /** Opens the file again, in the tool or in the restored task. The caller owns the returned descriptor. */
    Fd open(S image, RestoreContext context);

    /**
     * Completes a file when all descriptors of a process that holds it are in place, for state that refers to
     * other descriptors by number, such as an epoll set. {@link RestoreContext#remote} is that process.
     *
     * @param fd the file's descriptor in that process
     */
    default void complete(S image, int fd, RestoreContext context) {}
}
