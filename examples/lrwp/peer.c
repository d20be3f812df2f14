/*
 * An LRWP peer with nothing but the C library: cc -O2 -o peer peer.c
 *
 *     peer HOST PORT NAME [VHOST] [PASSWORD]
 *
 * (a pool tells the first three by HANDOFF_LRWP_HOST, HANDOFF_LRWP_PORT and HANDOFF_LRWP_NAME)
 * registers NAME and answers what it is asked: the environment and the body of a request, or what the query wants:
 * bytes=N for a body of that size, status=N, cookies=N, redirect=PATH, pid; sleep=N waits so many milliseconds.
 * With a password it speaks LRWP 2.0, else 1.0. Where the variable LRWP_LOG is set, it prints each request it takes.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEPARATOR '\xff'
#define DIGITS 9

static int agent;

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found, *at;
    int yes = 1;

    if (getaddrinfo(host, port, &hints, &found) != 0)
        die("unknown host or port");
    agent = -1;
    for (at = found; at != NULL && agent < 0; at = at->ai_next) {
        agent = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (agent >= 0 && connect(agent, at->ai_addr, at->ai_addrlen) != 0) {
            close(agent);
            agent = -1;
        }
    }
    freeaddrinfo(found);
    if (agent < 0)
        die("cannot connect");
    setsockopt(agent, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void send_all(const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(agent, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0)
            die("cannot send");
        bytes += sent;
        count -= (size_t) sent;
    }
}

static void read_exactly(char *to, size_t count)
{
    while (count > 0) {
        ssize_t got = recv(agent, to, count, 0);
        if (got <= 0)
            die("the agent has closed the connection");
        to += got;
        count -= (size_t) got;
    }
}

/* Reads nine digits and so many bytes; the caller frees them. A NUL byte follows the last one. */
static char *read_sized(size_t *count)
{
    char digits[DIGITS + 1] = "", *bytes;

    read_exactly(digits, DIGITS);
    *count = strtoul(digits, NULL, 10);
    bytes = malloc(*count + 1);
    if (bytes == NULL)
        die("out of memory");
    read_exactly(bytes, *count);
    bytes[*count] = '\0';
    return bytes;
}

/* Reads up to a separator, which becomes the word's end. */
static void read_word(char *word, size_t size)
{
    size_t at = 0;

    do {
        read_exactly(word + at, 1);
    } while (word[at++] != SEPARATOR && at < size);
    word[at - 1] = '\0';
}

static void register_name(const char *name, const char *vhost, const char *password)
{
    char text[600], reply[256], *challenge;
    int length;
    size_t count, i;
    ssize_t got;

    if (*password == '\0') {
        length = snprintf(text, sizeof text, "%s%c%s%c", name, SEPARATOR, vhost, SEPARATOR);
        send_all(text, (size_t) length);
        /* No more than that: a request may follow at once. */
        read_exactly(reply, 2);
        reply[2] = '\0';
        if (strcmp(reply, "OK") == 0)
            return;
        got = recv(agent, reply + 2, sizeof reply - 3, 0);
        reply[got > 0 ? got + 2 : 2] = '\0';
        die(reply);
    }
    length = snprintf(text, sizeof text, "%c2.0%c%s%c%s%c", SEPARATOR, SEPARATOR, name, SEPARATOR, vhost, SEPARATOR);
    send_all(text, (size_t) length);
    read_word(reply, sizeof reply);
    if (strcmp(reply, "CHALLENGE") == 0) {
        challenge = read_sized(&count);
        for (i = 0; i < count; i++)
            challenge[i] ^= password[i % strlen(password)];
        snprintf(text, sizeof text, "%09zu", count);
        send_all(text, DIGITS);
        send_all(challenge, count);
        free(challenge);
        read_word(reply, sizeof reply);
    }
    if (strcmp(reply, "OK") != 0) {
        fprintf(stderr, "%s: ", reply);
        read_word(reply, sizeof reply);
        die(reply);
    }
}

/* The value of a variable in the block, or "". */
static const char *variable(const char *block, const char *name)
{
    size_t length = strlen(name);

    for (; *block != '\0'; block += strlen(block) + 1)
        if (strncmp(block, name, length) == 0 && block[length] == '=')
            return block + length + 1;
    return "";
}

/* The value of a parameter of the query, up to the next one; NULL where it is not there. */
static const char *parameter(const char *query, const char *name)
{
    size_t length = strlen(name);

    while (query != NULL && *query != '\0') {
        if (strncmp(query, name, length) == 0 && (query[length] == '=' || query[length] == '&' || !query[length]))
            return query + length + (query[length] == '=');
        query = strchr(query, '&');
        query = query == NULL ? NULL : query + 1;
    }
    return NULL;
}

#define PIECE 65536

/* The size, the header, and as much of the document as goes out with them. */
static char head[8192 + PIECE];
static size_t head_length;

static void add(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    head_length += (size_t) vsnprintf(head + head_length, sizeof head - head_length, format, arguments);
    va_end(arguments);
    if (head_length >= sizeof head)
        die("the header is too long");
}

/* Before it is taken off the connection: whatever instant this process is killed at, it has printed what it took. */
static void print_request(char *block, size_t block_length)
{
    if (recv(agent, block, block_length, MSG_PEEK | MSG_WAITALL) != (ssize_t) block_length)
        die("the agent has closed the connection");
    block[block_length] = '\0';
    printf("%s %s\n", variable(block, "REQUEST_METHOD"), variable(block, "REQUEST_URI"));
    fflush(stdout);
}

/*
 * Reads a request; the caller frees both parts, and a NUL byte follows each. The size is read alone: a peer that is
 * killed while it waits has not read the request then, and the agent gives it to another one. The body's size comes
 * with the block.
 */
static void read_request(char **block, size_t *block_length, char **body, size_t *body_length)
{
    char size[DIGITS + 1] = "";

    read_exactly(size, DIGITS);
    *block_length = strtoul(size, NULL, 10);
    *block = malloc(*block_length + DIGITS + 1);
    if (*block == NULL)
        die("out of memory");
    if (getenv("LRWP_LOG") != NULL)
        print_request(*block, *block_length);
    read_exactly(*block, *block_length + DIGITS);
    memcpy(size, *block + *block_length, DIGITS);
    (*block)[*block_length] = '\0';
    *body_length = strtoul(size, NULL, 10);
    *body = malloc(*body_length + 1);
    if (*body == NULL)
        die("out of memory");
    read_exactly(*body, *body_length);
    (*body)[*body_length] = '\0';
}

static void serve(void)
{
    static char piece[PIECE];
    size_t block_length, body_length, document_length, left = 0, i;
    char *block, *body, *document, pid[32], size[DIGITS + 1];
    const char *query, *value;

    read_request(&block, &block_length, &body, &body_length);
    query = variable(block, "QUERY_STRING");

    if (piece[0] == '\0')
        for (i = 0; i < sizeof piece; i++)
            piece[i] = "0123456789abcdef"[i % 16];
    if ((value = parameter(query, "sleep")) != NULL)
        usleep((useconds_t) strtoul(value, NULL, 10) * 1000);
    /* Room for the size, which goes out with the header in one piece. */
    head_length = DIGITS;
    if ((value = parameter(query, "redirect")) != NULL) {
        add("Location: %.*s\r\n", (int) strcspn(value, "&"), value);
    } else {
        add("Content-type: text/plain\r\n");
        if ((value = parameter(query, "status")) != NULL)
            add("Status: %d As wanted\r\n", atoi(value));
        if ((value = parameter(query, "cookies")) != NULL)
            for (i = 0; i < strtoul(value, NULL, 10); i++)
                add("Set-Cookie: number%zu=%zu\r\n", i, i);
    }
    add("\r\n");
    if ((value = parameter(query, "bytes")) != NULL) {
        left = strtoul(value, NULL, 10);
        document = piece;
        document_length = left < sizeof piece ? left : sizeof piece;
        left -= document_length;
    } else if (parameter(query, "pid") != NULL) {
        document = pid;
        document_length = (size_t) snprintf(pid, sizeof pid, "%ld", (long) getpid());
    } else if (strcmp(variable(block, "REQUEST_METHOD"), "POST") == 0) {
        document = body;
        document_length = body_length;
    } else {
        for (i = 0; i < block_length; i++)
            if (block[i] == '\0')
                block[i] = '\n';
        document = block;
        document_length = block_length;
    }
    snprintf(size, sizeof size, "%09zu", head_length - DIGITS + document_length + left);
    memcpy(head, size, DIGITS);
    if (document_length + head_length <= sizeof head) {
        memcpy(head + head_length, document, document_length);
        send_all(head, head_length + document_length);
    } else {
        send_all(head, head_length);
        send_all(document, document_length);
    }
    while (left > 0) {
        size_t part = left < sizeof piece ? left : sizeof piece;
        send_all(piece, part);
        left -= part;
    }
    free(block);
    free(body);
}

int main(int count, char **arguments)
{
    char *host = count > 3 ? arguments[1] : getenv("HANDOFF_LRWP_HOST");
    char *port = count > 3 ? arguments[2] : getenv("HANDOFF_LRWP_PORT");
    char *name = count > 3 ? arguments[3] : getenv("HANDOFF_LRWP_NAME");

    if (host == NULL || port == NULL || name == NULL)
        die("usage: peer HOST PORT NAME [VHOST] [PASSWORD]");
    connect_to(host, port);
    register_name(name, count > 4 ? arguments[4] : "", count > 5 ? arguments[5] : "");
    puts("registered");
    fflush(stdout);
    for (;;)
        serve();
}
