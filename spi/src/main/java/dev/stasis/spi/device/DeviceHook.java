// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.device;

import dev.stasis.spi.Stable;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;
import org.pf4j.ExtensionPoint;

/**
 * Stops, saves and starts work on a device around a dump, and starts it again after a restore.
 *
 * <p>Calls take all processes at once, so that a plugin can work on them in parallel. A plugin that is not
 * concerned returns early. What {@link #pauseDevices} and {@link #checkpointDevices} change is undone by
 * {@link #resumeDevices}, which is called whenever the processes go on, after success and failure alike.
 * CRIU: PAUSE_DEVICES, CHECKPOINT_DEVICES, DUMP_DEVICES_LATE, RESUME_DEVICES_LATE.
 */
@Stable(since = "1.0")
public interface DeviceHook extends ExtensionPoint {
    /** The processes still run: lets the device finish what is in flight. */
    default void pauseDevices(List<ProcessRef> processes, DumpContext context) {}

    /** The processes are frozen: brings the device's state into their memory or into images. */
    default void checkpointDevices(List<ProcessRef> processes, DumpContext context) {}

    /** Everything else is dumped, the processes are still frozen. */
    default void dumpDevicesLate(List<ProcessRef> processes, DumpContext context) {}

    /** The processes go on: undoes pause and checkpoint. Must cope with those not having happened. */
    default void resumeDevices(List<ProcessRef> processes, DumpContext context) {}

    /** Restored processes are complete and about to run. */
    default void resumeDevicesLate(List<ProcessRef> processes, RestoreContext context) {}
}
