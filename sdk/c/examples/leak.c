/*
 * A worker that leaks 1 KiB with each request, as old programs do. The pool's max.memory has it replaced before that
 * hurts, and no client notices.
 */
#include <handoff.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEAK = 1024 };

static void hello(handoff_request *request, handoff_response *response, void *user)
{
    (void)user;
    char text[128];
    /* One list that only grows: what nobody looked at, a compiler would leave out. */
    static void *forgotten;
    void **leaked = malloc(LEAK);
    if (leaked != NULL) {
        memset(leaked, 'x', LEAK);
        leaked[0] = forgotten;
        forgotten = leaked;
    }
    snprintf(text, sizeof text, "Hello from C worker process %d\n", (int)getpid());
    (void)request;
    handoff_send_text(response, text);
}

int main(void)
{
    /* NULL: the contexts that the pool's file names. */
    handoff_server *server = handoff_server_new(NULL);
    if (server == NULL || handoff_server_handle(server, NULL, hello, NULL) != 0) {
        return HANDOFF_EXIT_FAILED;
    }
    int status = handoff_server_run(server);
    handoff_server_free(server);
    return status;
}
