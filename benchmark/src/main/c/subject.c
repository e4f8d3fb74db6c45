// SPDX-License-Identifier: Apache-2.0
/*
 * The program that the benchmark freezes. Its main thread stamps the clock into a shared page every 0.2 ms, so that
 * whoever maps the page sees from outside how long the program stood still, whatever the tool claims.
 *
 * usage: subject PAGE sleeper
 *        subject PAGE memory BYTES
 *        subject PAGE children|threads|mappings COUNT
 *        subject PAGE files COUNT DIRECTORY
 *
 * PAGE is a file of 4096 bytes; its layout is struct page below. On request the program checks that it is still whole:
 * a restore that was fast and wrong must not count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE_SIZE 4096
#define BEAT_NS 200000

enum request { NONE, FORGET_GAP, VERIFY };
enum verdict { UNKNOWN, WHOLE, BROKEN };

struct page {
	uint64_t ready;
	uint64_t beats;
	uint64_t last_beat_ns;
	uint64_t longest_gap_ns;
	uint64_t request; /* written by the benchmark, reset here when done */
	uint64_t verdict;
};

static volatile struct page *page;
static long count;
static char *memory;
static size_t memory_size;
static uint64_t memory_sum;
static pid_t *children;
static int *files;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t call = PTHREAD_COND_INITIALIZER;
static uint64_t calls;
static long answers;

static void die(const char *what)
{
	fprintf(stderr, "subject: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void *map_anonymous(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static uint64_t sum_memory(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < memory_size / 8; i++)
		sum = (sum << 1 | sum >> 63) ^ ((uint64_t *)memory)[i];
	return sum;
}

/* Random content: a tool that drops zeros, merges equal pages or compresses gains nothing. */
static void set_up_memory(size_t size)
{
	uint64_t x = 88172645463325252ULL;

	memory_size = size;
	memory = map_anonymous(size);
	for (size_t i = 0; i < size / 8; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		((uint64_t *)memory)[i] = x;
	}
	memory_sum = sum_memory();
}

static int memory_is_whole(void)
{
	return sum_memory() == memory_sum;
}

static void set_up_children(void)
{
	children = calloc(count, sizeof(*children));
	for (long i = 0; i < count; i++) {
		children[i] = fork();
		if (children[i] < 0)
			die("fork");
		if (children[i] == 0)
			for (;;)
				pause();
	}
}

static int children_are_whole(void)
{
	for (long i = 0; i < count; i++)
		if (waitpid(children[i], NULL, WNOHANG) != 0)
			return 0;
	return 1;
}

static void *answer_calls(void *unused)
{
	uint64_t heard = 0;

	pthread_mutex_lock(&lock);
	answers++;
	for (;;) {
		while (heard == calls)
			pthread_cond_wait(&call, &lock);
		heard = calls;
		answers++;
	}
	return unused;
}

/* Waits until every thread has answered; gives up after ten seconds. */
static int all_threads_answer(void)
{
	for (int i = 0; i < 10000; i++) {
		struct timespec pause = {0, 1000000};
		long now;

		pthread_mutex_lock(&lock);
		now = answers;
		pthread_mutex_unlock(&lock);
		if (now == count)
			return 1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static void set_up_threads(void)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 << 10);
	for (long i = 0; i < count; i++) {
		pthread_t thread;

		errno = pthread_create(&thread, &attributes, answer_calls, NULL);
		if (errno)
			die("pthread_create");
	}
	if (!all_threads_answer())
		die("threads do not start");
}

static int threads_are_whole(void)
{
	pthread_mutex_lock(&lock);
	answers = 0;
	calls++;
	pthread_cond_broadcast(&call);
	pthread_mutex_unlock(&lock);
	return all_threads_answer();
}

/* Neighbours of different protection, so that the kernel cannot merge them. */
static void set_up_mappings(void)
{
	memory_size = count * PAGE_SIZE;
	memory = map_anonymous(memory_size);
	for (long i = 0; i < count; i++) {
		*(long *)(memory + i * PAGE_SIZE) = ~i;
		if (i % 2 && mprotect(memory + i * PAGE_SIZE, PAGE_SIZE, PROT_READ))
			die("mprotect");
	}
}

static int mappings_are_whole(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start;
	long found = 0;
	char protection[5];

	while (maps && fscanf(maps, "%lx-%*x %4s%*[^\n]", &start, protection) == 2) {
		unsigned long page_number = (start - (unsigned long)memory) / PAGE_SIZE;

		if (start >= (unsigned long)memory && page_number < (unsigned long)count)
			found += protection[1] == (page_number % 2 ? '-' : 'w');
	}
	if (maps)
		fclose(maps);
	for (long i = 0; i < count; i++)
		if (*(long *)(memory + i * PAGE_SIZE) != ~i)
			return 0;
	return found == count;
}

static void set_up_files(const char *directory)
{
	char name[4096];

	files = calloc(count, sizeof(*files));
	for (long i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s/file-%ld", directory, i);
		files[i] = open(name, O_RDWR | O_CREAT, 0600);
		if (files[i] < 0 || ftruncate(files[i], PAGE_SIZE) || lseek(files[i], i % PAGE_SIZE, SEEK_SET) < 0)
			die(name);
	}
}

static int files_are_whole(void)
{
	struct stat st;

	for (long i = 0; i < count; i++)
		if (fstat(files[i], &st) || st.st_size != PAGE_SIZE || lseek(files[i], 0, SEEK_CUR) != i % PAGE_SIZE)
			return 0;
	return 1;
}

static int sleeper_is_whole(void)
{
	return 1;
}

static void beat(int (*is_whole)(void))
{
	const struct timespec pause = {0, BEAT_NS};

	page->last_beat_ns = now_ns();
	page->ready = 1;
	for (;;) {
		uint64_t now = now_ns();
		uint64_t gap = now - page->last_beat_ns;

		if (gap > page->longest_gap_ns)
			page->longest_gap_ns = gap;
		if (page->request != NONE) {
			if (page->request == VERIFY)
				page->verdict = is_whole() ? WHOLE : BROKEN;
			page->longest_gap_ns = 0;
			page->request = NONE;
			now = now_ns();
		}
		page->last_beat_ns = now;
		page->beats++;
		nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	int (*is_whole)(void) = sleeper_is_whole;
	const char *kind = argc > 2 ? argv[2] : "";
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0)
		die("no page");
	page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		die("mmap of the page");
	count = argc > 3 ? atol(argv[3]) : 0;

	if (!strcmp(kind, "memory") && argc == 4) {
		set_up_memory(strtoull(argv[3], NULL, 10));
		is_whole = memory_is_whole;
	} else if (!strcmp(kind, "children") && argc == 4) {
		set_up_children();
		is_whole = children_are_whole;
	} else if (!strcmp(kind, "threads") && argc == 4) {
		set_up_threads();
		is_whole = threads_are_whole;
	} else if (!strcmp(kind, "mappings") && argc == 4) {
		set_up_mappings();
		is_whole = mappings_are_whole;
	} else if (!strcmp(kind, "files") && argc == 5) {
		set_up_files(argv[4]);
		is_whole = files_are_whole;
	} else if (strcmp(kind, "sleeper") || argc != 3) {
		errno = EINVAL;
		die("usage: subject PAGE sleeper|memory|children|threads|mappings|files ...");
	}
	beat(is_whole);
}
