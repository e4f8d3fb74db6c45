// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.spi.image.criu.Lsmtype;
import dev.stasis.spi.os.RawText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The security module of this machine that gives tasks labels, see apparmor(7) and selinux(8). */
public enum Lsm {
    /** There is none. */
    NONE(Lsmtype.NO_LSM),
    APPARMOR(Lsmtype.APPARMOR),
    SELINUX(Lsmtype.SELINUX);

    private static final Path APPARMOR_SWITCH = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final Path SELINUX_STATE = Path.of("/sys/fs/selinux/enforce");
    static final String UNCONFINED = "unconfined";

    private final Lsmtype type;

    Lsm(Lsmtype type) {
        this.type = type;
    }

    /** As {@code inventory.img} has it. */
    public Lsmtype type() {
        return type;
    }

    /** The module of an inventory. */
    public static Lsm of(Lsmtype type) {
        for (Lsm lsm : values()) {
            if (lsm.type == type) {
                return lsm;
            }
        }
        return NONE;
    }

    /** The module of this machine. */
    public static Lsm here() {
        try {
            if (Files.exists(APPARMOR_SWITCH)
                    && Files.readString(APPARMOR_SWITCH).startsWith("Y")) {
                return APPARMOR;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Files.exists(SELINUX_STATE) ? SELINUX : NONE;
    }

    /** Where a task sets its label, below {@code /proc/thread-self}. */
    String attribute() {
        return this == APPARMOR && Files.exists(Path.of("/proc/self/attr/apparmor"))
                ? "attr/apparmor/current"
                : "attr/current";
    }

    /** What a task writes there. */
    byte[] request(String label) {
        return RawText.encode(this == APPARMOR ? "changeprofile " + label : label);
    }

    /** The label of a thread, empty if it has none. */
    String label(ProcFs proc, int pid, int tid) {
        return this == NONE ? "" : parse(text(proc, pid, "task/" + tid + "/" + attribute()));
    }

    /** A profile of AppArmor is followed by its mode: {@code /usr/bin/man (enforce)}. */
    String parse(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\0')) {
            end--;
        }
        String label = text.substring(0, end);
        if (this != APPARMOR) {
            return label;
        }
        int mode = label.endsWith(")") ? label.lastIndexOf(" (") : -1;
        String profile = mode < 0 ? label : label.substring(0, mode);
        return profile.equals(UNCONFINED) ? "" : profile;
    }

    private static String text(ProcFs proc, int pid, String name) {
        try {
            return RawText.decode(proc.read(pid, name));
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return "";
            }
            throw e;
        }
    }
}
