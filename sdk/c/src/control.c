/* The control socket, the scoreboard, and layer 1 of handoff.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum { BOARD_MAGIC = 0x48534231, BOARD_ANSWERED = 16, BOARD_RUNNING = 24, BOARD_SINCE = 32, RETRY_MILLIS = 10 };

void say(const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof line - 1, format, args); /* NOLINT: initialized above */
    va_end(args);
    if (length < 0) {
        return;
    }
    size_t size = (size_t)length < sizeof line - 2 ? (size_t)length : sizeof line - 2;
    line[size++] = '\n';
    /* One write, so that lines of several threads are not mixed. Where nobody reads, nothing can be done. */
    ssize_t written = write(2, line, size);
    (void)written;
}

/* ---- the environment */

bool read_number(const char *name, uint64_t *value)
{
    const char *text = getenv(name);
    if (text == NULL || *text == '\0') {
        return false;
    }
    uint64_t number = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || number > (UINT64_MAX - 9) / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(*p - '0');
    }
    *value = number;
    return true;
}

static bool read_environment(handoff_monitor *h)
{
    const char *protocol = getenv("HANDOFF_PROTOCOL");
    if (protocol == NULL) {
        say("HANDOFF_PROTOCOL is not set: this program is a worker of Handoff, which starts it");
        return false;
    }
    if (strcmp(protocol, "1") != 0) {
        say("HANDOFF_PROTOCOL is %s, and this worker speaks version 1: use another libhandoff", protocol);
        return false;
    }
    const char *dispatch = getenv("HANDOFF_DISPATCH");
    if (dispatch == NULL || strcmp(dispatch, "connection") == 0) {
        h->dispatch = HANDOFF_BY_CONNECTION;
    } else if (strcmp(dispatch, "request") == 0) {
        h->dispatch = HANDOFF_BY_REQUEST;
    } else if (strcmp(dispatch, "adaptive") == 0) {
        h->dispatch = HANDOFF_ADAPTIVE;
    } else {
        say("HANDOFF_DISPATCH is %s, which this worker does not know", dispatch);
        return false;
    }
    if (getenv("HANDOFF_MAX_REQUESTS") != NULL && !read_number("HANDOFF_MAX_REQUESTS", &h->max_requests)) {
        say("HANDOFF_MAX_REQUESTS is %s, which is no number", getenv("HANDOFF_MAX_REQUESTS"));
        return false;
    }
    uint64_t drain = 30;
    read_number("HANDOFF_DRAIN_TIMEOUT", &drain);
    h->drain = drain > 86400 ? 86400 : (unsigned)drain;
    const char *worker = getenv("HANDOFF_WORKER");
    const char *pool = getenv("HANDOFF_POOL");
    h->worker = strdup(worker == NULL ? "" : worker);
    h->pool = strdup(pool == NULL ? "" : pool);
    return h->worker != NULL && h->pool != NULL;
}

static bool map_board(handoff_monitor *h)
{
    const char *path = getenv("HANDOFF_SCOREBOARD");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        say("Cannot open the scoreboard %s: %s", path == NULL ? "(HANDOFF_SCOREBOARD is not set)" : path,
            strerror(errno));
        return false;
    }
    struct stat status;
    uint32_t head[3] = {0};
    bool readable = fstat(fd, &status) == 0 && pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head;
    if (!readable || head[0] != BOARD_MAGIC || head[1] != 1
        || (uint64_t)status.st_size < ((uint64_t)head[2] + 1) * SLOT_BYTES) {
        say("%s is not a scoreboard of version 1", path);
        close(fd);
        return false;
    }
    h->slots = head[2];
    h->board_bytes = ((size_t)h->slots + 1) * SLOT_BYTES;
    void *board = mmap(NULL, h->board_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (board == MAP_FAILED) {
        say("Cannot map the scoreboard %s: %s", path, strerror(errno));
        return false;
    }
    h->board = board;
    h->ids = calloc((size_t)h->slots + 1, sizeof *h->ids);
    return h->ids != NULL;
}

/* Programs that this one starts are not to have the control socket. */
static bool take_control(handoff_monitor *h)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        say("Descriptor 0 is not a control socket: this program is a worker of Handoff, which starts it");
        return false;
    }
    h->control = fcntl(0, F_DUPFD_CLOEXEC, 3);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool done = h->control >= 0 && null >= 0 && dup2(null, 0) == 0;
    if (null >= 0) {
        close(null);
    }
    if (!done) {
        say("Cannot take over the control socket: %s", strerror(errno));
    }
    return done;
}

handoff_monitor *control_open(void)
{
    handoff_monitor *h = calloc(1, sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    h->control = -1;
    h->earlier.fd = -1;
    h->events = h->term = h->timer = -1;
    h->on = true;
    if (!read_environment(h) || !map_board(h) || !take_control(h)) {
        handoff_close(h);
        return NULL;
    }
    dump_prepare();
    return h;
}

void handoff_close(handoff_monitor *h)
{
    if (h == NULL) {
        return;
    }
    term_close(h);
    if (h->control >= 0) {
        close(h->control);
    }
    if (h->earlier.fd >= 0) {
        close(h->earlier.fd);
    }
    if (h->board != NULL) {
        munmap(h->board, h->board_bytes);
    }
    free(h->ids);
    free(h->worker);
    free(h->pool);
    free(h->elsewhere);
    free(h);
}

/* ---- the scoreboard; each value is in memory before the next one is written */

uint8_t *slot_record(const handoff_monitor *h, uint32_t slot)
{
    return h->board + ((size_t)slot + 1) * SLOT_BYTES;
}

void slot_state(uint8_t *record, enum handoff_state state)
{
    atomic_store_explicit((_Atomic uint8_t *)record, (uint8_t)state, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
}

static void store64(uint8_t *at, uint64_t value)
{
    atomic_store_explicit((_Atomic uint64_t *)(void *)at, value, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
}

void slot_set(uint8_t *record, enum slot_field field, uint64_t value)
{
    store64(record + field, value);
}

void handoff_answered(handoff_monitor *h)
{
    _Atomic uint64_t *count = (_Atomic uint64_t *)(void *)(h->board + BOARD_ANSWERED);
    /* Nobody else writes it. */
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_release);
}

void handoff_running(handoff_monitor *h, const handoff_connection *c)
{
    if (c == NULL) {
        store64(h->board + BOARD_RUNNING, 0);
        store64(h->board + BOARD_SINCE, 0);
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    store64(h->board + BOARD_SINCE, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
    store64(h->board + BOARD_RUNNING, c->id);
}

/* ---- sockets */

bool says_end(int error)
{
    switch (error) {
    case EPIPE:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case ENETRESET:
    case ECONNABORTED:
    case ECONNRESET:
    case ENOTCONN:
    case ESHUTDOWN:
    case ETIMEDOUT:
    case ECONNREFUSED:
    case EHOSTDOWN:
    case EHOSTUNREACH:
        return true;
    default:
        return false;
    }
}

void end_socket(int fd)
{
    shutdown(fd, SHUT_RDWR);
    close(fd);
}

void reset_socket(int fd)
{
    /* Closing does not reset it, whatever SO_LINGER says: the monitor holds it too. */
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    (void)connect(fd, &none, sizeof none);
    close(fd);
}

uint64_t socket_written(int fd)
{
    struct tcp_info info;
    /* An older kernel writes less than is asked for. */
    memset(&info, 0xff, sizeof info);
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_bytes_retrans == UINT64_MAX) {
        return UNKNOWN;
    }
    return info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes;
}

/* ---- frames */

static void pause_millis(int millis)
{
    poll(NULL, 0, millis);
}

int control_send(handoff_monitor *h, const struct frame *f, int fd)
{
    uint8_t header[FRAME_HEADER];
    frame_header(header, f);
    struct iovec parts[2] = {
        {.iov_base = header, .iov_len = sizeof header},
        {.iov_base = (void *)(uintptr_t)f->payload, .iov_len = f->length},
    };
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = f->length > 0 ? 2 : 1};
    if (fd >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    while (!h->gone) {
        if (sendmsg(h->control, &message, MSG_NOSIGNAL) >= 0) {
            return 0;
        }
        if (errno == EAGAIN) {
            struct pollfd room = {.fd = h->control, .events = POLLOUT};
            poll(&room, 1, -1);
        } else if (errno == ENOBUFS || errno == ENOMEM || errno == ETOOMANYREFS) {
            pause_millis(RETRY_MILLIS);
        } else if (errno != EINTR) {
            h->gone = true;
        }
    }
    errno = EPIPE;
    return -1;
}

int control_say(handoff_monitor *h, enum frame_type type)
{
    struct frame f = {.type = (uint8_t)type};
    return control_send(h, &f, -1);
}

static size_t find_held(const handoff_monitor *h, uint64_t id)
{
    size_t i = 0;
    while (i < h->held && h->ids[i] != id) {
        i++;
    }
    return i;
}

void control_left(handoff_monitor *h, uint64_t id)
{
    size_t i = find_held(h, id);
    if (i < h->held) {
        h->ids[i] = h->ids[--h->held];
    }
}

/* The size of the next packet, 0 where the other side has closed, or -1 with errno; and what came with it. */
static ssize_t receive(handoff_monitor *h, int *fd, bool *cut, bool *several)
{
    struct iovec part = {.iov_base = h->packet, .iov_len = sizeof h->packet};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *fd = -1;
    *several = false;
    ssize_t size = recvmsg(h->control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
    if (size < 0) {
        return -1;
    }
    *cut = (message.msg_flags & MSG_CTRUNC) != 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        /* CMSG_SPACE has room for two where it is asked for one. */
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int one;
            memcpy(&one, CMSG_DATA(c) + i * sizeof one, sizeof one);
            if (*fd < 0) {
                *fd = one;
            } else {
                close(one);
                *several = true;
            }
        }
    }
    return size;
}

static int broken(int fd, const char *what, const struct frame *f)
{
    if (f == NULL) {
        say("The monitor broke the protocol: %s", what);
    } else {
        say("The monitor broke the protocol: %s (type %u, slot %u, connection %llu, %zu bytes)", what, f->type, f->slot,
            (unsigned long long)f->connection, f->length);
    }
    if (fd >= 0) {
        close(fd);
    }
    return -2;
}

static void forget_earlier(handoff_monitor *h)
{
    if (h->earlier.fd >= 0) {
        close(h->earlier.fd);
    }
    h->earlier.fd = -1;
}

static int send_back(handoff_monitor *h, const struct frame *f, enum handoff_reason reason, bool in_file,
                     uint64_t request)
{
    uint8_t payload[FRAME_PAYLOAD];
    size_t size = 0;
    struct frame back = {.type = F_GIVE_BACK,
                         .flags = (uint16_t)((unsigned)reason + (in_file ? 256U : 0U)),
                         .slot = f->slot,
                         .connection = f->connection,
                         .position = f->position,
                         .payload = f->payload,
                         .length = f->length};
    if (in_file) {
        size_t fits = f->length < sizeof payload - 8 ? f->length : sizeof payload - 8;
        put64(payload, request);
        memcpy(payload + 8, f->payload, fits);
        size = fits + 8;
        back.payload = payload;
        back.length = size;
    }
    return control_send(h, &back, -1);
}

/* 1 where it is to be served, 0 where it went back, -2 where it is against the protocol. */
static int take_connection(handoff_monitor *h, struct incoming *in)
{
    const struct frame *f = &in->frame;
    if (!h->ready) {
        return broken(in->fd, "CONNECTION before READY", f);
    }
    if (f->slot >= h->slots) {
        return broken(in->fd, "CONNECTION with a slot that does not exist", f);
    }
    if (find_held(h, f->connection) < h->held || h->held == h->slots) {
        return broken(in->fd, "CONNECTION with an id that is held", f);
    }
    bool with_file = f->flags == 1;
    if (!with_file || h->earlier.connection != f->connection) {
        forget_earlier(h);
    }
    in->earlier = h->earlier;
    h->earlier.fd = -1;
    if (in->fd < 0 || (with_file && in->earlier.fd < 0)) {
        if (in->fd >= 0) {
            close(in->fd);
        }
        if (in->earlier.fd >= 0) {
            close(in->earlier.fd);
        }
        send_back(h, f, HANDOFF_NOT_TAKEN, false, 0);
        h->went_back = true;
        return 0;
    }
    if (!h->on) {
        uint64_t request = in->earlier.position;
        if (with_file) {
            close(in->earlier.fd);
        }
        close(in->fd);
        send_back(h, f, HANDOFF_REQUESTED, with_file, request);
        h->went_back = true;
        return 0;
    }
    h->ids[h->held++] = f->connection;
    return 1;
}

static int note_elsewhere(handoff_monitor *h, const struct frame *f)
{
    char *lines = malloc(f->length + 1);
    if (lines == NULL) {
        say("No memory for the contexts of others");
        return 0;
    }
    memcpy(lines, f->payload, f->length);
    lines[f->length] = '\0';
    for (const char *line = lines; *line != '\0';) {
        size_t size = strcspn(line, "\n");
        if (memchr(line, ' ', size) == NULL) {
            free(lines);
            return broken(-1, "FOREIGN_CONTEXTS with a line that is not a host, a space and a context", f);
        }
        line += size + (line[size] == '\n');
    }
    free(h->elsewhere);
    h->elsewhere = lines;
    return 1;
}

/* 1: to be told; 0: done in here. */
static int note(handoff_monitor *h, struct incoming *in)
{
    const struct frame *f = &in->frame;
    switch (f->type) {
    case F_CONNECTION:
        return take_connection(h, in);
    case F_EARLIER:
        forget_earlier(h);
        h->earlier = (struct earlier){.fd = in->fd,
                                      .slot = f->slot,
                                      .connection = f->connection,
                                      .position = f->position,
                                      .offset = get64(f->payload)};
        return 0;
    case F_PING:
        control_say(h, F_PONG);
        return 0;
    case F_OFF:
        h->on = false;
        return 1;
    case F_ON:
        h->on = !h->retiring && !h->spent;
        return 1;
    case F_RETIRE:
        h->on = false;
        h->retiring = true;
        return 1;
    case F_YIELD:
        h->yield = f->flags;
        return 1;
    case F_ELSEWHERE:
        return note_elsewhere(h, f);
    default:
        return 1;
    }
}

int control_take(handoff_monitor *h, struct incoming *in)
{
    while (!h->gone) {
        bool cut = false;
        bool several = false;
        in->fd = -1;
        in->earlier.fd = -1;
        ssize_t size = receive(h, &in->fd, &cut, &several);
        if (size < 0) {
            if (errno == EAGAIN) {
                return 0;
            }
            if (errno == ENOBUFS || errno == ENOMEM) {
                pause_millis(RETRY_MILLIS);
            } else if (errno != EINTR) {
                h->gone = true;
            }
            continue;
        }
        if (size == 0) {
            h->gone = true;
            break;
        }
        if (several) {
            return broken(in->fd, "several descriptors with one frame", NULL);
        }
        const char *wrong = frame_read(&in->frame, h->packet, (size_t)size, in->fd >= 0 || cut);
        if (wrong != NULL) {
            return broken(in->fd, wrong, NULL);
        }
        int told = note(h, in);
        if (told != 0) {
            return told;
        }
    }
    h->on = false;
    return -1;
}

/* A connection is an answer to READY. */
static bool came_early(const handoff_monitor *h)
{
    uint8_t start[2];
    return recv(h->control, start, sizeof start, MSG_PEEK | MSG_DONTWAIT) == sizeof start && start[1] == F_CONNECTION;
}

int control_ready(handoff_monitor *h)
{
    if (came_early(h)) {
        broken(-1, "CONNECTION before READY", NULL);
        errno = EPROTO;
        return -1;
    }
    h->ready = true;
    return control_say(h, F_READY);
}

/* ---- layer 1 */

handoff_monitor *handoff_open(void)
{
    handoff_monitor *h = control_open();
    if (h != NULL && !term_prepare(h)) {
        handoff_close(h);
        return NULL;
    }
    return h;
}

int handoff_ready(handoff_monitor *h)
{
    term_ready();
    return control_ready(h);
}

int handoff_fd(const handoff_monitor *h)
{
    return h->events;
}

static handoff_connection *new_connection(handoff_monitor *h, struct incoming *in)
{
    const struct frame *f = &in->frame;
    handoff_connection *c = malloc(sizeof *c + f->length);
    if (c == NULL || in->earlier.fd >= 0) {
        /* Without a journal there is no use for the file. */
        free(c);
        close(in->fd);
        if (in->earlier.fd >= 0) {
            close(in->earlier.fd);
        }
        control_left(h, f->connection);
        send_back(h, f, HANDOFF_NOT_TAKEN, false, 0);
        h->went_back = true;
        return NULL;
    }
    uint8_t *received = (uint8_t *)(c + 1);
    memcpy(received, f->payload, f->length);
    *c = (handoff_connection){.fd = in->fd,
                              .id = f->connection,
                              .slot = f->slot,
                              .position = f->position,
                              .received = received,
                              .received_len = f->length};
    return c;
}

/* HANDOFF_NOTHING where there is nothing to tell. */
static enum handoff_event tell(handoff_monitor *h, struct incoming *in, handoff_connection **connection)
{
    switch (in->frame.type) {
    case F_CONNECTION: {
        *connection = new_connection(h, in);
        return *connection == NULL ? HANDOFF_NOTHING : HANDOFF_CONNECTION;
    }
    case F_OFF:
        return HANDOFF_OFF;
    case F_ON:
        return HANDOFF_ON;
    case F_RETIRE:
        return HANDOFF_RETIRE;
    case F_YIELD:
        return HANDOFF_YIELD;
    case F_ELSEWHERE:
        return HANDOFF_ELSEWHERE;
    case F_DUMP:
        dump_threads();
        control_say(h, F_DUMPED);
        return HANDOFF_NOTHING;
    default:
        return HANDOFF_NOTHING;
    }
}

/* In return for a connection that the program does not see. */
static void free_unseen(handoff_monitor *h)
{
    if (h->went_back && h->dispatch == HANDOFF_BY_REQUEST) {
        control_say(h, F_FREE);
    }
    h->went_back = false;
}

enum handoff_event handoff_next(handoff_monitor *h, int timeout, handoff_connection **connection)
{
    *connection = NULL;
    for (;;) {
        struct incoming in;
        int taken = control_take(h, &in);
        free_unseen(h);
        if (taken == -2) {
            errno = EPROTO;
            return HANDOFF_ERROR;
        }
        if (taken == 1) {
            enum handoff_event event = tell(h, &in, connection);
            free_unseen(h);
            if (event != HANDOFF_NOTHING) {
                return event;
            }
            continue;
        }
        if (taken == -1 && !h->gone_told) {
            h->gone_told = true;
            term_monitor_gone(h);
            return HANDOFF_MONITOR_GONE;
        }
        if (term_retires(h)) {
            return HANDOFF_RETIRE;
        }
        if ((h->gone || h->retiring) && h->held == 0) {
            return HANDOFF_END;
        }
        if (timeout == 0) {
            return HANDOFF_NOTHING;
        }
        struct pollfd wanted = {.fd = h->events, .events = POLLIN};
        int ready = poll(&wanted, 1, timeout);
        if (ready < 0 && errno != EINTR) {
            return HANDOFF_ERROR;
        }
        if (ready <= 0) {
            return HANDOFF_NOTHING;
        }
    }
}

ssize_t handoff_recv(handoff_connection *c, void *buffer, size_t size)
{
    if (c->received_len > 0) {
        size_t count = size < c->received_len ? size : c->received_len;
        memcpy(buffer, c->received, count);
        c->received = (const uint8_t *)c->received + count;
        c->received_len -= count;
        return (ssize_t)count;
    }
    ssize_t count = recv(c->fd, buffer, size, 0);
    if (count > 0 && c->position != UNKNOWN) {
        c->position += (uint64_t)count;
    }
    return count;
}

void handoff_set_state(handoff_monitor *h, handoff_connection *c, enum handoff_state state)
{
    uint8_t *record = slot_record(h, c->slot);
    if (state == HANDOFF_READING && c->position != UNKNOWN) {
        /* As long as nothing is read from here on, the death of this process harms no connection. */
        slot_set(record, S_REQUEST, c->position - c->received_len);
    }
    slot_state(record, state);
    if (state != HANDOFF_READING) {
        slot_set(record, S_REQUEST, UNKNOWN);
    }
}

int handoff_give_back(handoff_monitor *h, handoff_connection *c, enum handoff_reason reason, const void *unused,
                      size_t size)
{
    if (size > FRAME_PAYLOAD) {
        errno = EMSGSIZE;
        return -1;
    }
    if (h->gone) {
        handoff_end(h, c);
        errno = EPIPE;
        return -1;
    }
    close(c->fd);
    struct frame f = {.type = F_GIVE_BACK,
                      .flags = (uint16_t)reason,
                      .slot = c->slot,
                      .connection = c->id,
                      .position = c->position,
                      .payload = unused,
                      .length = size};
    int sent = control_send(h, &f, -1);
    control_left(h, c->id);
    free(c);
    return sent;
}

void handoff_end(handoff_monitor *h, handoff_connection *c)
{
    end_socket(c->fd);
    control_left(h, c->id);
    free(c);
}

int handoff_free(handoff_monitor *h)
{
    return control_say(h, F_FREE);
}

int handoff_slow(handoff_monitor *h)
{
    return control_say(h, F_SLOW);
}

int handoff_quick(handoff_monitor *h)
{
    return control_say(h, F_QUICK);
}

int handoff_spent(handoff_monitor *h)
{
    h->spent = true;
    h->on = false;
    return control_say(h, F_SPENT);
}

unsigned handoff_yield(const handoff_monitor *h)
{
    return h->yield;
}

const char *handoff_elsewhere(const handoff_monitor *h)
{
    return h->elsewhere == NULL ? "" : h->elsewhere;
}

const char *handoff_worker_id(const handoff_monitor *h)
{
    return h->worker;
}

const char *handoff_pool(const handoff_monitor *h)
{
    return h->pool;
}

enum handoff_dispatch handoff_dispatch(const handoff_monitor *h)
{
    return h->dispatch;
}

uint64_t handoff_max_requests(const handoff_monitor *h)
{
    return h->max_requests;
}

unsigned handoff_drain_timeout(const handoff_monitor *h)
{
    return h->drain;
}

size_t handoff_held(const handoff_monitor *h)
{
    return h->held;
}

int handoff_is_on(const handoff_monitor *h)
{
    return h->on;
}

int handoff_is_retiring(const handoff_monitor *h)
{
    return h->retiring;
}
