// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells one start of a machine from another, see proc_sys_kernel(5). */
final class BootId {
    private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");

    private BootId() {}

    /** Of this machine now; empty if it cannot be told. */
    static String current() {
        try (InputStream in = Files.newInputStream(FILE)) {
            return new String(in.readNBytes(64), StandardCharsets.US_ASCII).trim();
        } catch (IOException e) {
            return "";
        }
    }
}
