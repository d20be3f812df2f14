/* Targets for libFuzzer: whatever comes, nothing is read beyond it, and a split makes no difference. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "../src/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
    if (!right) {
        abort();
    }
}

#if defined(FUZZ_frames)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame f;
    for (int descriptor = 0; descriptor < 2; descriptor++) {
        if (frame_read(&f, data, size, descriptor != 0) == NULL) {
            uint8_t header[FRAME_HEADER];
            frame_header(header, &f);
            must(memcmp(header, data, sizeof header) == 0);
            must(f.payload + f.length == data + size);
        }
    }
    return 0;
}

#elif defined(FUZZ_heads)

static void nobody(handoff_request *request, handoff_response *response, void *user)
{
    (void)request;
    (void)response;
    (void)user;
}

/* The result of a scan by pieces. */
static int scan(const uint8_t *data, size_t size, size_t piece, size_t *length)
{
    struct head_scan s = {.max_line = 1000, .max_header = 2000};
    head_scan_reset(&s);
    int result = 0;
    size_t at = 0;
    while (result == 0 && at < size) {
        size_t used;
        result = head_scan(&s, data + at, size - at < piece ? size - at : piece, &used);
        at += used;
    }
    *length = at;
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct head head;
    size_t whole;
    size_t pieces;
    int result = scan(data, size, size + 1, &whole);
    must(scan(data, size, 1, &pieces) == result && pieces == whole);
    if (result != 1) {
        return 0;
    }
    char *copy = malloc(whole);
    must(copy != NULL);
    memcpy(copy, data, whole);
    if (head_parse(&head, copy, whole) == 0) {
        must(head.path[0] == '/' && strstr(head.path, "/../") == NULL && strstr(head.path, "/./") == NULL);
        must(!head.chunked || head.length == 0);
        struct routes t = {0};
        must(routes_add(&t, "/a", nobody, NULL) == 0 && routes_add(&t, "a/b", nobody, NULL) == 0);
        routes_find(&t, head.host, head.path);
        routes_free(&t);
        /* What handlers see is written over what came. */
        for (size_t i = 0; i < head.field_count; i++) {
            must(head.fields[i].value + head.fields[i].value_len < copy + whole);
        }
    }
    free(copy);
    return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *contents[2] = {malloc(size + 1), malloc(size + 1)};
    must(contents[0] != NULL && contents[1] != NULL);
    size_t lengths[2] = {0};
    size_t ends[2] = {0};
    int results[2] = {0};
    for (size_t way = 0; way < 2; way++) {
        struct chunks c = {0};
        while (results[way] == 0 && ends[way] < size) {
            size_t used;
            size_t count;
            const uint8_t *from;
            size_t piece = way == 0 ? size - ends[way] : 1;
            results[way] = chunks_read(&c, data + ends[way], piece, 200, &used, &from, &count);
            memcpy(contents[way] + lengths[way], from, count);
            lengths[way] += count;
            ends[way] += used;
        }
    }
    must(results[0] == results[1] && ends[0] == ends[1] && lengths[0] == lengths[1]);
    must(memcmp(contents[0], contents[1], lengths[0]) == 0);
    free(contents[0]);
    free(contents[1]);
    return 0;
}

#endif
