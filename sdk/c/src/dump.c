/*
 * What the threads do: the calls of the one that runs handlers, by a signal that reaches it wherever it is, and of all
 * of them what the kernel says.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#if defined(__has_include)
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAVE_BACKTRACE 1
#endif
#endif

enum { MAX_CALLS = 64, WAIT_SECONDS = 1 };

static pthread_t handler_thread;
static sem_t shown;

static int dump_signal(void)
{
    return SIGRTMAX - 3;
}

static void show_calls(void)
{
#ifdef HAVE_BACKTRACE
    void *calls[MAX_CALLS];
    int count = backtrace(calls, MAX_CALLS);
    backtrace_symbols_fd(calls, count, 2);
#endif
}

static void on_signal(int number)
{
    (void)number;
    int saved = errno;
    show_calls();
    sem_post(&shown);
    errno = saved;
}

void dump_prepare(void)
{
    handler_thread = pthread_self();
    sem_init(&shown, 0, 0);
#ifdef HAVE_BACKTRACE
    /* The first call loads a library, which no signal handler may. */
    void *calls[1];
    backtrace(calls, 1);
#endif
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(dump_signal(), &action, NULL);
}

static void show_file(const char *thread, const char *name)
{
    char path[64];
    char text[128];
    snprintf(path, sizeof path, "/proc/self/task/%.16s/%.16s", thread, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) {
        close(fd);
    }
    text[size > 0 ? size : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    say("thread %s: %s: %s", thread, name, text);
}

void dump_threads(void)
{
    say("The thread that runs handlers:");
    if (pthread_equal(pthread_self(), handler_thread)) {
        show_calls();
    } else {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += WAIT_SECONDS;
        pthread_kill(handler_thread, dump_signal());
        while (sem_timedwait(&shown, &until) != 0 && errno == EINTR) {
        }
    }
    DIR *tasks = opendir("/proc/self/task");
    if (tasks == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(tasks); entry != NULL; entry = readdir(tasks)) {
        if (entry->d_name[0] != '.') {
            show_file(entry->d_name, "comm");
            show_file(entry->d_name, "wchan");
            show_file(entry->d_name, "syscall");
        }
    }
    closedir(tasks);
}
