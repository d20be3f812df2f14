/* The answers of a worker in C with libhandoff, as far as its rows need them: the small one for every path. */
#include <handoff.h>

static void answer(handoff_request *request, handoff_response *response, void *user)
{
    (void) request;
    (void) user;
    handoff_send_text(response, "Twenty-eight bytes of text.\n");
}

int main(void)
{
    handoff_server *server = handoff_server_new(NULL);
    if (server == NULL || handoff_server_handle(server, NULL, answer, NULL) != 0)
        return HANDOFF_EXIT_FAILED;
    return handoff_server_run(server);
}
