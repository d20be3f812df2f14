/*
 * Layer 1, for any protocol: answers each line with the same line, and gives the connection back between lines, so that
 * the next one goes to whichever worker is free, and no worker has a connection that says nothing. "quit" ends the
 * connection. The worker waits for all clients at once, so that none holds up another: neither one that has sent a part
 * of a line, nor one that does not take its answer.
 */
#define _GNU_SOURCE
#include <handoff.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A client that is not done after PATIENCE milliseconds is ended, or earlier where MOST others came behind it. */
enum { LONGEST = 4096, MOST = 1000, PATIENCE = 5000 };

struct client {
    handoff_connection *c;
    char bytes[LONGEST];
    size_t size;
    size_t answer; /* the length of the line that is being answered, or 0 where it has not come */
    size_t sent;
    int64_t until;
    bool ready; /* has sent or taken more */
};

static handoff_monitor *h;
static uint64_t begun;
static bool gone; /* the monitor has */

/* Those that are waited for, the longest first. */
static struct client *waiting[MOST];
static size_t count;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void forget(struct client *one)
{
    for (size_t i = 0; i < count; i++) {
        if (waiting[i] == one) {
            count--;
            memmove(waiting + i, waiting + i + 1, (count - i) * sizeof *waiting);
        }
    }
    free(one);
}

static void end(struct client *one)
{
    handoff_end(h, one->c);
    forget(one);
}

/* With the bytes behind its last line. */
static void give_back(struct client *one, enum handoff_reason reason)
{
    const char *unused = one->bytes + one->answer;
    size_t size = one->size - one->answer;
    if (one->c->received_len > 0) {
        /* There are more of them than `bytes` has room for: all are in what the monitor has sent. */
        unused = (const char *)one->c->received - size;
        size += one->c->received_len;
    }
    handoff_give_back(h, one->c, reason, unused, size);
    forget(one);
}

/* Goes on when the client has sent or taken more. The socket is non-blocking, and has to stay so. */
static void await(struct client *one)
{
    if (one->until == 0) {
        if (count == MOST) {
            end(waiting[0]);
        }
        one->until = now() + PATIENCE;
        waiting[count++] = one;
    }
}

static void answer(struct client *one)
{
    while (one->sent < one->answer) {
        ssize_t sent = send(one->c->fd, one->bytes + one->sent, one->answer - one->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            await(one);
            return;
        }
        if (sent < 0) {
            end(one);
            return;
        }
        one->sent += (size_t)sent;
    }
    handoff_answered(h);
    if (one->size == one->answer && one->c->received_len == 0) {
        /* Not with bytes of the next line: if this process died now, the monitor would not know that they are lost. */
        handoff_set_state(h, one->c, HANDOFF_IDLE);
    }
    if (gone) {
        end(one);
    } else {
        give_back(one, handoff_is_on(h) ? HANDOFF_DISPATCH : HANDOFF_REQUESTED);
    }
}

static void line_has_come(struct client *one, const char *last)
{
    one->answer = (size_t)(last - one->bytes) + 1;
    if (one->answer >= 4 && memcmp(one->bytes, "quit", 4) == 0) {
        end(one);
        return;
    }
    if (++begun == handoff_max_requests(h)) {
        handoff_spent(h);
    }
    handoff_set_state(h, one->c, HANDOFF_ANSWERING);
    answer(one);
}

static void read_line(struct client *one)
{
    for (;;) {
        /* A line that is too long leaves no room, and ends the connection as its client's end does. */
        ssize_t more = handoff_recv(one->c, one->bytes + one->size, LONGEST - one->size);
        if (more > 0) {
            one->size += (size_t)more;
            const char *last = memchr(one->bytes + one->size - (size_t)more, '\n', (size_t)more);
            if (last != NULL) {
                line_has_come(one, last);
                return;
            }
        } else if (more == 0 || errno != EAGAIN) {
            end(one);
            return;
        } else if (one->size > 0) {
            /* Given back, it would come again at once, as the monitor does not know where a line ends. */
            await(one);
            return;
        } else {
            /* A new connection whose client has said nothing yet: the monitor waits for it. */
            handoff_set_state(h, one->c, HANDOFF_IDLE);
            give_back(one, HANDOFF_IDLE_LONG);
            return;
        }
    }
}

static void take(handoff_connection *c)
{
    struct client *one = calloc(1, sizeof *one);
    if (one == NULL) {
        handoff_give_back(h, c, HANDOFF_NOT_TAKEN, NULL, 0);
        return;
    }
    one->c = c;
    /* Once, before anything of the line is read: it says where the line begins. */
    handoff_set_state(h, c, HANDOFF_READING);
    read_line(one);
}

/* Another worker waits for the rest of these lines. */
static void let_parts_go(void)
{
    for (size_t i = count; i-- > 0;) {
        if (waiting[i]->answer == 0) {
            give_back(waiting[i], HANDOFF_REQUESTED);
        }
    }
}

/* What the monitor says, up to one connection; the status to exit with, or -1 to go on. */
static int listen_to_monitor(void)
{
    for (;;) {
        if (!handoff_is_on(h) && !gone) {
            let_parts_go();
        }
        handoff_connection *c;
        switch (handoff_next(h, 0, &c)) {
        case HANDOFF_NOTHING:
            return -1;
        case HANDOFF_CONNECTION:
            take(c);
            if (handoff_dispatch(h) == HANDOFF_BY_REQUEST) {
                handoff_free(h);
            }
            return -1;
        case HANDOFF_MONITOR_GONE:
            gone = true;
            break;
        case HANDOFF_END:
            return HANDOFF_EXIT_DONE;
        case HANDOFF_ERROR:
            return HANDOFF_EXIT_PROTOCOL;
        default:
            break;
        }
    }
}

static void wait_for_more(void)
{
    static struct pollfd wanted[MOST + 1];
    size_t polled = count;
    wanted[polled] = (struct pollfd){.fd = handoff_fd(h), .events = POLLIN};
    for (size_t i = 0; i < polled; i++) {
        wanted[i] = (struct pollfd){.fd = waiting[i]->c->fd, .events = waiting[i]->answer > 0 ? POLLOUT : POLLIN};
    }
    int64_t left = polled == 0 ? -1 : waiting[0]->until - now();
    bool came = poll(wanted, polled + 1, (int)(polled > 0 && left < 0 ? 0 : left)) > 0;
    for (size_t i = 0; i < polled; i++) {
        waiting[i]->ready = came && wanted[i].revents != 0;
    }
}

static void go_on(void)
{
    /* The last first: whoever is done makes those behind it move up. */
    for (size_t i = count; i-- > 0;) {
        struct client *one = waiting[i];
        if (one->ready) {
            one->ready = false;
            if (one->answer > 0) {
                answer(one);
            } else {
                read_line(one);
            }
        }
    }
    while (count > 0 && waiting[0]->until <= now()) {
        end(waiting[0]);
    }
}

int main(void)
{
    h = handoff_open();
    if (h == NULL) {
        return HANDOFF_EXIT_OTHER_VERSION;
    }
    int status = handoff_ready(h) != 0 && errno == EPROTO ? HANDOFF_EXIT_PROTOCOL : -1;
    while (status < 0) {
        wait_for_more();
        /* First, as what clients send is to be given to no monitor that is gone. */
        status = listen_to_monitor();
        go_on();
        if (status < 0 && handoff_held(h) == 0) {
            /* Without a connection, the end may be here. */
            status = listen_to_monitor();
        }
    }
    handoff_close(h);
    return status;
}
