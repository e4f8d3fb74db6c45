// SPDX-License-Identifier: Apache-2.0
/*
 * The warden starts and reaps every process of a benchmark run, and ends all of them when the benchmark is gone.
 *
 * Why not the JVM: a subject must be an orphan in a session of its own, its death must be timed to the microsecond,
 * what its reaped tasks used must be counted, and nothing may be left when the benchmark is interrupted or killed. A
 * child subreaper that notices the end of its command pipe does all of it, without guessing by name.
 *
 * usage: warden DIRECTORY...      directories are removed when the warden ends
 *
 * Requests, one per line, words separated by tabs; one line of answer each:
 *   spawn LOG PROGRAM ARG...      -> spawned PID
 *   run MILLISECONDS LOG PROGRAM ARG... -> ran STATUS START_NS END_NS CPU_US PEAK_KIB   killed after MILLISECONDS
 *   drain MILLISECONDS            -> drained LEFT GONE_NS CPU_US   waits until no process is left
 *   end                           -> ended CPU_US                  kills what is left
 *   warm BYTES                    -> warmed
 * Times are CLOCK_MONOTONIC; GONE_NS is when the process spawned last was reaped, 0 if it was not. CPU_US of drain and
 * end is what orphans reaped since the last such answer used in their lives.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS 64
#define MAX_LINE 65536

static int child_signals = -1;
static sigset_t mask_found;
static long long orphan_cpu_us;

/* The process spawned last. A restored one has its pid again. */
static pid_t spawned;
static long long spawned_gone_ns;

static struct {
	pid_t pid;
	int ended;
	int status;
	long long end_ns;
	long long cpu_us;
	long peak_kib;
} command;

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long cpu_us(const struct rusage *use)
{
	return (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000000LL + use->ru_utime.tv_usec + use->ru_stime.tv_usec;
}

static void reap(void)
{
	struct rusage use;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG | __WALL, &use)) > 0) {
		long long now = now_ns();

		if (pid == command.pid) {
			command.ended = 1;
			command.status = status;
			command.end_ns = now;
			command.cpu_us = cpu_us(&use);
			command.peak_kib = use.ru_maxrss;
			continue;
		}
		orphan_cpu_us += cpu_us(&use);
		if (pid == spawned)
			spawned_gone_ns = now;
	}
}

static int children_left(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/*
 * Kills the children, whose own children then become ours, until none is left. A child that a dying tool has left
 * stopped or traced dies of SIGKILL like any other.
 */
static void end_all(void)
{
	char path[64];
	struct timespec pause = {0, 2000000};

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	for (reap(); children_left(); reap()) {
		FILE *file = fopen(path, "re");
		int pid;

		while (file && fscanf(file, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		if (file)
			fclose(file);
		nanosleep(&pause, NULL);
	}
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	remove(path);
	return 0;
}

static char **directories;

static void leave(int status)
{
	end_all();
	for (char **directory = directories; *directory; directory++)
		nftw(*directory, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	exit(status);
}

/* Waits for a child's end, until a point in time. The end of our own input ends everything. */
static void wait_for_child(long long until_ns)
{
	struct pollfd fds[2] = {{.fd = child_signals, .events = POLLIN}, {.fd = 0, .events = 0}};
	struct signalfd_siginfo info;
	long long left = until_ns - now_ns();

	if (poll(fds, 2, left <= 0 ? 1 : (int)(left / 1000000) + 1) < 0 && errno != EINTR)
		leave(1);
	if (fds[1].revents & (POLLHUP | POLLERR))
		leave(1);
	if (fds[0].revents & POLLIN && read(child_signals, &info, sizeof(info)) < 0)
		leave(1);
	reap();
}

static void exec_in_child(const char *log, char **argv, int new_session)
{
	int null = open("/dev/null", O_RDWR);
	int out = strcmp(log, "-") ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0644) : null;

	if (new_session)
		setsid();
	if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	/* A subject may own nothing but its standard streams, or the images would hold descriptors of ours. */
	close_range(3, ~0U, 0);
	sigprocmask(SIG_SETMASK, &mask_found, NULL);
	execvp(argv[0], argv);
	dprintf(2, "cannot execute %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void answer_spawn(char **words)
{
	pid_t pid = fork();

	if (pid == 0)
		exec_in_child(words[1], words + 2, 1);
	spawned = pid;
	spawned_gone_ns = 0;
	printf("spawned %d\n", pid);
}

static void answer_run(char **words)
{
	long long start, until;
	int status;

	memset(&command, 0, sizeof(command));
	start = now_ns();
	until = start + atoll(words[1]) * 1000000LL;
	command.pid = fork();
	if (command.pid == 0)
		exec_in_child(words[2], words + 3, 0);
	while (command.pid > 0 && !command.ended) {
		wait_for_child(until);
		if (!command.ended && now_ns() >= until)
			kill(command.pid, SIGKILL);
	}
	if (command.pid < 0)
		status = 126;
	else if (WIFEXITED(command.status))
		status = WEXITSTATUS(command.status);
	else
		status = 128 + WTERMSIG(command.status);
	printf("ran %d %lld %lld %lld %ld\n", status, start, command.end_ns, command.cpu_us, command.peak_kib);
	command.pid = 0;
}

static void answer_drain(char **words)
{
	long long until = now_ns() + atoll(words[1]) * 1000000LL;
	int left;

	reap();
	while ((left = children_left()) && now_ns() < until)
		wait_for_child(until);
	printf("drained %d %lld %lld\n", left, spawned_gone_ns, orphan_cpu_us);
	orphan_cpu_us = 0;
}

static void answer_end(void)
{
	end_all();
	printf("ended %lld\n", orphan_cpu_us);
	orphan_cpu_us = 0;
}

/*
 * A virtual machine gets its memory from its host at the first touch, and gives free memory back within seconds (free page
 * reporting); that must not be part of any measurement. Huge pages touch what their users get as well.
 */
static void answer_warm(char **words)
{
	size_t size = strtoull(words[1], NULL, 10);
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED) {
		madvise(memory, size, MADV_HUGEPAGE);
		for (size_t at = 0; at < size; at += 4096)
			memory[at] = 1;
		munmap(memory, size);
	}
	printf("warmed\n");
}

static void answer(char *line)
{
	char *words[MAX_WORDS + 1] = {0};
	int count = 0;

	for (char *word = strtok(line, "\t\n"); word && count < MAX_WORDS; word = strtok(NULL, "\t\n"))
		words[count++] = word;
	if (count >= 3 && !strcmp(words[0], "spawn"))
		answer_spawn(words);
	else if (count >= 4 && !strcmp(words[0], "run"))
		answer_run(words);
	else if (count == 2 && !strcmp(words[0], "drain"))
		answer_drain(words);
	else if (count == 1 && !strcmp(words[0], "end"))
		answer_end();
	else if (count == 2 && !strcmp(words[0], "warm"))
		answer_warm(words);
	else
		printf("unknown request\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static char line[MAX_LINE];
	size_t used = 0;
	struct rlimit files;
	sigset_t mask;

	(void)argc;
	directories = argv + 1;
	/* The terminal's Ctrl-C is for the benchmark; a tool in the middle of its work must not get it as well. */
	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &mask_found);
	child_signals = signalfd(-1, &mask, SFD_CLOEXEC);

	for (;;) {
		struct pollfd fds[2] = {{.fd = 0, .events = POLLIN}, {.fd = child_signals, .events = POLLIN}};
		struct signalfd_siginfo info;
		char *end;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			leave(1);
		if (fds[1].revents & POLLIN && read(child_signals, &info, sizeof(info)) < 0)
			leave(1);
		reap();
		if (fds[0].revents & (POLLIN | POLLHUP)) {
			ssize_t got = read(0, line + used, sizeof(line) - 1 - used);

			if (got <= 0)
				leave(got < 0);
			used += got;
			line[used] = 0;
			end = strchr(line, '\n');
			if (end) {
				*end = 0;
				answer(line);
				used = 0;
			} else if (used == sizeof(line) - 1) {
				leave(1);
			}
		}
	}
}
