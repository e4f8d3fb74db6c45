// SPDX-License-Identifier: Apache-2.0
// Has a bit of everything, and on SIGTERM finds out whether it still has it. Exits with 0 if so.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BIG (8 << 20)

static volatile int *shared;
static volatile sig_atomic_t usr1, alarms, children, asked;
static int failures;
static __thread int local = 7;

static void expect(int condition, const char *what) {
    if (!condition) {
        printf("FAIL %s\n", what);
        failures++;
    }
}

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    if (signal == SIGUSR1) usr1++;
    if (signal == SIGRTMIN + 1) usr1 += info->si_value.sival_int;
    if (signal == SIGALRM) alarms++;
    if (signal == SIGCHLD) children++;
    if (signal == SIGTERM) asked = 1;
}

static void sleep_ms(long ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) && errno == EINTR) {}
}

static void count(int index) {
    for (;;) {
        shared[index]++;
        sleep_ms(5);
    }
}

static void *thread(void *argument) {
    long number = (long)argument;
    char name[16];
    snprintf(name, sizeof name, "worker-%ld", number);
    prctl(PR_SET_NAME, name);
    local = 100 + number;
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536}, found;
    sigaltstack(&stack, NULL);
    setpriority(PRIO_PROCESS, syscall(SYS_gettid), number);
    while (!asked) sleep_ms(10);
    sigaltstack(NULL, &found);
    char now[16];
    prctl(PR_GET_NAME, now);
    long bad = strcmp(now, name) || local != 100 + number || found.ss_sp != stack.ss_sp || found.ss_flags
            || getpriority(PRIO_PROCESS, syscall(SYS_gettid)) != number;
    return (void *)bad;
}

static void other_user(void) {
    gid_t groups[] = {5, 6, 7};
    setsid();
    if (fork() == 0) count(2);
    if (setgroups(3, groups) || setresgid(100, 101, 102) || setresuid(1000, 1001, 1002) || chdir("/usr")) exit(9);
    umask(027);
    prctl(PR_SET_PDEATHSIG, SIGUSR2);
    signal(SIGUSR2, SIG_IGN);
    shared[4] = 1;
    for (;;) {
        uid_t r, e, s;
        int death = 0;
        getresuid(&r, &e, &s);
        prctl(PR_GET_PDEATHSIG, &death);
        mode_t mask = umask(027);
        shared[5] = r == 1000 && e == 1001 && s == 1002 && getgroups(0, NULL) == 3 && getgid() == 100
                && death == SIGUSR2 && mask == 027 && getsid(0) == getpid();
        shared[6]++;
        sleep_ms(5);
    }
}

int main(void) {
    // The build's own descriptors may come down to us.
    syscall(SYS_close_range, 3, ~0U, 0);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    int signals[] = {SIGUSR1, SIGALRM, SIGCHLD, SIGTERM, SIGRTMIN + 1};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
    signal(SIGTRAP, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    shared = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned *big = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; i < BIG / 4; i++) big[i] = i * 2654435761u;
    mprotect(big, 4096, PROT_READ);
    int ends[2];
    if (pipe(ends) || write(ends[1], "hello", 5) != 5) return 2;

    pid_t exited = fork();
    if (!exited) _exit(42);
    pid_t killed = fork();
    if (!killed) {
        signal(SIGTERM, SIG_DFL);
        raise(SIGTERM);
    }
    pid_t leader = fork();
    if (!leader) {
        setpgid(0, 0);
        count(1);
    }
    pid_t user = fork();
    if (!user) other_user();
    pid_t stopped = fork();
    if (!stopped) {
        raise(SIGSTOP);
        count(3);
    }
    int status;
    waitpid(stopped, &status, WUNTRACED);

    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGRTMIN + 1);
    sigaddset(&blocked, SIGTRAP);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    pthread_t threads[4];
    for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, thread, (void *)i);
    kill(getpid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 10});
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 100});
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
    struct rlimit limit = {500, 600}, now;
    setrlimit(RLIMIT_NOFILE, &limit);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    while (!shared[4] || !shared[1] || !shared[2]) sleep_ms(5);
    sleep_ms(200);
    struct itimerval every = {{0, 50000}, {0, 50000}};
    setitimer(ITIMER_REAL, &every, NULL);
    volatile double sum = 0.5;
    int heard = children;
    printf("ready\n");
    fflush(stdout);
    while (!asked) {
        sum = sum * 1.5 - 0.25;
        sleep_ms(2);
    }

    char bytes[6] = {0};
    expect(sum == 0.5, "floating point");
    expect(children == heard, "no SIGCHLD of the restore's");
    expect(read(ends[0], bytes, 5) == 5 && !strcmp(bytes, "hello"), "bytes in the pipe");
    expect(usr1 == 0, "blocked signals");
    pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
    expect(usr1 == 112, "pending signals");
    struct sigaction found;
    sigaction(SIGTRAP, NULL, &found);
    expect(found.sa_handler == SIG_IGN, "action of SIGTRAP");
    sigaction(SIGHUP, NULL, &found);
    expect(found.sa_handler == SIG_IGN, "action of SIGHUP");
    expect(waitpid(exited, &status, WNOHANG) == exited && WIFEXITED(status) && WEXITSTATUS(status) == 42, "zombie");
    expect(waitpid(killed, &status, WNOHANG) == killed && WTERMSIG(status) == SIGTERM, "killed zombie");
    expect(waitpid(stopped, &status, WNOHANG | WUNTRACED) == 0, "stop that was waited for");
    getrlimit(RLIMIT_NOFILE, &now);
    expect(now.rlim_cur == 500 && now.rlim_max == 600, "limit");
    int reaper = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &reaper);
    expect(reaper == 1, "subreaper");
    expect(getpgid(leader) == leader && getsid(leader) == getpid(), "group");
    for (unsigned i = 0; i < BIG / 4; i++) {
        if (big[i] != i * 2654435761u) {
            expect(0, "memory");
            break;
        }
    }
    int a = shared[1], b = shared[2], c = shared[3], d = shared[6], e = alarms;
    shared[5] = 0;
    sleep_ms(300);
    expect(shared[1] > a && shared[2] > b && shared[6] > d, "children count in shared memory");
    expect(shared[3] == c, "the stopped child is stopped");
    expect(shared[5] == 1, "credentials, umask, session of the other user");
    expect(alarms - e >= 3, "interval timer");
    kill(stopped, SIGCONT);
    sleep_ms(200);
    expect(shared[3] > c, "the stopped child goes on");
    for (int i = 0; i < 4; i++) {
        void *bad;
        pthread_join(threads[i], &bad);
        expect(!bad, "thread");
    }
    kill(leader, SIGKILL);
    kill(-user, SIGKILL);
    kill(stopped, SIGKILL);
    printf("%s\n", failures ? "FAILED" : "PASS");
    fflush(stdout);
    return failures != 0;
}
