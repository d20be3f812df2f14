/* What the parts of layer 2 know of each other. The server's lock guards all of it. */
#ifndef HANDOFF_HTTP_H
#define HANDOFF_HTTP_H

#include <pthread.h>

#include "internal.h"

struct buffer {
    char *data;
    size_t size;
    size_t capacity;
};

/* The capacity that it has once so many bytes more are in it; 0 where there are no such numbers. */
size_t buffer_capacity(const struct buffer *b, size_t more);
int buffer_add(struct buffer *b, const void *data, size_t size);
int buffer_print(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_free(struct buffer *b);

/* What is left of a response: first bytes in memory, then a part of a file. */
struct output {
    char *rest; /* in the slot's area for a copy, or allocated */
    size_t rest_at;
    size_t rest_size;
    size_t rest_taken; /* of the memory for all clients; 0 where it is in the slot */
    int file;
    bool own; /* a file of ours, which may be cut when all of it has left */
    off_t offset;
    uint64_t left;
    uint64_t origin; /* which count of written bytes belongs to the file's first byte; modulo 2^64 */
    bool complete;   /* nothing more is added */
    bool keep;       /* the connection is kept behind it */
};

/* The least speed of a client: 500 bytes a second, after some patience. */
struct pace {
    uint64_t started; /* in milliseconds, 0 for not at all */
    uint64_t patience;
    uint64_t bytes;
};

enum stage { AT_HEAD, AT_BODY, AT_CHUNKS, AT_END };

struct conn {
    struct conn *next;
    struct conn *before;
    struct conn *queued_next;
    struct conn *again_next;
    handoff_server *server;
    int fd;
    uint64_t id;
    uint32_t slot;
    uint8_t *record;
    enum handoff_state state;
    bool watched;  /* by epoll */
    bool readable; /* there may be something to read */
    bool hung_up;  /* the client has ended its side: read to the end */
    bool queued;   /* its request is complete and waits for its handler */
    bool again;    /* is to be looked at in the next turn */
    bool release;  /* is to be given back as soon as that loses nothing */
    bool dead;     /* ended while its handler runs */
    bool counted;  /* its response was counted */
    struct input in;
    struct output out;

    /* the request that is being read */
    enum stage stage;
    struct head_scan scan;
    uint64_t cursor; /* the position of the first byte that was not looked at */
    uint64_t head_end;
    struct buffer head; /* where it is not in one piece in the journal */
    uint64_t length;
    bool chunked;
    bool keep_alive;
    bool is_head;
    int minor;
    handoff_handler handler;
    void *user;
    const char *context;
    struct chunks chunks;
    struct buffer body; /* of chunks; what has no room in memory is in the file, behind that */
    int body_file;
    uint64_t body_file_size;

    uint64_t written; /* to the socket by whoever, before this response; UNKNOWN where nobody knows */
    uint64_t ends;
    uint64_t since;  /* when the request's first byte was looked at, in milliseconds */
    uint64_t active; /* when something last happened, in milliseconds */
    struct pace pace;

    bool lingering;
    uint64_t linger_since;
    uint64_t discarded;
};

struct handoff_request {
    struct conn *c;
    const struct head *head;
    uint64_t read;
    void *copy;
};

struct handoff_response {
    struct conn *c;
    int status;
    struct buffer fields;
    struct buffer body;
    bool begun;     /* its body was given, or a piece of it */
    bool streaming; /* a part may have left */
    bool started;   /* a part has left */
    bool chunked;
    bool keep;
    bool failed;
    bool typed; /* has a Content-Type */
    int file;
    off_t offset;
    uint64_t length;
    uint64_t total; /* bytes given to the socket or the spool */
    struct buffer out; /* scratch */
};

struct handoff_server {
    pthread_mutex_t lock;
    handoff_monitor *h;
    handoff_limits limits;
    char *temporary;
    struct routes routes;
    int epoll;
    int signals;
    struct conn **by_slot;
    struct conn *conns;
    struct conn *ready_first;
    struct conn *ready_last;
    struct conn *again;
    struct conn *again_last;
    size_t count;
    /* limits.memory has a half for each: what can go to a file (bodies, unsent responses), and what cannot (heads). */
    size_t taken;
    size_t charged;
    uint64_t crowded_out; /* requests that were ended for others' heads, and are not in the log yet */
    uint64_t complained;  /* when the last ones were put there, in milliseconds; 0 for never */
    struct handoff_request request;
    struct handoff_response response;
    struct head *head;       /* the one that was parsed last */
    struct conn *head_owner; /* whose that is */
    struct head *running_head;

    /* dispatch */
    bool one_at_a_time;
    bool owed;
    unsigned wanted;
    uint64_t begun; /* requests */
    uint64_t average;

    /* the end */
    bool gone_noted;
    bool leaving;
    uint64_t retire_at;
    _Atomic uint64_t deadline; /* in milliseconds; 0 for none */
    int status;                 /* -1 while it serves */
    uint64_t ticked;

    /* the handler's thread and its deputy */
    struct conn *running;
    _Atomic uint64_t running_since; /* in nanoseconds; 0 where no handler runs */
    _Atomic uint64_t runs;
    pthread_t deputy;
    pthread_cond_t wake;
    _Atomic bool deputy_sleeps;
    _Atomic bool stopped;

    char date[32];
    int64_t date_second;
};

uint64_t now_millis(void);
uint64_t now_nanos(void);

/* Whether data that can go to a file may take so much memory. */
bool has_room(const handoff_server *s, size_t size);

/* ---- responses */

void response_begin(struct handoff_response *r, struct conn *c);

/* The handler has returned. */
void response_finish(struct handoff_response *r);
/* Gives back what a large response took. */
void response_shrink(struct handoff_response *r);
void response_free(struct handoff_response *r);

/* An answer of the server's own, after which the connection ends. */
void refuse(struct conn *c, int status);
/* False where the connection has left. */
bool send_continue(struct conn *c);

/* Sends what waits, as far as the kernel takes it. May end the connection. */
void pump(struct conn *c);
void drop_output(struct conn *c);

/* ---- connections */

void conn_begin(handoff_server *s, struct incoming *in);
void conn_event(struct conn *c, uint32_t events);

/* All of the response is with the kernel. */
void conn_answered(struct conn *c, bool keep);

/* Ends it for everybody; cuts it; leaves it to the monitor as FAILED; acts on the error of a call. */
void conn_end(struct conn *c);
void conn_cut(struct conn *c);
void conn_fail(struct conn *c);
void conn_lost(struct conn *c, int error);

/* Closes it here and says nothing: the monitor decides about it. */
void conn_drop(struct conn *c);

/* Gives back what its request takes in memory and in files, but for the journal. */
void conn_free_request(struct conn *c);

/* Ends the oldest requests that no handler was called for, as long as heads take too much. Any connection may end. */
void make_room(handoff_server *s);

/* Lets it go as soon as that loses nothing. */
void conn_release(struct conn *c);
void conn_tick(struct conn *c, uint64_t now);
void conn_again(struct conn *c);
void not_again(struct conn *c);
void conn_change(struct conn *c, enum handoff_state state);
void conn_watch(struct conn *c);

/* The handler is about to be called: what the scoreboard says of it. */
void conn_handling(struct conn *c);

/* The head of its request, in s->head; NULs behind its strings where `terminate`. */
int conn_head(struct conn *c, bool terminate);
struct conn *take_ready(handoff_server *s);
void unqueue(struct conn *c);

bool turn_goes(handoff_server *s);

#endif
