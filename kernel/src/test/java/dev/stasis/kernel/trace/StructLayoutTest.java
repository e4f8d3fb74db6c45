// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.kernel.subject.Compiler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's structures as the compiler lays them out, against the offsets in our code. */
class StructLayoutTest {
    private static final String[] REGISTERS = {
        "r15",
        "r14",
        "r13",
        "r12",
        "rbp",
        "rbx",
        "r11",
        "r10",
        "r9",
        "r8",
        "rax",
        "rcx",
        "rdx",
        "rsi",
        "rdi",
        "orig_rax",
        "rip",
        "cs",
        "eflags",
        "rsp",
        "ss",
        "fs_base",
        "gs_base",
        "ds",
        "es",
        "fs",
        "gs"
    };
    private static final Map<String, Integer> LAYOUT = new HashMap<>();

    @BeforeAll
    static void compile(@TempDir Path directory) {
        Path program = Compiler.compileResource(directory, StructLayoutTest.class, "layouts.c");
        for (String line : Compiler.output(program.toString()).split("\n")) {
            int space = line.lastIndexOf(' ');
            LAYOUT.put(line.substring(0, space), Integer.parseInt(line.substring(space + 1)));
        }
    }

    @Test
    void generalRegisters() {
        assertEquals(Registers.SIZE, size("user_regs_struct"));
        for (int i = 0; i < REGISTERS.length; i++) {
            assertEquals(i * 8, at("user_regs_struct." + REGISTERS[i]), REGISTERS[i]);
        }
    }

    @Test
    void signalFrame() {
        long[] words = new long[27];
        for (int i = 0; i < words.length; i++) {
            words[i] = 0x1111111100000000L + i;
        }
        words[Registers.CS] = 0x33;
        words[Registers.SS] = 0x2b;
        byte[] state = new byte[2696];
        state[464] = 7;
        long address = 0x10008;
        ByteBuffer frame = ByteBuffer.wrap(SignalFrame.build(address, 0x77, Registers.of(words), 0xabcdef, state))
                .order(ByteOrder.LITTLE_ENDIAN);
        int context = 8;
        int machine = context + at("ucontext.uc_mcontext");
        assertEquals(0x77, frame.getLong(0));
        assertEquals(7, frame.getLong(context + at("ucontext.uc_flags")));
        assertEquals(0xabcdef, frame.getLong(context + at("ucontext.uc_sigmask")));
        for (String name : new String[] {"r8", "r15", "rdi", "rsi", "rbp", "rbx", "rdx", "rax", "rcx", "rsp", "rip"}) {
            int index = List.of(REGISTERS).indexOf(name);
            assertEquals(words[index], frame.getLong(machine + at("sigcontext." + name)), name);
        }
        assertEquals(words[Registers.EFLAGS], frame.getLong(machine + at("sigcontext.eflags")));
        assertEquals(0x33, frame.getShort(machine + at("sigcontext.cs")));
        assertEquals(0x2b, frame.getShort(machine + at("sigcontext.ss")));
        long pointer = frame.getLong(machine + at("sigcontext.fpstate"));
        assertEquals(0, pointer % 64);
        int fpstate = (int) (pointer - address);
        int software = fpstate + at("_fpstate.sw_reserved");
        assertEquals(0x46505853, frame.getInt(software + at("_fpx_sw_bytes.magic1")));
        assertEquals(state.length + 4, frame.getInt(software + at("_fpx_sw_bytes.extended_size")));
        assertEquals(7, frame.getLong(software + at("_fpx_sw_bytes.xfeatures")));
        assertEquals(state.length, frame.getInt(software + at("_fpx_sw_bytes.xstate_size")));
        assertEquals(0x46505845, frame.getInt(fpstate + state.length));
    }

    @Test
    void argumentsOfCalls() {
        assertEquals(96, size("pm_scan_arg"));
        assertEquals(24, size("page_region"));
        assertEquals(0, at("pm_scan_arg.size"));
        assertEquals(8, at("pm_scan_arg.flags"));
        assertEquals(16, at("pm_scan_arg.start"));
        assertEquals(24, at("pm_scan_arg.end"));
        assertEquals(32, at("pm_scan_arg.walk_end"));
        assertEquals(40, at("pm_scan_arg.vec"));
        assertEquals(48, at("pm_scan_arg.vec_len"));
        assertEquals(56, at("pm_scan_arg.max_pages"));
        assertEquals(64, at("pm_scan_arg.category_inverted"));
        assertEquals(72, at("pm_scan_arg.category_mask"));
        assertEquals(80, at("pm_scan_arg.category_anyof_mask"));
        assertEquals(88, at("pm_scan_arg.return_mask"));
        assertEquals(88, size("clone_args"));
        assertEquals(32, at("clone_args.exit_signal"));
        assertEquals(64, at("clone_args.set_tid"));
        assertEquals(72, at("clone_args.set_tid_size"));
        assertEquals(56, size("msghdr"));
        assertEquals(16, at("msghdr.msg_iov"));
        assertEquals(24, at("msghdr.msg_iovlen"));
        assertEquals(32, at("msghdr.msg_control"));
        assertEquals(40, at("msghdr.msg_controllen"));
        assertEquals(16, size("cmsghdr"));
        assertEquals(8, at("cmsghdr.cmsg_level"));
        assertEquals(12, at("cmsghdr.cmsg_type"));
        assertEquals(20, at("CMSG_LEN"));
        assertEquals(24, at("CMSG_SPACE"));
        assertEquals(16, size("ptrace_peeksiginfo_args"));
        assertEquals(8, at("ptrace_peeksiginfo_args.flags"));
        assertEquals(12, at("ptrace_peeksiginfo_args.nr"));
        assertEquals(24, size("ptrace_rseq_configuration"));
        assertEquals(8, at("ptrace_rseq_configuration.rseq_abi_size"));
        assertEquals(12, at("ptrace_rseq_configuration.signature"));
    }

    @Test
    void stateOfTasks() {
        assertEquals(128, size("siginfo"));
        assertEquals(32, size("sigaction"));
        assertEquals(0, at("sigaction.handler"));
        assertEquals(8, at("sigaction.flags"));
        assertEquals(16, at("sigaction.restorer"));
        assertEquals(24, at("sigaction.mask"));
        assertEquals(24, size("stack_t"));
        assertEquals(0, at("stack_t.ss_sp"));
        assertEquals(8, at("stack_t.ss_flags"));
        assertEquals(16, at("stack_t.ss_size"));
        assertEquals(32, size("itimerval"));
        assertEquals(16, at("itimerval.it_value"));
        assertEquals(16, size("rlimit"));
        assertEquals(8, at("rlimit.rlim_max"));
        assertEquals(64, size("sigevent"));
        assertEquals(8, at("sigevent.sigev_signo"));
        assertEquals(12, at("sigevent.sigev_notify"));
        assertEquals(16, at("sigevent.sigev_notify_thread_id"));
        assertEquals(104, size("prctl_mm_map"));
        assertEquals(88, at("prctl_mm_map.auxv"));
        assertEquals(96, at("prctl_mm_map.auxv_size"));
        assertEquals(100, at("prctl_mm_map.exe_fd"));
        assertEquals(24, size("robust_list_head"));
    }

    private static int size(String struct) {
        return at("sizeof " + struct);
    }

    private static int at(String name) {
        Integer found = LAYOUT.get(name);
        if (found == null) {
            throw new IllegalArgumentException(name);
        }
        return found;
    }
}
