/*
 * The event loop. Handlers run in it, so that a request costs no change of threads. Where one takes long, a second
 * thread, the deputy, stands in for the loop: it answers the monitor, gives other connections away and reads requests,
 * until the handler returns. One lock guards everything; handlers run without it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http.h"

enum { EVENTS = 64, HANDLERS = 64, FRAMES = 64, TICK = 1000, MINUTE = 60000, DEPUTY_POLL = 10, DEPUTY_PATIENCE = 64 };
enum { LEAST_MEMORY = 1 << 20 };
static const uint64_t SLOW_NANOS = 1000000;
static const uint64_t QUICK_NANOS = 500000;
static const uint64_t LONGEST_NANOS = 8000000;
enum { WEIGHT = 8 };

#define OF_CONTROL UINT64_MAX
#define OF_SIGNALS (UINT64_MAX - 1)

static uint64_t clock_nanos(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t now_nanos(void)
{
    return clock_nanos(CLOCK_MONOTONIC);
}

uint64_t now_millis(void)
{
    return clock_nanos(CLOCK_MONOTONIC_COARSE) / 1000000;
}

/* ---- what is configured */

/* A limit that the pool's file sets. */
static bool told_limit(const char *name, uint64_t *value)
{
    char variable[64];
    snprintf(variable, sizeof variable, "HANDOFF_HTTP_%s", name);
    return read_number(variable, value) && *value <= (1ULL << 40);
}

/* The size in http.memory: bytes, also with k, m or g. A share of a Java heap means nothing here. */
static size_t told_memory(size_t preset)
{
    static const char units[] = "kmg";
    const char *text = getenv("HANDOFF_HTTP_MEMORY");
    if (text == NULL) {
        return preset;
    }
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end == '\0' ? NULL : strchr(units, tolower((unsigned char)*end));
    unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - units + 1);
    bool is_size = end != text && (*end == '\0' || (unit != NULL && end[1] == '\0'));
    if (is_size && number <= (SIZE_MAX >> 1) >> shift) {
        return (size_t)number << shift;
    }
    say("http.memory = %s is no size, as this worker has no heap that it could be a share of: it takes %zu bytes", text,
        preset);
    return preset;
}

void handoff_limits_default(handoff_limits *limits)
{
    *limits = (handoff_limits){.request_line = 8192,
                               .header = 32768,
                               .body = 1ULL << 30,
                               .body_memory = 65536,
                               .memory = told_memory(64 << 20),
                               .spool = 1ULL << 30,
                               .header_time = 20,
                               .body_time = 20,
                               .write_time = 30,
                               .idle_time = 5};
    uint64_t told;
    limits->request_line = told_limit("REQUEST_LINE", &told) ? told : limits->request_line;
    limits->header = told_limit("HEADER", &told) ? told : limits->header;
    limits->body = told_limit("BODY", &told) ? told : limits->body;
    limits->body_memory = told_limit("BODY_MEMORY", &told) ? told : limits->body_memory;
    limits->spool = told_limit("SPOOL", &told) ? told : limits->spool;
    limits->header_time = told_limit("HEADER_TIMEOUT", &told) ? (unsigned)told : limits->header_time;
    limits->body_time = told_limit("BODY_TIMEOUT", &told) ? (unsigned)told : limits->body_time;
    limits->write_time = told_limit("WRITE_TIMEOUT", &told) ? (unsigned)told : limits->write_time;
    limits->idle_time = told_limit("IDLE_TIMEOUT", &told) ? (unsigned)told : limits->idle_time;
}

handoff_server *handoff_server_new(const handoff_limits *limits)
{
    handoff_server *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->epoll = -1;
    s->signals = -1;
    s->response.file = -1;
    s->status = -1;
    if (limits != NULL) {
        s->limits = *limits;
    } else {
        handoff_limits_default(&s->limits);
    }
    const handoff_limits *l = &s->limits;
    if (l->request_line < 16 || l->request_line > MAX_REQUEST_LINE || l->header < 16 || l->header > MAX_HEADER
        || l->header_time == 0 || l->body_time == 0 || l->write_time == 0 || l->idle_time == 0 || l->spool < 4096
        || l->memory < LEAST_MEMORY || l->body > INT64_MAX / 2 || l->write_time > 86400) {
        say("The limits are not valid: handoff.h has the bounds of each");
        free(s);
        errno = EINVAL;
        return NULL;
    }
    const char *folder = l->temporary;
    if (folder == NULL) {
        folder = getenv("TMPDIR");
    }
    s->temporary = strdup(folder == NULL || *folder == '\0' ? "/tmp" : folder);
    s->head = calloc(1, sizeof *s->head);
    s->running_head = calloc(1, sizeof *s->running_head);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (s->temporary == NULL || s->head == NULL || s->running_head == NULL) {
        handoff_server_free(s);
        return NULL;
    }
    return s;
}

int handoff_server_handle(handoff_server *s, const char *context, handoff_handler handler, void *user)
{
    if (context == NULL) {
        return routes_add_all(&s->routes, getenv("HANDOFF_CONTEXTS"), handler, user);
    }
    return routes_add(&s->routes, context, handler, user);
}

void handoff_server_free(handoff_server *s)
{
    if (s == NULL) {
        return;
    }
    while (s->conns != NULL) {
        conn_drop(s->conns);
    }
    routes_free(&s->routes);
    response_free(&s->response);
    free(s->by_slot);
    free(s->temporary);
    free(s->head);
    free(s->running_head);
    if (s->epoll >= 0) {
        close(s->epoll);
    }
    if (s->signals >= 0) {
        close(s->signals);
    }
    handoff_close(s->h);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- dispatch */

bool turn_goes(handoff_server *s)
{
    if (s->one_at_a_time || s->wanted == 0) {
        return s->one_at_a_time;
    }
    s->wanted--;
    return true;
}

/* In return for a connection the monitor is told when there is room for another. */
static void check_turn(handoff_server *s)
{
    if (!s->one_at_a_time || !s->owed || s->running != NULL || s->ready_first != NULL) {
        return;
    }
    s->owed = false;
    if (s->h->dispatch == HANDOFF_ADAPTIVE && s->average < QUICK_NANOS) {
        s->one_at_a_time = false;
        control_say(s->h, F_QUICK);
    } else {
        control_say(s->h, F_FREE);
    }
}

static void note_time(handoff_server *s, uint64_t nanos)
{
    int64_t took = (int64_t)(nanos < LONGEST_NANOS ? nanos : LONGEST_NANOS);
    s->average = (uint64_t)((int64_t)s->average + (took - (int64_t)s->average) / WEIGHT);
}

/* Leaves to other workers what can go: a handler is busy here. */
static void give_away(handoff_server *s)
{
    for (struct conn *c = s->conns; c != NULL;) {
        struct conn *next = c->next;
        if (c != s->running && (c->state != HANDOFF_READING || c->queued)) {
            conn_release(c);
        }
        c = next;
    }
}

static void release_all(handoff_server *s)
{
    for (struct conn *c = s->conns; c != NULL;) {
        struct conn *next = c->next;
        conn_release(c);
        c = next;
    }
}

/* ---- the end of the worker */

static void begin_deadline(handoff_server *s)
{
    if (s->deadline == 0) {
        s->deadline = now_millis() + s->h->drain * 1000ULL;
        pthread_cond_signal(&s->wake);
    }
}

static void off(handoff_server *s)
{
    s->h->on = false;
    release_all(s);
}

static void spent(handoff_server *s)
{
    if (!s->h->spent) {
        handoff_spent(s->h);
        off(s);
    }
}

static void leave(handoff_server *s)
{
    if (s->leaving || s->h->retiring || s->h->gone) {
        return;
    }
    say("SIGTERM has come: this worker asks for another one in its place, and then ends");
    s->leaving = true;
    s->retire_at = now_millis() + s->h->drain * 500ULL;
    begin_deadline(s);
    control_say(s->h, F_LEAVING);
}

static void monitor_gone(handoff_server *s)
{
    if (s->gone_noted) {
        return;
    }
    s->gone_noted = true;
    say("The monitor has gone; %zu connections to finish", s->count);
    s->h->on = false;
    epoll_ctl(s->epoll, EPOLL_CTL_DEL, s->h->control, NULL);
    begin_deadline(s);
    for (struct conn *c = s->conns; c != NULL;) {
        struct conn *next = c->next;
        if (c->state == HANDOFF_IDLE && c != s->running) {
            conn_end(c);
        }
        c = next;
    }
}

/* ---- frames */

static void no_file(handoff_server *s, const struct frame *f)
{
    struct conn *c = f->slot < s->h->slots ? s->by_slot[f->slot] : NULL;
    if (c != NULL && c->id == f->connection) {
        input_no_file(&c->in, f->position);
    }
}

static void act(handoff_server *s, struct incoming *in)
{
    switch (in->frame.type) {
    case F_CONNECTION:
        s->owed = true;
        conn_begin(s, in);
        make_room(s);
        break;
    case F_OFF:
    case F_RETIRE:
        release_all(s);
        break;
    case F_ELSEWHERE:
        if (routes_elsewhere(&s->routes, handoff_elsewhere(s->h)) != 0) {
            say("No memory for the contexts of others");
        }
        break;
    case F_NO_FILE:
        no_file(s, &in->frame);
        break;
    case F_YIELD:
        s->wanted = in->frame.flags;
        break;
    case F_DUMP:
        /* Where a handler hangs, this is the deputy. */
        dump_threads();
        control_say(s->h, F_DUMPED);
        break;
    default:
        break;
    }
}

static void take_frames(handoff_server *s)
{
    for (int i = 0; i < FRAMES && s->status < 0; i++) {
        struct incoming in;
        int taken = control_take(s->h, &in);
        if (s->h->went_back) {
            s->h->went_back = false;
            s->owed = true;
        }
        if (taken == -2) {
            s->status = HANDOFF_EXIT_PROTOCOL;
        } else if (taken == -1) {
            monitor_gone(s);
        }
        if (taken <= 0) {
            return;
        }
        act(s, &in);
    }
}

/* ---- turns, by whichever thread has the lock */

static void take_signal(handoff_server *s)
{
    uint64_t count;
    if (read(s->signals, &count, sizeof count) > 0) {
        leave(s);
    }
}

static void take_events(handoff_server *s, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        uint64_t of = events[i].data.u64;
        if (of == OF_CONTROL) {
            take_frames(s);
        } else if (of == OF_SIGNALS) {
            take_signal(s);
        } else {
            struct conn *c = s->by_slot[of >> 32];
            /* It may have left since epoll told of it. */
            if (c != NULL && (uint32_t)c->id == (uint32_t)of) {
                conn_event(c, events[i].events);
                make_room(s);
            }
        }
    }
}

static void look_again(handoff_server *s)
{
    size_t count = 0;
    for (const struct conn *c = s->again; c != NULL; c = c->again_next) {
        count++;
    }
    /* Any of them may end before its turn. */
    for (; count > 0 && s->again != NULL; count--) {
        struct conn *c = s->again;
        not_again(c);
        if (c != s->running) {
            conn_event(c, 0);
            make_room(s);
        }
    }
}

static void complain(handoff_server *s, uint64_t now)
{
    if (s->crowded_out == 0 || (s->complained != 0 && now - s->complained < MINUTE)) {
        return;
    }
    say("<4>%llu requests were answered 503 before a handler was called for them, the oldest first: the heads of all "
        "together may take half of http.memory, which is %zu bytes",
        (unsigned long long)s->crowded_out, s->limits.memory);
    s->crowded_out = 0;
    s->complained = now;
}

static void tick(handoff_server *s)
{
    uint64_t now = now_millis();
    if (now - s->ticked < TICK) {
        return;
    }
    s->ticked = now;
    for (struct conn *c = s->conns; c != NULL;) {
        struct conn *next = c->next;
        conn_tick(c, now);
        c = next;
    }
    if (s->leaving && !s->h->retiring && !s->h->gone && now >= s->retire_at) {
        say("This worker retires, as a signal said; %zu connections to finish or to give back", s->count);
        s->h->retiring = true;
        spent(s);
        off(s);
    }
    if (s->h->gone) {
        monitor_gone(s);
    }
    complain(s, now);
}

/* ---- the deputy */

static void sleep_millis(unsigned millis)
{
    struct timespec time = {.tv_sec = millis / 1000, .tv_nsec = (long)(millis % 1000) * 1000000};
    nanosleep(&time, NULL);
}

static void check_deadline(handoff_server *s)
{
    uint64_t deadline = s->deadline;
    if (deadline != 0 && now_millis() >= deadline) {
        say("This worker has not finished within %u s, and exits", s->h->drain);
        _exit(HANDOFF_EXIT_FAILED);
    }
}

static bool still_runs(handoff_server *s, uint64_t run)
{
    return s->running != NULL && s->runs == run && !s->stopped;
}

static void stand_in(handoff_server *s, uint64_t run)
{
    while (still_runs(s, run)) {
        if (s->h->dispatch != HANDOFF_BY_CONNECTION && s->count > 1) {
            if (!s->one_at_a_time) {
                s->one_at_a_time = true;
                s->owed = true;
                control_say(s->h, F_SLOW);
            }
            give_away(s);
        }
        pthread_mutex_unlock(&s->lock);
        struct pollfd ready = {.fd = s->epoll, .events = POLLIN};
        poll(&ready, 1, DEPUTY_POLL);
        check_deadline(s);
        pthread_mutex_lock(&s->lock);
        if (!still_runs(s, run)) {
            break;
        }
        struct epoll_event events[EVENTS];
        int count = epoll_wait(s->epoll, events, EVENTS, 0);
        take_events(s, events, count);
        look_again(s);
        tick(s);
    }
}

/* Sleeps while there is nothing to watch, so that an idle worker costs nothing. */
static void rest_deputy(handoff_server *s, uint64_t run)
{
    pthread_mutex_lock(&s->lock);
    s->deputy_sleeps = true;
    while (s->runs == run && !s->stopped) {
        if (s->deadline != 0) {
            struct timespec until;
            clock_gettime(CLOCK_MONOTONIC, &until);
            until.tv_sec += 1;
            pthread_cond_timedwait(&s->wake, &s->lock, &until);
            check_deadline(s);
        } else {
            pthread_cond_wait(&s->wake, &s->lock);
        }
    }
    s->deputy_sleeps = false;
    pthread_mutex_unlock(&s->lock);
}

static void *deputy_main(void *argument)
{
    handoff_server *s = argument;
    uint64_t last = 0;
    int idle = 0;
    while (!s->stopped) {
        uint64_t run = s->runs;
        uint64_t since = s->running_since;
        idle = run == last && since == 0 ? idle + 1 : 0;
        last = run;
        check_deadline(s);
        if (idle > DEPUTY_PATIENCE) {
            rest_deputy(s, run);
            idle = 0;
        } else if (since != 0 && now_nanos() - since >= SLOW_NANOS) {
            pthread_mutex_lock(&s->lock);
            if (s->running_since == since) {
                stand_in(s, run);
            }
            pthread_mutex_unlock(&s->lock);
        }
        sleep_millis(1);
    }
    return NULL;
}

/* ---- handlers */

static bool may_begin(handoff_server *s, struct conn *c)
{
    if (s->h->max_requests == 0) {
        return true;
    }
    if (s->begun >= s->h->max_requests) {
        if (input_whole(&c->in)) {
            conn_release(c);
        } else {
            refuse(c, 503);
        }
        return false;
    }
    return true;
}

/* Calls the handler of a complete request; unlocked while it runs. */
static void handle(handoff_server *s, struct conn *c)
{
    if (!may_begin(s, c)) {
        return;
    }
    if (conn_head(c, false) != 0) {
        refuse(c, 500);
        return;
    }
    conn_handling(c);
    conn_head(c, true);
    /* The deputy may parse others meanwhile. */
    struct head *head = s->head;
    s->head = s->running_head;
    s->running_head = head;
    s->head_owner = NULL;
    handoff_connection of = {.id = c->id};
    handoff_running(s->h, &of);
    s->request = (struct handoff_request){.c = c, .head = head};
    response_begin(&s->response, c);
    s->running = c;
    s->begun++;
    uint64_t since = now_nanos() | 1;
    s->running_since = since;
    s->runs++;
    if (s->deputy_sleeps) {
        pthread_cond_signal(&s->wake);
    }
    if (s->begun == s->h->max_requests) {
        spent(s);
    }
    pthread_mutex_unlock(&s->lock);
    c->handler(&s->request, &s->response, c->user);
    pthread_mutex_lock(&s->lock);
    s->running_since = 0;
    s->running = NULL;
    note_time(s, now_nanos() - since);
    handoff_running(s->h, NULL);
    free(s->request.copy);
    conn_free_request(c);
    bool dead = c->dead;
    if (dead) {
        conn_cut(c);
    } else {
        response_finish(&s->response);
    }
    response_shrink(&s->response);
}

/* Not all at once: the monitor is to be answered between them. */
static void serve_ready(handoff_server *s)
{
    for (int i = 0; i < HANDLERS && s->ready_first != NULL; i++) {
        handle(s, take_ready(s));
    }
}

/* ---- the loop */

static int signal_descriptor = -1;

static void on_term(int number)
{
    (void)number;
    int saved = errno;
    uint64_t one = 1;
    ssize_t written = write(signal_descriptor, &one, sizeof one);
    (void)written;
    errno = saved;
}

static int watch(handoff_server *s, int fd, uint64_t of)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = of};
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event);
}

static bool prepare(handoff_server *s)
{
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->signals = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->by_slot = calloc(s->h->slots, sizeof(struct conn *));
    s->one_at_a_time = s->h->dispatch == HANDOFF_BY_REQUEST;
    s->ticked = now_millis();
    if (s->epoll < 0 || s->signals < 0 || s->by_slot == NULL || watch(s, s->h->control, OF_CONTROL) != 0
        || watch(s, s->signals, OF_SIGNALS) != 0) {
        say("Cannot make an event loop: %s", strerror(errno));
        return false;
    }
    signal_descriptor = s->signals;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_term;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    int error = pthread_create(&s->deputy, NULL, deputy_main, s);
    if (error != 0) {
        say("Cannot start a thread: %s", strerror(error));
    }
    return error == 0;
}

static void turn(handoff_server *s)
{
    int timeout = s->again != NULL || s->ready_first != NULL ? 0 : s->count > 0 || s->leaving ? TICK : -1;
    pthread_mutex_unlock(&s->lock);
    struct epoll_event events[EVENTS];
    int count = epoll_wait(s->epoll, events, EVENTS, timeout);
    pthread_mutex_lock(&s->lock);
    take_events(s, events, count);
    look_again(s);
    serve_ready(s);
    tick(s);
    check_turn(s);
    if (s->status < 0 && (s->h->gone || s->h->retiring) && s->count == 0) {
        s->status = HANDOFF_EXIT_DONE;
    }
}

int handoff_server_run(handoff_server *s)
{
    s->h = control_open();
    if (s->h == NULL) {
        return HANDOFF_EXIT_OTHER_VERSION;
    }
    if (!prepare(s)) {
        return HANDOFF_EXIT_FAILED;
    }
    pthread_mutex_lock(&s->lock);
    if (control_ready(s->h) != 0 && errno == EPROTO) {
        s->status = HANDOFF_EXIT_PROTOCOL;
    }
    while (s->status < 0) {
        turn(s);
    }
    s->stopped = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->deputy, NULL);
    signal(SIGTERM, SIG_DFL);
    return s->status;
}
