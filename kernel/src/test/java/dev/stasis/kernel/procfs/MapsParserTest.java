// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mappings are read with their exact names. */
class MapsParserTest {
    private final List<MapsEntry> maps = MapsParser.parse(Recorded.read("6.18/maps"));

    @Test
    void fileMapping() {
        MapsEntry text = maps.get(1);

        assertEquals(0x55d7a6ed1000L, text.start());
        assertEquals(0x55d7a6ee2000L, text.end());
        assertEquals(MapsEntry.PROT_READ | MapsEntry.PROT_EXEC, text.prot());
        assertFalse(text.shared());
        assertEquals(0x3000, text.offset());
        assertEquals(0xfe00, text.dev());
        assertEquals(260850, text.inode());
        assertEquals("/usr/bin/sed", text.name());
        assertSame(maps.get(0).name(), text.name(), "one string for neighbours of one file");
        assertTrue(text.contains(0x55d7a6ed1000L));
        assertFalse(text.contains(0x55d7a6ee2000L));
    }

    @Test
    void namesOfAllKinds() {
        assertEquals("[heap]", maps.get(2).name());
        assertEquals("", maps.get(3).name());
        assertEquals("/memfd:a b (deleted)", maps.get(4).name());
        assertTrue(maps.get(4).shared());
        assertEquals("[anon:guard]", maps.get(6).name());
        assertEquals(0, maps.get(6).prot());
    }

    @Test
    void newlineInNameLargeOffsetDeviceAndInode() {
        MapsEntry odd = maps.get(5);

        assertEquals("/tmp/new\nline (deleted)", odd.name());
        assertEquals(0xfffffffff000L, odd.offset());
        assertEquals(-1, odd.inode());
        // gnu_dev_makedev(0x123, 0xabcde)
        assertEquals(0xabc123deL, odd.dev());
    }

    @Test
    void addressesAreUnsigned() {
        MapsEntry vsyscall = maps.get(maps.size() - 1);

        assertEquals(0xffffffffff600000L, vsyscall.start());
        assertEquals(4096, vsyscall.length());
        assertTrue(vsyscall.contains(0xffffffffff600800L));
        assertEquals("ffffffffff600000-ffffffffff601000 --xp 0 [vsyscall]", vsyscall.toString());
    }

    @Test
    void nothingAndNonsense() {
        assertEquals(List.of(), MapsParser.parse(new byte[0]));
        assertThrows(
                IllegalArgumentException.class,
                () -> MapsParser.parse("7f00-7f01 r".getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void flagsAndSizes() {
        List<SmapsEntry> smaps = SmapsParser.parse(Recorded.read("6.1/smaps"));

        assertEquals(3, smaps.size());
        SmapsEntry plain = smaps.get(0);
        assertEquals(0x7f12a0000000L, plain.mapping().start());
        assertEquals(4096, plain.pageSize());
        assertEquals(12 << 10, plain.rss());
        assertEquals(8 << 10, plain.anonymous());
        assertEquals(4 << 10, plain.swap());
        assertEquals(12 << 10, plain.locked());
        assertTrue(plain.has(VmFlag.LO) && plain.has(VmFlag.SD) && plain.has(VmFlag.DD) && plain.has(VmFlag.RD));
        assertFalse(plain.has(VmFlag.GD) || plain.has(VmFlag.UNKNOWN));
        SmapsEntry huge = smaps.get(1);
        assertEquals(2 << 20, huge.pageSize());
        assertEquals(0, huge.anonymous(), "nothing left over from the mapping before");
        assertTrue(huge.has(VmFlag.HT) && huge.has(VmFlag.UNKNOWN));
        assertTrue(smaps.get(2).has(VmFlag.GD));
        assertEquals("[stack]", smaps.get(2).mapping().name());
    }
}
