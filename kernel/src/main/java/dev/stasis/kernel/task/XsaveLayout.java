// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where the parts of an XSAVE area in standard format stand.
 *
 * <p>Intel keeps fixed places with gaps for parts a CPU does not have; AMD packs the parts. CPUID leaf 0xD tells, but
 * the size that the kernel reports for a set of features tells as well, and the JVM cannot execute CPUID.
 * Source: Intel SDM volume 1, chapter 13; AMD APM volume 2, section 11.5.
 */
public final class XsaveLayout {
    public static final int HEADER = 512;
    /** Where ptrace(2) puts XCR0, the features that the area has room for. */
    public static final int XCR0 = 464;

    public static final int YMM = 2;
    public static final int BNDREGS = 3;
    public static final int BNDCSR = 4;
    public static final int OPMASK = 5;
    public static final int ZMM_UPPER = 6;
    public static final int HI16_ZMM = 7;
    public static final int PKRU = 9;

    private static final int EXTENDED = 576;
    private static final int[] SIZES = new int[20];
    private static final int[] INTEL = new int[20];

    static {
        part(YMM, 576, 256);
        part(BNDREGS, 960, 64);
        part(BNDCSR, 1024, 64);
        part(OPMASK, 1088, 64);
        part(ZMM_UPPER, 1152, 512);
        part(HI16_ZMM, 1664, 1024);
        part(PKRU, 2688, 8);
        part(17, 2752, 64);
        part(18, 2816, 8192);
    }

    private final int[] offsets;

    private XsaveLayout(int[] offsets) {
        this.offsets = offsets;
    }

    /** The layout of an area as ptrace(2) gives it. */
    public static XsaveLayout of(byte[] area) {
        if (area.length < EXTENDED) {
            return new XsaveLayout(new int[SIZES.length]);
        }
        long features = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN).getLong(XCR0);
        int[] packed = new int[SIZES.length];
        int[] fixed = new int[SIZES.length];
        int end = EXTENDED;
        for (int part = YMM; part < SIZES.length; part++) {
            if ((features >>> part & 1) != 0 && SIZES[part] > 0) {
                packed[part] = end;
                end += SIZES[part];
                fixed[part] = INTEL[part];
            }
        }
        return new XsaveLayout(end == area.length ? packed : fixed);
    }

    /** Whether the area has room for a part. */
    public boolean has(int part) {
        return offsets[part] != 0;
    }

    /** Where a part begins. */
    public int offset(int part) {
        return offsets[part];
    }

    /** Bytes of a part. */
    public int size(int part) {
        return SIZES[part];
    }

    private static void part(int number, int intel, int size) {
        INTEL[number] = intel;
        SIZES[number] = size;
    }
}
