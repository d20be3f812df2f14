/*
 * Layer 1, for any protocol: answers each line with the same line, and gives the connection back between lines, so that
 * the next one goes to whichever worker is free, and no worker has a connection that says nothing. "quit" ends the
 * connection.
 */
#define _GNU_SOURCE
#include <handoff.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { LONGEST = 4096, PATIENCE = 5000 };

/* Waits for a client; the socket is non-blocking, and has to stay so. */
static int await(const handoff_connection *c, short events)
{
    struct pollfd one = {.fd = c->fd, .events = events};
    return poll(&one, 1, PATIENCE);
}

static int send_all(const handoff_connection *c, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = send(c->fd, data, size, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN && await(c, POLLOUT) > 0) {
            continue;
        }
        if (count < 0) {
            return -1;
        }
        data += count;
        size -= (size_t)count;
    }
    return 0;
}

/* Reads up to the end of a line: how many bytes are here; 0 where none has come, -1 where no whole line comes. */
static ssize_t read_line(handoff_connection *c, char *line)
{
    size_t size = 0;
    while (memchr(line, '\n', size) == NULL) {
        ssize_t count = handoff_recv(c, line + size, LONGEST - size);
        if (count > 0) {
            size += (size_t)count;
        } else if (count < 0 && errno == EAGAIN && size == 0) {
            return 0;
        } else if (count == 0 || errno != EAGAIN || await(c, POLLIN) <= 0) {
            return -1;
        }
    }
    return (ssize_t)size;
}

static void serve(handoff_monitor *h, handoff_connection *c)
{
    char line[LONGEST];
    handoff_set_state(h, c, HANDOFF_READING);
    ssize_t count = read_line(c, line);
    if (count == 0) {
        /* A new connection whose client has said nothing yet: the monitor waits for it. */
        handoff_set_state(h, c, HANDOFF_IDLE);
        handoff_give_back(h, c, HANDOFF_IDLE_LONG, NULL, 0);
        return;
    }
    if (count < 0 || (count >= 4 && memcmp(line, "quit", 4) == 0)) {
        handoff_end(h, c);
        return;
    }
    size_t size = (size_t)count;
    const char *end = memchr(line, '\n', size);
    handoff_set_state(h, c, HANDOFF_ANSWERING);
    size_t length = (size_t)(end - line) + 1;
    if (send_all(c, line, length) != 0) {
        handoff_end(h, c);
        return;
    }
    handoff_answered(h);
    handoff_set_state(h, c, HANDOFF_IDLE);
    handoff_give_back(h, c, HANDOFF_DISPATCH, line + length, size - length);
}

int main(void)
{
    handoff_monitor *h = handoff_open();
    if (h == NULL) {
        return HANDOFF_EXIT_OTHER_VERSION;
    }
    if (handoff_ready(h) != 0 && errno == EPROTO) {
        handoff_close(h);
        return HANDOFF_EXIT_PROTOCOL;
    }
    for (;;) {
        handoff_connection *c;
        switch (handoff_next(h, -1, &c)) {
        case HANDOFF_CONNECTION:
            serve(h, c);
            if (handoff_dispatch(h) == HANDOFF_BY_REQUEST) {
                handoff_free(h);
            }
            break;
        case HANDOFF_END:
            handoff_close(h);
            return HANDOFF_EXIT_DONE;
        case HANDOFF_ERROR:
            handoff_close(h);
            return HANDOFF_EXIT_PROTOCOL;
        default:
            /* Nothing is held between two calls, so there is nothing to give back. */
            break;
        }
    }
}
