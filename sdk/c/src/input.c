/*
 * What comes from one client. The kernel writes it straight into the scoreboard's journal, so that it is there whenever
 * it is not in the socket any more: a process killed between the two has lost nothing. When the journal is full, what
 * it holds goes to a file that the monitor has too, and the journal begins anew.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

enum { MAX_ANSWERED = 2 << 20, COPY_PIECE = 65536 };

int temporary_file(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
        return fd;
    }
    char path[4096];
    size_t size = strlen(folder);
    static const char name[] = "/handoff-XXXXXX";
    if (size + sizeof name > sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, folder, size);
    memcpy(path + size, name, sizeof name);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
        unlink(path);
    }
    return fd;
}

int write_all_at(int fd, const void *data, size_t size, uint64_t at)
{
    const uint8_t *from = data;
    while (size > 0) {
        ssize_t count = pwrite(fd, from, size, (off_t)at);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return -1;
        }
        from += count;
        at += (uint64_t)count;
        size -= (size_t)count;
    }
    return 0;
}

static uint8_t *journal(const struct input *in)
{
    return in->record + JOURNAL_AT;
}

bool input_in_file(const struct input *in)
{
    return in->file >= 0 && in->end > in->request;
}

bool input_whole(const struct input *in)
{
    return in->kept && (in->shared || !input_in_file(in));
}

static void tell_first(const struct input *in)
{
    slot_set(in->record, S_FIRST, in->known && input_whole(in) ? in->first : UNKNOWN);
}

static void tell_request(const struct input *in)
{
    slot_set(in->record, S_REQUEST, in->known ? in->request : UNKNOWN);
}

static int use_file(struct input *in, int file, bool adopted, uint64_t start, uint64_t end)
{
    if (in->file >= 0 && in->file != file) {
        close(in->file);
    }
    in->file = file;
    in->adopted = adopted;
    in->start = start;
    in->end = end;
    return 0;
}

/* Tells the monitor of the file; has left this process when it returns. */
static void share(struct input *in)
{
    struct frame f = {.type = F_OVERFLOW, .slot = in->slot, .connection = in->id, .position = in->start};
    in->shared = in->known && control_send(in->h, &f, in->file) == 0;
}

/* Copies what is still wanted into another file. */
static int move_file(struct input *in)
{
    int file = temporary_file(in->folder);
    uint8_t *piece = malloc(COPY_PIECE);
    int result = file < 0 || piece == NULL ? -1 : 0;
    for (uint64_t at = in->request; result == 0 && at < in->end;) {
        size_t size = in->end - at < COPY_PIECE ? (size_t)(in->end - at) : COPY_PIECE;
        ssize_t count = pread(in->file, piece, size, (off_t)(at - in->start));
        result = count > 0 ? write_all_at(file, piece, (size_t)count, at - in->request) : -1;
        at += count > 0 ? (uint64_t)count : 0;
    }
    free(piece);
    if (result != 0) {
        if (file >= 0) {
            close(file);
        }
        return -1;
    }
    use_file(in, file, false, in->request, in->end);
    share(in);
    return 0;
}

static int prepare_file(struct input *in)
{
    if (input_in_file(in)) {
        return in->request - in->start > MAX_ANSWERED ? move_file(in) : 0;
    }
    int file = in->file;
    if (file < 0 || in->adopted) {
        file = temporary_file(in->folder);
        if (file < 0) {
            return -1;
        }
    }
    use_file(in, file, false, in->request, in->request);
    share(in);
    return 0;
}

/* Makes room in the journal, whose bytes are at `bytes` from position `from` on. */
static int overflow(struct input *in, const uint8_t *bytes, uint64_t from)
{
    if (prepare_file(in) != 0) {
        goto failed;
    }
    uint64_t at = in->end > in->request ? in->end : in->request;
    if (write_all_at(in->file, bytes + (at - from), (size_t)(in->position - at), at - in->start) != 0) {
        goto failed;
    }
    in->end = in->position;
    in->first = in->position;
    tell_first(in);
    return 0;
failed:
    say("A request can neither be given away nor outlive this process: there is no file for it in %s: %s", in->folder,
        strerror(errno));
    in->kept = false;
    tell_first(in);
    return -1;
}

void input_begin(struct input *in, uint64_t position, const uint8_t *received, size_t size, struct earlier *earlier)
{
    in->known = position != UNKNOWN;
    in->position = in->known ? position : size;
    in->request = in->position - size;
    in->next = in->request;
    in->first = in->request;
    in->kept = true;
    in->shared = true;
    in->file = -1;
    in->start = 0;
    in->end = 0;
    if (earlier->fd >= 0) {
        use_file(in, earlier->fd, true, earlier->position - earlier->offset, in->request);
        in->request = earlier->position;
        in->next = in->request;
        earlier->fd = -1;
    }
    if (size <= JOURNAL_BYTES) {
        memcpy(journal(in), received, size);
        tell_request(in);
        tell_first(in);
    } else {
        tell_request(in);
        if (overflow(in, received, in->first) != 0) {
            /* The bytes are nowhere. */
            in->first = in->position;
        }
    }
}

size_t input_room(struct input *in, uint8_t **to)
{
    if (!in->kept) {
        return 0;
    }
    if (in->position - in->first == JOURNAL_BYTES && overflow(in, journal(in), in->first) != 0) {
        return 0;
    }
    size_t used = (size_t)(in->position - in->first);
    *to = journal(in) + used;
    return JOURNAL_BYTES - used;
}

void input_came(struct input *in, size_t size)
{
    in->position += size;
}

ssize_t input_at(struct input *in, uint64_t position, uint8_t *scratch, size_t size, const uint8_t **bytes)
{
    /* What begins with the journal is not in the file, and the file begins before what anybody asks for. */
    if (in->file >= 0 && position < in->end) {
        size_t wanted = in->end - position < size ? (size_t)(in->end - position) : size;
        ssize_t count = pread(in->file, scratch, wanted, (off_t)(position - in->start));
        *bytes = scratch;
        return count > 0 ? count : -1;
    }
    if (position < in->first || position > in->position) {
        return -1;
    }
    *bytes = journal(in) + (position - in->first);
    return (ssize_t)(in->position - position);
}

void input_no_file(struct input *in, uint64_t start)
{
    if (input_in_file(in) && in->start == start) {
        in->shared = false;
        tell_first(in);
    }
}

void input_complete(struct input *in, uint64_t next)
{
    in->next = next;
    if (in->known) {
        slot_set(in->record, S_NEXT, next);
    }
}

void input_answered(struct input *in)
{
    in->request = in->next;
    tell_request(in);
}

void input_reuse(struct input *in)
{
    if (in->position != in->next) {
        return;
    }
    in->first = in->next;
    in->kept = true;
    tell_first(in);
    if (in->file < 0) {
        return;
    }
    if (in->adopted || (in->end - in->start > MAX_ANSWERED && ftruncate(in->file, 0) != 0)) {
        close(in->file);
        in->file = -1;
    }
    in->start = in->next;
    in->end = in->next;
    in->shared = true;
    tell_first(in);
}

void input_discard(struct input *in)
{
    in->kept = false;
    tell_first(in);
}

void input_close(struct input *in)
{
    if (in->file >= 0) {
        close(in->file);
        in->file = -1;
    }
}
