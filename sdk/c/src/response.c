/* Responses: whole, from a file, or in pieces; and what of them has to outlive this process. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "http.h"

enum { MAX_SCRATCH = 1 << 18, TOGETHER = 16000, SENDFILE_PIECE = 1 << 20, TURN_BYTES = 4 << 20 };

/* ---- buffers */

size_t buffer_capacity(const struct buffer *b, size_t more)
{
    if (more <= b->capacity - b->size) {
        return b->capacity;
    }
    size_t capacity = b->capacity < 512 ? 512 : b->capacity;
    while (capacity - b->size < more) {
        if (capacity > SIZE_MAX / 2) {
            return 0;
        }
        capacity *= 2;
    }
    return capacity;
}

static int reserve(struct buffer *b, size_t more)
{
    if (more <= b->capacity - b->size) {
        return 0;
    }
    size_t capacity = buffer_capacity(b, more);
    if (capacity == 0) {
        errno = ENOMEM;
        return -1;
    }
    char *data = realloc(b->data, capacity);
    if (data == NULL) {
        return -1;
    }
    b->data = data;
    b->capacity = capacity;
    return 0;
}

int buffer_add(struct buffer *b, const void *data, size_t size)
{
    if (reserve(b, size) != 0) {
        return -1;
    }
    if (size > 0) {
        memcpy(b->data + b->size, data, size);
        b->size += size;
    }
    return 0;
}

int buffer_print(struct buffer *b, const char *format, ...)
{
    char text[128];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args); /* NOLINT: initialized above */
    va_end(args);
    return size < 0 || (size_t)size >= sizeof text ? -1 : buffer_add(b, text, (size_t)size);
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){0};
}

/* ---- heads */

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *words;
    } all[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Request Entity Too Large"},
        {414, "Request-URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Requested Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Entity"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].status == status) {
            return all[i].words;
        }
    }
    return "Status";
}

static const char *date_now(handoff_server *s)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != s->date_second) {
        struct tm t;
        gmtime_r(&now.tv_sec, &t);
        /* Never by strftime: its words depend on the locale. */
        snprintf(s->date, sizeof s->date, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + (size_t)t.tm_wday * 3,
                 (unsigned)t.tm_mday % 100U, months + (size_t)t.tm_mon * 3, (unsigned)(t.tm_year + 1900) % 10000U,
                 (unsigned)t.tm_hour % 100U, (unsigned)t.tm_min % 100U, (unsigned)t.tm_sec % 100U);
        s->date_second = now.tv_sec;
    }
    return s->date;
}

enum { CHUNKED = -1, NO_LENGTH = -2 };

static int add_text(struct buffer *out, const char *text)
{
    return buffer_add(out, text, strlen(text));
}

static int write_head(struct handoff_response *r, struct buffer *out, int64_t length)
{
    struct conn *c = r->c;
    int failed = r->status == 200 ? add_text(out, "HTTP/1.1 200 OK")
                                  : buffer_print(out, "HTTP/1.1 %d %s", r->status, reason_of(r->status));
    failed |= add_text(out, "\r\nDate: ");
    failed |= add_text(out, date_now(c->server));
    failed |= buffer_add(out, r->fields.data, r->fields.size);
    if (length == CHUNKED) {
        failed |= add_text(out, "\r\nTransfer-Encoding: chunked");
    } else if (length >= 0 && r->status != 204 && r->status != 304) {
        failed |= buffer_print(out, "\r\nContent-Length: %lld", r->status == 205 ? 0LL : (long long)length);
    }
    if (!r->keep) {
        failed |= add_text(out, "\r\nConnection: close");
    } else if (c->minor == 0) {
        failed |= add_text(out, "\r\nConnection: keep-alive");
    }
    return failed | add_text(out, "\r\n\r\n");
}

static bool no_content(int status)
{
    return status == 204 || status == 205 || status == 304;
}

static bool bodiless(const struct handoff_response *r)
{
    return r->c->is_head || no_content(r->status);
}

/* ---- sending */

void drop_output(struct conn *c)
{
    struct output *o = &c->out;
    if (o->rest_taken > 0) {
        free(o->rest);
        c->server->taken -= o->rest_taken;
    }
    if (o->file >= 0) {
        close(o->file);
    }
    *o = (struct output){.file = -1};
}

/* 1: all has left; 0: the client takes no more now; -1 with errno: the call failed, EIO where the file is too short. */
static int send_some(struct conn *c)
{
    struct output *o = &c->out;
    uint64_t budget = TURN_BYTES;
    while (o->rest_at < o->rest_size) {
        ssize_t count = send(c->fd, o->rest + o->rest_at, o->rest_size - o->rest_at,
                             MSG_NOSIGNAL | (o->left > 0 ? MSG_MORE : 0));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno == EAGAIN ? 0 : -1;
        }
        o->rest_at += (size_t)count;
        c->active = now_millis();
        c->pace.bytes += (uint64_t)count;
    }
    while (o->left > 0) {
        size_t piece = o->left < SENDFILE_PIECE ? (size_t)o->left : SENDFILE_PIECE;
        ssize_t count = sendfile(c->fd, o->file, &o->offset, piece);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count == 0) {
            errno = EIO;
            return -1;
        }
        if (count < 0) {
            return errno == EAGAIN ? 0 : -1;
        }
        o->left -= (uint64_t)count;
        c->active = now_millis();
        c->pace.bytes += (uint64_t)count;
        budget = budget > (uint64_t)count ? budget - (uint64_t)count : 0;
        if (budget == 0 && o->left > 0) {
            /* Others have their turn. */
            conn_again(c);
            return 0;
        }
    }
    return 1;
}

static void output_failed(struct conn *c, int error)
{
    if (c->server->running == c) {
        c->dead = true;
    } else if (error == EIO) {
        say("A file is shorter than its response, which is cut");
        conn_cut(c);
    } else {
        conn_lost(c, error);
    }
}

/*
 * A stream whose spool is empty begins it anew. What sendfile gave the socket are the file's own pages, which may still
 * be on their way: writing there again would change them. Truncated, the file gets others.
 */
static void begin_spool_anew(struct output *o)
{
    if (o->file >= 0 && o->offset > 0 && ftruncate(o->file, 0) == 0) {
        o->offset = 0;
    }
}

void pump(struct conn *c)
{
    struct output *o = &c->out;
    int result = send_some(c);
    if (result < 0) {
        output_failed(c, errno);
        return;
    }
    if (result == 0) {
        return;
    }
    if (!o->complete) {
        begin_spool_anew(o);
        return;
    }
    if (o->own && o->file >= 0 && ftruncate(o->file, 0) != 0) {
        say("Cannot cut a file: %s", strerror(errno));
    }
    bool keep = o->keep;
    drop_output(c);
    conn_answered(c, keep);
}

/* What is left of a complete response goes where the monitor has it too. */
static void tell_rest(struct conn *c)
{
    struct output *o = &c->out;
    if (c->written == UNKNOWN || o->file < 0) {
        return;
    }
    size_t before = o->rest_size - o->rest_at;
    if (before > ANSWER_BYTES) {
        return;
    }
    uint8_t payload[24 + ANSWER_BYTES];
    put64(payload, o->origin);
    put64(payload + 8, UINT64_MAX);
    put64(payload + 16, c->ends);
    if (before > 0) {
        memcpy(payload + 24, o->rest + o->rest_at, before);
    }
    struct frame f = {.type = F_REST,
                      .flags = o->keep ? 1 : 0,
                      .slot = c->slot,
                      .connection = c->id,
                      .payload = payload,
                      .length = 24 + before};
    control_send(c->server->h, &f, o->file);
}

/* Keeps bytes that no file has: where the copy of a small response would be, or in memory, if there is room. */
static int keep_rest(struct conn *c, const char *data, size_t size)
{
    struct output *o = &c->out;
    char *rest = (char *)c->record + ANSWER_AT;
    if (size > ANSWER_BYTES) {
        rest = has_room(c->server, size) ? malloc(size) : NULL;
        if (rest == NULL) {
            return -1;
        }
        o->rest_taken = size;
        c->server->taken += size;
    }
    memcpy(rest, data, size);
    o->rest = rest;
    o->rest_at = 0;
    o->rest_size = size;
    return 0;
}

static ssize_t send_now(struct conn *c, const char *data, size_t size, int flags)
{
    for (;;) {
        ssize_t count = send(c->fd, data, size, MSG_NOSIGNAL | flags);
        if (count >= 0) {
            c->active = now_millis();
            return count;
        }
        if (errno == EAGAIN) {
            return 0;
        }
        if (errno != EINTR) {
            return -1;
        }
    }
}

static void response_ends(struct conn *c, uint64_t total, bool keep)
{
    if (c->written != UNKNOWN) {
        c->ends = c->written + total;
        slot_set(c->record, S_ENDS, c->ends * 2 + (keep ? 1 : 0));
    }
}

static void begin_waiting(struct conn *c)
{
    c->pace = (struct pace){.started = now_millis(), .patience = c->server->limits.write_time * 1000ULL};
    conn_watch(c);
}

/* Sends a response that is in memory, all of it. */
static void send_whole(struct conn *c, const char *data, size_t size, bool keep)
{
    bool copied = c->written != UNKNOWN && size <= ANSWER_BYTES;
    if (copied) {
        memcpy(c->record + ANSWER_AT, data, size);
        slot_set(c->record, S_ANSWER, (uint64_t)size * 2 + (keep ? 1 : 0));
    }
    conn_change(c, HANDOFF_ANSWERING);
    response_ends(c, size, keep);
    /* The last one waits in the system for the end of the connection, which comes next, to leave in one packet. */
    ssize_t sent = send_now(c, data, size, keep ? 0 : MSG_MORE);
    if (sent < 0) {
        conn_lost(c, errno);
        return;
    }
    if ((size_t)sent == size) {
        conn_answered(c, keep);
        return;
    }
    struct output *o = &c->out;
    o->complete = true;
    o->keep = keep;
    if (copied) {
        /* The copy stays where it is until this response has left. */
        o->rest = (char *)c->record + ANSWER_AT;
        o->rest_at = (size_t)sent;
        o->rest_size = size;
        begin_waiting(c);
        return;
    }
    data += sent;
    size -= (size_t)sent;
    int file = temporary_file(c->server->temporary);
    if (file >= 0 && write_all_at(file, data, size, 0) == 0) {
        o->file = file;
        o->own = true;
        o->left = size;
        o->origin = c->written + (uint64_t)sent;
        tell_rest(c);
    } else {
        if (file >= 0) {
            close(file);
        }
        if (keep_rest(c, data, size) != 0) {
            conn_cut(c);
            return;
        }
    }
    begin_waiting(c);
}

/* ---- streams */

/* Gives bytes of a stream to the socket, or to its spool. */
static int stream_send(struct handoff_response *r, const char *data, size_t size)
{
    struct conn *c = r->c;
    struct output *o = &c->out;
    r->total += size;
    if (o->left == 0) {
        ssize_t sent = send_now(c, data, size, 0);
        if (sent < 0) {
            return -1;
        }
        data += sent;
        size -= (size_t)sent;
        if (size == 0) {
            return 0;
        }
        begin_spool_anew(o);
        o->origin = c->written + r->total - size - (uint64_t)o->offset;
    }
    if (o->file < 0) {
        o->file = temporary_file(c->server->temporary);
        o->own = true;
        if (o->file < 0) {
            return -1;
        }
        conn_watch(c);
    }
    if (o->left == 0) {
        c->pace = (struct pace){.started = now_millis(), .patience = c->server->limits.write_time * 1000ULL};
    }
    if (write_all_at(o->file, data, size, (uint64_t)o->offset + o->left) != 0) {
        return -1;
    }
    o->left += size;
    return 0;
}

/* Waits while more is in the spool than may be. Unlocked meanwhile. */
static int await_spool(struct handoff_response *r)
{
    struct conn *c = r->c;
    handoff_server *s = c->server;
    while (!c->dead && c->out.left > s->limits.spool) {
        pthread_mutex_unlock(&s->lock);
        struct pollfd room = {.fd = c->fd, .events = POLLOUT};
        int ready = poll(&room, 1, (int)(s->limits.write_time * 1000U));
        pthread_mutex_lock(&s->lock);
        if (ready == 0) {
            c->dead = true;
        } else if (!c->dead) {
            pump(c);
        }
    }
    return c->dead ? -1 : 0;
}

static int add_chunk(struct buffer *out, const struct handoff_response *r)
{
    if (!r->chunked) {
        return buffer_add(out, r->body.data, r->body.size);
    }
    int failed = buffer_print(out, "%zx\r\n", r->body.size);
    failed |= buffer_add(out, r->body.data, r->body.size);
    return failed | buffer_add(out, "\r\n", 2);
}

/* Has what is in r->body leave. Locked. */
static int stream_flush(struct handoff_response *r)
{
    struct conn *c = r->c;
    if (c->dead || c->server->stopped) {
        errno = EPIPE;
        return -1;
    }
    r->out.size = 0;
    int failed = 0;
    if (!r->started) {
        r->chunked = c->minor > 0 && !bodiless(r);
        r->keep = r->keep && c->minor > 0;
        failed = write_head(r, &r->out, no_content(r->status) ? 0 : c->minor > 0 ? CHUNKED : NO_LENGTH);
        conn_change(c, HANDOFF_ANSWERING);
        r->started = true;
    }
    if (r->body.size > 0 && !bodiless(r)) {
        failed |= add_chunk(&r->out, r);
    }
    r->body.size = 0;
    if (failed != 0 || (r->out.size > 0 && stream_send(r, r->out.data, r->out.size) != 0) || await_spool(r) != 0) {
        c->dead = true;
        errno = EPIPE;
        return -1;
    }
    return 0;
}

int handoff_write(handoff_response *r, const void *data, size_t length)
{
    if (r->begun && !r->streaming) {
        errno = EALREADY;
        return -1;
    }
    r->begun = true;
    r->streaming = true;
    const char *from = data;
    while (length > 0) {
        size_t piece = length < TOGETHER - r->body.size ? length : TOGETHER - r->body.size;
        if (buffer_add(&r->body, from, piece) != 0) {
            return -1;
        }
        from += piece;
        length -= piece;
        if (r->body.size == TOGETHER && handoff_flush(r) != 0) {
            return -1;
        }
    }
    return 0;
}

int handoff_flush(handoff_response *r)
{
    if (r->begun && !r->streaming) {
        errno = EALREADY;
        return -1;
    }
    r->begun = true;
    r->streaming = true;
    pthread_mutex_lock(&r->c->server->lock);
    int result = stream_flush(r);
    pthread_mutex_unlock(&r->c->server->lock);
    return result;
}

static void finish_stream(struct handoff_response *r)
{
    struct conn *c = r->c;
    struct output *o = &c->out;
    r->out.size = 0;
    int failed = 0;
    if (r->body.size > 0 && !bodiless(r)) {
        failed = add_chunk(&r->out, r);
    }
    if (r->chunked) {
        failed |= buffer_add(&r->out, "0\r\n\r\n", 5);
    }
    if (failed != 0 || c->dead) {
        conn_cut(c);
        return;
    }
    response_ends(c, r->total + r->out.size, r->keep);
    if (r->out.size > 0 && stream_send(r, r->out.data, r->out.size) != 0) {
        conn_cut(c);
        return;
    }
    o->complete = true;
    o->keep = r->keep;
    int result = send_some(c);
    if (result < 0) {
        output_failed(c, errno);
    } else if (result > 0) {
        pump(c);
    } else {
        tell_rest(c);
        begin_waiting(c);
    }
}

/* ---- the end of a response */

static void finish_file(struct handoff_response *r)
{
    struct conn *c = r->c;
    struct output *o = &c->out;
    int file = r->file;
    r->file = -1;
    r->out.size = 0;
    if (write_head(r, &r->out, (int64_t)r->length) != 0) {
        close(file);
        conn_cut(c);
        return;
    }
    if (bodiless(r) || r->length == 0) {
        close(file);
        send_whole(c, r->out.data, r->out.size, r->keep);
        return;
    }
    conn_change(c, HANDOFF_ANSWERING);
    o->file = file;
    o->own = false;
    o->offset = r->offset;
    o->left = r->length;
    o->origin = c->written + r->out.size - (uint64_t)r->offset;
    o->complete = true;
    o->keep = r->keep;
    if (keep_rest(c, r->out.data, r->out.size) != 0) {
        conn_cut(c);
        return;
    }
    response_ends(c, r->out.size + r->length, r->keep);
    begin_waiting(c);
    int result = send_some(c);
    if (result < 0) {
        output_failed(c, errno);
    } else if (result > 0) {
        drop_output(c);
        conn_answered(c, r->keep);
    } else {
        tell_rest(c);
    }
}

static void finish_whole(struct handoff_response *r)
{
    struct conn *c = r->c;
    r->out.size = 0;
    int failed = write_head(r, &r->out, (int64_t)r->body.size);
    if (!bodiless(r)) {
        failed |= buffer_add(&r->out, r->body.data, r->body.size);
    }
    if (failed != 0) {
        conn_cut(c);
        return;
    }
    send_whole(c, r->out.data, r->out.size, r->keep);
}

static void forget(struct handoff_response *r)
{
    r->status = 200;
    r->fields.size = 0;
    r->body.size = 0;
    r->begun = false;
    r->streaming = false;
    r->failed = false;
    r->typed = false;
    if (r->file >= 0) {
        close(r->file);
        r->file = -1;
    }
}

static void page(struct handoff_response *r, int status)
{
    forget(r);
    r->status = status;
    handoff_set_header(r, "Content-Type", "text/plain; charset=utf-8");
    if (status == 503) {
        handoff_set_header(r, "Retry-After", "1");
    }
    r->begun = true;
    buffer_print(&r->body, "%d %s\n", status, reason_of(status));
}

void response_begin(struct handoff_response *r, struct conn *c)
{
    r->file = -1;
    forget(r);
    r->c = c;
    r->keep = c->keep_alive;
    r->started = false;
    r->chunked = false;
    r->total = 0;
}

void response_finish(struct handoff_response *r)
{
    struct conn *c = r->c;
    if (r->failed) {
        if (r->started) {
            conn_cut(c);
            return;
        }
        page(r, 500);
    }
    if (r->started) {
        finish_stream(r);
    } else if (r->file >= 0) {
        finish_file(r);
    } else {
        finish_whole(r);
    }
}

void response_shrink(struct handoff_response *r)
{
    if (r->body.capacity > MAX_SCRATCH) {
        buffer_free(&r->body);
    }
    if (r->out.capacity > MAX_SCRATCH) {
        buffer_free(&r->out);
    }
    if (r->file >= 0) {
        close(r->file);
        r->file = -1;
    }
}

void response_free(struct handoff_response *r)
{
    buffer_free(&r->fields);
    buffer_free(&r->body);
    buffer_free(&r->out);
}

void refuse(struct conn *c, int status)
{
    struct handoff_response r = {.file = -1};
    bool is_head = c->stage == AT_HEAD ? head_scan_is_head(&c->scan) : c->is_head;
    c->is_head = is_head;
    c->minor = 1;
    c->keep_alive = false;
    input_discard(&c->in);
    conn_free_request(c);
    /* What the slot says of the last response is not to be taken for this one. */
    c->written = UNKNOWN;
    c->counted = false;
    slot_set(c->record, S_BEGINS, UNKNOWN);
    slot_set(c->record, S_ENDS, UNKNOWN);
    slot_set(c->record, S_ANSWER, UNKNOWN);
    response_begin(&r, c);
    page(&r, status);
    finish_whole(&r);
    response_free(&r);
}

bool send_continue(struct conn *c)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    /* Counted anew when the response begins. A client that takes nothing at all gets a cut response later. */
    c->written = UNKNOWN;
    ssize_t sent = send_now(c, text, sizeof text - 1, 0);
    if (sent < 0) {
        conn_lost(c, errno);
    } else if ((size_t)sent < sizeof text - 1) {
        conn_cut(c);
    }
    return sent == sizeof text - 1;
}

/* ---- what handlers call */

int handoff_status(handoff_response *r, int status)
{
    if (r->begun || status < 200 || status > 599) {
        errno = r->begun ? EALREADY : EINVAL;
        return -1;
    }
    r->status = status;
    return 0;
}

static bool reserved(const char *name)
{
    static const char *const all[]
        = {"connection", "transfer-encoding", "content-length", "date", "keep-alive", "upgrade", "trailer"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcasecmp(name, all[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool valid_value(const char *value)
{
    for (const char *p = value; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if ((c < ' ' && c != '\t') || c == 127) {
            return false;
        }
    }
    return true;
}

int handoff_add_header(handoff_response *r, const char *name, const char *value)
{
    if (r->begun) {
        errno = EALREADY;
        return -1;
    }
    if (!is_token(name, strlen(name)) || reserved(name) || !valid_value(value)) {
        errno = EINVAL;
        return -1;
    }
    r->typed |= strcasecmp(name, "content-type") == 0;
    int failed = buffer_add(&r->fields, "\r\n", 2);
    failed |= add_text(&r->fields, name);
    failed |= buffer_add(&r->fields, ": ", 2);
    return failed | add_text(&r->fields, value);
}

/* Takes out the fields of that name; each is a line break, a name, a colon and a value. */
static void drop_header(struct buffer *fields, const char *name)
{
    size_t length = strlen(name);
    for (size_t at = 0; at < fields->size;) {
        char *field = fields->data + at;
        char *end = memmem(field + 2, fields->size - at - 2, "\r\n", 2);
        size_t size = end == NULL ? fields->size - at : (size_t)(end - field);
        bool same = size > length + 2 && field[2 + length] == ':' && strncasecmp(field + 2, name, length) == 0;
        if (same) {
            memmove(field, field + size, fields->size - at - size);
            fields->size -= size;
        } else {
            at += size;
        }
    }
}

int handoff_set_header(handoff_response *r, const char *name, const char *value)
{
    if (!r->begun) {
        drop_header(&r->fields, name);
    }
    return handoff_add_header(r, name, value);
}

int handoff_send(handoff_response *r, const void *body, size_t length)
{
    if (r->begun) {
        errno = EALREADY;
        return -1;
    }
    if (buffer_add(&r->body, body, length) != 0) {
        return -1;
    }
    r->begun = true;
    return 0;
}

int handoff_send_text(handoff_response *r, const char *text)
{
    if (!r->begun && !r->typed) {
        handoff_set_header(r, "Content-Type", "text/plain; charset=utf-8");
    }
    return handoff_send(r, text, strlen(text));
}

int handoff_send_file(handoff_response *r, int fd, off_t offset, uint64_t length)
{
    struct stat status;
    int error = 0;
    if (r->begun) {
        error = EALREADY;
    } else if (fstat(fd, &status) != 0) {
        error = errno;
    } else if (!S_ISREG(status.st_mode) || offset < 0 || offset > status.st_size
               || length > (uint64_t)(status.st_size - offset)) {
        error = EINVAL;
    }
    if (error != 0) {
        if (fd >= 0) {
            close(fd);
        }
        errno = error;
        return -1;
    }
    r->begun = true;
    r->file = fd;
    r->offset = offset;
    r->length = length;
    return 0;
}

int handoff_reset(handoff_response *r)
{
    if (r->started) {
        errno = EALREADY;
        return -1;
    }
    forget(r);
    return 0;
}

void handoff_fail(handoff_response *r)
{
    r->failed = true;
}
