/*
 * SIGTERM to a program that uses connections: the monitor is asked for another worker, and the program goes on until
 * that is ready, or half of the time for its end is over.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "internal.h"

static int term_descriptor = -1;
static volatile sig_atomic_t is_ready;

static void on_term(int number)
{
    (void)number;
    if (!is_ready) {
        /* Nothing has begun. */
        _exit(HANDOFF_EXIT_DONE);
    }
    int saved = errno;
    uint64_t one = 1;
    ssize_t written = write(term_descriptor, &one, sizeof one);
    (void)written;
    errno = saved;
}

static int watch(const handoff_monitor *h, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return fd < 0 ? -1 : epoll_ctl(h->events, EPOLL_CTL_ADD, fd, &event);
}

bool term_prepare(handoff_monitor *h)
{
    h->events = epoll_create1(EPOLL_CLOEXEC);
    h->term = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    h->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (watch(h, h->control) != 0 || watch(h, h->term) != 0 || watch(h, h->timer) != 0) {
        say("Cannot wait for the monitor: %s", strerror(errno));
        return false;
    }
    term_descriptor = h->term;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_term;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGTERM, &action, NULL) == 0;
}

void term_ready(void)
{
    is_ready = 1;
}

void term_close(handoff_monitor *h)
{
    struct sigaction action;
    if (h->term >= 0 && sigaction(SIGTERM, NULL, &action) == 0 && action.sa_handler == on_term) {
        signal(SIGTERM, SIG_DFL);
    }
    if (h->term >= 0) {
        close(h->term);
    }
    if (h->timer >= 0) {
        close(h->timer);
    }
    if (h->events >= 0) {
        close(h->events);
    }
}

/* A program that hangs ends in time too. */
static void end_in_time(const handoff_monitor *h)
{
    alarm(h->drain > 0 ? h->drain : 1);
}

void term_monitor_gone(handoff_monitor *h)
{
    epoll_ctl(h->events, EPOLL_CTL_DEL, h->control, NULL);
    if (!h->leaving) {
        end_in_time(h);
    }
}

static void leave(handoff_monitor *h)
{
    say("SIGTERM has come: this worker asks for another one in its place, and then ends");
    h->leaving = true;
    struct itimerspec half = {.it_value = {.tv_sec = h->drain / 2, .tv_nsec = h->drain % 2 * 500000000L + 1}};
    timerfd_settime(h->timer, 0, &half, NULL);
    end_in_time(h);
    control_say(h, F_LEAVING);
}

bool term_retires(handoff_monitor *h)
{
    uint64_t count;
    if (read(h->term, &count, sizeof count) > 0 && !h->leaving && !h->retiring && !h->gone) {
        leave(h);
    }
    if (read(h->timer, &count, sizeof count) < 0 || h->retiring || h->gone) {
        return false;
    }
    say("This worker retires, as a signal said; %zu connections to finish or to give back", h->held);
    if (!h->spent) {
        handoff_spent(h);
    }
    h->retiring = true;
    return true;
}
