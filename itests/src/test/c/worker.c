/* A worker that answers what the tests' handlers for Java answer: by the contexts that its pool's file names. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <handoff.h>

/* Notes a request before anything else in a file for this process, as handlers/marks/Marks.java does. */
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
    char text[1024];
    snprintf(text, sizeof text, "%s/%ld", folder, (long)getpid());
    int file = *folder == '\0' ? -1 : open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    snprintf(text, sizeof text, "%s\n", name);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text)) {
        handoff_status(response, 500);
        handoff_send_text(response, "no folder\n");
        return;
    }
    close(file);
    if (*name != '\0' && name[strlen(name) - 1] == '0') {
        nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    }
    snprintf(text, sizeof text, "%s worker process %ld", name, (long)getpid());
    handoff_send_text(response, text);
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

static void handle(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    if (strncmp(handoff_path(request), "/hang", strlen("/hang")) == 0) {
        hang();
    }
    (strncmp(handoff_path(request), "/marks", strlen("/marks")) == 0 ? marks : hello)(request, response);
}

int main(void)
{
    handoff_server *server = handoff_server_new(NULL);
    if (server == NULL || handoff_server_handle(server, NULL, handle, NULL) != 0) {
        return HANDOFF_EXIT_FAILED;
    }
    return handoff_server_run(server);
}
