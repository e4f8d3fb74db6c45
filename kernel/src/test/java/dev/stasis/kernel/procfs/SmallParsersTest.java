// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The files with few lines. */
class SmallParsersTest {
    @Test
    void descriptorOfAFile() {
        FdInfo info = FdInfo.parse(Recorded.read("6.1/fdinfo"));

        assertEquals(1 << 20, info.pos());
        assertEquals(0102002, info.flags());
        assertTrue(info.cloexec());
        assertEquals(29, info.mntId());
        assertEquals(131099, info.ino());
        assertEquals(List.of("lock:\t1: POSIX  ADVISORY  WRITE 4211 fe:01:131099 0 EOF"), info.details());
    }

    @Test
    void descriptorOfAnEventfdOnAnOldKernel() {
        FdInfo info = FdInfo.parse(Recorded.read("6.1/fdinfo-eventfd"));

        assertEquals(2, info.flags());
        assertFalse(info.cloexec());
        assertEquals(0, info.ino());
        assertEquals("5", info.detail("eventfd-count"));
        assertNull(info.detail("eventfd"));
    }

    @Test
    void offsetsOfATimeNamespace() {
        String text = "monotonic    -8640001 999999999\nboottime       3456000         0\n";

        ClockOffsets offsets = ClockOffsets.parse(text.getBytes(StandardCharsets.US_ASCII));

        assertEquals(-8640000_000000001L, offsets.monotonic());
        assertEquals(3456000_000000000L, offsets.boottime());
        assertEquals("monotonic -8640001 999999999\nboottime 3456000 0\n", offsets.text());
    }

    @Test
    void busyDisks() {
        String text = """
                   7       0 loop0 936 2 109806 151897 64 23 63586 270 0 35684 152195 0 0 0 0 20 27
                 254       0 vda 195644 68805 17554970 197296 104976 137941 61462000 394736 3 46312 602823 64544 56 1 2 3 4
                 259       1 nvme0n1p1 1 2 3 4 5 6 7 8 12 10 11
                """;

        assertEquals(Set.of("vda", "nvme0n1p1"), DiskStats.busy(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void mounts() {
        List<MountPoint> mounts = MountInfoParser.parse(Recorded.read("6.1/mountinfo"));

        assertEquals(5, mounts.size());
        MountPoint root = mounts.get(0);
        assertEquals(22, root.mountId());
        assertEquals(1, root.parentId());
        assertEquals(0xfe01, root.dev());
        assertEquals("/", root.mountPoint());
        assertEquals("rw,relatime", root.options());
        assertEquals(1, root.sharedGroup());
        assertEquals(0, root.masterGroup());
        assertEquals("ext4", root.fsType());
        assertEquals("/dev/vda1", root.source());
        assertEquals("rw,errors=remount-ro", root.superOptions());
        MountPoint dev = mounts.get(2);
        assertEquals(List.of("shared:2", "master:7", "propagate_from:3"), dev.optional());
        assertEquals(7, dev.masterGroup());
        MountPoint odd = mounts.get(3);
        assertEquals("/sub dir", odd.root());
        assertEquals("/mnt/a b\tc\nd\\e#f", odd.mountPoint());
        assertEquals(List.of("unbindable"), odd.optional());
        assertEquals("fuse.sshfs", odd.fsType());
        assertEquals(0xfff103ffL, odd.dev());
        assertEquals("/@/x\udcff", mounts.get(4).root());
        assertEquals(List.of(), mounts.get(4).optional());
        assertEquals("rw,space_cache=v2 odd", mounts.get(4).superOptions());
    }

    @Test
    void limits() {
        ResourceLimits limits = LimitsParser.parse(Recorded.read("6.1/limits"));

        assertEquals(60, limits.soft(0));
        assertEquals(120, limits.hard(0));
        assertEquals(ResourceLimits.UNLIMITED, limits.soft(1));
        assertEquals(8388608, limits.soft(3));
        assertEquals(ResourceLimits.UNLIMITED, limits.hard(3));
        assertEquals(1024, limits.soft(7));
        assertEquals(1048576, limits.hard(7));
        assertEquals(99, limits.hard(14));
        assertEquals(-2, limits.hard(15), "unsigned");
    }

    @Test
    void timers() {
        List<PosixTimer> timers = TimersParser.parse(Recorded.read("6.1/timers"));

        assertEquals(
                List.of(
                        new PosixTimer(0, 60, 0x7fff86e452a8L, PosixTimer.SIGEV_SIGNAL, true, 2634, 0),
                        new PosixTimer(1, 14, 0, PosixTimer.SIGEV_NONE, false, 2634, -6),
                        new PosixTimer(7, 32, 0, PosixTimer.SIGEV_THREAD, false, 2634, 1)),
                timers);
        assertEquals(PosixTimer.SIGEV_THREAD_ID, timers.get(0).sigevNotify());
        assertEquals(List.of(), TimersParser.parse(new byte[0]));
    }

    @Test
    void cgroups() {
        assertEquals(
                List.of(
                        new CgroupEntry(12, "pids", "/user.slice"),
                        new CgroupEntry(4, "cpu,cpuacct", "/a:b c"),
                        new CgroupEntry(1, "name=systemd", "/user.slice/session-1.scope (deleted)"),
                        new CgroupEntry(0, "", "/user.slice/\u00e4\udcff")),
                CgroupParser.parse(Recorded.read("6.1/cgroup")));
    }

    @Test
    void auxiliaryVectors() {
        ByteBuffer wide = ByteBuffer.allocate(400).order(ByteOrder.nativeOrder());
        long[] pairs = {33, 0x7fff1000L, 4, 56, 9, 0x55d7a6ece040L, 0, 0};
        for (long word : pairs) {
            wide.putLong(word);
        }
        Auxv auxv = Auxv.parse(wide.array());
        assertFalse(auxv.is32Bit());
        assertEquals(0x55d7a6ece040L, auxv.get(Auxv.AT_ENTRY));
        assertEquals(pairs.length, auxv.words().length);

        ByteBuffer narrow = ByteBuffer.allocate(400).order(ByteOrder.nativeOrder());
        for (int word : new int[] {32, 0xf7fc5570, 33, 0xf7fc5000, 4, 32, 9, 0x8049000, 0, 0}) {
            narrow.putInt(word);
        }
        Auxv compat = Auxv.parse(narrow.array());
        assertTrue(compat.is32Bit());
        assertEquals(0xf7fc5000L, compat.get(Auxv.AT_SYSINFO_EHDR));

        assertFalse(Auxv.parse(new byte[0]).is32Bit());
    }

    @Test
    void idMaps() {
        IdMap map = IdMap.parse("         0       1000          1\n         1     100000      65536\n"
                .getBytes(StandardCharsets.ISO_8859_1));

        assertEquals(1000, map.toOutside(0));
        assertEquals(100001, map.toOutside(2));
        assertEquals(IdMap.UNMAPPED, map.toOutside(65537));
        assertEquals(65536, map.toInside(165535));
        assertEquals(IdMap.UNMAPPED, map.toInside(0));
        assertFalse(map.isIdentity());
        assertTrue(IdMap.parse("         0          0 4294967295\n".getBytes(StandardCharsets.ISO_8859_1))
                .isIdentity());
    }

    @Test
    void namespaceLink() {
        assertEquals(4026531841L, NamespaceLinks.parse("mnt:[4026531841]"));
        assertThrows(IllegalArgumentException.class, () -> NamespaceLinks.parse("/proc/1"));
    }
}
