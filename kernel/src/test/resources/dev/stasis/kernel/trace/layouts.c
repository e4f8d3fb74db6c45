// SPDX-License-Identifier: Apache-2.0
// Prints sizes and offsets of the kernel's structures, one per line. Structures that older headers lack are declared
// here as the kernel's documentation gives them.
#define _GNU_SOURCE
#include <linux/prctl.h>
#include <linux/futex.h>
#include <linux/types.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <sys/user.h>

#define SIZE(name, type) printf("sizeof %s %zu\n", name, sizeof(type))
#define AT(name, type, field) printf("%s.%s %zu\n", name, #field, offsetof(type, field))

struct kernel_ucontext {
    unsigned long uc_flags;
    void *uc_link;
    stack_t uc_stack;
    struct sigcontext uc_mcontext;
    uint64_t uc_sigmask;
};
struct kernel_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};
struct pm_scan_arg_ {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages, category_inverted, category_mask,
        category_anyof_mask, return_mask;
};
struct page_region_ {
    uint64_t start, end, categories;
};
struct clone_args_ {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
struct peeksiginfo_args {
    uint64_t off;
    uint32_t flags;
    int32_t nr;
};
struct rseq_configuration {
    uint64_t rseq_abi_pointer;
    uint32_t rseq_abi_size, signature, flags, pad;
};

int main(void) {
    SIZE("user_regs_struct", struct user_regs_struct);
#define REG(field) AT("user_regs_struct", struct user_regs_struct, field);
    REG(r15) REG(r14) REG(r13) REG(r12) REG(rbp) REG(rbx) REG(r11) REG(r10) REG(r9) REG(r8) REG(rax) REG(rcx)
    REG(rdx) REG(rsi) REG(rdi) REG(orig_rax) REG(rip) REG(cs) REG(eflags) REG(rsp) REG(ss) REG(fs_base)
    REG(gs_base) REG(ds) REG(es) REG(fs) REG(gs)
    AT("ucontext", struct kernel_ucontext, uc_flags);
    AT("ucontext", struct kernel_ucontext, uc_mcontext);
    AT("ucontext", struct kernel_ucontext, uc_sigmask);
#define CONTEXT(field) AT("sigcontext", struct sigcontext, field);
    CONTEXT(r8) CONTEXT(r15) CONTEXT(rdi) CONTEXT(rsi) CONTEXT(rbp) CONTEXT(rbx) CONTEXT(rdx) CONTEXT(rax)
    CONTEXT(rcx) CONTEXT(rsp) CONTEXT(rip) CONTEXT(eflags) CONTEXT(cs) CONTEXT(fpstate)
    // The last of the four 16-bit words, which libc's headers still call padding.
    printf("sigcontext.ss %zu\n", offsetof(struct sigcontext, cs) + 6);
    printf("_fpstate.sw_reserved %d\n", 464);
    AT("_fpx_sw_bytes", struct _fpx_sw_bytes, magic1);
    AT("_fpx_sw_bytes", struct _fpx_sw_bytes, extended_size);
    printf("_fpx_sw_bytes.xfeatures %zu\n", offsetof(struct _fpx_sw_bytes, xstate_bv));
    AT("_fpx_sw_bytes", struct _fpx_sw_bytes, xstate_size);
    SIZE("pm_scan_arg", struct pm_scan_arg_);
    SIZE("page_region", struct page_region_);
#define SCAN(field) AT("pm_scan_arg", struct pm_scan_arg_, field);
    SCAN(size) SCAN(flags) SCAN(start) SCAN(end) SCAN(walk_end) SCAN(vec) SCAN(vec_len) SCAN(max_pages)
    SCAN(category_inverted) SCAN(category_mask) SCAN(category_anyof_mask) SCAN(return_mask)
    SIZE("clone_args", struct clone_args_);
    AT("clone_args", struct clone_args_, exit_signal);
    AT("clone_args", struct clone_args_, set_tid);
    AT("clone_args", struct clone_args_, set_tid_size);
    SIZE("msghdr", struct msghdr);
    AT("msghdr", struct msghdr, msg_iov);
    AT("msghdr", struct msghdr, msg_iovlen);
    AT("msghdr", struct msghdr, msg_control);
    AT("msghdr", struct msghdr, msg_controllen);
    SIZE("cmsghdr", struct cmsghdr);
    AT("cmsghdr", struct cmsghdr, cmsg_level);
    AT("cmsghdr", struct cmsghdr, cmsg_type);
    printf("CMSG_LEN %zu\n", (size_t)CMSG_LEN(sizeof(int)));
    printf("CMSG_SPACE %zu\n", (size_t)CMSG_SPACE(sizeof(int)));
    SIZE("ptrace_peeksiginfo_args", struct peeksiginfo_args);
    AT("ptrace_peeksiginfo_args", struct peeksiginfo_args, flags);
    AT("ptrace_peeksiginfo_args", struct peeksiginfo_args, nr);
    SIZE("ptrace_rseq_configuration", struct rseq_configuration);
    AT("ptrace_rseq_configuration", struct rseq_configuration, rseq_abi_size);
    AT("ptrace_rseq_configuration", struct rseq_configuration, signature);
    SIZE("siginfo", siginfo_t);
    SIZE("sigaction", struct kernel_sigaction);
    AT("sigaction", struct kernel_sigaction, handler);
    AT("sigaction", struct kernel_sigaction, flags);
    AT("sigaction", struct kernel_sigaction, restorer);
    AT("sigaction", struct kernel_sigaction, mask);
    SIZE("stack_t", stack_t);
    AT("stack_t", stack_t, ss_sp);
    AT("stack_t", stack_t, ss_flags);
    AT("stack_t", stack_t, ss_size);
    SIZE("itimerval", struct itimerval);
    AT("itimerval", struct itimerval, it_value);
    SIZE("rlimit", struct rlimit);
    AT("rlimit", struct rlimit, rlim_max);
    SIZE("sigevent", struct sigevent);
    AT("sigevent", struct sigevent, sigev_signo);
    AT("sigevent", struct sigevent, sigev_notify);
    printf("sigevent.sigev_notify_thread_id %zu\n", offsetof(struct sigevent, _sigev_un));
    SIZE("prctl_mm_map", struct prctl_mm_map);
    AT("prctl_mm_map", struct prctl_mm_map, auxv);
    AT("prctl_mm_map", struct prctl_mm_map, auxv_size);
    AT("prctl_mm_map", struct prctl_mm_map, exe_fd);
    SIZE("robust_list_head", struct robust_list_head);
    return 0;
}
