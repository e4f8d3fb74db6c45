// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

/**
 * The steps of a dump, in order. Each says in which state the tasks are, what may be called, and what undoes it.
 *
 * <p>Names in brackets are CRIU's plugin hooks and action scripts.
 */
public enum DumpPhase {
    /** Tasks run. {@code DumpHook.check}, {@code claims} and {@code check} of all handlers. Changes nothing. */
    CHECK,
    /** Tasks run. {@code DeviceHook.pauseDevices} (PAUSE_DEVICES); undone by resumeDevices. */
    PAUSE_DEVICES,
    /** Tasks are being stopped; undone by thawing and detaching. */
    FREEZE,
    /** Tasks are stopped. {@code DeviceHook.checkpointDevices} (CHECKPOINT_DEVICES); undone by resumeDevices. */
    CHECKPOINT_DEVICES,
    /** Tasks are stopped. Everything is read again, {@code claims} and {@code check} once more. Reads only. */
    COLLECT,
    /** Tasks are stopped and work for us. {@code FdHandler.dump}, {@code VmaHandler.dump}; undone by onAbort. */
    DUMP_TASKS,
    /** Tasks are stopped and as they were found. {@code DeviceHook.dumpDevicesLate} (DUMP_DEVICES_LATE). */
    DUMP_DEVICES_LATE,
    /** Tasks are stopped, or run already when they were snapshot by fork. Images are completed; inventory last. */
    COMMIT,
    /** Past the point of no return: tasks run, are left stopped, or are gone. */
    FINISH
}
