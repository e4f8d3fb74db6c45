// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stasis.kernel.LsmProfile;
import dev.stasis.spi.image.criu.Lsmtype;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LsmTest {
    @Test
    void profilesOfAppArmorAreFollowedByTheirMode() {
        assertEquals("/usr/bin/man", Lsm.APPARMOR.parse("/usr/bin/man (enforce)\n"));
        assertEquals("a (b)", Lsm.APPARMOR.parse("a (b) (complain)\n"));
        assertEquals("docker-default", Lsm.APPARMOR.parse("docker-default"));
        assertEquals("", Lsm.APPARMOR.parse("unconfined\n"));
        assertEquals("chrome", Lsm.APPARMOR.parse("chrome (unconfined)\n"));
    }

    @Test
    void contextsOfSelinuxEndWithAZero() {
        assertEquals("system_u:system_r:init_t:s0", Lsm.SELINUX.parse("system_u:system_r:init_t:s0\0"));
    }

    @Test
    void requests() {
        assertArrayEquals("changeprofile x y".getBytes(StandardCharsets.UTF_8), Lsm.APPARMOR.request("x y"));
        assertArrayEquals("u:r:t:s0".getBytes(StandardCharsets.UTF_8), Lsm.SELINUX.request("u:r:t:s0"));
    }

    @Test
    void typesOfImages() {
        for (Lsm lsm : Lsm.values()) {
            assertEquals(lsm, Lsm.of(lsm.type()));
        }
        assertEquals(Lsm.APPARMOR, Lsm.of(Lsmtype.APPARMOR));
    }

    @Test
    void profilesOfTheCommandLine() {
        assertEquals(new LsmProfile(Lsm.APPARMOR, "a:b"), LsmProfile.parse("apparmor:a:b"));
        assertEquals(new LsmProfile(Lsm.SELINUX, "u:r:t:s0"), LsmProfile.parse("SELinux:u:r:t:s0"));
        for (String wrong : new String[] {"", "apparmor", "apparmor:", ":x", "smack:x"}) {
            assertThrows(IllegalArgumentException.class, () -> LsmProfile.parse(wrong), wrong);
        }
    }
}
