/*
 * Layer 1, in an event loop of the program's own: sends back whatever comes, on any number of connections at once, and
 * keeps a connection as long as something comes.
 */
#define _GNU_SOURCE
#include <handoff.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { PIECE = 16384, EVENTS = 64, TICK = 1000, PATIENCE = 5 };

/* A connection: what is to be sent back, and since when nothing has come. */
struct client {
    struct client *next;
    struct client **link;
    handoff_connection *c;
    char bytes[PIECE];
    size_t size;
    size_t sent;
    time_t active;
};

static handoff_monitor *monitor;
static int events;
static struct client *clients;
static uint64_t begun;
static unsigned to_yield;
static bool gone; /* the monitor has */

static time_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/* The monitor holds the socket too, so that closing would not take it out of epoll. */
static void leave(struct client *one)
{
    epoll_ctl(events, EPOLL_CTL_DEL, one->c->fd, NULL);
    *one->link = one->next;
    if (one->next != NULL) {
        one->next->link = one->link;
    }
}

static void end(struct client *one)
{
    leave(one);
    handoff_end(monitor, one->c);
    free(one);
}

static void give_back(struct client *one, enum handoff_reason reason)
{
    leave(one);
    handoff_give_back(monitor, one->c, reason, one->c->received, one->c->received_len);
    free(one);
}

/* Waits for bytes, or for room. */
static int watch(struct client *one, int operation, uint32_t what)
{
    struct epoll_event event = {.events = what, .data.ptr = one};
    return epoll_ctl(events, operation, one->c->fd, &event);
}

static void ready(struct client *one);

/* Everything has been sent back: the connection may go. */
static void rest(struct client *one)
{
    bool more = one->c->received_len > 0;
    handoff_answered(monitor);
    handoff_set_state(monitor, one->c, more ? HANDOFF_READING : HANDOFF_IDLE);
    if (gone && !more) {
        end(one);
    } else if (!gone && !handoff_is_on(monitor)) {
        give_back(one, HANDOFF_REQUESTED);
    } else if (!gone && (to_yield > 0 || handoff_dispatch(monitor) == HANDOFF_BY_REQUEST)) {
        to_yield -= to_yield > 0;
        give_back(one, HANDOFF_DISPATCH);
    } else if (more) {
        ready(one);
    } else if (watch(one, EPOLL_CTL_MOD, EPOLLIN) != 0) {
        end(one);
    }
}

static void send_rest(struct client *one)
{
    ssize_t count = send(one->c->fd, one->bytes + one->sent, one->size - one->sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) {
        end(one);
        return;
    }
    one->sent += count > 0 ? (size_t)count : 0;
    if (one->sent == one->size) {
        one->size = one->sent = 0;
        rest(one);
    } else if (watch(one, EPOLL_CTL_MOD, EPOLLOUT) != 0) {
        end(one);
    }
}

static void ready(struct client *one)
{
    one->active = now();
    if (one->size > 0) {
        send_rest(one);
        return;
    }
    handoff_set_state(monitor, one->c, HANDOFF_READING);
    ssize_t count = handoff_recv(one->c, one->bytes, PIECE);
    if (count > 0) {
        one->size = (size_t)count;
        handoff_set_state(monitor, one->c, HANDOFF_ANSWERING);
        if (++begun == handoff_max_requests(monitor)) {
            handoff_spent(monitor);
        }
        send_rest(one);
    } else if (count < 0 && errno == EAGAIN) {
        handoff_set_state(monitor, one->c, HANDOFF_IDLE);
    } else {
        end(one);
    }
}

static void take(handoff_connection *c)
{
    struct client *one = calloc(1, sizeof *one);
    if (one == NULL) {
        handoff_give_back(monitor, c, HANDOFF_NOT_TAKEN, NULL, 0);
        return;
    }
    handoff_set_state(monitor, c, HANDOFF_IDLE);
    *one = (struct client){.next = clients, .link = &clients, .c = c, .active = now()};
    if (clients != NULL) {
        clients->link = &one->next;
    }
    clients = one;
    if (watch(one, EPOLL_CTL_ADD, EPOLLIN) != 0) {
        give_back(one, HANDOFF_NOT_TAKEN);
    } else if (c->received_len > 0) {
        ready(one);
    }
}

/* Lets go the connections with which nothing is to be done; ends those that nobody takes, or whose client takes nothing. */
static void let_go(void)
{
    time_t silent = now() - PATIENCE;
    bool on = handoff_is_on(monitor);
    for (struct client *one = clients, *next; one != NULL; one = next) {
        next = one->next;
        bool is_silent = one->active <= silent;
        if (one->size > 0 ? is_silent : gone) {
            end(one);
        } else if (one->size == 0 && (is_silent || !on)) {
            give_back(one, on ? HANDOFF_IDLE_LONG : HANDOFF_REQUESTED);
        }
    }
}

/* What the monitor says; the status to exit with, or -1 to go on. */
static int listen_to_monitor(void)
{
    handoff_connection *c;
    switch (handoff_next(monitor, 0, &c)) {
    case HANDOFF_CONNECTION:
        take(c);
        if (handoff_dispatch(monitor) == HANDOFF_BY_REQUEST) {
            /* No client holds up another here. */
            handoff_free(monitor);
        }
        return -1;
    case HANDOFF_YIELD:
        to_yield = handoff_yield(monitor);
        return -1;
    case HANDOFF_MONITOR_GONE:
        gone = true;
        return -1;
    case HANDOFF_END:
        return HANDOFF_EXIT_DONE;
    case HANDOFF_ERROR:
        return HANDOFF_EXIT_PROTOCOL;
    default:
        return -1;
    }
}

static int run(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    events = epoll_create1(EPOLL_CLOEXEC);
    if (events < 0 || epoll_ctl(events, EPOLL_CTL_ADD, handoff_fd(monitor), &event) != 0) {
        return HANDOFF_EXIT_FAILED;
    }
    if (handoff_ready(monitor) != 0 && errno == EPROTO) {
        return HANDOFF_EXIT_PROTOCOL;
    }
    int status = -1;
    while (status < 0) {
        struct epoll_event came[EVENTS];
        int count = epoll_wait(events, came, EVENTS, TICK);
        bool told = false;
        for (int i = 0; i < count; i++) {
            if (came[i].data.ptr == NULL) {
                told = true;
            } else {
                ready(came[i].data.ptr);
            }
        }
        /* Last: what the monitor says can end connections for which there are events. */
        status = told ? listen_to_monitor() : -1;
        let_go();
        if (status < 0 && handoff_held(monitor) == 0) {
            /* Without a connection, the end may be here. */
            status = listen_to_monitor();
        }
    }
    return status;
}

int main(void)
{
    monitor = handoff_open();
    if (monitor == NULL) {
        return HANDOFF_EXIT_OTHER_VERSION;
    }
    int status = run();
    handoff_close(monitor);
    return status;
}
