/* A worker with a handler for each thing that a test asks for. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../include/handoff.h"

static void hello(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    char text[512];
    snprintf(text, sizeof text, "%s %s %s\n", handoff_method(request), handoff_path(request), handoff_query(request));
    handoff_send_text(response, text);
}

/* Sends the body back, as it comes. */
static void echo(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    char piece[50000];
    ssize_t count;
    handoff_set_header(response, "Content-Type", "application/octet-stream");
    while ((count = handoff_body_read(request, piece, sizeof piece)) > 0) {
        if (handoff_write(response, piece, (size_t)count) != 0) {
            return;
        }
    }
    if (count < 0) {
        handoff_fail(response);
    }
}

/* All of the body at once, and its sum. */
static void sum(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    size_t length;
    const unsigned char *body = handoff_body(request, &length);
    unsigned long total = 0;
    for (size_t i = 0; body != NULL && i < length; i++) {
        total = total * 31 + body[i];
    }
    char text[64];
    snprintf(text, sizeof text, "%zu %lu\n", length, total);
    handoff_send_text(response, text);
}

static char *pattern(size_t size)
{
    char *data = malloc(size + 1);
    for (size_t i = 0; data != NULL && i < size; i++) {
        data[i] = (char)('a' + i % 26);
    }
    return data;
}

static void big(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    size_t size = strtoul(handoff_query(request), NULL, 10);
    char *data = pattern(size);
    if (data == NULL || handoff_send(response, data, size) != 0) {
        handoff_fail(response);
    }
    free(data);
}

static void stream(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    size_t size = strtoul(handoff_query(request), NULL, 10);
    char *data = pattern(size);
    for (size_t at = 0; data != NULL && at < size;) {
        size_t piece = size - at < 10000 ? size - at : 10000;
        if (handoff_write(response, data + at, piece) != 0 || handoff_flush(response) != 0) {
            break;
        }
        at += piece;
    }
    free(data);
}

static void file(handoff_request *request, handoff_response *response, void *user)
{
    (void)request;
    (void)user;
    int fd = open(getenv("TEST_FILE"), O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0
        || handoff_send_file(response, fd, 10, (uint64_t)status.st_size - 10) != 0) {
        handoff_fail(response);
    }
}

static void pause_for(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    long millis = strtol(handoff_query(request), NULL, 10);
    struct timespec time = {.tv_sec = millis / 1000, .tv_nsec = millis % 1000 * 1000000};
    while (nanosleep(&time, &time) != 0) {
    }
    handoff_send_text(response, "slept\n");
}

/* Takes until somebody opens a pipe for writing. */
static void pipe_opens(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    int fd = open(handoff_query(request), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
    }
    handoff_send_text(response, "opened\n");
}

static void half(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    handoff_write(response, "half", 4);
    handoff_flush(response);
    if (strcmp(handoff_query(request), "die") == 0) {
        _exit(9);
    }
    handoff_fail(response);
}

static void field(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    const char *value = handoff_header(request, handoff_query(request));
    if (value == NULL) {
        handoff_status(response, 404);
        value = "none";
    }
    if (handoff_set_header(response, "X-Field", value) != 0 || handoff_set_header(response, "Date", "x") == 0) {
        handoff_fail(response);
    }
    handoff_send_text(response, value);
}

static void nothing(handoff_request *request, handoff_response *response, void *user)
{
    (void)request;
    (void)user;
    handoff_status(response, 204);
}

int main(void)
{
    handoff_limits limits;
    handoff_limits_default(&limits);
    limits.request_line = 300;
    limits.body = 64 << 20;
    limits.idle_time = getenv("TEST_IDLE") == NULL ? 60 : 1;
    limits.header_time = 2;
    handoff_server *server = handoff_server_new(&limits);
    if (server == NULL) {
        return HANDOFF_EXIT_FAILED;
    }
    static const struct {
        const char *context;
        handoff_handler handler;
    } all[] = {
        {"/app", hello},       {"/app/echo", echo},        {"/app/sum", sum},       {"/app/big", big},
        {"/app/stream", stream}, {"/app/file", file},      {"/app/sleep", pause_for}, {"/app/half", half},
        {"/app/field", field}, {"/app/nothing", nothing},  {"example.org/only", hello},
        {"/app/pipe", pipe_opens},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (handoff_server_handle(server, all[i].context, all[i].handler, NULL) != 0) {
            return HANDOFF_EXIT_FAILED;
        }
    }
    if (handoff_server_handle(server, "no/../context", hello, NULL) == 0) {
        return HANDOFF_EXIT_FAILED;
    }
    int status = handoff_server_run(server);
    handoff_server_free(server);
    return status;
}
