/*
 * libhandoff: workers for Handoff in C.
 *
 * A worker is a process that Handoff's monitor starts and hands connected TCP sockets to. There are two layers; a
 * program uses one of them:
 *
 *   1. Connections: take the next one, use its socket in any way, give it back or end it. For any protocol.
 *   2. HTTP/1.1: register functions for contexts, and let the library do the rest. Requests that no handler was called
 *      for survive the death of the process, and so do complete responses.
 *
 * What goes over the wire is docs/worker-protocol.md. Functions that return int return 0, or -1 with errno set, unless
 * they say otherwise. The library writes diagnostics to descriptor 2, which is Karaf's log.
 */
#ifndef HANDOFF_H
#define HANDOFF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HANDOFF_VERSION "0.1.0"

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* A position that nobody knows. */
#define HANDOFF_UNKNOWN UINT64_MAX

/* Statuses that a worker exits with. */
enum handoff_exit {
    HANDOFF_EXIT_DONE = 0,
    HANDOFF_EXIT_FAILED = 1,        /* something in the worker is broken, or it had no time to finish */
    HANDOFF_EXIT_OTHER_VERSION = 2, /* the monitor speaks another version, or this is not a worker's environment */
    HANDOFF_EXIT_PROTOCOL = 3       /* the monitor broke the protocol */
};

/* ---------------------------------------------------------------- layer 1: connections */

typedef struct handoff_monitor handoff_monitor;

/* One connection, from handoff_next until handoff_give_back or handoff_end, which free it. */
typedef struct handoff_connection {
    int fd;               /* the socket, non-blocking; it must stay so, as the mode is shared with the monitor */
    uint64_t id;          /* never used twice */
    uint32_t slot;        /* its index in the scoreboard */
    uint64_t position;    /* bytes read from it since it began, by whoever; HANDOFF_UNKNOWN where nobody knows */
    const void *received; /* bytes that the monitor has read: they come before those in the socket */
    size_t received_len;
    void *user; /* yours */
} handoff_connection;

/* What handoff_next tells. */
enum handoff_event {
    HANDOFF_ERROR = -1,    /* errno says why; EPROTO: the monitor broke the protocol, exit with HANDOFF_EXIT_PROTOCOL */
    HANDOFF_NOTHING = 0,   /* the time is up, or a signal came */
    HANDOFF_CONNECTION,    /* a connection has come */
    HANDOFF_OFF,           /* give back every connection: idle ones now, others after the response in progress */
    HANDOFF_RETIRE,        /* as OFF; HANDOFF_END follows as soon as no connection is held. Also some time after SIGTERM */
    HANDOFF_ON,            /* connections come again */
    HANDOFF_YIELD,         /* give handoff_yield() connections back (HANDOFF_DISPATCH), each behind its next response */
    HANDOFF_ELSEWHERE,     /* handoff_elsewhere() says which contexts others have */
    HANDOFF_MONITOR_GONE,  /* finish what has begun, then end the connections; HANDOFF_END follows */
    HANDOFF_END            /* exit with status 0 */
};

/* How far a connection is; told before it is so. What the monitor does when the process dies depends on it. */
enum handoff_state {
    HANDOFF_UNTAKEN = 0,  /* not looked at: goes to another worker */
    HANDOFF_IDLE = 1,     /* nothing of a request was read: is parked */
    HANDOFF_READING = 2,  /* a request was read, no handler was called; told once, before its first byte is read */
    HANDOFF_HANDLING = 3, /* a handler was called, nothing of the response has left: is answered 502 */
    HANDOFF_ANSWERING = 4 /* a part of the response has left: is reset */
};

/* Why a connection is given back. */
enum handoff_reason {
    HANDOFF_REQUESTED = 1, /* after OFF or RETIRE */
    HANDOFF_IDLE_LONG = 2, /* nothing came for a while */
    HANDOFF_FOREIGN = 3,   /* the unused bytes begin with a request for somebody else */
    HANDOFF_NOT_TAKEN = 4, /* cannot be taken here */
    HANDOFF_DISPATCH = 5,  /* the next request is for whichever worker is free */
    HANDOFF_FAILED = 6     /* the system refuses what it needs to go on here */
};

/* HANDOFF_DISPATCH in the environment. */
enum handoff_dispatch { HANDOFF_BY_CONNECTION, HANDOFF_BY_REQUEST, HANDOFF_ADAPTIVE };

/*
 * Takes over descriptor 0 and the environment that the monitor started this process with. Afterwards descriptor 0 is
 * /dev/null, so that programs that this one starts have nothing of the monitor's. NULL, with a line on descriptor 2,
 * where this is not a worker's environment: exit with HANDOFF_EXIT_OTHER_VERSION then.
 *
 * Takes SIGTERM and SIGALRM too. At SIGTERM the monitor is asked for another worker, and this one goes on until
 * HANDOFF_RETIRE, for half of the drain timeout at most. SIGALRM ends a process that has not ended within the drain
 * timeout after SIGTERM or the monitor's end.
 */
handoff_monitor *handoff_open(void);

/* Closes everything. Connections still held are the monitor's to decide about. */
void handoff_close(handoff_monitor *h);

/* Says that connections may come. Once, and before any other frame. EPROTO: one has come before. */
int handoff_ready(handoff_monitor *h);

/* The descriptor to poll for reading in an event loop of your own; handoff_next(h, 0, ...) then tells what came. */
int handoff_fd(const handoff_monitor *h);

/*
 * Waits for what the monitor says next, `timeout` milliseconds at the most; -1 for ever, 0 not at all. PING and DUMP
 * are answered in here, so a program must come here often: `heartbeat` of the pool is how long it may be away.
 */
enum handoff_event handoff_next(handoff_monitor *h, int timeout, handoff_connection **connection);

/* Reads from a connection as recv does, the bytes that the monitor has read first, and counts. */
ssize_t handoff_recv(handoff_connection *c, void *buffer, size_t size);

/* Tells the state of a connection. A worker that tells nothing loses more when it dies. */
void handoff_set_state(handoff_monitor *h, handoff_connection *c, enum handoff_state state);

/*
 * Gives a connection back, with the bytes that were read and not used (131,072 at most). Take the descriptor out of
 * your epoll set before: closing does not, as the monitor holds the socket too. With protocol = tcp, a connection with
 * bytes comes again at once: keep one of which only a part of a request was read. EPIPE: the monitor is gone, and the
 * connection was ended.
 */
int handoff_give_back(handoff_monitor *h, handoff_connection *c, enum handoff_reason reason, const void *unused,
                      size_t size);

/* Ends a connection for everybody. */
void handoff_end(handoff_monitor *h, handoff_connection *c);

/* Counts a request that was answered: max.requests and the balance between workers need it. */
void handoff_answered(handoff_monitor *h);

/* Notes that a handler runs for a connection, or none (NULL); request.timeout and worker:list need it. */
void handoff_running(handoff_monitor *h, const handoff_connection *c);

/* Room for another request, see Dispatch; and from here on one connection at a time, or any number. */
int handoff_free(handoff_monitor *h);
int handoff_slow(handoff_monitor *h);
int handoff_quick(handoff_monitor *h);

/* As many requests were begun as may be (handoff_max_requests): give every connection back. */
int handoff_spent(handoff_monitor *h);

/* What the last YIELD and FOREIGN_CONTEXTS said; the latter lines of a host, a space and a context. */
unsigned handoff_yield(const handoff_monitor *h);
const char *handoff_elsewhere(const handoff_monitor *h);

/* The environment. max_requests is 0 for any number. */
const char *handoff_worker_id(const handoff_monitor *h);
const char *handoff_pool(const handoff_monitor *h);
enum handoff_dispatch handoff_dispatch(const handoff_monitor *h);
uint64_t handoff_max_requests(const handoff_monitor *h);
unsigned handoff_drain_timeout(const handoff_monitor *h);

/* Connections held, and whether further ones may be served; both kept by handoff_next and friends. */
size_t handoff_held(const handoff_monitor *h);
int handoff_is_on(const handoff_monitor *h);
int handoff_is_retiring(const handoff_monitor *h);

/* ---------------------------------------------------------------- layer 2: HTTP/1.1 */

typedef struct handoff_server handoff_server;
typedef struct handoff_request handoff_request;
typedef struct handoff_response handoff_response;

/* What one client may cost. Sizes in bytes, times in seconds. */
typedef struct handoff_limits {
    size_t request_line;   /* longer ones are answered 414; 8,192, at most 16,384 */
    size_t header;         /* all fields together; longer ones are answered 431; 32,768, at most 45,056 */
    uint64_t body;         /* longer ones are answered 413; 1 GiB */
    size_t body_memory;    /* of a chunked body in memory, the rest is in a file; 65,536 */
    size_t memory;         /* of all clients together, at least 1 MiB: beyond one half bodies go to files, beyond the
                              other, for heads, the oldest requests without a handler are answered 503; 64 MiB */
    uint64_t spool;        /* of one streamed response in a file for a slow client; then the handler waits; 1 GiB */
    unsigned header_time;  /* from a request's first byte to the end of its head; slower ones are answered 408; 20 */
    unsigned body_time;    /* likewise for its body; both and the next grow by a second for 500 bytes; 20 */
    unsigned write_time;   /* how long a client may take nothing of a response; 30 */
    unsigned idle_time;    /* how long an idle connection is kept before it is given back; 5 */
    const char *temporary; /* folder for files without a name; NULL for TMPDIR, else /tmp */
} handoff_limits;

/*
 * Answers one request, on the thread that called handoff_server_run, one at a time. The request is complete. Whatever
 * was not sent when it returns is: an empty response with the status, 200 where none was set.
 */
typedef void (*handoff_handler)(handoff_request *request, handoff_response *response, void *user);

/* The limits that the pool's file sets (HANDOFF_HTTP_…), and the defaults for the others. */
void handoff_limits_default(handoff_limits *limits);

/* A server with these limits, or the default ones where NULL. Says on descriptor 2 why it is NULL. */
handoff_server *handoff_server_new(const handoff_limits *limits);

/*
 * Serves a context, such as "/app" or "example.org/app" (for one host only). The longest one wins, on whole segments;
 * those for the request's host come first. Requests for no context of this worker go back to the monitor. -1 with
 * EINVAL where it is no absolute, decoded path without empty and dot segments. NULL serves the contexts that the pool's
 * file names (HANDOFF_CONTEXTS), or all where it names none.
 */
int handoff_server_handle(handoff_server *s, const char *context, handoff_handler handler, void *user);

/* Serves until the worker is to end; returns the status to exit with. SIGTERM is taken care of, SIGPIPE ignored. */
int handoff_server_run(handoff_server *s);

void handoff_server_free(handoff_server *s);

/* Strings of a request are valid until the handler returns. The path is decoded, UTF-8, free of dot segments. */
const char *handoff_method(const handoff_request *r);
const char *handoff_target(const handoff_request *r);  /* as sent */
const char *handoff_host(const handoff_request *r);    /* in lower case, without port; "" where there is none */
const char *handoff_path(const handoff_request *r);
const char *handoff_context(const handoff_request *r); /* the context that matched */
const char *handoff_query(const handoff_request *r);   /* as sent, without '?'; "" where there is none */
int handoff_minor_version(const handoff_request *r);   /* 1 for HTTP/1.1 */

/* The value of the first field of that name, in any case of letters; NULL where there is none. */
const char *handoff_header(const handoff_request *r, const char *name);

/* The i-th field; 0 where there are not so many. */
int handoff_header_at(const handoff_request *r, size_t i, const char **name, const char **value);

/* The client's address, as getpeername gives it. */
int handoff_client(const handoff_request *r, struct sockaddr_storage *address, socklen_t *length);

/* The body: its length; all of it in memory (NULL with errno where there is no memory); or piece by piece, as read. */
uint64_t handoff_body_length(const handoff_request *r);
const void *handoff_body(handoff_request *r, size_t *length);
ssize_t handoff_body_read(handoff_request *r, void *buffer, size_t size);

/* 200 to 599; EINVAL otherwise, EALREADY once the response has begun. */
int handoff_status(handoff_response *r, int status);

/* Sets or adds a field. EINVAL for what is no field, or one that the library sets (Content-Length, Connection, ...). */
int handoff_set_header(handoff_response *r, const char *name, const char *value);
int handoff_add_header(handoff_response *r, const char *name, const char *value);

/* The whole body, copied; or a text, with Content-Type text/plain in UTF-8 where none was set. */
int handoff_send(handoff_response *r, const void *body, size_t length);
int handoff_send_text(handoff_response *r, const char *text);

/* `length` bytes of a regular file from `offset` on, by sendfile. The library closes fd, also on error. */
int handoff_send_file(handoff_response *r, int fd, off_t offset, uint64_t length);

/*
 * A piece of a body of unknown length: chunked, or ended by the connection for HTTP/1.0. Small pieces leave together;
 * handoff_flush has them leave now. Never waits for the client before `spool` bytes wait. EPIPE: the client has gone.
 */
int handoff_write(handoff_response *r, const void *data, size_t length);
int handoff_flush(handoff_response *r);

/* Forgets the response, in favour of another one; -1 with EALREADY where a part of it has left. */
int handoff_reset(handoff_response *r);

/* Lets the response end as a failure: 500 where nothing has left, else the client sees it cut. */
void handoff_fail(handoff_response *r);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
