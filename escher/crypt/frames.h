/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A sealed stream in frames, for what is written while it happens (the output of a run) or is
 * too large for one piece (a backup). Each frame can be read as soon as it is there; a frame that
 * was changed, left out, doubled, moved or taken from another stream is found, and so is an end
 * that came too early.
 *
 *     "ESCF" | version 1 (1 byte) | header (24 bytes)
 *     then frames: length of the sealed bytes (4 bytes, little-endian) | sealed bytes
 *
 * The frames are libsodium's secretstream (XChaCha20-Poly1305); the last one carries the final
 * tag. Context text (which run, step and stream) and the length are authenticated with each.
 *
 *     writer   new ──push──▶ push ──▶ ... ──▶ push(final)
 *     reader   new ──feed──▶ feed ──▶ ... ──▶ end: final frame seen, or ESC_CORRUPT "ends early"
 *
 * Ownership  key and context are copied.
 * Threads    one thread at a time per writer or reader.
 * @source libsodium, "Encrypted streams and file encryption".
 */

#include <stdbool.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/crypt/secret.h"

enum {
    ESC_FRAMES_KEY = 32,
    ESC_FRAMES_HEADER = 4 + 1 + 24,
    ESC_FRAME_MAX = 64 * 1024,   /* plain bytes of one frame; push splits what is longer */
    ESC_FRAME_OVERHEAD = 4 + 17, /* of each frame */
};

struct esc_frames_writer;

/** Appends the header to @p out. @p key has ESC_FRAMES_KEY bytes (asserted). */
ESC_RETURNS_NONNULL struct esc_frames_writer *
esc_frames_writer_new(const struct esc_secret *key, struct esc_str context, struct esc_buf *out);
void esc_frames_writer_free(struct esc_frames_writer *writer);
ESC_DEFINE_CLEANUP(struct esc_frames_writer, esc_frames_writer_free)
/**
 * Appends one frame or more to @p out; no bytes and not final appends nothing. A frame must be
 * written out or the stream given up: the reader misses what is left out.
 * Nothing may be pushed after the final one (asserted).
 */
void esc_frames_push(struct esc_frames_writer *writer, struct esc_str bytes, bool final,
                     struct esc_buf *out);

struct esc_frames_reader;

ESC_RETURNS_NONNULL struct esc_frames_reader *esc_frames_reader_new(const struct esc_secret *key,
                                                                    struct esc_str context);
void esc_frames_reader_free(struct esc_frames_reader *reader);
ESC_DEFINE_CLEANUP(struct esc_frames_reader, esc_frames_reader_free)
/**
 * Takes the next bytes of the stream, cut anywhere, and appends to @p out the plain text of the
 * frames that are complete by now. After an error the reader stays failed.
 * @errors ESC_CORRUPT: not such a stream, another key or context, a frame changed or out of
 * order, bytes after the final frame; ESC_LIMIT: @p out is full.
 */
enum esc_status esc_frames_feed(struct esc_frames_reader *reader, struct esc_str bytes,
                                struct esc_buf *out, struct esc_error *err);
bool esc_frames_is_finished(const struct esc_frames_reader *reader); /* final frame seen */
/** All bytes were fed. @errors ESC_CORRUPT: the stream ends before its final frame. */
enum esc_status esc_frames_end(const struct esc_frames_reader *reader, struct esc_error *err);
