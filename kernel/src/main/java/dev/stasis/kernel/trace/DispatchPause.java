// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.ProcessMemory;

/**
 * Keeps system call user dispatch (Wine uses it, see {@link Tracee.Dispatch}) from turning our calls into SIGSYS.
 *
 * <p>The selector says that calls are allowed, as the program itself says again and again. If the tool is killed, that
 * stays so until the program says otherwise. Only a dispatch without a selector is switched off altogether.
 */
public final class DispatchPause {
    private static final byte ALLOW = 0;
    private static final DispatchPause NONE = new DispatchPause(null, Tracee.Dispatch.OFF, ALLOW);

    private final Tracee tracee;
    private final Tracee.Dispatch found;
    private final byte selected;

    private DispatchPause(Tracee tracee, Tracee.Dispatch found, byte selected) {
        this.tracee = tracee;
        this.found = found;
        this.selected = selected;
    }

    static DispatchPause begin(Tracee tracee) {
        Tracee.Dispatch dispatch = tracee.syscallDispatch();
        if (dispatch == null || !dispatch.on()) {
            return NONE;
        }
        if (dispatch.selector() == 0) {
            DispatchPause pause = new DispatchPause(tracee, dispatch, ALLOW);
            tracee.setSyscallDispatch(Tracee.Dispatch.OFF);
            return pause;
        }
        byte selected = ProcessMemory.read(tracee.pid(), dispatch.selector(), 1)[0];
        ProcessMemory.write(tracee.pid(), dispatch.selector(), new byte[] {ALLOW});
        return new DispatchPause(tracee, dispatch, selected);
    }

    /** As it was found. */
    public Tracee.Dispatch found() {
        return found;
    }

    /** What stood at the selector. */
    public byte selected() {
        return selected;
    }

    /** Puts it in force again. */
    void end() {
        if (found.on()) {
            restore(tracee, found, selected);
        }
    }

    /** Puts a dispatch in force in a stopped task that makes no more calls for us. */
    public static void restore(Tracee tracee, Tracee.Dispatch dispatch, byte selected) {
        if (dispatch.selector() != 0) {
            ProcessMemory.write(tracee.pid(), dispatch.selector(), new byte[] {selected});
        }
        tracee.setSyscallDispatch(dispatch);
    }
}
