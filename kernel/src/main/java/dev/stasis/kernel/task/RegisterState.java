// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.image.ThreadSettings;
import dev.stasis.kernel.trace.Registers;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.ThreadInfoX86;
import dev.stasis.spi.image.criu.UserX86FpregsEntry;
import dev.stasis.spi.image.criu.UserX86RegsEntry;
import dev.stasis.spi.image.criu.UserX86RegsMode;
import dev.stasis.spi.image.criu.UserX86XsaveEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** General registers and extended state of a task on x86-64, as {@code thread_info_x86} keeps them. */
public final class RegisterState {
    private static final int FXSAVE_END = 512;
    private static final int ST_SPACE = 32;
    private static final int XMM_SPACE = 160;

    private static final long LEGACY = 3;
    /** Bounds registers: no processor of today has them, and no program that is alive uses them. */
    private static final long BOUNDS = 1L << XsaveLayout.BNDREGS | 1L << XsaveLayout.BNDCSR;

    private RegisterState() {}

    /**
     * The image of a stopped task's registers.
     *
     * @param registers as they were found; an interrupted system call is kept as one to be made again
     * @param area the XSAVE area as ptrace(2) gives it
     * @param clearChildTid address that set_tid_address(2) was given
     */
    public static ThreadInfoX86 dump(Registers registers, byte[] area, long clearChildTid) {
        return ThreadInfoX86.newBuilder()
                .setClearTidAddr(clearChildTid)
                .setGpregs(general(registers))
                .setFpregs(extended(area))
                .build();
    }

    private static UserX86RegsEntry general(Registers found) {
        Registers registers = found.restarted();
        return UserX86RegsEntry.newBuilder()
                .setR15(registers.get(Registers.R15))
                .setR14(registers.get(Registers.R14))
                .setR13(registers.get(Registers.R13))
                .setR12(registers.get(Registers.R12))
                .setBp(registers.get(Registers.RBP))
                .setBx(registers.get(Registers.RBX))
                .setR11(registers.get(Registers.R11))
                .setR10(registers.get(Registers.R10))
                .setR9(registers.get(Registers.R9))
                .setR8(registers.get(Registers.R8))
                .setAx(registers.get(Registers.RAX))
                .setCx(registers.get(Registers.RCX))
                .setDx(registers.get(Registers.RDX))
                .setSi(registers.get(Registers.RSI))
                .setDi(registers.get(Registers.RDI))
                .setOrigAx(registers.get(Registers.ORIG_RAX))
                .setIp(registers.get(Registers.RIP))
                .setCs(registers.get(Registers.CS))
                .setFlags(registers.get(Registers.EFLAGS))
                .setSp(registers.get(Registers.RSP))
                .setSs(registers.get(Registers.SS))
                .setFsBase(registers.get(Registers.FS_BASE))
                .setGsBase(registers.get(Registers.GS_BASE))
                .setDs(registers.get(Registers.DS))
                .setEs(registers.get(Registers.ES))
                .setFs(registers.get(Registers.FS))
                .setGs(registers.get(Registers.GS))
                .setMode(UserX86RegsMode.NATIVE)
                .build();
    }

    private static UserX86FpregsEntry extended(byte[] bytes) {
        ByteBuffer area = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        UserX86FpregsEntry.Builder image = UserX86FpregsEntry.newBuilder()
                .setCwd(area.getShort(0) & 0xffff)
                .setSwd(area.getShort(2) & 0xffff)
                .setTwd(area.getShort(4) & 0xffff)
                .setFop(area.getShort(6) & 0xffff)
                .setRip(area.getLong(8))
                .setRdp(area.getLong(16))
                .setMxcsr(area.getInt(24))
                .setMxcsrMask(area.getInt(28))
                .addAllStSpace(ints(area, ST_SPACE, XMM_SPACE))
                .addAllXmmSpace(ints(area, XMM_SPACE, XMM_SPACE + 256));
        if (bytes.length > FXSAVE_END) {
            XsaveLayout layout = XsaveLayout.of(bytes);
            image.setXsave(UserX86XsaveEntry.newBuilder()
                    .setXstateBv(area.getLong(XsaveLayout.HEADER))
                    .addAllYmmhSpace(ints(area, layout, XsaveLayout.YMM))
                    .addAllBndregState(longs(area, layout, XsaveLayout.BNDREGS))
                    .addAllBndcsrState(longs(area, layout, XsaveLayout.BNDCSR))
                    .addAllOpmaskReg(longs(area, layout, XsaveLayout.OPMASK))
                    .addAllZmmUpper(longs(area, layout, XsaveLayout.ZMM_UPPER))
                    .addAllHi16Zmm(longs(area, layout, XsaveLayout.HI16_ZMM))
                    .addAllPkru(ints(area, layout, XsaveLayout.PKRU)));
        }
        return image.build();
    }

    private static List<Integer> ints(ByteBuffer area, XsaveLayout layout, int part) {
        int start = layout.offset(part);
        return layout.has(part) ? ints(area, start, start + layout.size(part)) : List.of();
    }

    private static List<Integer> ints(ByteBuffer area, int start, int end) {
        List<Integer> words = new ArrayList<>((end - start) / 4);
        for (int at = start; at < end; at += 4) {
            words.add(area.getInt(at));
        }
        return words;
    }

    private static List<Long> longs(ByteBuffer area, XsaveLayout layout, int part) {
        List<Long> words = new ArrayList<>();
        int start = layout.offset(part);
        for (int at = start; layout.has(part) && at < start + layout.size(part); at += 8) {
            words.add(area.getLong(at));
        }
        return words;
    }

    /** The general registers, as they are to be when the thread runs on. */
    public static Registers general(CoreEntry core) {
        UserX86RegsEntry r = core.getThreadInfo().getGpregs();
        long[] words = {
            r.getR15(), r.getR14(), r.getR13(), r.getR12(), r.getBp(), r.getBx(), r.getR11(), r.getR10(), r.getR9(),
            r.getR8(), r.getAx(), r.getCx(), r.getDx(), r.getSi(), r.getDi(), r.getOrigAx(), r.getIp(), r.getCs(),
            r.getFlags(), r.getSp(), r.getSs(), r.getFsBase(), r.getGsBase(), r.getDs(), r.getEs(), r.getFs(), r.getGs()
        };
        return Registers.of(words).restarted();
    }

    /**
     * Components whose registers are saved and that a processor lacks, one bit each.
     *
     * @param fresh an area of this processor, as ptrace(2) gives it
     */
    public static long missing(CoreEntry core, byte[] fresh) {
        long saved = core.getThreadInfo().getFpregs().getXsave().getXstateBv();
        long features = ByteBuffer.wrap(fresh).order(ByteOrder.LITTLE_ENDIAN).getLong(XsaveLayout.XCR0);
        return saved & ~features & ~LEGACY & ~BOUNDS;
    }

    /**
     * The XSAVE area of a thread.
     *
     * @param raw the area from {@code manifest.img}, null if there is none
     * @param fresh the area of a task that has not used any of it, as ptrace(2) gives it
     */
    public static byte[] extended(CoreEntry core, byte[] raw, byte[] fresh) {
        if (raw != null && raw.length == fresh.length) {
            return raw;
        }
        UserX86FpregsEntry saved = core.getThreadInfo().getFpregs();
        ByteBuffer area = ByteBuffer.wrap(fresh.clone()).order(ByteOrder.LITTLE_ENDIAN);
        area.putShort(0, (short) saved.getCwd());
        area.putShort(2, (short) saved.getSwd());
        area.putShort(4, (short) saved.getTwd());
        area.putShort(6, (short) saved.getFop());
        area.putLong(8, saved.getRip());
        area.putLong(16, saved.getRdp());
        area.putInt(24, saved.getMxcsr());
        putInts(area, ST_SPACE, XMM_SPACE - ST_SPACE, saved.getStSpaceList());
        putInts(area, XMM_SPACE, 256, saved.getXmmSpaceList());
        if (fresh.length > FXSAVE_END) {
            area.putLong(XsaveLayout.HEADER, putComponents(area, saved, XsaveLayout.of(fresh)));
        }
        return area.array();
    }

    /** @return what the header says: components that are not in their initial state */
    private static long putComponents(ByteBuffer area, UserX86FpregsEntry saved, XsaveLayout layout) {
        long fresh = area.getLong(XsaveLayout.HEADER);
        if (!saved.hasXsave()) {
            return fresh | LEGACY;
        }
        UserX86XsaveEntry x = saved.getXsave();
        long put = putInts(area, layout, XsaveLayout.YMM, x.getYmmhSpaceList())
                | putLongs(area, layout, XsaveLayout.OPMASK, x.getOpmaskRegList())
                | putLongs(area, layout, XsaveLayout.ZMM_UPPER, x.getZmmUpperList())
                | putLongs(area, layout, XsaveLayout.HI16_ZMM, x.getHi16ZmmList())
                | putInts(area, layout, XsaveLayout.PKRU, x.getPkruList());
        long keys = 1L << XsaveLayout.PKRU;
        // The initial state of PKRU opens all keys; a task starts with another. An image without it means the latter.
        return x.getXstateBv() & put | LEGACY | ((put & keys) == 0 ? fresh & keys : 0);
    }

    /** Gives a stopped thread its registers, the last thing before it runs. */
    public static void restore(Tracee tracee, CoreEntry core, ThreadSettings settings, byte[] raw, byte[] fresh) {
        tracee.setExtendedState(extended(core, raw, fresh));
        tracee.setRegisters(ThreadSettingsState.sleep(settings, tracee, general(core)));
    }

    private static long putInts(ByteBuffer area, XsaveLayout layout, int component, List<Integer> values) {
        if (values.isEmpty() || !layout.has(component)) {
            return 0;
        }
        putInts(area, layout.offset(component), layout.size(component), values);
        return 1L << component;
    }

    private static long putLongs(ByteBuffer area, XsaveLayout layout, int component, List<Long> values) {
        if (values.isEmpty() || !layout.has(component)) {
            return 0;
        }
        for (int i = 0; i < Math.min(values.size(), layout.size(component) / 8); i++) {
            area.putLong(layout.offset(component) + i * 8, values.get(i));
        }
        return 1L << component;
    }

    private static void putInts(ByteBuffer area, int offset, int size, List<Integer> values) {
        for (int i = 0; i < Math.min(values.size(), size / 4); i++) {
            area.putInt(offset + i * 4, values.get(i));
        }
    }
}
