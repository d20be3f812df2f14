/* What handlers see of a request. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

const char *handoff_method(const handoff_request *r)
{
    return r->head->method;
}

const char *handoff_target(const handoff_request *r)
{
    return r->head->target;
}

const char *handoff_host(const handoff_request *r)
{
    return r->head->host;
}

const char *handoff_path(const handoff_request *r)
{
    return r->head->path;
}

const char *handoff_context(const handoff_request *r)
{
    return r->c->context;
}

const char *handoff_query(const handoff_request *r)
{
    return r->head->query;
}

int handoff_minor_version(const handoff_request *r)
{
    return r->head->minor;
}

const char *handoff_header(const handoff_request *r, const char *name)
{
    for (size_t i = 0; i < r->head->field_count; i++) {
        if (strcasecmp(r->head->fields[i].name, name) == 0) {
            return r->head->fields[i].value;
        }
    }
    return NULL;
}

int handoff_header_at(const handoff_request *r, size_t i, const char **name, const char **value)
{
    if (i >= r->head->field_count) {
        return 0;
    }
    *name = r->head->fields[i].name;
    *value = r->head->fields[i].value;
    return 1;
}

int handoff_client(const handoff_request *r, struct sockaddr_storage *address, socklen_t *length)
{
    *length = sizeof *address;
    return getpeername(r->c->fd, (struct sockaddr *)address, length);
}

uint64_t handoff_body_length(const handoff_request *r)
{
    const struct conn *c = r->c;
    return c->chunked ? c->body.size + c->body_file_size : c->length;
}

/* Bytes of the body from `at` on: how many, at *bytes, perhaps in `scratch`. */
static ssize_t piece(const handoff_request *r, uint64_t at, void *scratch, size_t size, const uint8_t **bytes)
{
    struct conn *c = r->c;
    if (!c->chunked) {
        ssize_t count = input_at(&c->in, c->head_end + at, scratch, size, bytes);
        uint64_t left = c->length - at;
        return count > 0 && (uint64_t)count > left ? (ssize_t)left : count;
    }
    if (at < c->body.size) {
        *bytes = (const uint8_t *)c->body.data + at;
        return (ssize_t)(c->body.size - at);
    }
    *bytes = scratch;
    ssize_t count = pread(c->body_file, scratch, size, (off_t)(at - c->body.size));
    return count > 0 ? count : -1;
}

ssize_t handoff_body_read(handoff_request *r, void *buffer, size_t size)
{
    uint64_t left = handoff_body_length(r) - r->read;
    if (size > left) {
        size = (size_t)left;
    }
    if (size == 0) {
        return 0;
    }
    const uint8_t *bytes;
    ssize_t count = piece(r, r->read, buffer, size, &bytes);
    if (count <= 0) {
        errno = EIO;
        return -1;
    }
    if ((size_t)count < size) {
        size = (size_t)count;
    }
    if (bytes != buffer) {
        memcpy(buffer, bytes, size);
    }
    r->read += size;
    return (ssize_t)size;
}

static void *copy_body(handoff_request *r, size_t size)
{
    uint8_t *copy = malloc(size);
    uint64_t before = r->read;
    r->read = 0;
    for (size_t at = 0; copy != NULL && at < size;) {
        ssize_t count = handoff_body_read(r, copy + at, size - at);
        if (count <= 0) {
            free(copy);
            copy = NULL;
        } else {
            at += (size_t)count;
        }
    }
    r->read = before;
    return copy;
}

const void *handoff_body(handoff_request *r, size_t *length)
{
    static const char nothing[] = "";
    uint64_t size = handoff_body_length(r);
    *length = (size_t)size;
    if (size == 0) {
        return nothing;
    }
    if (r->copy != NULL) {
        return r->copy;
    }
    const uint8_t *bytes;
    uint8_t scratch[1];
    ssize_t count = piece(r, 0, scratch, sizeof scratch, &bytes);
    if (count > 0 && (uint64_t)count == size && bytes != scratch) {
        return bytes;
    }
    r->copy = copy_body(r, (size_t)size);
    return r->copy;
}
