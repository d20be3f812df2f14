/*
 * A FastCGI responder with nothing but the C library, for the rows of LRWP: cc -O2 -o fastcgi fastcgi.c
 *
 *     fastcgi ADDRESS PROCESSES
 *
 * answers each request with as many bytes as its query says (bytes=N), as peer.c does. Each process has one thread. The
 * address is a port of 127.0.0.1: then a process serves all of its connections, so that the web server may keep them
 * open; or, with a slash, a Unix domain socket: then it serves one connection after the other, as most programs do.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

#define CONNECTIONS 1024
#define HEADER 8
/* The longest content of a record that is a multiple of 8: no padding. */
#define RECORD 65528

/* The bytes of a request; the web server sends no other one before it has the answer. */
static unsigned char in[1 << 18];

/* Whether the first bytes of the request are there, of which so many came before: reads all that has come. */
static int has(int socket, size_t *came, size_t count)
{
    while (*came < count) {
        ssize_t got = recv(socket, in + *came, sizeof in - *came, 0);
        if (got <= 0)
            return 0;
        *came += (size_t) got;
    }
    return 1;
}

static int send_all(int socket, const unsigned char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0)
            return 0;
        bytes += sent;
        count -= (size_t) sent;
    }
    return 1;
}

static size_t record(unsigned char *at, int type, const unsigned char *id, size_t length)
{
    unsigned char header[HEADER] = {1, (unsigned char) type, id[0], id[1], (unsigned char) (length >> 8),
                                    (unsigned char) length, 0, 0};
    memcpy(at, header, HEADER);
    return HEADER;
}

static int answer(int socket, const unsigned char *id, size_t left)
{
    static unsigned char out[HEADER + RECORD + 3 * HEADER];
    static const char head[] = "Content-type: text/plain\r\n\r\n";
    size_t length = sizeof head - 1, at;

    memcpy(out + HEADER, head, length);
    do {
        size_t part = left < RECORD - length ? left : RECORD - length;
        memset(out + HEADER + length, 'x', part);
        left -= part;
        length += part;
        record(out, STDOUT, id, length);
        at = HEADER + length;
        if (left == 0) {
            at += record(out + at, STDOUT, id, 0);
            at += record(out + at, END_REQUEST, id, 8);
            memset(out + at, 0, 8);
            at += 8;
        }
        if (!send_all(socket, out, at))
            return 0;
        length = 0;
    } while (left > 0);
    return 1;
}

/* Serves one request; false where the connection has ended, or is to end. */
static int serve(int socket)
{
    static unsigned char params[sizeof in];
    unsigned char id[2] = {0, 0};
    const unsigned char *header;
    size_t came = 0, at = 0, length, count = 0;
    int keep = 0;
    char *query;

    do {
        header = in + at;
        if (!has(socket, &came, at + HEADER))
            return 0;
        length = (size_t) header[4] << 8 | header[5];
        at += HEADER + length + header[6];
        if (!has(socket, &came, at))
            return 0;
        if (header[1] == BEGIN_REQUEST) {
            memcpy(id, header + 2, 2);
            keep = header[HEADER + 2] & 1;
        } else if (header[1] == PARAMS) {
            memcpy(params + count, header + HEADER, length);
            count += length;
        }
    } while (header[1] != STDIN || length > 0);
    query = memmem(params, count, "bytes=", 6);
    return answer(socket, id, query == NULL ? 0 : strtoul(query + 6, NULL, 10)) && keep;
}

static void run_one_by_one(int listener)
{
    for (;;) {
        int socket = accept(listener, NULL, NULL);
        if (socket < 0)
            exit(1);
        while (serve(socket))
            continue;
        close(socket);
    }
}

static void run(int listener)
{
    static struct pollfd fds[CONNECTIONS];
    nfds_t count = 1, i;
    int yes = 1;

    fds[0].fd = listener;
    fds[0].events = POLLIN;
    for (;;) {
        if (poll(fds, count, -1) < 0)
            exit(1);
        for (i = count; i-- > 1;) {
            if (fds[i].revents != 0 && !serve(fds[i].fd)) {
                close(fds[i].fd);
                fds[i] = fds[--count];
            }
        }
        if (fds[0].revents != 0 && count < CONNECTIONS) {
            int socket = accept(listener, NULL, NULL);
            if (socket >= 0) {
                setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                fds[count].fd = socket;
                fds[count].events = POLLIN;
                fds[count++].revents = 0;
            }
        }
    }
}

static int is_path(const char *address)
{
    return strchr(address, '/') != NULL;
}

static int listen_on(const char *address)
{
    struct sockaddr_in port = {.sin_family = AF_INET};
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    int local = is_path(address), yes = 1;
    int listener = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | (local ? 0 : SOCK_NONBLOCK), 0);

    port.sin_port = htons((uint16_t) atoi(address));
    port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    strncpy(path.sun_path, address, sizeof path.sun_path - 1);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, local ? (struct sockaddr *) &path : (struct sockaddr *) &port,
             local ? sizeof path : sizeof port) != 0 || listen(listener, 1024) != 0) {
        perror(address);
        exit(1);
    }
    return listener;
}

int main(int count, char **arguments)
{
    int listener, i;

    if (count < 3) {
        fprintf(stderr, "usage: fastcgi ADDRESS PROCESSES\n");
        return 1;
    }
    listener = listen_on(arguments[1]);
    for (i = 0; i < atoi(arguments[2]); i++) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (is_path(arguments[1]))
                run_one_by_one(listener);
            run(listener);
        }
    }
    while (wait(NULL) > 0)
        continue;
    return 0;
}
