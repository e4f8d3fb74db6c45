// SPDX-License-Identifier: Apache-2.0
/*
 * Starts every process of the tests, reaps it, and leaves none behind.
 *
 * The JVM is a poor parent here: its reaper thread swallows ptrace stops of its children, it cannot adopt orphans, and
 * an init that reaps lazily keeps a dumped pid taken. So one warden per test JVM is the subreaper of all subjects
 * and of all runs of the tool (restored trees come back to it), reports every end, and kills all that is left when
 * its standard input closes, however the JVM ended.
 *
 * Requests on standard input: fields ended by NUL, the first says how many follow:
 *   run ID CWD STDIN STDOUT STDERR NENV NAME=VALUE... ARGUMENT...
 *   signal ID PID NUMBER
 * Answers on standard output, one line each:
 *   started ID PID | failed ID ERRNO | signalled ID ERRNO | ended ID STATUS | orphan PID STATUS
 * where STATUS is that of wait4(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_FIELDS 512
#define MAX_RUNNING 256

static struct {
    pid_t pid;
    long id;
} running[MAX_RUNNING];

static char *input;
static size_t input_used;
static size_t input_size;

static void die(const char *what) {
    fprintf(stderr, "warden: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void open_as(const char *path, int flags, int number) {
    int fd = open(path, flags, 0644);
    if (fd < 0 || dup2(fd, number) < 0) {
        _exit(126);
    }
    if (fd != number) {
        close(fd);
    }
}

static void run(char **fields, int count) {
    long id = atol(fields[1]);
    int environment = atoi(fields[6]);
    char **argv = fields + 7 + environment;
    fields[count] = NULL;
    pid_t pid = fork();
    if (pid < 0) {
        printf("failed %ld %d\n", id, errno);
        return;
    }
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setpgid(0, 0);
        open_as(fields[3], O_RDONLY, 0);
        open_as(fields[4], O_WRONLY | O_CREAT | O_APPEND, 1);
        open_as(fields[5], O_WRONLY | O_CREAT | O_APPEND, 2);
        for (int i = 0; i < environment; i++) {
            putenv(fields[7 + i]);
        }
        if (chdir(fields[2]) != 0) {
            _exit(125);
        }
        execvp(argv[0], argv);
        dprintf(2, "cannot execute %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    for (int i = 0; i < MAX_RUNNING; i++) {
        if (running[i].pid == 0) {
            running[i].pid = pid;
            running[i].id = id;
            printf("started %ld %d\n", id, pid);
            return;
        }
    }
    kill(pid, SIGKILL);
    printf("failed %ld %d\n", id, EAGAIN);
}

static void obey(char **fields, int count) {
    if (count >= 8 && strcmp(fields[0], "run") == 0) {
        run(fields, count);
    } else if (count == 4 && strcmp(fields[0], "signal") == 0) {
        int error = kill(atoi(fields[2]), atoi(fields[3])) == 0 ? 0 : errno;
        printf("signalled %s %d\n", fields[1], error);
    } else {
        fprintf(stderr, "warden: bad request %s with %d fields\n", fields[0], count);
        exit(1);
    }
    fflush(stdout);
}

/* Obeys every complete request at the head of the buffer. */
static void parse(void) {
    for (;;) {
        char *fields[MAX_FIELDS + 2];
        size_t at = 0;
        long count = -1;
        long found = 0;
        while (at < input_used && found != count) {
            char *end = memchr(input + at, '\0', input_used - at);
            if (end == NULL) {
                return;
            }
            if (count < 0) {
                count = atol(input + at);
                if (count < 1 || count > MAX_FIELDS) {
                    errno = EPROTO;
                    die("field count");
                }
            } else {
                fields[found++] = input + at;
            }
            at = (size_t)(end - input) + 1;
        }
        if (found != count) {
            return;
        }
        obey(fields, (int)count);
        memmove(input, input + at, input_used - at);
        input_used -= at;
    }
}

static void reap(void) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
        bool ours = false;
        for (int i = 0; i < MAX_RUNNING && !ours; i++) {
            if (running[i].pid == pid) {
                printf("ended %ld %d\n", running[i].id, status);
                running[i].pid = 0;
                ours = true;
            }
        }
        if (!ours) {
            printf("orphan %d %d\n", pid, status);
        }
    }
    fflush(stdout);
}

/* Kills children until none is left: the children of the killed come to us in turn. */
static void end_everything(void) {
    for (int round = 0; round < 1000; round++) {
        FILE *children = fopen("/proc/thread-self/children", "r");
        int pid;
        int found = 0;
        while (children != NULL && fscanf(children, "%d", &pid) == 1) {
            kill(pid, SIGKILL);
            found++;
        }
        if (children != NULL) {
            fclose(children);
        }
        while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) {
            found++;
        }
        if (found == 0) {
            return;
        }
        usleep(5000);
    }
}

int main(void) {
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    /* Ctrl-C at the terminal is for the JVM; we end when it has ended. */
    sigaddset(&children, SIGINT);
    sigaddset(&children, SIGTERM);
    sigaddset(&children, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &children, NULL) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        die("set-up");
    }
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        die("signalfd");
    }
    /* Children get their own stdio; ours must not reach them. */
    int requests = fcntl(0, F_DUPFD_CLOEXEC, 10);
    for (;;) {
        struct pollfd ready[2] = {{.fd = requests, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0 && errno != EINTR) {
            die("poll");
        }
        if (ready[1].revents != 0) {
            struct signalfd_siginfo info;
            while (read(signals, &info, sizeof(info)) > 0) {
            }
            reap();
        }
        if (ready[0].revents != 0) {
            if (input_used == input_size) {
                input_size = input_size == 0 ? 65536 : input_size * 2;
                input = realloc(input, input_size);
            }
            ssize_t got = read(requests, input + input_used, input_size - input_used);
            if (got <= 0) {
                end_everything();
                return 0;
            }
            input_used += (size_t)got;
            parse();
        }
    }
}
