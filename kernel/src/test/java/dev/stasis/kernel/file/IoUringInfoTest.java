// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What kernels tell of rings in fdinfo. */
class IoUringInfoTest {
    @Test
    void recentKernel() {
        IoUringInfo info = parse("""
                SqMask:	0x7
                SqHead:	1
                SqTail:	1
                CachedSqHead:	4000000000
                CqMask:	0xf
                CqHead:	0
                CqTail:	0
                CachedCqTail:	3999999999
                SQEs:	0
                CQEs:	0
                SqThread:	-1
                SqThreadCpu:	-1
                SqTotalTime:	0
                SqWorkTime:	0
                UserFiles:	4
                    0: /dev/null
                    2: socket:[3788798]
                UserBufs:	3
                    0: 0x7f24b1d6d000/4096
                    1: <none>
                    2: 0x7f24b1d6d064/8000
                PollList:
                  op=6, task_works=0
                  op=13, task_works=0
                CqOverflowList:
                  user_data=1, res=0, flags=0
                NAPI:	disabled
                """);

        assertEquals(8, info.sqEntries());
        assertEquals(16, info.cqEntries());
        assertEquals((int) 4000000000L, info.taken());
        assertEquals((int) 3999999999L, info.completed());
        assertEquals(-1, info.sqThread());
        assertEquals(Arrays.asList("/dev/null", null, "socket:[3788798]", null), info.files());
        assertEquals(List.of(0x7f24b1d6d000L, 4096L, 0L, 0L, 0x7f24b1d6d064L, 8000L), info.buffers());
        assertEquals(2, info.waiting());
        assertEquals(1, info.overflowing());
        assertFalse(info.personalities());
        assertTrue(info.complete());
    }

    @Test
    void kernelThatShowsCredentialsAndRequests() {
        IoUringInfo info = parse("""
                SqMask:	0x3
                SqHead:	5
                SqTail:	6
                CachedSqHead:	5
                CqMask:	0x7
                CqHead:	4
                CqTail:	5
                CachedCqTail:	5
                SQEs:	1
                    1: opcode:NOP, fd:0, flags:0, off:0, addr:0x0, rw_flags:0x0, buf_index:0 user_data:7
                CQEs:	1
                    4: user_data:6, res:0, flag:0
                SqThread:	4711
                SqThreadCpu:	1
                UserFiles:	2
                    0: null
                    1: <none>
                UserBufs:	0
                Personalities:
                    1
                	Uid:	0		0		0		0
                	Gid:	0		0		0		0
                	Groups:	0
                	CapEff:	000001ffffffffff
                PollList:
                CqOverflowList:
                """);

        assertEquals(4711, info.sqThread());
        assertEquals(Arrays.asList("null", null), info.files());
        assertTrue(info.personalities());
        assertEquals(0, info.waiting());
        assertEquals(0, info.overflowing());
    }

    @Test
    void ringInUse() {
        assertFalse(IoUringInfo.parse(List.of()).complete());
    }

    private static IoUringInfo parse(String text) {
        return IoUringInfo.parse(Arrays.asList(text.split("\n")));
    }
}
