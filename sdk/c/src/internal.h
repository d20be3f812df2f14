/* What the parts of libhandoff know of each other. */
#ifndef HANDOFF_INTERNAL_H
#define HANDOFF_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../include/handoff.h"
#include "../vendor/picohttpparser.h"

#define UNKNOWN HANDOFF_UNKNOWN

/* ---- frames */

enum {
    FRAME_HEADER = 24,
    FRAME_PAYLOAD = 131072,
    FRAME_PACKET = FRAME_HEADER + FRAME_PAYLOAD,
};

enum frame_type {
    F_CONNECTION = 1,
    F_OFF = 2,
    F_ON = 3,
    F_RETIRE = 4,
    F_ELSEWHERE = 5,
    F_PING = 6,
    F_DUMP = 7,
    F_EARLIER = 8,
    F_NO_FILE = 9,
    F_YIELD = 10,
    F_READY = 65,
    F_GIVE_BACK = 66,
    F_PONG = 67,
    F_DUMPED = 68,
    F_FREE = 69,
    F_SLOW = 70,
    F_QUICK = 71,
    F_SPENT = 72,
    F_OVERFLOW = 73,
    F_REST = 74,
    F_LEAVING = 75,
};

struct frame {
    uint8_t type;
    uint16_t flags;
    uint32_t slot;
    uint64_t connection;
    uint64_t position;
    const uint8_t *payload;
    size_t length;
};

uint64_t get64(const uint8_t *p);
void put64(uint8_t *p, uint64_t value);

/* Reads what the monitor has sent; NULL, or why it is against the protocol. `descriptor`: whether one came along. */
const char *frame_read(struct frame *f, const uint8_t *packet, size_t size, bool descriptor);
void frame_header(uint8_t *header, const struct frame *f);

/* ---- the control socket and the scoreboard */

enum {
    SLOT_BYTES = 32768,
    JOURNAL_AT = 64,
    JOURNAL_BYTES = 16320,
    ANSWER_AT = 16384,
    ANSWER_BYTES = 16384,
};

struct earlier {
    int fd; /* -1 for none */
    uint32_t slot;
    uint64_t connection;
    uint64_t position;
    uint64_t offset;
};

struct handoff_monitor {
    int control;
    uint8_t *board;
    size_t board_bytes;
    uint32_t slots;
    char *worker;
    char *pool;
    enum handoff_dispatch dispatch;
    uint64_t max_requests;
    unsigned drain;
    bool on;
    bool retiring;
    bool gone;
    bool gone_told;
    bool ready;
    bool spent;
    bool went_back; /* a connection did, without being told */
    size_t held;
    uint64_t *ids; /* of the connections held */
    unsigned yield;
    char *elsewhere;
    struct earlier earlier;
    int events; /* layer 1: readable where one of control, term and timer is; -1 in layer 2 */
    int term;
    int timer;
    bool leaving;
    uint8_t packet[FRAME_PACKET];
};

/* A frame that has come, with what belongs to it. */
struct incoming {
    struct frame frame;
    int fd; /* of CONNECTION, or -1 */
    struct earlier earlier;
};

/*
 * Takes the next frame: 1; 0 where there is none; -1 where the monitor is gone; -2 with a line on descriptor 2 where it
 * broke the protocol. PING is answered, and what handoff knows of itself is noted. A CONNECTION has been checked, and
 * was refused already where its descriptors did not arrive.
 */
int control_take(handoff_monitor *h, struct incoming *in);

/* Sends a frame with an optional descriptor (or -1); waits for room. -1 where the monitor is gone. */
int control_send(handoff_monitor *h, const struct frame *f, int fd);
int control_say(handoff_monitor *h, enum frame_type type);

/* A connection has left: its slot is somebody else's. */
void control_left(handoff_monitor *h, uint64_t id);

/* Layer 2 begins with these: it has a loop of its own, for SIGTERM too. */
handoff_monitor *control_open(void);
int control_ready(handoff_monitor *h);

/* SIGTERM in layer 1. term_retires: whether the time is over in which the monitor might have sent RETIRE. */
bool term_prepare(handoff_monitor *h);
void term_ready(void);
bool term_retires(handoff_monitor *h);
void term_monitor_gone(handoff_monitor *h);
void term_close(handoff_monitor *h);

/* Ends a socket for every process that has it. */
void end_socket(int fd);

/* Cuts a connection, so that what has left of the response does not look whole. */
void reset_socket(int fd);

/* How many bytes were written to a connection by whoever; UNKNOWN where the kernel does not say. */
uint64_t socket_written(int fd);

/* Whether a failed call says that the connection has ended; else the system refuses it. */
bool says_end(int error);
/* The whole number in an environment variable; false where it is not set, or is none. */
bool read_number(const char *name, uint64_t *value);

uint8_t *slot_record(const handoff_monitor *h, uint32_t slot);
void slot_state(uint8_t *record, enum handoff_state state);

enum slot_field { S_FIRST = 8, S_REQUEST = 16, S_NEXT = 24, S_BEGINS = 32, S_ENDS = 40, S_ANSWER = 48 };
void slot_set(uint8_t *record, enum slot_field field, uint64_t value);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prepares for dump_threads, on the thread that it is to show first. */
void dump_prepare(void);
void dump_threads(void);

/* ---- request heads */

enum { MAX_REQUEST_LINE = 16384, MAX_HEADER = 45056, MAX_FIELDS = MAX_HEADER / 3 + 1 };

/* Finds the end of a head, looking at each byte once. */
struct head_scan {
    size_t max_line;
    size_t max_header;
    size_t empty_lines;
    size_t line;
    size_t header;
    unsigned head_letters;
    unsigned version;
    unsigned spaces;
    bool begun;
    bool fields;
    bool after_return;
    bool half_empty_line;
};

void head_scan_reset(struct head_scan *s);

/* Looks at the next bytes. *used: how many. 1: the head is complete; 0: more is wanted; else the status to answer. */
int head_scan(struct head_scan *s, const uint8_t *bytes, size_t size, size_t *used);
bool head_scan_is_head(const struct head_scan *s);

/* A head, parsed. Pointers go into the bytes given, and into `text`. */
struct head {
    const char *method;
    size_t method_len;
    const char *target;
    size_t target_len;
    int minor;
    struct phr_header fields[MAX_FIELDS];
    size_t field_count;
    char host[256];
    char *path;
    char *query;
    uint64_t length;
    bool chunked;
    bool keep_alive;
    bool is_head;
    bool expects_continue;
    bool utf8;
    char text[2 * MAX_REQUEST_LINE + 8]; /* path and query */
};

/* Reads a complete head, empty lines before it included; 0, or the status to answer. */
int head_parse(struct head *h, const char *bytes, size_t size);

bool is_token(const char *text, size_t size);
bool is_utf8(const char *text, size_t size);

/* ---- chunks */

struct chunks {
    uint8_t state;
    uint8_t digits;
    bool after_return;
    uint64_t left;
    size_t trailer;
    size_t trailer_line;
    bool trailer_colon;
    uint64_t framing;
    uint64_t content;
};

/*
 * Reads on. Of `bytes` the first *used were used, and of these the last *size are content, at *content; one run of
 * content a call. 1: the body is complete; 0: go on; 400 where it is malformed.
 */
int chunks_read(struct chunks *c, const uint8_t *bytes, size_t count, size_t max_trailer, size_t *used,
                const uint8_t **content, size_t *size);

/* ---- routes */

struct route {
    char *host;
    char *context;
    handoff_handler handler;
    void *user;
    int foreign;
};

struct routes {
    struct route *all;
    size_t count;
};

/* Adds "[host]/context"; 0 or -1. */
int routes_add(struct routes *t, const char *where, handoff_handler handler, void *user);

/* Adds all of a list with spaces between them; "/" where it is NULL or empty. */
int routes_add_all(struct routes *t, const char *list, handoff_handler handler, void *user);

/* In place of the contexts of others. 0, or -1 where a line is not a host, a space and a context. */
int routes_elsewhere(struct routes *t, const char *lines);
const struct route *routes_find(const struct routes *t, const char *host, const char *path);
void routes_free(struct routes *t);

/* ---- files without a name */

int temporary_file(const char *folder);
int write_all_at(int fd, const void *data, size_t size, uint64_t at);

/* ---- what comes from a client */

struct input {
    handoff_monitor *h;
    uint8_t *record;
    uint32_t slot;
    uint64_t id;
    const char *folder;
    uint64_t position;
    uint64_t first;
    uint64_t request;
    uint64_t next;
    bool known;  /* the monitor knows positions */
    bool kept;   /* all from the request's first byte on is here */
    bool shared; /* the monitor has the file */
    bool adopted;
    int file;
    uint64_t start; /* the position of the file's first byte, which may be before the connection's; modulo 2^64 */
    uint64_t end;   /* and of the one behind its last */
};

void input_begin(struct input *in, uint64_t position, const uint8_t *received, size_t size, struct earlier *earlier);

/* Where the next bytes are to be read to; 0 where there is no room, and no file to make some. */
size_t input_room(struct input *in, uint8_t **to);
void input_came(struct input *in, size_t size);

/* The bytes at a position, as many as are in one piece; from the file they are read into `scratch`. -1 on failure. */
ssize_t input_at(struct input *in, uint64_t position, uint8_t *scratch, size_t size, const uint8_t **bytes);

/* Whether all of the request can be given away. */
bool input_whole(const struct input *in);
bool input_in_file(const struct input *in);
void input_no_file(struct input *in, uint64_t start);

/* A request is complete, and ends there; it is answered; nothing is kept from here on. */
void input_complete(struct input *in, uint64_t next);
void input_answered(struct input *in);
void input_reuse(struct input *in);
void input_discard(struct input *in);
void input_close(struct input *in);

#endif
