/*
 * A client for what wrk does not measure: cc -O2 -o load load.c -lm
 *
 *     load open PORT CONNECTIONS RATE SECONDS PATH [SLOW_PATH]
 *
 * sends RATE requests a second to 127.0.0.1:PORT, at random times that do not depend on the answers (an open loop),
 * each over the connection that has been idle longest; with SLOW_PATH every tenth request is for that. A latency counts
 * from the time at which the request was due, whether a connection was free or not, so that a server that stalls does
 * not hide the requests that it would have got (coordinated omission). Ends after SECONDS, or by SIGINT.
 *
 *     load park PORT CONNECTIONS PATH
 *
 * opens the connections, asks once over each, prints a line, and keeps them until its standard input ends.
 *
 * Both print a JSON object: latencies in microseconds, and the numbers of requests that were answered with 2xx, that
 * failed (any other answer, or the end of the connection in place of one), and of connections that the server closed
 * while no request was on its way.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 4096, CHUNK = 65536, TENTH = 10, AT_ONCE = 100, ADDRESSES = 64 };

/* How long a refused connection waits for its next try, and how long answers may take after the last request. */
static const double RETRY = 0.01, PATIENCE = 10;

/* The state of a connection. */
enum state { CLOSED, CONNECTING, IDLE, ASKING };

struct request {
    double due;
    bool slow;
};

struct connection {
    int socket;
    enum state state;
    struct request request;
    char head[HEAD + 1];
    size_t head_length;
    /* Of the body; negative while the head is not complete. */
    int64_t left;
    int status;
    bool last;
    double retry;
    struct connection *next;
};

/* A queue of connections by their order. */
struct queue {
    struct connection *first, *last;
};

struct latencies {
    double *values;
    size_t count, room;
};

static struct {
    int epoll, timer;
    uint16_t port;
    const char *paths[2];
    struct queue idle;
    struct request *waiting;
    size_t waiting_first, waiting_count, waiting_room;
    struct latencies latencies[2];
    long answered, failed, closed, refused, asking;
} load;

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void) signal;
    interrupted = 1;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void *grown(void *array, size_t *room, size_t size)
{
    *room = *room == 0 ? 1024 : *room * 2;
    array = realloc(array, *room * size);
    if (array == NULL)
        die("memory");
    return array;
}

static void append(struct queue *queue, struct connection *connection)
{
    connection->next = NULL;
    if (queue->first == NULL)
        queue->first = connection;
    else
        queue->last->next = connection;
    queue->last = connection;
}

static struct connection *take_first(struct queue *queue)
{
    struct connection *first = queue->first;
    if (first != NULL)
        queue->first = first->next;
    return first;
}

static void take(struct queue *queue, struct connection *wanted)
{
    struct connection **at = &queue->first, *before = NULL;
    while (*at != NULL && *at != wanted) {
        before = *at;
        at = &before->next;
    }
    if (*at == NULL)
        return;
    *at = wanted->next;
    if (queue->last == wanted)
        queue->last = before;
}

static void open_connection(struct connection *connection)
{
    /* Several addresses of our own, as one has not enough ports for all connections to one server. */
    static unsigned turn;
    struct sockaddr_in own = {.sin_family = AF_INET}, server = {.sin_family = AF_INET};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    int yes = 1;

    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + turn++ % ADDRESSES);
    server.sin_port = htons(load.port);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->socket < 0)
        die("socket");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(connection->socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(connection->socket, (struct sockaddr *) &own, sizeof own) != 0)
        die("bind");
    connection->state = CONNECTING;
    if (connect(connection->socket, (struct sockaddr *) &server, sizeof server) != 0 && errno != EINPROGRESS)
        die("connect");
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, connection->socket, &event) != 0)
        die("epoll_ctl");
}

static void ask(struct connection *connection, struct request request)
{
    char text[512];
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", load.paths[request.slow]);
    connection->request = request;
    connection->state = ASKING;
    connection->head_length = 0;
    connection->left = -1;
    connection->last = false;
    load.asking++;
    /* A connection that has ended is noticed when it is read. A short request always has room in the socket. */
    if (send(connection->socket, text, (size_t) length, MSG_NOSIGNAL) < 0 && errno == EAGAIN)
        die("send");
}

static void due(struct request request)
{
    struct connection *connection = take_first(&load.idle);
    if (connection != NULL) {
        ask(connection, request);
        return;
    }
    if (load.waiting_first + load.waiting_count == load.waiting_room)
        load.waiting = grown(load.waiting, &load.waiting_room, sizeof *load.waiting);
    load.waiting[load.waiting_first + load.waiting_count++] = request;
}

static void be_idle(struct connection *connection)
{
    if (load.waiting_count > 0) {
        load.waiting_count--;
        ask(connection, load.waiting[load.waiting_first++]);
        return;
    }
    connection->state = IDLE;
    append(&load.idle, connection);
}

/* Closes a connection, and has it opened again. */
static void closed(struct connection *connection, double retry)
{
    close(connection->socket);
    if (connection->state == ASKING) {
        load.failed++;
        load.asking--;
    } else if (connection->state == IDLE) {
        load.closed++;
        take(&load.idle, connection);
    } else {
        load.refused++;
    }
    connection->state = CLOSED;
    connection->retry = now() + retry;
}

static void finished(struct connection *connection)
{
    struct latencies *latencies = &load.latencies[connection->request.slow];
    load.asking--;
    if (connection->status / 100 != 2) {
        load.failed++;
    } else {
        load.answered++;
        if (latencies->count == latencies->room)
            latencies->values = grown(latencies->values, &latencies->room, sizeof *latencies->values);
        latencies->values[latencies->count++] = (now() - connection->request.due) * 1e6;
    }
    if (connection->last) {
        connection->state = IDLE;
        closed(connection, 0);
    } else {
        be_idle(connection);
    }
}

/* Takes what it can of the head; returns how many bytes. */
static size_t take_head(struct connection *connection, const char *bytes, size_t count)
{
    size_t before = connection->head_length, room = HEAD - before;
    size_t part = count < room ? count : room;
    char *end, *field;

    memcpy(connection->head + before, bytes, part);
    connection->head_length += part;
    connection->head[connection->head_length] = 0;
    end = strstr(connection->head, "\r\n\r\n");
    if (end == NULL) {
        if (connection->head_length == HEAD)
            die("a head that is too long");
        return part;
    }
    end[2] = 0;
    connection->status = atoi(connection->head + strlen("HTTP/1.1 "));
    field = strcasestr(connection->head, "\r\nContent-Length:");
    if (field == NULL) {
        fprintf(stderr, "no length in: %s\n", connection->head);
        exit(1);
    }
    connection->left = atoll(field + strlen("\r\nContent-Length:"));
    connection->last = strcasestr(connection->head, "\r\nConnection: close") != NULL;
    return (size_t) (end + 4 - connection->head) - before;
}

static void readable(struct connection *connection)
{
    static char bytes[CHUNK];
    for (;;) {
        ssize_t got = recv(connection->socket, bytes, sizeof bytes, 0);
        size_t used = 0;
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0 || connection->state != ASKING) {
            closed(connection, 0);
            return;
        }
        if (connection->left < 0)
            used = take_head(connection, bytes, (size_t) got);
        if (connection->left >= 0) {
            connection->left -= got - (ssize_t) used;
            if (connection->left < 0)
                die("more bytes than announced");
            if (connection->left == 0) {
                finished(connection);
                if (connection->state == CLOSED)
                    return;
            }
        }
    }
}

static void happened(struct connection *connection, uint32_t events)
{
    if (connection->state == CLOSED)
        return;
    if (connection->state == CONNECTING) {
        if (events & (EPOLLERR | EPOLLHUP)) {
            closed(connection, RETRY);
            return;
        }
        if (events & EPOLLOUT)
            be_idle(connection);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        readable(connection);
}

/* Waits for events, until a time at most. */
static void wait_until(double time)
{
    struct epoll_event events[256];
    double duration = time - now();
    struct itimerspec timer = {.it_value.tv_nsec = 1};
    int count, i;

    if (duration > 0) {
        timer.it_value.tv_sec = (time_t) duration;
        timer.it_value.tv_nsec = (long) ((duration - floor(duration)) * 1e9) + 1;
    }
    timerfd_settime(load.timer, 0, &timer, NULL);
    count = epoll_wait(load.epoll, events, 256, -1);
    for (i = 0; i < count; i++) {
        if (events[i].data.ptr != NULL)
            happened(events[i].data.ptr, events[i].events);
    }
}

static void reopen(struct connection *connections, long count)
{
    double time = now();
    for (long i = 0; i < count; i++) {
        if (connections[i].state == CLOSED && connections[i].retry <= time)
            open_connection(&connections[i]);
    }
}

static struct connection *make_connections(long count)
{
    struct connection *connections = calloc((size_t) count, sizeof *connections);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (connections == NULL)
        die("memory");
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (load.epoll < 0 || load.timer < 0 || epoll_ctl(load.epoll, EPOLL_CTL_ADD, load.timer, &event) != 0)
        die("epoll");
    return connections;
}

static int by_value(const void *one, const void *other)
{
    double a = *(const double *) one, b = *(const double *) other;
    return (a > b) - (a < b);
}

static void print(const char *name, struct latencies *latencies)
{
    size_t count = latencies->count;
    if (count == 0)
        return;
    qsort(latencies->values, count, sizeof *latencies->values, by_value);
    printf(", \"%s\": {\"count\": %zu, \"p50\": %.0f, \"p99\": %.0f, \"max\": %.0f}", name, count,
           latencies->values[count / 2], latencies->values[count * 99 / 100], latencies->values[count - 1]);
}

static void print_all(void)
{
    printf("{\"answered\": %ld, \"failed\": %ld, \"closed\": %ld, \"refused\": %ld, \"unanswered\": %ld",
           load.answered, load.failed, load.closed, load.refused, load.asking + (long) load.waiting_count);
    print("fast", &load.latencies[0]);
    print("slow", &load.latencies[1]);
    printf("}\n");
}

static void run_open(long count, double rate, double seconds)
{
    struct connection *connections = make_connections(count);
    double begin, next, end;
    long number = 0;

    /* All connections before the first request, but a server that refuses some does not hold up the others. */
    for (begin = now(); now() < begin + 1;) {
        reopen(connections, count);
        wait_until(now() + RETRY);
        if (load.refused == 0 && load.idle.first != NULL && connections[count - 1].state == IDLE)
            break;
    }
    next = now();
    end = next + seconds;
    srand48(1);
    while (!interrupted && now() < end) {
        while (next <= now() && next < end) {
            due((struct request) {next, load.paths[1] != NULL && number++ % TENTH == 0});
            next += -log(1 - drand48()) / rate;
        }
        reopen(connections, count);
        wait_until(next < end ? next : end);
    }
    for (end = now() + PATIENCE; load.asking + (long) load.waiting_count > 0 && now() < end;) {
        reopen(connections, count);
        wait_until(now() + RETRY);
    }
    print_all();
}

static void run_park(long count)
{
    struct connection *connections = make_connections(count);
    long opened = 0;
    char byte;

    while (load.answered + load.failed < count) {
        while (opened < count && opened - load.answered - load.failed < AT_ONCE) {
            open_connection(&connections[opened++]);
            due((struct request) {now(), false});
        }
        wait_until(now() + RETRY);
    }
    printf("%ld open\n", load.answered);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    wait_until(now());
    print_all();
}

int main(int count, char **arguments)
{
    signal(SIGINT, interrupt);
    if (count >= 3)
        load.port = (uint16_t) atoi(arguments[2]);
    if (count >= 7 && strcmp(arguments[1], "open") == 0) {
        load.paths[0] = arguments[6];
        load.paths[1] = arguments[7];
        run_open(atol(arguments[3]), atof(arguments[4]), atof(arguments[5]));
    } else if (count == 5 && strcmp(arguments[1], "park") == 0) {
        load.paths[0] = arguments[4];
        run_park(atol(arguments[3]));
    } else {
        fprintf(stderr, "usage: load open PORT CONNECTIONS RATE SECONDS PATH [SLOW_PATH]\n"
                        "       load park PORT CONNECTIONS PATH\n");
        return 1;
    }
    return 0;
}
