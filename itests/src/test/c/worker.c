/* A worker that answers what the tests' handlers for Java answer, below the context that its pool's file names. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <handoff.h>

enum { PIECE = 100000, NOISE = 1000003 };

static void fail(handoff_response *response, const char *why)
{
    handoff_status(response, 500);
    handoff_send_text(response, why);
}

/* Notes a request before anything else in the folder's file for this process. */
static int note(const char *folder, const char *name, size_t length)
{
    char text[1024];
    snprintf(text, sizeof text, "%s/%ld", folder, (long)getpid());
    int file = *folder == '\0' ? -1 : open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) {
        return -1;
    }
    snprintf(text, sizeof text, "%.*s\n", (int)length, name);
    ssize_t written = write(file, text, strlen(text));
    close(file);
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

/* As handlers/marks/Marks.java. */
static void marks(handoff_request *request, handoff_response *response)
{
    char folder[512] = "";
    if (strcmp(handoff_method(request), "POST") == 0) {
        size_t length;
        const char *body = handoff_body(request, &length);
        if (body != NULL && length < sizeof folder) {
            memcpy(folder, body, length);
            folder[length] = '\0';
        }
    } else if (handoff_header(request, "X-Folder") != NULL) {
        snprintf(folder, sizeof folder, "%s", handoff_header(request, "X-Folder"));
    }
    const char *name = handoff_query(request);
    if (note(folder, name, strlen(name)) != 0) {
        fail(response, "no folder\n");
        return;
    }
    if (*name != '\0' && name[strlen(name) - 1] == '0') {
        nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    }
    char text[1024];
    snprintf(text, sizeof text, "%s worker process %ld", name, (long)getpid());
    handoff_send_text(response, text);
}

/* The noise that all large bodies repeat, from the tests' file. */
static const unsigned char *noise_in(const char *folder)
{
    static unsigned char noise[NOISE];
    static int is_read;
    if (!is_read) {
        char path[512];
        snprintf(path, sizeof path, "%s/noise", folder);
        FILE *file = fopen(path, "rb");
        is_read = file != NULL && fread(noise, 1, sizeof noise, file) == sizeof noise;
        if (file != NULL) {
            fclose(file);
        }
    }
    return is_read ? noise : NULL;
}

/* As handlers/large/Large.java. */
static void large(handoff_request *request, handoff_response *response)
{
    const char *folder = handoff_header(request, "X-Folder");
    const char *name = handoff_query(request);
    size_t named = strcspn(name, ",");
    char how[10];
    size_t length;
    if (folder == NULL || note(folder, name, named) != 0 || noise_in(folder) == NULL
        || sscanf(name + named, ",%9[a-z],%zu", how, &length) != 2) {
        fail(response, "no folder, or no name, way and length\n");
        return;
    }
    uint32_t hash = 0;
    for (size_t i = 0; i < named; i++) {
        hash = 31 * hash + (unsigned char)name[i];
    }
    char *body = malloc(length + 1);
    if (body == NULL) {
        handoff_fail(response);
        return;
    }
    for (size_t done = 0; done < length;) {
        size_t from = (done + (hash & 0xfffff)) % NOISE;
        size_t some = length - done < NOISE - from ? length - done : NOISE - from;
        memcpy(body + done, noise_in(folder) + from, some);
        done += some;
    }
    if (strcmp(how, "whole") == 0) {
        handoff_send(response, body, length);
    } else if (strcmp(how, "stream") == 0) {
        for (size_t at = 0; at < length; at += PIECE) {
            if (handoff_write(response, body + at, length - at < PIECE ? length - at : PIECE) != 0) {
                break;
            }
        }
    } else {
        char path[600];
        snprintf(path, sizeof path, "%s/body-XXXXXX", folder);
        int file = mkstemp(path);
        if (file < 0 || unlink(path) != 0 || write(file, body, length) != (ssize_t)length) {
            fail(response, "no file\n");
        } else {
            handoff_send_file(response, file, 0, length);
        }
    }
    free(body);
}

/* Sends the file that the client names. */
static void file(handoff_request *request, handoff_response *response)
{
    const char *path = handoff_header(request, "X-File");
    struct stat status;
    int found = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (found < 0 || fstat(found, &status) != 0) {
        fail(response, "no file\n");
        return;
    }
    handoff_send_file(response, found, 0, (uint64_t)status.st_size);
}

/* The CRC-32 of the request's body, and its length. */
static void sum(handoff_request *request, handoff_response *response)
{
    static unsigned char piece[65536];
    static uint32_t table[256];
    for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++) {
            table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
        }
    }
    uint32_t crc = 0xffffffff;
    ssize_t count;
    while ((count = handoff_body_read(request, piece, sizeof piece)) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            crc = table[(crc ^ piece[i]) & 0xff] ^ crc >> 8;
        }
    }
    if (count < 0) {
        handoff_fail(response);
        return;
    }
    char text[100];
    snprintf(text, sizeof text, "%08x %llu\n", crc ^ 0xffffffff, (unsigned long long)handoff_body_length(request));
    handoff_send_text(response, text);
}

/* As handlers/gate/Gate.java. */
static void gate(handoff_request *request, handoff_response *response)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(handoff_query(request))),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int test = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[100];
    snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (test < 0 || connect(test, (struct sockaddr *)&address, sizeof address) != 0
        || write(test, text, strlen(text)) != (ssize_t)strlen(text)) {
        fail(response, "no port to connect to\n");
    } else {
        while (read(test, text, sizeof text) > 0) {
        }
        snprintf(text, sizeof text, "worker process %ld answered", (long)getpid());
        handoff_send_text(response, text);
    }
    if (test >= 0) {
        close(test);
    }
}

/* As handlers/named/Named.java. */
static void named(handoff_request *request, handoff_response *response)
{
    char text[1024];
    snprintf(text, sizeof text, "%s from %s, worker process %ld", handoff_query(request), handoff_context(request),
             (long)getpid());
    handoff_send_text(response, text);
}

/* As handlers/child/Child.java. */
static void child(handoff_request *request, handoff_response *response)
{
    long process;
    FILE *shell = strcmp(handoff_query(request), "start") == 0
                      ? popen("sleep 600 </dev/null >/dev/null 2>&1 & echo $!", "r")
                      : NULL;
    if (shell == NULL || fscanf(shell, "%ld", &process) != 1) {
        fail(response, "nothing to start\n");
    } else {
        char text[100];
        snprintf(text, sizeof text, "child process %ld of worker process %ld", process, (long)getpid());
        handoff_send_text(response, text);
    }
    if (shell != NULL) {
        pclose(shell);
    }
}

/* Who answers, and how long the request's body is. */
static void hello(handoff_request *request, handoff_response *response)
{
    char text[100];
    size_t length = 0;
    if (handoff_body(request, &length) == NULL && length > 0) {
        handoff_fail(response);
        return;
    }
    snprintf(text, sizeof text, "Hello from worker process %ld, %zu", (long)getpid(), length);
    handoff_send_text(response, text);
}

/* Never returns. */
static void hang(void)
{
    for (;;) {
        pause();
    }
}

static const struct {
    const char *path;
    void (*handle)(handoff_request *request, handoff_response *response);
} handlers[] = {{"/marks", marks}, {"/large", large}, {"/file", file}, {"/sum", sum}, {"/gate", gate}, {"/named", named}, {"/child", child}};

static void handle(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    if (strcmp(handoff_context(request), "/hang") == 0) {
        hang();
    }
    const char *path = handoff_path(request) + strlen(handoff_context(request));
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        if (strcmp(path, handlers[i].path) == 0) {
            handlers[i].handle(request, response);
            return;
        }
    }
    hello(request, response);
}

int main(void)
{
    handoff_server *server = handoff_server_new(NULL);
    if (server == NULL || handoff_server_handle(server, NULL, handle, NULL) != 0) {
        return HANDOFF_EXIT_FAILED;
    }
    return handoff_server_run(server);
}
