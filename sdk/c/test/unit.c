/* Unit tests of what needs no process: frames, heads, chunks, contexts, the spool of a stream. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../src/http.h"

static int passed;
static int failed;

static void check(bool right, const char *what, const char *detail)
{
    if (right) {
        passed++;
    } else {
        failed++;
        printf("FAILED %s: %s\n", what, detail);
    }
}

/* Copies, so that a sanitizer sees each byte beyond. */
static void *exactly(const void *data, size_t size)
{
    char *copy = malloc(size + (size == 0));
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, data, size);
    return copy;
}

/* ---- frames: the bytes are those of docs/worker-protocol.md */

static void frames(void)
{
    static const uint8_t connection[] = {
        1, 1, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 5, 'G', 'E', 'T', ' ', '/'};
    struct frame f;
    for (size_t size = 0; size <= sizeof connection; size++) {
        uint8_t *packet = exactly(connection, size);
        const char *wrong = frame_read(&f, packet, size, true);
        check((wrong == NULL) == (size >= 24), "a truncated frame", "");
        if (wrong == NULL) {
            check(f.length == size - 24, "the payload ends where the packet ends", "");
        }
        free(packet);
    }
    check(frame_read(&f, connection, sizeof connection, true) == NULL, "CONNECTION", "");
    check(f.type == F_CONNECTION && f.flags == 1 && f.slot == 7 && f.connection == 0x102 && f.position == 5,
          "the fields of CONNECTION", "");
    check(f.length == 5 && memcmp(f.payload, "GET /", 5) == 0, "the payload of CONNECTION", "");
    uint8_t header[FRAME_HEADER];
    frame_header(header, &f);
    check(memcmp(header, connection, sizeof header) == 0, "a header as it was read", "");
    uint8_t *longest = calloc(1, FRAME_PACKET + 1);
    longest[0] = 1;
    longest[1] = F_ELSEWHERE;
    check(frame_read(&f, longest, FRAME_PACKET, false) == NULL, "the longest frame", "");
    check(frame_read(&f, longest, FRAME_PACKET + 1, false) != NULL, "a frame that is too long", "");
    free(longest);
    for (int version = 0; version < 256; version++) {
        uint8_t packet[FRAME_HEADER] = {(uint8_t)version, F_PING};
        check((frame_read(&f, packet, sizeof packet, false) == NULL) == (version == 1), "a version", "");
    }
    for (int type = 0; type < 256; type++) {
        uint8_t packet[FRAME_HEADER + 8] = {1, (uint8_t)type};
        bool known = type >= F_CONNECTION && type <= F_YIELD;
        check((frame_read(&f, packet, sizeof packet, false) == NULL) == known, "a type", "");
        bool brings = type == F_CONNECTION || type == F_EARLIER;
        check((frame_read(&f, packet, sizeof packet, true) == NULL) == brings, "a type with a descriptor", "");
    }
    for (size_t size = 0; size < 17; size++) {
        uint8_t packet[FRAME_HEADER + 17] = {1, F_EARLIER};
        check((frame_read(&f, packet, FRAME_HEADER + size, true) == NULL) == (size == 8), "SPILLED", "");
    }
}

/* ---- heads */

static struct head parsed;

/* Scans by pieces of `piece` bytes and parses: 0, or the status; -1 where it is not complete. */
static int read_head(const char *text, size_t size, size_t piece, size_t *length)
{
    struct head_scan scan = {.max_line = MAX_REQUEST_LINE, .max_header = MAX_HEADER};
    head_scan_reset(&scan);
    size_t at = 0;
    int result = 0;
    while (result == 0 && at < size) {
        size_t used;
        size_t count = size - at < piece ? size - at : piece;
        uint8_t *copy = exactly(text + at, count);
        result = head_scan(&scan, copy, count, &used);
        free(copy);
        at += used;
    }
    *length = at;
    if (result != 1) {
        return result == 0 ? -1 : result;
    }
    static char *copy;
    free(copy);
    copy = exactly(text, at);
    return head_parse(&parsed, copy, at);
}

static int status_of(const char *text)
{
    size_t length;
    int whole = read_head(text, strlen(text), SIZE_MAX, &length);
    for (size_t piece = 1; piece < 20; piece++) {
        size_t used;
        check(read_head(text, strlen(text), piece, &used) == whole && used == length, "a head in pieces", text);
    }
    return whole;
}

static void heads(void)
{
    static const struct {
        int status;
        const char *text;
    } all[] = {
        {0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {0, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {0, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
        {0, "GET / HTTP/1.0\r\n\r\n"},
        {0, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
        {0, "GET http://b/x?y HTTP/1.1\r\nHost: a\r\n\r\n"},
        {0, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
        {0, "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {0, "GET / HTTP/1.1\r\nHost: a\r\nX: \xe4\t.\r\n\r\n"},
        {-1, "GET / HTTP/1.1\r\nHost: a\r\n"},
        {-1, "\r"},
        {-1, ""},
        {400, "\n"},
        {400, "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"},
        {400, "\rGET / HTTP/1.1\r\n\r\n"},
        {400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"},
        {400, "GET /\r\n\r\n"},
        {400, "GET / http/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /\t HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\rX: b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n"},
        {400, "GET /%2f HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /%c0%ae HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /?# HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /.. HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a/%2e%2e/../.. HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET x HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {417, "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"},
        {501, "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
        {501, "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {501, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int status = status_of(all[i].text);
        char detail[300];
        snprintf(detail, sizeof detail, "%d for %s", status, all[i].text);
        check(status == all[i].status, "the status of a head", detail);
    }
}

static void is(const char *target, const char *host, const char *path, const char *query)
{
    char text[512];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, "Example.COM.:8080");
    bool right = status_of(text) == 0 && strcmp(parsed.host, host) == 0 && strcmp(parsed.path, path) == 0
                 && strcmp(parsed.query, query) == 0;
    check(right, "what a target asks for", target);
}

static void targets(void)
{
    is("/", "example.com", "/", "");
    is("/a/b?c=d?e", "example.com", "/a/b", "c=d?e");
    is("/a%20b/%41", "example.com", "/a b/A", "");
    is("/a/./b/../c/.", "example.com", "/a/c/", "");
    is("/a/%2e%2e/b", "example.com", "/b", "");
    is("/a/..", "example.com", "/", "");
    is("/a//b;c=1", "example.com", "/a//b;c=1", "");
    is("/%c3%a4", "example.com", "/\xc3\xa4", "");
    is("/a?%zz", "example.com", "/a", "%zz");
    is("http://Other:1/x/../y?z", "other", "/y", "z");
    is("HTTPS://other?z", "other", "/", "z");
    check(status_of("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n") == 0 && !parsed.utf8, "a path that is not UTF-8", "");
    check(status_of("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n") == 0 && !parsed.keep_alive,
          "Connection: close", "");
    check(status_of("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n") == 0 && parsed.keep_alive, "keep-alive", "");
    check(status_of("GET / HTTP/1.0\r\n\r\n") == 0 && !parsed.keep_alive, "HTTP/1.0", "");
}

static void limits(void)
{
    struct head_scan scan = {.max_line = 20, .max_header = 10};
    head_scan_reset(&scan);
    size_t used;
    static const char line[] = "GET /123456 HTTP/1.1\r\n12: 45\r\n67:\r\n8\r\n\r\n";
    check(head_scan(&scan, (const uint8_t *)line, sizeof line - 1, &used) == 1, "a head as long as may be", "");
    head_scan_reset(&scan);
    static const char longer[] = "GET /1234567 HTTP/1.1\r\n";
    check(head_scan(&scan, (const uint8_t *)longer, sizeof longer - 1, &used) == 414, "a long request line", "");
    head_scan_reset(&scan);
    static const char more[] = "HEAD / HTTP/1.1\r\n12: 4567890123\r\n";
    check(head_scan(&scan, (const uint8_t *)more, sizeof more - 1, &used) == 431, "a long header", "");
    check(head_scan_is_head(&scan), "HEAD, though refused", "");

    handoff_limits of_pool;
    setenv("HANDOFF_HTTP_BODY", "1234", 1);
    setenv("HANDOFF_HTTP_IDLE_TIMEOUT", "7", 1);
    setenv("HANDOFF_HTTP_HEADER", "none", 1);
    handoff_limits_default(&of_pool);
    check(of_pool.body == 1234 && of_pool.idle_time == 7, "limits of the pool", "");
    check(of_pool.header == 32768 && of_pool.spool == 1ULL << 30, "limits that the pool does not set", "");
    unsetenv("HANDOFF_HTTP_BODY");
    unsetenv("HANDOFF_HTTP_IDLE_TIMEOUT");
    unsetenv("HANDOFF_HTTP_HEADER");
}

/* ---- chunks */

/* The content, or NULL where it is malformed; "?" behind what is not complete. */
static char *decode(const char *text, size_t piece)
{
    static char content[4096];
    struct chunks c = {0};
    size_t size = 0;
    size_t length = strlen(text);
    int result = 0;
    for (size_t at = 0; at < length && result == 0;) {
        size_t count = length - at < piece ? length - at : piece;
        uint8_t *copy = exactly(text + at, count);
        size_t used;
        size_t run;
        const uint8_t *from;
        result = chunks_read(&c, copy, count, 100, &used, &from, &run);
        memcpy(content + size, from, run);
        size += run;
        at += used;
        free(copy);
    }
    if (result > 1) {
        return NULL;
    }
    content[size] = '\0';
    return strcat(content, result == 1 ? "" : "?");
}

static void chunks(void)
{
    static const struct {
        const char *text;
        const char *content;
    } all[] = {
        {"3\r\nabc\r\n0\r\n\r\n", "abc"},
        {"3;x=\"y\"\r\nabc\r\n01 ; z\r\nd\r\n000\r\n\r\n", "abcd"},
        {"A\r\n0123456789\r\n0\r\nTrailer: x\r\nT2:\r\n\r\nmore", "0123456789"},
        {"3\r\nab", "ab?"},
        {"3\nabc\r\n0\r\n\r\n", NULL},
        {"3\r\nabcd\r\n0\r\n\r\n", NULL},
        {"3\r\nabc\n0\r\n\r\n", NULL},
        {"\r\n", NULL},
        {";\r\n", NULL},
        {"-1\r\n", NULL},
        {"0x1\r\na\r\n", NULL},
        {"1234567890123456\r\n", NULL},
        {"3;\x01\r\n", NULL},
        {"0\r\nTrailer\r\n\r\n", NULL},
        {"0\r\nTrailer : x\r\n\r\n", NULL},
        {"0\r\nT: x\r\n folded\r\n\r\n", NULL},
        {"0\r\nT: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "\r\n\r\n",
         NULL},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        for (size_t piece = 1; piece < 12; piece++) {
            const char *content = decode(all[i].text, piece);
            bool right = all[i].content == NULL ? content == NULL
                                                : content != NULL && strcmp(content, all[i].content) == 0;
            check(right, "chunks", all[i].text);
        }
    }
    struct chunks c = {0};
    int result = 0;
    for (int i = 0; i < 100000 && result == 0; i++) {
        static const uint8_t tiny[] = "1;xxxxxxxxxxxxxxxxxxxx\r\na\r\n";
        for (size_t at = 0; at < sizeof tiny - 1 && result == 0;) {
            size_t used;
            size_t run;
            const uint8_t *from;
            result = chunks_read(&c, tiny + at, sizeof tiny - 1 - at, 100, &used, &from, &run);
            at += used;
        }
    }
    check(result == 400, "chunks that are more framing than content", "");
}

/* ---- contexts */

static void nobody(handoff_request *request, handoff_response *response, void *user)
{
    (void)request;
    (void)response;
    (void)user;
}

static const char *found(const struct routes *t, const char *host, const char *path)
{
    const struct route *r = routes_find(t, host, path);
    return r == NULL ? "" : r->context;
}

static void contexts(void)
{
    struct routes t = {0};
    static const char *const wrong[] = {"", "app", "/a//b", "/a/./b", "/..", "/a?b", "/a%20", "/a#", "//", "/\x01"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        check(routes_add(&t, wrong[i], nobody, NULL) != 0, "no context", wrong[i]);
    }
    check(routes_add(&t, "/app", nobody, NULL) == 0 && routes_add(&t, "/app/longer/", nobody, NULL) == 0
              && routes_add(&t, "Host.Org./h", nobody, NULL) == 0,
          "contexts", "");
    check(strcmp(found(&t, "", "/app"), "/app") == 0, "itself", "");
    check(strcmp(found(&t, "", "/app/x"), "/app") == 0, "a segment below", "");
    check(strcmp(found(&t, "", "/apple"), "") == 0, "whole segments", "");
    check(strcmp(found(&t, "", "/app/longer/x"), "/app/longer") == 0, "the longest", "");
    check(strcmp(found(&t, "host.org", "/h/x"), "/h") == 0 && strcmp(found(&t, "", "/h"), "") == 0, "a host's", "");
    size_t own = t.count;
    check(routes_elsewhere(&t, " /app/theirs\nhost.org /app\n /unrelated\n") == 0 && t.count == own + 2, "others", "");
    check(strcmp(found(&t, "", "/app/theirs/x"), "") == 0, "a longer one of others", "");
    check(strcmp(found(&t, "host.org", "/app/longer"), "") == 0, "one of others for the host", "");
    check(strcmp(found(&t, "", "/app/longer"), "/app/longer") == 0, "ours", "");
    check(routes_elsewhere(&t, "") == 0 && t.count == own, "no others any more", "");
    check(routes_elsewhere(&t, "nonsense") != 0, "no line", "");
    routes_free(&t);
    check(routes_add_all(&t, " /a h.org/b  /c ", nobody, NULL) == 0 && t.count == 3
              && strcmp(found(&t, "h.org", "/b"), "/b") == 0 && strcmp(found(&t, "", "/c"), "/c") == 0,
          "the pool's contexts", "");
    routes_free(&t);
    check(routes_add_all(&t, NULL, nobody, NULL) == 0 && strcmp(found(&t, "", "/x"), "/") == 0, "no contexts", "");
    check(routes_add_all(&t, "/a b", nobody, NULL) != 0, "no context", "");
    routes_free(&t);
    check(routes_add(&t, "/", nobody, NULL) == 0 && strcmp(found(&t, "x", "/any/thing"), "/") == 0, "the root", "");
    routes_free(&t);
}

/* ---- the spool: bytes that sendfile has given to the socket stay as they were */

enum { WINDOW = 32768, PIECE = 4000, SPOOLED = 3 * PIECE, WAIT_MILLIS = 10000 };

static struct {
    handoff_monitor h;
    handoff_server s;
    struct conn c;
    struct handoff_response r;
    int client;
    uint64_t sent;
    uint64_t received;
    uint64_t wrong;
    size_t head; /* how much of "\r\n\r\n" has come */
} stream;

/* No two pages of a stream are the same. */
static uint8_t byte_at(uint64_t position)
{
    return (uint8_t)(position * 2654435761U >> 24);
}

static bool open_stream(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int window = WINDOW;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    stream.client = socket(AF_INET, SOCK_STREAM, 0);
    bool open = setsockopt(stream.client, SOL_SOCKET, SO_RCVBUF, &window, sizeof window) == 0
                && bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 1) == 0
                && getsockname(listener, (struct sockaddr *)&address, &size) == 0
                && connect(stream.client, (struct sockaddr *)&address, size) == 0;
    stream.c.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    close(listener);
    stream.h.board = calloc(2, SLOT_BYTES);
    stream.h.slots = 1;
    stream.s.h = &stream.h;
    stream.s.temporary = "/tmp";
    stream.s.limits = (handoff_limits){.spool = 1 << 20, .write_time = 30};
    stream.s.epoll = epoll_create1(0);
    pthread_mutex_init(&stream.s.lock, NULL);
    stream.c.server = &stream.s;
    stream.c.record = stream.h.board + SLOT_BYTES;
    stream.c.out.file = stream.c.in.file = stream.c.body_file = -1;
    response_begin(&stream.r, &stream.c);
    return open && setsockopt(stream.c.fd, SOL_SOCKET, SO_SNDBUF, &window, sizeof window) == 0;
}

static void close_stream(void)
{
    close(stream.client);
    close(stream.c.fd);
    close(stream.c.out.file);
    close(stream.s.epoll);
    pthread_mutex_destroy(&stream.s.lock);
    response_free(&stream.r);
    free(stream.h.board);
}

/* Writes until so many bytes wait in the spool. */
static bool fill_spool(uint64_t least)
{
    while (stream.c.out.left < least) {
        uint8_t piece[PIECE];
        for (size_t i = 0; i < PIECE; i++) {
            piece[i] = byte_at(stream.sent++);
        }
        if (handoff_write(&stream.r, piece, PIECE) != 0 || handoff_flush(&stream.r) != 0) {
            return false;
        }
    }
    return true;
}

/* The client reads a little, behind the head, and the server sends more. */
static bool go_on(void)
{
    struct pollfd bytes = {.fd = stream.client, .events = POLLIN};
    uint8_t some[1000];
    ssize_t count = poll(&bytes, 1, WAIT_MILLIS) == 1 ? recv(stream.client, some, sizeof some, 0) : -1;
    for (ssize_t i = 0; i < count; i++) {
        if (stream.head < 4) {
            stream.head = some[i] == "\r\n\r\n"[stream.head] ? stream.head + 1 : some[i] == '\r';
        } else {
            stream.wrong += some[i] != byte_at(stream.received++);
        }
    }
    pump(&stream.c);
    return count > 0;
}

static void spool(void)
{
    bool works = open_stream() && fill_spool(SPOOLED);
    check(works, "a stream for a slow client", strerror(errno));
    while (works && stream.c.out.left > 0) {
        works = go_on();
    }
    check(stream.sent - stream.received > SPOOLED, "all of the spool is with the socket, and the client has none of it", "");
    works = works && fill_spool(SPOOLED);
    while (works && stream.received < stream.sent) {
        works = go_on();
    }
    check(works, "all of the stream comes", "");
    check(stream.wrong == 0, "the client gets what was spooled first, not what was spooled behind it", "");
    close_stream();
}

/* ---- the corpus: one request a file */

static void corpus(const char *folder, bool valid)
{
    DIR *files = opendir(folder);
    check(files != NULL, "a corpus", folder);
    for (struct dirent *entry = files == NULL ? NULL : readdir(files); entry != NULL; entry = readdir(files)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char text[65536];
        int fd = openat(dirfd(files), entry->d_name, O_RDONLY);
        ssize_t size = read(fd, text, sizeof text);
        close(fd);
        size_t length;
        int status = read_head(text, (size_t)size, SIZE_MAX, &length);
        check(valid ? status == 0 : status > 0, valid ? "a valid request" : "an invalid request", entry->d_name);
    }
    if (files != NULL) {
        closedir(files);
    }
}

int main(int count, char **arguments)
{
    frames();
    heads();
    targets();
    limits();
    chunks();
    contexts();
    spool();
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/valid", count > 1 ? arguments[1] : "test/corpus");
    corpus(folder, true);
    snprintf(folder, sizeof folder, "%s/invalid", count > 1 ? arguments[1] : "test/corpus");
    corpus(folder, false);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
