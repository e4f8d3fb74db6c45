// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import dev.stasis.kernel.task.Lsm;
import java.util.Locale;

/**
 * What restored programs are confined by, whatever it was when they were saved.
 *
 * @param module the security module
 * @param label a profile of AppArmor or a context of SELinux
 */
public record LsmProfile(Lsm module, String label) {
    /**
     * Reads {@code apparmor:PROFILE} or {@code selinux:CONTEXT}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static LsmProfile parse(String text) {
        int colon = text.indexOf(':');
        if (colon <= 0 || colon + 1 == text.length()) {
            throw new IllegalArgumentException("'" + text + "' is not TYPE:LABEL");
        }
        return switch (text.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "apparmor" -> new LsmProfile(Lsm.APPARMOR, text.substring(colon + 1));
            case "selinux" -> new LsmProfile(Lsm.SELINUX, text.substring(colon + 1));
            default -> throw new IllegalArgumentException("'" + text.substring(0, colon) + "' is no security module");
        };
    }
}
