/* Structures that occur inside several encodings, each described once.
 * Never a whole message: frame.c, command.c, ledger.c and evidence.c are.
 * Called by those. */
#ifndef QUORATE_PROTO_PARTS_H
#define QUORATE_PROTO_PARTS_H

#include "proto/codec.h"
#include "proto/command.h"
#include "proto/votes.h"

void codec_settings(struct codec *codec, struct service_settings *settings);
void codec_base(struct codec *codec, struct route_base *base);
/* One that the level has. */
void codec_route_state(struct codec *codec, enum route_state *state);
void codec_route_parts(struct codec *codec, struct route_parts *parts);
/* *count nodes, in rising order of their ids. */
void codec_nodes(struct codec *codec, uint8_t *count, struct ledger_node nodes[NODE_COUNT_MAX]);

void codec_votes_header(struct codec *codec, struct votes_header *header);
/* A vote as a leaf: a bin that holds its canonical bytes. */
void codec_vote_leaf(struct codec *codec, struct vote *vote);

#endif
