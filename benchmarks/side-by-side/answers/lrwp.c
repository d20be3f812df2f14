/*
 * An LRWP peer with nothing but the C library, for the rows of LRWP: cc -O2 -o lrwp lrwp.c
 *
 *     lrwp CONNECTIONS
 *
 * registers HANDOFF_LRWP_NAME on so many connections to HANDOFF_LRWP_HOST and HANDOFF_LRWP_PORT, and answers each
 * request with as many bytes as its query says (bytes=N), as fastcgi.c does: the process has one thread, serves all of
 * its connections, and reads what has come by one system call.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECTIONS 256
#define DIGITS 9
#define SEPARATOR '\xff'
#define PIECE 65536

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void send_all(int socket, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0)
            die("cannot send");
        bytes += sent;
        count -= (size_t) sent;
    }
}

static size_t receive(int socket, char *to, size_t most)
{
    ssize_t got = recv(socket, to, most, 0);

    if (got <= 0)
        die("the agent has closed the connection");
    return (size_t) got;
}

static int registering(const struct addrinfo *agent, const char *name)
{
    int peer = socket(agent->ai_family, agent->ai_socktype, agent->ai_protocol), yes = 1, length;
    char text[256];

    if (peer < 0 || connect(peer, agent->ai_addr, agent->ai_addrlen) != 0)
        die("cannot connect");
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    length = snprintf(text, sizeof text, "%s%c%c", name, SEPARATOR, SEPARATOR);
    send_all(peer, text, (size_t) length);
    return peer;
}

static void await_registration(int peer)
{
    char reply[2];

    /* No more than that: a request may follow at once. */
    if (recv(peer, reply, 2, MSG_WAITALL) != 2 || memcmp(reply, "OK", 2) != 0)
        die("refused");
}

static size_t number(const char *digits)
{
    char text[DIGITS + 1] = "";

    return strtoul(memcpy(text, digits, DIGITS), NULL, 10);
}

/* Reads a request without a body, and returns how many bytes it asks for. */
static size_t read_request(int socket)
{
    static char request[PIECE];
    size_t count = 0, length = 2 * DIGITS;
    char *query;

    do {
        count += receive(socket, request + count, sizeof request - count);
        if (count >= DIGITS)
            length = number(request) + 2 * DIGITS;
        if (length > sizeof request)
            die("the request is too long");
    } while (count < length);
    if (count > length || number(request + length - DIGITS) > 0)
        die("a request with a body");
    query = memmem(request, count, "bytes=", 6);
    /* A NUL byte follows each variable. */
    return query == NULL ? 0 : strtoul(query + 6, NULL, 10);
}

static void serve(int socket)
{
    static char out[PIECE];
    size_t left = read_request(socket);
    static const char head[] = "Content-type: text/plain\r\n\r\n";
    size_t length = DIGITS + sizeof head - 1;

    snprintf(out, sizeof out, "%09zu%s", sizeof head - 1 + left, head);
    do {
        size_t part = left < sizeof out - length ? left : sizeof out - length;
        memset(out + length, 'x', part);
        left -= part;
        send_all(socket, out, length + part);
        length = 0;
    } while (left > 0);
}

int main(int count, char **arguments)
{
    static struct pollfd fds[CONNECTIONS];
    const char *host = getenv("HANDOFF_LRWP_HOST"), *port = getenv("HANDOFF_LRWP_PORT");
    const char *name = getenv("HANDOFF_LRWP_NAME");
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *agent;
    nfds_t connections = count == 2 ? strtoul(arguments[1], NULL, 10) : 0, i;

    if (connections < 1 || connections > CONNECTIONS || host == NULL || port == NULL || name == NULL)
        die("usage: lrwp CONNECTIONS, started by a pool");
    if (getaddrinfo(host, port, &hints, &agent) != 0)
        die("unknown host or port");
    for (i = 0; i < connections; i++) {
        fds[i].fd = registering(agent, name);
        fds[i].events = POLLIN;
    }
    freeaddrinfo(agent);
    for (i = 0; i < connections; i++)
        await_registration(fds[i].fd);
    for (;;) {
        if (poll(fds, connections, -1) < 0)
            die("cannot wait");
        for (i = 0; i < connections; i++)
            if (fds[i].revents != 0)
                serve(fds[i].fd);
    }
}
