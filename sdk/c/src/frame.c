/* Frames: a header of 24 bytes, and a payload that ends where the packet ends. */
#include "internal.h"

uint64_t get64(const uint8_t *p)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

void put64(uint8_t *p, uint64_t value)
{
    for (int i = 7; i >= 0; i--) {
        p[i] = (uint8_t)value;
        value >>= 8;
    }
}

const char *frame_read(struct frame *f, const uint8_t *packet, size_t size, bool descriptor)
{
    if (size < FRAME_HEADER) {
        return "a frame that is shorter than a header";
    }
    if (size > FRAME_PACKET) {
        return "a frame that is longer than one can be";
    }
    if (packet[0] != 1) {
        return "a frame of another version; this side speaks 1";
    }
    f->type = packet[1];
    f->flags = (uint16_t)(packet[2] << 8 | packet[3]);
    f->slot = (uint32_t)packet[4] << 24 | (uint32_t)packet[5] << 16 | (uint32_t)packet[6] << 8 | packet[7];
    f->connection = get64(packet + 8);
    f->position = get64(packet + 16);
    f->payload = packet + FRAME_HEADER;
    f->length = size - FRAME_HEADER;
    if (f->type < F_CONNECTION || f->type > F_YIELD) {
        return "a frame of a type that the monitor does not send";
    }
    if (descriptor && f->type != F_CONNECTION && f->type != F_EARLIER) {
        return "a descriptor with a frame that brings none";
    }
    if (f->type == F_EARLIER && f->length != 8) {
        return "SPILLED with a payload of other than 8 bytes";
    }
    return NULL;
}

void frame_header(uint8_t *header, const struct frame *f)
{
    header[0] = 1;
    header[1] = f->type;
    header[2] = (uint8_t)(f->flags >> 8);
    header[3] = (uint8_t)f->flags;
    header[4] = (uint8_t)(f->slot >> 24);
    header[5] = (uint8_t)(f->slot >> 16);
    header[6] = (uint8_t)(f->slot >> 8);
    header[7] = (uint8_t)f->slot;
    put64(header + 8, f->connection);
    put64(header + 16, f->position);
}
