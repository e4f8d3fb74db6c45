// SPDX-License-Identifier: Apache-2.0
/* What threads can set for themselves alone: I/O priority, processors, timer slack, prctl(2) of many kinds. */
#include "zdtm.h"

#include <sys/personality.h>

#define SCHED_FLAG_RESET_ON_FORK 1
#define SCHED_FLAG_RECLAIM 2

/* linux/sched/types.h collides with glibc's sched_param. */
struct sched_attributes {
    uint32_t size;
    uint32_t sched_policy;
    uint64_t sched_flags;
    int32_t sched_nice;
    uint32_t sched_priority;
    uint64_t sched_runtime;
    uint64_t sched_deadline;
    uint64_t sched_period;
};

static int started;
static int gate;
static cpu_set_t last_cpu;

static long io_priority(void) { return must(syscall(SYS_ioprio_get, 1, 0)); }

static void plain(bool set) {
    (void)set;
    check_equal(0, io_priority() >> 13, "class of the I/O priority");
    check_equal(50000, must(prctl(PR_GET_TIMERSLACK)), "timer slack");
    check_equal(0, must(personality(0xffffffff)), "personality");
    cpu_set_t cpus;
    must(sched_getaffinity(0, sizeof(cpus), &cpus));
    check_equal(sysconf(_SC_NPROCESSORS_ONLN), CPU_COUNT(&cpus), "number of processors");
}

static void io_best_effort(bool set) {
    if (set) {
        must(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 6));
    }
    check_equal(2 << 13 | 6, io_priority(), "I/O priority");
}

static void io_idle(bool set) {
    if (set) {
        must(syscall(SYS_ioprio_set, 1, 0, 3 << 13));
    }
    check_equal(3, io_priority() >> 13, "class of the I/O priority");
}

static void one_processor(bool set) {
    if (set) {
        must(sched_setaffinity(0, sizeof(last_cpu), &last_cpu));
    }
    cpu_set_t cpus;
    must(sched_getaffinity(0, sizeof(cpus), &cpus));
    check(CPU_EQUAL(&cpus, &last_cpu), "the thread may run on %d processors", CPU_COUNT(&cpus));
}

static void timer_slack(bool set) {
    if (set) {
        must(prctl(PR_SET_TIMERSLACK, 123456789UL));
    }
    check_equal(123456789, must(prctl(PR_GET_TIMERSLACK)), "timer slack");
}

static void no_time_stamps(bool set) {
    int state = 0;
    if (set) {
        must(prctl(PR_SET_TSC, PR_TSC_SIGSEGV));
    }
    must(prctl(PR_GET_TSC, &state));
    check_equal(PR_TSC_SIGSEGV, state, "time stamp counter");
}

static void other_personality(bool set) {
    if (set) {
        must(personality(ADDR_NO_RANDOMIZE | STICKY_TIMEOUTS));
    }
    check_equal(ADDR_NO_RANDOMIZE | STICKY_TIMEOUTS, must(personality(0xffffffff)), "personality");
}

static void machine_check(bool set) {
    if (set) {
        must(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
    }
    check_equal(PR_MCE_KILL_EARLY, must(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0)), "machine check policy");
}

static void no_speculation(bool set) {
    int state = prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0);
    if (state < 0 || (state & PR_SPEC_PRCTL) == 0) {
        return;
    }
    if (set) {
        must(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_FORCE_DISABLE, 0, 0));
    }
    check_equal(PR_SPEC_PRCTL | PR_SPEC_FORCE_DISABLE, must(prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0)),
            "store bypass");
}

static void deadline(bool set) {
    struct sched_attributes attributes = {.size = sizeof(attributes), .sched_policy = 6,
            .sched_flags = SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_RECLAIM, .sched_runtime = 2000000,
            .sched_deadline = 40000000, .sched_period = 50000000};
    if (set) {
        must(syscall(SYS_sched_setattr, 0, &attributes, 0));
    }
    struct sched_attributes now;
    must(syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0));
    check_equal(6, now.sched_policy, "policy");
    check_equal(attributes.sched_flags, now.sched_flags, "flags");
    check_equal(2000000, now.sched_runtime, "runtime");
    check_equal(40000000, now.sched_deadline, "deadline");
    check_equal(50000000, now.sched_period, "period");
}

static void own_slice(bool set) {
    struct sched_attributes now;
    must(syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0));
    if (now.sched_runtime == 0) {
        return;
    }
    if (set) {
        now.sched_runtime = 7000000;
        must(syscall(SYS_sched_setattr, 0, &now, 0));
        must(syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0));
    }
    check_equal(7000000, now.sched_runtime, "slice");
}

static void real_time_with_nice(bool set) {
    if (set) {
        must(syscall(SYS_setpriority, PRIO_PROCESS, 0, 5));
        struct sched_param parameter = {.sched_priority = 3};
        must(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &parameter));
        return;
    }
    check_equal(SCHED_FIFO, must(syscall(SYS_sched_getscheduler, 0)), "policy");
    struct sched_param none = {0};
    must(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none));
    check_equal(20 - 5, must(syscall(SYS_getpriority, PRIO_PROCESS, 0)), "nice value that came back");
}

static void (*const SETTINGS[])(bool) = {plain, io_best_effort, io_idle, one_processor, timer_slack, no_time_stamps,
        other_personality, machine_check, no_speculation, deadline, own_slice, real_time_with_nice};

static void *body(void *argument) {
    void (*setting)(bool) = SETTINGS[(long)argument];
    setting(true);
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        /* Not through the vDSO, which reads time stamps. */
        struct timespec pause = {0, 10000000};
        syscall(SYS_nanosleep, &pause, NULL);
    }
    setting(false);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    cpu_set_t cpus;
    must(sched_getaffinity(0, sizeof(cpus), &cpus));
    CPU_ZERO(&last_cpu);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &cpus)) {
            CPU_ZERO(&last_cpu);
            CPU_SET(i, &last_cpu);
        }
    }
    pthread_t threads[COUNT(SETTINGS)];
    for (size_t i = 0; i < COUNT(SETTINGS); i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < (int)COUNT(SETTINGS)) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    plain(false);
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < COUNT(SETTINGS); i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
