/* The frame's outer array, shared by the files that encode and decode bodies.
 * Never looks into a body.
 * Called by frame.c, frame_init.c and frame_raft.c. */
#ifndef QUORATE_PROTO_FRAME_PARTS_H
#define QUORATE_PROTO_FRAME_PARTS_H

#include "proto/codec.h"
#include "proto/frame.h"

/* Writes all fields up to the body, which the caller writes next. */
struct codec frame_begin(struct writer *writer, const struct frame_header *header,
                         enum frame_kind kind, uint8_t *buffer, size_t size);
/* A reader that stands at the frame's body; its offsets are offsets in the frame. */
struct codec frame_body(struct reader *reader, const struct frame *frame);

#endif
