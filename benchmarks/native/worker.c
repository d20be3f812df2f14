/* A worker for benchmarks/native.sh: a short text, or for the path .../file the file that its argument names. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <handoff.h>

static void answer(handoff_request *request, handoff_response *response, void *user)
{
    const char *path = handoff_path(request);
    size_t length = strlen(path);
    struct stat status;
    if (length < 5 || strcmp(path + length - 5, "/file") != 0) {
        handoff_send_text(response, "hello\n");
        return;
    }
    int file = open(user, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) {
        handoff_fail(response);
        return;
    }
    handoff_send_file(response, file, 0, (uint64_t)status.st_size);
}

int main(int count, char **arguments)
{
    handoff_server *server = handoff_server_new(NULL);
    if (count < 2 || server == NULL || handoff_server_handle(server, NULL, answer, arguments[1]) != 0) {
        return HANDOFF_EXIT_FAILED;
    }
    return handoff_server_run(server);
}
