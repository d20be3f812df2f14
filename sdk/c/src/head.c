/*
 * Request heads: the same rules as org.handoff.http's HeadScanner and RequestTarget, by which the monitor routes. What
 * one of the two refuses or takes for the end of a request the other does too. picohttpparser splits a head once
 * head_scan has found it well-formed; it alone would be too lenient (bare line feeds, folded lines, several spaces).
 */
#include <string.h>
#include <strings.h>

#include "internal.h"

enum { MAX_EMPTY_LINES = 8, VERSION_LENGTH = 8, MAX_HOST = 255 };

static bool token_byte(uint8_t b)
{
    if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9')) {
        return true;
    }
    return b != 0 && strchr("!#$%&'*+-.^_`|~", b) != NULL;
}

bool is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!token_byte((uint8_t)text[i])) {
            return false;
        }
    }
    return size > 0;
}

/* ---- where it ends */

void head_scan_reset(struct head_scan *s)
{
    *s = (struct head_scan){.max_line = s->max_line, .max_header = s->max_header};
}

bool head_scan_is_head(const struct head_scan *s)
{
    return s->head_letters == 4 && s->spaces > 0;
}

static int scan_request_line(struct head_scan *s, uint8_t b)
{
    static const char head[] = "HEAD";
    static const char version[] = "HTTP/";
    if (++s->line > s->max_line) {
        return 414;
    }
    if (b == ' ') {
        s->spaces++;
        return s->spaces > 2 || s->line == 1 ? 400 : 0;
    }
    if (s->spaces == 0) {
        bool next = s->line <= 4 && s->head_letters == s->line - 1 && b == (uint8_t)head[s->head_letters];
        s->head_letters = next ? (unsigned)s->line : 0;
        return token_byte(b) ? 0 : 400;
    }
    if (s->spaces == 2) {
        bool wrong = s->version < sizeof version - 1 && b != (uint8_t)version[s->version];
        s->version++;
        return wrong ? 400 : 0;
    }
    return 0;
}

static int scan_field(struct head_scan *s, uint8_t b)
{
    if (s->line++ == 0 && (b == ' ' || b == '\t')) {
        return 400;
    }
    return ++s->header > s->max_header ? 431 : 0;
}

/* -1: the head is complete; 0: go on; else the status. */
static int scan_line_end(struct head_scan *s)
{
    if (!s->after_return) {
        return 400;
    }
    s->after_return = false;
    if (!s->fields) {
        s->fields = true;
        s->line = 0;
        return s->spaces == 2 && s->version == VERSION_LENGTH ? 0 : 400;
    }
    bool complete = s->line == 0;
    s->line = 0;
    return complete ? -1 : 0;
}

static int scan_byte(struct head_scan *s, uint8_t b)
{
    if (b == '\n') {
        return scan_line_end(s);
    }
    if (s->after_return) {
        return 400;
    }
    if (b == '\r') {
        s->after_return = true;
        return 0;
    }
    if ((b < ' ' && (b != '\t' || !s->fields)) || b == 127) {
        return 400;
    }
    return s->fields ? scan_field(s, b) : scan_request_line(s, b);
}

int head_scan(struct head_scan *s, const uint8_t *bytes, size_t size, size_t *used)
{
    size_t i = 0;
    while (!s->begun && i < size) {
        uint8_t b = bytes[i];
        if (s->half_empty_line) {
            if (b != '\n') {
                *used = i;
                return 400;
            }
            s->half_empty_line = false;
            if (++s->empty_lines > MAX_EMPTY_LINES) {
                *used = i;
                return 400;
            }
            i++;
        } else if (b == '\r') {
            s->half_empty_line = true;
            i++;
        } else {
            s->begun = true;
        }
    }
    while (i < size) {
        int result = scan_byte(s, bytes[i++]);
        if (result != 0) {
            *used = i;
            return result < 0 ? 1 : result;
        }
    }
    *used = i;
    return 0;
}

/* ---- the host */

static bool alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool valid_port(const char *text, size_t size)
{
    if (size == 0) {
        return true;
    }
    if (text[0] != ':' || size > 6) {
        return false;
    }
    int port = 0;
    for (size_t i = 1; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + text[i] - '0';
    }
    return port <= 65535;
}

static bool valid_name(const char *host, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = host[i];
        if (!alphanumeric(c) && (c == '\0' || strchr("-._~!$&'()*+,;=%", c) == NULL)) {
            return false;
        }
        if (c == '%' && (i + 2 >= size || hex(host[i + 1]) < 0 || hex(host[i + 2]) < 0)) {
            return false;
        }
    }
    return true;
}

static bool valid_literal(const char *host, size_t size)
{
    int colons = 0;
    for (size_t i = 1; i + 1 < size; i++) {
        if (host[i] == ':') {
            colons++;
        } else if (hex(host[i]) < 0 && host[i] != '.') {
            return false;
        }
    }
    return colons >= 2 && colons <= 8 && size <= 47;
}

/* Writes the host as it is compared. */
static bool read_host(const char *authority, size_t size, char *out)
{
    bool literal = size > 0 && authority[0] == '[';
    size_t end = 0;
    while (end < size && authority[end] != (literal ? ']' : ':')) {
        end++;
    }
    if (literal) {
        if (end == size) {
            return false;
        }
        end++;
    }
    if (!valid_port(authority + end, size - end) || end > MAX_HOST || (end == 0 && size > 0)) {
        return false;
    }
    if (!(literal ? valid_literal(authority, end) : valid_name(authority, end))) {
        return false;
    }
    if (end > 1 && authority[end - 1] == '.') {
        end--;
    }
    for (size_t i = 0; i < end; i++) {
        char c = authority[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    out[end] = '\0';
    return true;
}

/* ---- the path */

static bool continuation(const uint8_t *p, size_t left, size_t count)
{
    if (left <= count) {
        return false;
    }
    for (size_t i = 1; i <= count; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return false;
        }
    }
    return true;
}

/* The length of the character there; 0 where it is none. */
static size_t utf8_character(const uint8_t *p, size_t left)
{
    uint8_t b = p[0];
    if (b < 0x80) {
        return 1;
    }
    if (b >= 0xc2 && b < 0xe0) {
        return continuation(p, left, 1) ? 2 : 0;
    }
    if (b >= 0xe0 && b < 0xf0) {
        bool fine = continuation(p, left, 2) && !(b == 0xe0 && p[1] < 0xa0) && !(b == 0xed && p[1] >= 0xa0);
        return fine ? 3 : 0;
    }
    if (b >= 0xf0 && b < 0xf5) {
        bool fine = continuation(p, left, 3) && !(b == 0xf0 && p[1] < 0x90) && !(b == 0xf4 && p[1] >= 0x90);
        return fine ? 4 : 0;
    }
    return 0;
}

static bool overlong(const uint8_t *p, size_t left)
{
    uint8_t first = p[0];
    uint8_t second = left > 1 ? p[1] : 0;
    return second >= 0x80 && second < 0xc0
           && (first == 0xc0 || first == 0xc1 || (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90));
}

bool is_utf8(const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = utf8_character((const uint8_t *)text + i, size - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

static bool raw_allowed(char c)
{
    uint8_t b = (uint8_t)c;
    return b > ' ' && b != 127 && b != '#';
}

/* Decodes percent escapes; the length, or -1. */
static long unescape(const char *raw, size_t size, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        char c = raw[i];
        if (!raw_allowed(c)) {
            return -1;
        }
        if (c == '%') {
            int high = i + 2 < size ? hex(raw[i + 1]) : -1;
            int low = high < 0 ? -1 : hex(raw[i + 2]);
            if (low < 0) {
                return -1;
            }
            int byte = high << 4 | low;
            if (byte < ' ' || byte == 127 || byte == '/') {
                return -1;
            }
            c = (char)byte;
            i += 2;
        }
        out[length++] = c;
    }
    return (long)length;
}

/* Removes dot segments in place; the length, or -1 where it leaves the root. */
static long remove_dots(char *path, size_t size)
{
    size_t out = 0;
    size_t start = 0;
    while (start < size) {
        size_t end = start + 1;
        while (end < size && path[end] != '/') {
            end++;
        }
        size_t segment = end - start - 1;
        bool last = end == size;
        if (segment == 2 && path[start + 1] == '.' && path[start + 2] == '.') {
            if (out == 0) {
                return -1;
            }
            do {
                out--;
            } while (path[out] != '/');
        } else if (segment != 1 || path[start + 1] != '.') {
            memmove(path + out, path + start, segment + 1);
            out += segment + 1;
            last = false;
        }
        if (last) {
            path[out++] = '/';
        }
        start = end;
    }
    return (long)out;
}

/* Reads a path and query into h->text. */
static int read_path(struct head *h, const char *raw, size_t size, bool slash_before)
{
    size_t path_size = 0;
    while (path_size < size && raw[path_size] != '?') {
        path_size++;
    }
    char *out = h->text;
    size_t at = 0;
    if (slash_before) {
        out[at++] = '/';
    }
    long length = unescape(raw, path_size, out + at);
    if (length < 0) {
        return 400;
    }
    size_t total = at + (size_t)length;
    h->utf8 = true;
    for (size_t i = 0; i < total;) {
        size_t character = utf8_character((const uint8_t *)out + i, total - i);
        if (character == 0) {
            if (overlong((const uint8_t *)out + i, total - i)) {
                return 400;
            }
            h->utf8 = false;
            character = 1;
        }
        i += character;
    }
    length = remove_dots(out, total);
    if (length < 0) {
        return 400;
    }
    h->path = out;
    out[length] = '\0';
    h->query = out + length + 1;
    size_t query_size = path_size < size ? size - path_size - 1 : 0;
    for (size_t i = 0; i < query_size; i++) {
        char c = raw[path_size + 1 + i];
        if (!raw_allowed(c)) {
            return 400;
        }
        h->query[i] = c;
    }
    h->query[query_size] = '\0';
    return 0;
}

static size_t find_scheme(const char *target, size_t size)
{
    for (size_t i = 0; i + 2 < size; i++) {
        if (target[i] == ':' && target[i + 1] == '/' && target[i + 2] == '/') {
            return i;
        }
    }
    return size;
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

static int read_absolute(struct head *h)
{
    size_t scheme = find_scheme(h->target, h->target_len);
    if (scheme == 0 || scheme == h->target_len) {
        return 400;
    }
    if (!is_word(h->target, scheme, "http") && !is_word(h->target, scheme, "https")) {
        return 501;
    }
    size_t start = scheme + 3;
    size_t end = start;
    while (end < h->target_len && h->target[end] != '/' && h->target[end] != '?') {
        end++;
    }
    if (!read_host(h->target + start, end - start, h->host) || h->host[0] == '\0') {
        return 400;
    }
    bool slash = end == h->target_len || h->target[end] != '/';
    return read_path(h, h->target + end, h->target_len - end, slash);
}

static int read_target(struct head *h, const struct phr_header *host)
{
    if (is_word(h->method, h->method_len, "CONNECT") && memcmp(h->method, "CONNECT", 7) == 0) {
        return 501;
    }
    h->host[0] = '\0';
    if (host != NULL && !read_host(host->value, host->value_len, h->host)) {
        return 400;
    }
    if (h->target_len == 0) {
        return 400;
    }
    if (h->target[0] == '/') {
        return read_path(h, h->target, h->target_len, false);
    }
    if (h->target_len == 1 && h->target[0] == '*') {
        if (h->method_len != 7 || memcmp(h->method, "OPTIONS", 7) != 0) {
            return 400;
        }
        return read_path(h, "/", 1, false);
    }
    return read_absolute(h);
}

/* ---- the fields */

/* Whether a comma-separated list has a word. */
static bool list_has(const struct phr_header *field, const char *word)
{
    const char *p = field->value;
    const char *end = p + field->value_len;
    while (p < end) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        const char *stop = comma == NULL ? end : comma;
        const char *from = p;
        const char *to = stop;
        while (from < to && (*from == ' ' || *from == '\t')) {
            from++;
        }
        while (to > from && (to[-1] == ' ' || to[-1] == '\t')) {
            to--;
        }
        if (is_word(from, (size_t)(to - from), word)) {
            return true;
        }
        p = stop + 1;
    }
    return false;
}

static bool read_length(const struct phr_header *field, uint64_t *length)
{
    if (field->value_len == 0 || field->value_len > 18) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < field->value_len; i++) {
        char c = field->value[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(c - '0');
    }
    *length = value;
    return true;
}

static int read_fields(struct head *h)
{
    const struct phr_header *host = NULL;
    bool length = false;
    bool close = false;
    bool keep = false;
    int status = 0;
    h->length = 0;
    h->chunked = false;
    h->expects_continue = false;
    for (size_t i = 0; i < h->field_count; i++) {
        struct phr_header *f = &h->fields[i];
        while (f->value_len > 0 && (f->value[f->value_len - 1] == ' ' || f->value[f->value_len - 1] == '\t')) {
            f->value_len--;
        }
        if (f->name == NULL) {
            return 400;
        }
        if (is_word(f->name, f->name_len, "host")) {
            if (host != NULL) {
                status = 400;
            }
            host = f;
        } else if (is_word(f->name, f->name_len, "content-length")) {
            if (length || !read_length(f, &h->length)) {
                status = 400;
            }
            length = true;
        } else if (is_word(f->name, f->name_len, "transfer-encoding")) {
            if (!is_word(f->value, f->value_len, "chunked")) {
                return 501;
            }
            if (h->chunked || h->minor == 0) {
                status = 400;
            }
            h->chunked = true;
        } else if (is_word(f->name, f->name_len, "connection")) {
            close |= list_has(f, "close");
            keep |= list_has(f, "keep-alive");
        } else if (is_word(f->name, f->name_len, "expect") && h->minor > 0) {
            if (!is_word(f->value, f->value_len, "100-continue")) {
                status = status == 0 ? 417 : status;
            }
            h->expects_continue = true;
        } else if (is_word(f->name, f->name_len, "sec-websocket-key1")) {
            status = 400;
        }
    }
    if (status == 400 || (length && h->chunked) || (host == NULL && h->minor > 0)) {
        return 400;
    }
    h->keep_alive = !close && (h->minor > 0 || keep);
    int target = read_target(h, host);
    return target != 0 ? target : status;
}

int head_parse(struct head *h, const char *bytes, size_t size)
{
    while (size >= 2 && bytes[0] == '\r') {
        bytes += 2;
        size -= 2;
    }
    const char *line_end = memchr(bytes, '\r', size);
    if (line_end == NULL || line_end - bytes < VERSION_LENGTH) {
        return 400;
    }
    const char *version = line_end - VERSION_LENGTH;
    if (version[5] < '0' || version[5] > '9' || version[6] != '.' || version[7] < '0' || version[7] > '9') {
        return 400;
    }
    if (version[5] != '1') {
        return 505;
    }
    h->field_count = MAX_FIELDS;
    int used = phr_parse_request(bytes, size, &h->method, &h->method_len, &h->target, &h->target_len, &h->minor,
                                 h->fields, &h->field_count, 0);
    if (used < 0 || (size_t)used != size) {
        return 400;
    }
    h->is_head = h->method_len == 4 && memcmp(h->method, "HEAD", 4) == 0;
    return read_fields(h);
}
