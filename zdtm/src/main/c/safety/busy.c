// SPDX-License-Identifier: Apache-2.0
/*
 * A program that notices whatever a dump does to it: threads that compute with registers and vector registers, that
 * hash memory, that send each other signals, that sleep in system calls, that open and read files, all the time.
 * The SIGTRAP action, the signal masks and the number of open files must stay as they are; nobody may meet an EINTR that no
 * handler explains.
 */
#include "vector.h"

#include <linux/futex.h>

#define AREA (6 * MIB)

static volatile int stop;
static volatile int traps;
static long rounds[8];
static uint32_t futex_word;
static int own_pipe[2];
static uint64_t usr1_sent;
static uint64_t usr1_seen;
static pthread_t main_thread;

static void on_trap(int number) {
    (void)number;
    traps++;
}

static void on_usr1(int number) {
    (void)number;
    __atomic_add_fetch(&usr1_seen, 1, __ATOMIC_SEQ_CST);
}

static void tick(int who) { __atomic_add_fetch(&rounds[who], 1, __ATOMIC_SEQ_CST); }

/* Spins for a while between load and store, so that a freeze finds the registers full. */
static void *holds_vectors(void *argument) {
    enum vector_width width = vector_offered(AVX512) ? AVX512 : vector_offered(AVX) ? AVX : SSE;
    struct vector_state in;
    struct vector_state out;
    uint64_t seed = 3;
    (void)argument;
    while (!stop) {
        vector_fill(&in, seed++);
        /* It holds them in a sleep, which ends at once when the word is not 0 and else by the signal thread's wake. */
        vector_sleep(width, &in, &out, &futex_word);
        vector_check(width, &in, &out);
        tick(0);
    }
    return NULL;
}

static void *wakes(void *argument) {
    (void)argument;
    while (!stop) {
        __atomic_store_n(&futex_word, 1, __ATOMIC_SEQ_CST);
        must(syscall(SYS_futex, &futex_word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0));
        usleep(200);
        __atomic_store_n(&futex_word, 0, __ATOMIC_SEQ_CST);
        usleep(500);
        tick(1);
    }
    __atomic_store_n(&futex_word, 1, __ATOMIC_SEQ_CST);
    must(syscall(SYS_futex, &futex_word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0));
    return NULL;
}

/* Integer registers under load: a chain whose end is known. */
static void *computes(void *argument) {
    (void)argument;
    uint64_t first = 0;
    while (!stop) {
        uint64_t a = 1, b = 2, c = 3, d = 5, e = 7, f = 11;
        for (int i = 0; i < 100000; i++) {
            a = a * 6364136223846793005UL + b;
            b ^= a >> 7;
            c += b * 3;
            d = (d << 5 | d >> 59) ^ c;
            e += d;
            f ^= e + a;
        }
        uint64_t sum = a ^ b ^ c ^ d ^ e ^ f;
        if (first == 0) {
            first = sum;
        }
        check_equal(first, sum, "result of a computation");
        tick(2);
        usleep(300);
    }
    return NULL;
}

static void *hashes(void *argument) {
    (void)argument;
    char *area = map(AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *shared = map(MIB, PROT_READ | PROT_WRITE, MAP_SHARED);
    pattern_write(area, AREA, 1);
    pattern_write(shared, MIB, 2);
    uint64_t round = 0;
    while (!stop) {
        size_t page = (size_t)(round * 37 % (AREA / PAGE)) * PAGE;
        check_pattern(area, AREA / 8, 1, "memory");
        static char expected[AREA];
        if (round == 0) {
            pattern_write(expected, AREA, 1);
        }
        check(memcmp(area + page, expected + page, PAGE) == 0, "page at %zu", page);
        memset(area + page, (int)round, PAGE);
        memcpy(area + page, expected + page, PAGE);
        check_pattern(shared, MIB / 4, 2, "shared memory");
        round++;
        tick(3);
        usleep(300);
    }
    return NULL;
}

static void *signals(void *argument) {
    (void)argument;
    while (!stop) {
        __atomic_add_fetch(&usr1_sent, 1, __ATOMIC_SEQ_CST);
        must0(pthread_kill(main_thread, SIGUSR1));
        /* Signals of one number are not counted while one is pending. */
        for (int i = 0; i < 20000 && __atomic_load_n(&usr1_seen, __ATOMIC_SEQ_CST) < usr1_sent && !stop; i++) {
            usleep(100);
        }
        check(stop || usr1_seen == usr1_sent, "signal %lu did not arrive", usr1_sent);
        tick(4);
        usleep(300);
    }
    return NULL;
}

/* Sleeps in calls that must not end early: no signal handler runs in this thread. */
static void *sleeps(void *argument) {
    (void)argument;
    while (!stop) {
        struct timespec time = {0, 3000000};
        must(nanosleep(&time, NULL));
        struct pollfd nothing = {.fd = own_pipe[0], .events = POLLIN};
        check_equal(0, must(poll(&nothing, 1, 3)), "poll without an event");
        uint32_t word = 0;
        long result = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &time, NULL, 0);
        check(result == -1, "futex was waked");
        if (errno != ETIMEDOUT && errno != 0) {
            fail("futex ended");
        }
        tick(5);
    }
    return NULL;
}

static void *uses_files(void *argument) {
    (void)argument;
    char text[64];
    char again[64];
    long count = 0;
    int fd = must(open("busy-file", O_RDWR | O_CREAT, 0600));
    while (!stop) {
        int length = snprintf(text, sizeof(text), "round %ld", count++);
        must(lseek(fd, 100, SEEK_SET));
        check_equal(length, must(write(fd, text, (size_t)length)), "bytes written");
        check_equal(100 + length, must(lseek(fd, 0, SEEK_CUR)), "position");
        check_equal(length, must(pread(fd, again, (size_t)length, 100)), "bytes read");
        check(memcmp(text, again, (size_t)length) == 0, "content of the file");
        tick(6);
        usleep(300);
    }
    return NULL;
}

static int child(void *argument) {
    (void)argument;
    uint64_t turns = 0;
    while (!test_stopping()) {
        turns++;
        usleep(1000);
    }
    return 0;
}

static void read_kernel_action(int number, uint64_t action[4]) {
    must(syscall(SYS_rt_sigaction, number, NULL, action, 8));
}

static int count_files(void) {
    int count = 0;
    for (int fd = 0; fd < 200; fd++) {
        count += fcntl(fd, F_GETFD) != -1;
    }
    return count;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    main_thread = pthread_self();
    must(pipe(own_pipe));
    struct sigaction trap = {.sa_handler = on_trap, .sa_flags = SA_RESTART};
    sigaddset(&trap.sa_mask, SIGUSR2);
    must(sigaction(SIGTRAP, &trap, NULL));
    struct sigaction usr1 = {.sa_handler = on_usr1, .sa_flags = SA_RESTART};
    must(sigaction(SIGUSR1, &usr1, NULL));
    uint64_t actions[65][4];
    for (int number = 1; number < 65; number++) {
        read_kernel_action(number, actions[number]);
    }
    pid_t children[] = {spawn(child, NULL), spawn(child, NULL)};
    static void *(*const bodies[])(void *) = {holds_vectors, wakes, computes, hashes, signals, sleeps, uses_files};
    pthread_t threads[COUNT(bodies)];
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigdelset(&all, SIGTRAP);
    must0(pthread_sigmask(SIG_BLOCK, &all, &before));
    for (size_t i = 0; i < COUNT(bodies); i++) {
        must0(pthread_create(&threads[i], NULL, bodies[i], NULL));
    }
    must0(pthread_sigmask(SIG_SETMASK, &before, NULL));
    for (size_t i = 0; i < COUNT(bodies); i++) {
        while (__atomic_load_n(&rounds[i], __ATOMIC_SEQ_CST) < 3) {
            sleep_ms(1);
        }
    }
    int files = count_files();
    test_ready();
    int64_t last_look = now_ms();
    long seen[COUNT(bodies)] = {0};
    while (!test_stopping()) {
        sleep_ms(20);
        for (int number = 1; number < 65; number++) {
            uint64_t now[4];
            if (number == 32 || number == 33) {
                continue; /* glibc's own, set when it needs them */
            }
            read_kernel_action(number, now);
            check(memcmp(now, actions[number], sizeof(now)) == 0, "the action of signal %d has changed", number);
        }
        uint64_t mask;
        must(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8));
        check_equal(0, mask, "blocked signals");
        check_equal(files, count_files(), "open files");
        check_equal(0, traps, "SIGTRAPs that reached the program");
        /* Every thread goes on; what is slow on a busy machine is not stuck. */
        if (now_ms() - last_look > 20000) {
            for (size_t i = 0; i < COUNT(bodies); i++) {
                check(rounds[i] > seen[i], "thread %zu is stuck", i);
                seen[i] = rounds[i];
            }
            last_look = now_ms();
        }
    }
    long at_end[COUNT(bodies)];
    memcpy(at_end, rounds, sizeof(at_end));
    int64_t limit = now_ms() + 20000;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        while (__atomic_load_n(&rounds[i], __ATOMIC_SEQ_CST) < at_end[i] + 2) {
            check(now_ms() < limit, "thread %zu does not go on", i);
            sleep_ms(1);
        }
    }
    stop = 1;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        must0(pthread_join(threads[i], NULL));
    }
    for (size_t i = 0; i < COUNT(children); i++) {
        stop_child(children[i]);
    }
    return test_pass();
}
