/* Chunked bodies (RFC 9112, section 7.1), strictly: no bare line feeds, no folded trailers, no endless framing. */
#include "internal.h"

enum { SIZE, EXTENSION, CONTENT, CONTENT_END, TRAILER, DONE };

enum { FRAMING_ALLOWANCE = 65536, FRAMING_PER_BYTE = 16, MAX_DIGITS = 15 };

static int digit(uint8_t b)
{
    if (b >= '0' && b <= '9') {
        return b - '0';
    }
    if (b >= 'a' && b <= 'f') {
        return b - 'a' + 10;
    }
    return b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
}

static int end_size_line(struct chunks *c)
{
    if (c->digits == 0) {
        return 400;
    }
    c->state = c->left > 0 ? CONTENT : TRAILER;
    c->digits = 0;
    return 0;
}

static int size_line(struct chunks *c, uint8_t b)
{
    if (c->after_return) {
        c->after_return = false;
        return b == '\n' ? end_size_line(c) : 400;
    }
    if (b == '\r') {
        c->after_return = true;
        return 0;
    }
    if (c->state == EXTENSION) {
        return (b < ' ' && b != '\t') || b == 127 ? 400 : 0;
    }
    if (c->digits > 0 && (b == ';' || b == ' ' || b == '\t')) {
        c->state = EXTENSION;
        return 0;
    }
    int value = digit(b);
    if (value < 0 || c->digits == MAX_DIGITS) {
        return 400;
    }
    c->digits++;
    c->left = c->left << 4 | (uint64_t)value;
    return 0;
}

static int content_end(struct chunks *c, uint8_t b)
{
    if (!c->after_return) {
        c->after_return = b == '\r';
        return c->after_return ? 0 : 400;
    }
    c->after_return = false;
    c->state = SIZE;
    return b == '\n' ? 0 : 400;
}

static int trailer_byte(struct chunks *c, uint8_t b, size_t max)
{
    if (++c->trailer > max + 2) {
        return 400;
    }
    if (c->after_return) {
        c->after_return = false;
        if (b != '\n') {
            return 400;
        }
        if (c->trailer_line == 0) {
            c->state = DONE;
            return 0;
        }
        bool field = c->trailer_colon;
        c->trailer_line = 0;
        c->trailer_colon = false;
        return field ? 0 : 400;
    }
    if (b == '\r') {
        c->after_return = true;
        return 0;
    }
    if ((b < ' ' && b != '\t') || b == 127) {
        return 400;
    }
    if (!c->trailer_colon) {
        char name = (char)b;
        if (b == ':' && c->trailer_line > 0) {
            c->trailer_colon = true;
        } else if (!is_token(&name, 1)) {
            return 400;
        }
    }
    c->trailer_line++;
    return 0;
}

int chunks_read(struct chunks *c, const uint8_t *bytes, size_t count, size_t max_trailer, size_t *used,
                const uint8_t **content, size_t *size)
{
    size_t i = 0;
    int status = 0;
    *size = 0;
    *content = bytes;
    while (i < count && status == 0 && c->state != DONE) {
        if (c->state == CONTENT) {
            size_t run = count - i < c->left ? count - i : (size_t)c->left;
            *content = bytes + i;
            *size = run;
            i += run;
            c->left -= run;
            c->content += run;
            if (c->left == 0) {
                c->state = CONTENT_END;
            }
            break;
        }
        uint8_t b = bytes[i++];
        c->framing++;
        if (c->state == CONTENT_END) {
            status = content_end(c, b);
        } else if (c->state == TRAILER) {
            status = trailer_byte(c, b, max_trailer);
        } else {
            status = size_line(c, b);
        }
        if (c->framing > FRAMING_ALLOWANCE + FRAMING_PER_BYTE * c->content) {
            status = 400;
        }
    }
    *used = i;
    return status != 0 ? status : c->state == DONE;
}
