/* One connection: its requests, its end, and what the scoreboard says of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

enum { PIECE = 16384, BYTES_PER_SECOND = 500 };
enum { LINGER_SILENCE = 5000, LINGER_LONGEST = 30000, LINGER_ENOUGH = 1 << 30 };

/* ---- queues */

static void enqueue(struct conn *c)
{
    handoff_server *s = c->server;
    c->queued = true;
    c->queued_next = NULL;
    if (s->ready_last == NULL) {
        s->ready_first = c;
    } else {
        s->ready_last->queued_next = c;
    }
    s->ready_last = c;
}

struct conn *take_ready(handoff_server *s)
{
    struct conn *c = s->ready_first;
    if (c != NULL) {
        unqueue(c);
    }
    return c;
}

void unqueue(struct conn *c)
{
    if (!c->queued) {
        return;
    }
    handoff_server *s = c->server;
    struct conn *before = NULL;
    for (struct conn *one = s->ready_first; one != c; one = one->queued_next) {
        before = one;
    }
    if (before == NULL) {
        s->ready_first = c->queued_next;
    } else {
        before->queued_next = c->queued_next;
    }
    if (s->ready_last == c) {
        s->ready_last = before;
    }
    c->queued = false;
}

void conn_again(struct conn *c)
{
    handoff_server *s = c->server;
    if (c->again) {
        return;
    }
    c->again = true;
    c->again_next = NULL;
    if (s->again_last == NULL) {
        s->again = c;
    } else {
        s->again_last->again_next = c;
    }
    s->again_last = c;
}

void not_again(struct conn *c)
{
    handoff_server *s = c->server;
    if (!c->again) {
        return;
    }
    struct conn *before = NULL;
    for (struct conn *one = s->again; one != c; one = one->again_next) {
        before = one;
    }
    if (before == NULL) {
        s->again = c->again_next;
    } else {
        before->again_next = c->again_next;
    }
    if (s->again_last == c) {
        s->again_last = before;
    }
    c->again = false;
}

/* ---- the end */

static void unwatch(struct conn *c)
{
    if (c->watched) {
        /* Closing does not do that: the monitor holds the socket too. */
        epoll_ctl(c->server->epoll, EPOLL_CTL_DEL, c->fd, NULL);
        c->watched = false;
    }
}

void conn_free_request(struct conn *c)
{
    handoff_server *s = c->server;
    s->charged -= c->head.capacity;
    s->taken -= c->body.capacity;
    buffer_free(&c->head);
    buffer_free(&c->body);
    if (c->body_file >= 0) {
        close(c->body_file);
        c->body_file = -1;
    }
    c->body_file_size = 0;
    if (s->head_owner == c) {
        s->head_owner = NULL;
    }
}

static void forget_request(struct conn *c)
{
    conn_free_request(c);
    c->stage = AT_HEAD;
    c->chunks = (struct chunks){0};
    head_scan_reset(&c->scan);
}

static void leave(struct conn *c)
{
    handoff_server *s = c->server;
    unqueue(c);
    not_again(c);
    forget_request(c);
    input_close(&c->in);
    drop_output(c);
    if (s->by_slot[c->slot] == c) {
        s->by_slot[c->slot] = NULL;
    }
    if (c->before == NULL) {
        s->conns = c->next;
    } else {
        c->before->next = c->next;
    }
    if (c->next != NULL) {
        c->next->before = c->before;
    }
    s->count--;
    control_left(s->h, c->id);
    free(c);
}

static void count_answer(struct conn *c)
{
    if (c->state == HANDOFF_ANSWERING && !c->counted) {
        c->counted = true;
        handoff_answered(c->server->h);
    }
}

/* While its handler runs it is only noted: the handler has it. */
static bool is_running(struct conn *c)
{
    if (c->server->running == c) {
        c->dead = true;
        return true;
    }
    return false;
}

void conn_end(struct conn *c)
{
    if (is_running(c)) {
        return;
    }
    count_answer(c);
    unwatch(c);
    end_socket(c->fd);
    leave(c);
}

void conn_cut(struct conn *c)
{
    if (is_running(c)) {
        return;
    }
    count_answer(c);
    unwatch(c);
    reset_socket(c->fd);
    leave(c);
}

void conn_fail(struct conn *c)
{
    if (is_running(c)) {
        return;
    }
    unwatch(c);
    close(c->fd);
    struct frame f = {.type = F_GIVE_BACK,
                      .flags = HANDOFF_FAILED,
                      .slot = c->slot,
                      .connection = c->id,
                      .position = c->in.known ? c->in.position : UNKNOWN};
    control_send(c->server->h, &f, -1);
    leave(c);
}

void conn_drop(struct conn *c)
{
    unwatch(c);
    close(c->fd);
    leave(c);
}

void conn_lost(struct conn *c, int error)
{
    if (says_end(error)) {
        conn_end(c);
    } else {
        conn_fail(c);
    }
}

static void give_back(struct conn *c, enum handoff_reason reason)
{
    handoff_server *s = c->server;
    if (s->h->gone) {
        conn_end(c);
        return;
    }
    struct input *in = &c->in;
    bool in_file = input_in_file(in);
    uint64_t from = in_file ? in->end : in->request;
    uint8_t payload[8 + JOURNAL_BYTES];
    size_t size = in_file ? 8 : 0;
    if (in_file) {
        put64(payload, in->request);
    }
    size_t rest = (size_t)(in->position - from);
    const uint8_t *bytes = NULL;
    if (rest > 0 && input_at(in, from, payload + 8, JOURNAL_BYTES, &bytes) == (ssize_t)rest) {
        memcpy(payload + size, bytes, rest);
        size += rest;
    }
    unwatch(c);
    close(c->fd);
    struct frame f = {.type = F_GIVE_BACK,
                      .flags = (uint16_t)((unsigned)reason + (in_file ? 256U : 0U)),
                      .slot = c->slot,
                      .connection = c->id,
                      .position = in->known ? in->position : UNKNOWN,
                      .payload = payload,
                      .length = size};
    control_send(s->h, &f, -1);
    leave(c);
}

static bool may_go(const struct conn *c)
{
    return !c->lingering && (c->state == HANDOFF_IDLE || c->state == HANDOFF_READING) && input_whole(&c->in);
}

void conn_release(struct conn *c)
{
    c->release = true;
    if (may_go(c)) {
        give_back(c, c->server->h->on ? HANDOFF_DISPATCH : HANDOFF_REQUESTED);
    }
}

/* ---- the scoreboard */

void conn_change(struct conn *c, enum handoff_state state)
{
    if (c->state != state) {
        c->state = state;
        slot_state(c->record, state);
    }
}

void conn_handling(struct conn *c)
{
    if (c->written == UNKNOWN) {
        c->written = socket_written(c->fd);
    }
    c->ends = UNKNOWN;
    c->counted = false;
    slot_set(c->record, S_ENDS, UNKNOWN);
    slot_set(c->record, S_ANSWER, UNKNOWN);
    slot_set(c->record, S_BEGINS, c->written);
    input_complete(&c->in, c->cursor);
    conn_change(c, HANDOFF_HANDLING);
}

void conn_watch(struct conn *c)
{
    if (c->watched || c->dead) {
        return;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.u64 = (uint64_t)c->slot << 32 | (uint32_t)c->id};
    c->watched = epoll_ctl(c->server->epoll, EPOLL_CTL_ADD, c->fd, &event) == 0;
    if (!c->watched) {
        say("Connection %llu cannot be watched: %s", (unsigned long long)c->id, strerror(errno));
        /* Whoever called goes on with it; the next turn gives it to the monitor. */
        conn_again(c);
    }
}

/* ---- requests */

static void start_pace(struct conn *c, unsigned seconds)
{
    c->pace = (struct pace){.started = now_millis(), .patience = seconds * 1000ULL};
}

bool has_room(const handoff_server *s, size_t size)
{
    return size <= s->limits.memory / 2 - s->taken;
}

static int grow_head(struct conn *c, const void *data, size_t size)
{
    size_t before = c->head.capacity;
    int result = buffer_add(&c->head, data, size);
    c->server->charged += c->head.capacity - before;
    return result;
}

static struct conn *oldest_head(const handoff_server *s)
{
    struct conn *oldest = NULL;
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        if (c != s->running && c->head.capacity > 0 && (oldest == NULL || c->since <= oldest->since)) {
            oldest = c;
        }
    }
    return oldest;
}

void make_room(handoff_server *s)
{
    while (s->charged > s->limits.memory / 2) {
        struct conn *c = oldest_head(s);
        if (c == NULL) {
            return;
        }
        s->crowded_out++;
        unqueue(c);
        refuse(c, 503);
    }
}

/* What of the head was looked at is kept, as the journal begins anew. */
static int keep_head(struct conn *c)
{
    if (c->head.size > 0 || c->cursor == c->in.request) {
        return 0;
    }
    if (c->server->head_owner == c) {
        /* It points into the journal. */
        c->server->head_owner = NULL;
    }
    uint64_t end = c->stage == AT_HEAD ? c->cursor : c->head_end;
    const uint8_t *bytes;
    size_t size = (size_t)(end - c->in.request);
    if (input_at(&c->in, c->in.request, NULL, 0, &bytes) < (ssize_t)size) {
        return -1;
    }
    return grow_head(c, bytes, size);
}

static const char *head_bytes(struct conn *c, size_t *size)
{
    if (c->head.size > 0) {
        *size = c->head.size;
        return c->head.data;
    }
    const uint8_t *bytes;
    *size = (size_t)(c->head_end - c->in.request);
    input_at(&c->in, c->in.request, NULL, 0, &bytes);
    return (const char *)bytes;
}

/* The strings of a head, which nobody needs any more as what they were, get their ends. */
static void terminate_strings(struct head *h)
{
    ((char *)(uintptr_t)h->method)[h->method_len] = '\0';
    ((char *)(uintptr_t)h->target)[h->target_len] = '\0';
    for (size_t i = 0; i < h->field_count; i++) {
        ((char *)(uintptr_t)h->fields[i].name)[h->fields[i].name_len] = '\0';
        ((char *)(uintptr_t)h->fields[i].value)[h->fields[i].value_len] = '\0';
    }
}

int conn_head(struct conn *c, bool terminate)
{
    handoff_server *s = c->server;
    int status = 0;
    if (s->head_owner != c) {
        size_t size;
        const char *bytes = head_bytes(c, &size);
        s->head_owner = c;
        status = head_parse(s->head, bytes, size);
    }
    if (terminate && status == 0) {
        terminate_strings(s->head);
    }
    return status;
}

/* -1: the request is for somebody else; -2: the connection has left; 0: go on; else the status. */
static int read_head(struct conn *c)
{
    handoff_server *s = c->server;
    s->head_owner = NULL;
    int status = conn_head(c, false);
    if (status != 0) {
        return status;
    }
    const struct head *h = s->head;
    const struct route *route = routes_find(&s->routes, h->host, h->path);
    if (route == NULL) {
        return -1;
    }
    if (!h->utf8) {
        return 400;
    }
    if (h->length > s->limits.body) {
        return 413;
    }
    c->handler = route->handler;
    c->user = route->user;
    c->context = route->context;
    c->length = h->length;
    c->chunked = h->chunked;
    c->keep_alive = h->keep_alive;
    c->is_head = h->is_head;
    c->minor = h->minor;
    c->stage = h->chunked ? AT_CHUNKS : h->length > 0 ? AT_BODY : AT_END;
    return 0;
}

static int at_head(struct conn *c, const uint8_t *bytes, size_t size, bool from_file)
{
    size_t used;
    if (c->in.request == c->cursor) {
        start_pace(c, c->server->limits.header_time);
        c->since = c->pace.started;
    }
    int result = head_scan(&c->scan, bytes, size, &used);
    if ((c->head.size > 0 || from_file) && grow_head(c, bytes, used) != 0) {
        return 503;
    }
    c->cursor += used;
    c->pace.bytes += used;
    if (c->scan.begun) {
        conn_change(c, HANDOFF_READING);
    }
    if (result != 1) {
        return result;
    }
    c->head_end = c->cursor;
    result = read_head(c);
    if (result != 0 || c->stage == AT_END) {
        return result;
    }
    start_pace(c, c->server->limits.body_time);
    if (c->server->head->expects_continue && c->cursor == c->in.position) {
        return send_continue(c) ? 0 : -2;
    }
    return 0;
}

/* False where it is to go to the file. */
static bool keep_in_memory(struct conn *c, const uint8_t *content, size_t size)
{
    handoff_server *s = c->server;
    size_t more = buffer_capacity(&c->body, size) - c->body.capacity;
    if (c->body_file >= 0 || c->body.size + size > s->limits.body_memory || !has_room(s, more)
        || buffer_add(&c->body, content, size) != 0) {
        return false;
    }
    s->taken += more;
    return true;
}

static int keep_content(struct conn *c, const uint8_t *content, size_t size)
{
    handoff_server *s = c->server;
    if (c->chunks.content > s->limits.body) {
        return 413;
    }
    if (keep_in_memory(c, content, size)) {
        return 0;
    }
    if (c->body_file < 0) {
        c->body_file = temporary_file(s->temporary);
    }
    if (c->body_file < 0 || write_all_at(c->body_file, content, size, c->body_file_size) != 0) {
        say("There is no file for the body of a request in %s: %s", s->temporary, strerror(errno));
        return 503;
    }
    c->body_file_size += size;
    return 0;
}

static int at_chunks(struct conn *c, const uint8_t *bytes, size_t size)
{
    size_t at = 0;
    while (at < size && c->stage == AT_CHUNKS) {
        size_t used;
        const uint8_t *content;
        size_t count;
        int result = chunks_read(&c->chunks, bytes + at, size - at, c->server->limits.header, &used, &content, &count);
        at += used;
        if (result > 1) {
            return result;
        }
        int kept = count > 0 ? keep_content(c, content, count) : 0;
        if (kept != 0) {
            return kept;
        }
        if (result == 1) {
            c->stage = AT_END;
        }
    }
    c->cursor += at;
    c->pace.bytes += at;
    return 0;
}

static void at_body(struct conn *c)
{
    uint64_t here = c->in.position - c->cursor;
    uint64_t left = c->head_end + c->length - c->cursor;
    uint64_t used = here < left ? here : left;
    c->cursor += used;
    c->pace.bytes += used;
    if (used == left) {
        c->stage = AT_END;
    }
}

/* Looks at what has come, up to the end of one request. False where the connection has left, or ends soon. */
static bool advance(struct conn *c)
{
    uint8_t scratch[PIECE];
    while (c->stage != AT_END && c->cursor < c->in.position) {
        int result = 0;
        if (c->stage == AT_BODY) {
            at_body(c);
            continue;
        }
        const uint8_t *bytes;
        ssize_t size = input_at(&c->in, c->cursor, scratch, sizeof scratch, &bytes);
        if (size < 0) {
            if (c->in.kept) {
                say("A request cannot be read from its file: %s", strerror(errno));
            }
            result = c->in.kept ? 500 : 503;
        } else if (c->stage == AT_HEAD) {
            result = at_head(c, bytes, (size_t)size, bytes == scratch);
        } else {
            result = at_chunks(c, bytes, (size_t)size);
        }
        if (result == -1) {
            if (input_whole(&c->in)) {
                give_back(c, HANDOFF_FOREIGN);
            } else {
                refuse(c, 503);
            }
            return false;
        }
        if (result == -2) {
            return false;
        }
        if (result != 0) {
            refuse(c, result);
            return false;
        }
    }
    if (c->stage == AT_END && !c->queued) {
        c->pace.started = 0;
        enqueue(c);
    }
    return true;
}

/* ---- reading */

static void linger_read(struct conn *c)
{
    uint8_t thrown[PIECE];
    for (int turn = 0; turn < 64; turn++) {
        ssize_t count = recv(c->fd, thrown, sizeof thrown, 0);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        if (count > 0) {
            c->discarded += (uint64_t)count;
            c->active = now_millis();
        }
        if (count <= 0 || c->discarded > LINGER_ENOUGH) {
            conn_end(c);
            return;
        }
    }
    conn_again(c);
}

static bool is_reading(const struct conn *c)
{
    return !c->lingering && !c->queued && (c->state == HANDOFF_IDLE || c->state == HANDOFF_READING);
}

/* Whether the connection is still there and may be read on. */
static bool read_once(struct conn *c)
{
    uint8_t *to = NULL;
    if (c->in.position - c->in.first == JOURNAL_BYTES && keep_head(c) != 0) {
        refuse(c, 503);
        return false;
    }
    size_t room = input_room(&c->in, &to);
    if (room == 0) {
        refuse(c, 503);
        return false;
    }
    ssize_t count = recv(c->fd, to, room, 0);
    if (count < 0 && errno == EINTR) {
        return true;
    }
    if (count < 0 && errno == EAGAIN) {
        c->readable = false;
        conn_watch(c);
        return false;
    }
    if (count < 0) {
        conn_lost(c, errno);
        return false;
    }
    if (count == 0) {
        conn_end(c);
        return false;
    }
    if ((size_t)count < room && !c->hung_up) {
        c->readable = false;
    }
    input_came(&c->in, (size_t)count);
    c->active = now_millis();
    if (!advance(c)) {
        return false;
    }
    if (!c->queued) {
        conn_watch(c);
    }
    return c->readable && is_reading(c);
}

static void conn_read(struct conn *c)
{
    for (int turn = 0; turn < 64; turn++) {
        if (!read_once(c)) {
            return;
        }
    }
    conn_again(c);
}

void conn_event(struct conn *c, uint32_t events)
{
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        c->readable = true;
    }
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        c->hung_up = true;
    }
    if (!c->watched && events == 0) {
        conn_watch(c);
        if (!c->watched) {
            not_again(c);
            conn_fail(c);
            return;
        }
    }
    bool waits = c->out.left > 0 || c->out.rest_at < c->out.rest_size;
    bool more_than_input = (events & ~(uint32_t)(EPOLLIN | EPOLLRDHUP)) != 0;
    if (waits && (events == 0 || more_than_input)) {
        pump(c);
        return;
    }
    if (c->lingering) {
        linger_read(c);
        return;
    }
    if (is_reading(c) && c->cursor < c->in.position && !advance(c)) {
        return;
    }
    if (c->readable && is_reading(c)) {
        conn_read(c);
    }
}

/* ---- the life of a connection */

/* Whether the client has said that its request is the last one, and nothing has come behind it, nor will: behind a
 * body some clients send a line break (RFC 9112, section 2.2). */
static bool is_at_end(const struct conn *c)
{
    int unread = 0;
    return !c->keep_alive && c->length == 0 && !c->chunked && c->in.kept && c->cursor == c->in.position
           && ioctl(c->fd, FIONREAD, &unread) == 0 && unread == 0;
}

static void linger(struct conn *c)
{
    /* Where nothing is unread and nothing follows, no reset can overtake the response. */
    if ((c->hung_up && !c->readable) || is_at_end(c)) {
        conn_end(c);
        return;
    }
    c->lingering = true;
    c->linger_since = now_millis();
    c->active = c->linger_since;
    c->pace.started = 0;
    input_discard(&c->in);
    forget_request(c);
    if (shutdown(c->fd, SHUT_WR) != 0) {
        conn_end(c);
        return;
    }
    conn_watch(c);
    linger_read(c);
}

void conn_answered(struct conn *c, bool keep)
{
    handoff_server *s = c->server;
    count_answer(c);
    if (!keep || c->dead) {
        linger(c);
        return;
    }
    c->written = c->ends;
    c->pace.started = 0;
    forget_request(c);
    input_answered(&c->in);
    conn_change(c, HANDOFF_IDLE);
    input_reuse(&c->in);
    c->active = now_millis();
    if (s->h->gone || c->release || turn_goes(s)) {
        c->release = true;
        if (may_go(c)) {
            give_back(c, s->h->on ? HANDOFF_DISPATCH : HANDOFF_REQUESTED);
            return;
        }
    }
    /* Not here: whoever called is not done with this response. */
    if (c->cursor < c->in.position || c->readable || !c->watched) {
        conn_again(c);
    }
}

void conn_begin(handoff_server *s, struct incoming *in)
{
    const struct frame *f = &in->frame;
    struct conn *c = calloc(1, sizeof *c);
    if (s->by_slot[f->slot] != NULL) {
        /* The monitor knows that this one's client has gone. */
        conn_end(s->by_slot[f->slot]);
    }
    if (c == NULL || s->by_slot[f->slot] != NULL) {
        free(c);
        close(in->fd);
        if (in->earlier.fd >= 0) {
            close(in->earlier.fd);
        }
        control_left(s->h, f->connection);
        struct frame back = *f;
        back.type = F_GIVE_BACK;
        back.flags = HANDOFF_NOT_TAKEN;
        control_send(s->h, &back, -1);
        return;
    }
    c->server = s;
    c->fd = in->fd;
    c->id = f->connection;
    c->slot = f->slot;
    c->record = slot_record(s->h, f->slot);
    c->out.file = -1;
    c->body_file = -1;
    c->scan.max_line = s->limits.request_line;
    c->scan.max_header = s->limits.header;
    /* What nobody has read from, nobody has written to. */
    c->written = f->position == 0 ? 0 : UNKNOWN;
    c->ends = UNKNOWN;
    c->active = now_millis();
    c->next = s->conns;
    if (s->conns != NULL) {
        s->conns->before = c;
    }
    s->conns = c;
    s->by_slot[c->slot] = c;
    s->count++;
    /* With bytes at hand it is not idle: if this process died now, the monitor would park it and they would be lost. */
    c->state = f->length > 0 || in->earlier.fd >= 0 ? HANDOFF_READING : HANDOFF_IDLE;
    c->in.h = s->h;
    c->in.record = c->record;
    c->in.slot = c->slot;
    c->in.id = c->id;
    c->in.folder = s->temporary;
    input_begin(&c->in, f->position, f->payload, f->length, &in->earlier);
    c->cursor = c->in.request;
    slot_state(c->record, c->state);
    if (advance(c) && !c->queued) {
        /* Mostly all of the request is here: a connection that ends with its response is never watched. */
        c->readable = true;
        conn_read(c);
    }
}

static bool is_late(struct pace *p, uint64_t now)
{
    uint64_t elapsed = now - p->started;
    uint64_t earned = p->bytes * 1000 / BYTES_PER_SECOND;
    if (elapsed > p->patience && earned >= p->patience) {
        p->started = now;
        p->bytes = 0;
        return false;
    }
    return elapsed > p->patience + earned;
}

void conn_tick(struct conn *c, uint64_t now)
{
    const handoff_limits *limits = &c->server->limits;
    if (c == c->server->running) {
        return;
    }
    if (c->lingering) {
        if (now - c->linger_since > LINGER_LONGEST || now - c->active > LINGER_SILENCE) {
            conn_end(c);
        }
        return;
    }
    if (c->pace.started != 0 && !c->queued && is_late(&c->pace, now)) {
        if (c->state == HANDOFF_ANSWERING) {
            conn_cut(c);
        } else {
            refuse(c, 408);
        }
        return;
    }
    if (c->state == HANDOFF_IDLE && now - c->active > limits->idle_time * 1000ULL) {
        if (c->server->h->gone) {
            conn_end(c);
        } else if (may_go(c)) {
            give_back(c, HANDOFF_IDLE_LONG);
        }
    }
}
