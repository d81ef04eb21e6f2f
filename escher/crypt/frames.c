/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/frames.h"

#include <string.h>

#include <sodium.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/crypt/crypt_private.h"

enum {
    TAG_SIZE = crypto_secretstream_xchacha20poly1305_ABYTES,
    HEADER_SIZE = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    SEALED_MAX = ESC_FRAME_MAX + TAG_SIZE,
};
static_assert(ESC_FRAMES_KEY == crypto_secretstream_xchacha20poly1305_KEYBYTES);
static_assert(ESC_FRAMES_HEADER == 5 + HEADER_SIZE && ESC_FRAME_OVERHEAD == 4 + TAG_SIZE);

static const char magic[5] = {'E', 'S', 'C', 'F', 1};

/* What is authenticated beside the bytes: the length (filled in per frame), then the context. */
struct label {
    size_t len;
    unsigned char *bytes;
};

static void label_init(struct label *label, struct esc_str context)
{
    label->len = 4 + context.len;
    label->bytes = esc_alloc_zero(label->len);
    if (context.len)
        memcpy(label->bytes + 4, context.ptr, context.len);
}

struct esc_frames_writer {
    crypto_secretstream_xchacha20poly1305_state state;
    struct label label;
    bool finished;
    unsigned char sealed[SEALED_MAX];
};

struct esc_frames_writer *esc_frames_writer_new(const struct esc_secret *key,
                                                struct esc_str context, struct esc_buf *out)
{
    ESC_ASSERT(esc_secret_len(key) == ESC_FRAMES_KEY);
    crypt_ready();
    struct esc_frames_writer *writer = esc_alloc_zero(sizeof *writer);
    unsigned char header[HEADER_SIZE];
    const unsigned char *bytes = (const unsigned char *)esc_secret_view(key).ptr;
    (void)crypto_secretstream_xchacha20poly1305_init_push(&writer->state, header,
                                                          bytes); /* cannot fail */
    label_init(&writer->label, context);
    esc_buf_append(out, magic, sizeof magic);
    esc_buf_append(out, header, sizeof header);
    return writer;
}

void esc_frames_writer_free(struct esc_frames_writer *writer)
{
    if (!writer)
        return;
    esc_wipe(&writer->state, sizeof writer->state);
    free(writer->label.bytes);
    free(writer);
}

static void push_one(struct esc_frames_writer *writer, struct esc_str bytes, bool final,
                     struct esc_buf *out)
{
    const unsigned char tag = final ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                    : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    struct label *label = &writer->label;
    esc_store_u32(label->bytes, (uint32_t)(bytes.len + TAG_SIZE));
    int failed = crypto_secretstream_xchacha20poly1305_push(
        &writer->state, writer->sealed, NULL, (const unsigned char *)bytes.ptr, bytes.len,
        label->bytes, label->len, tag);
    ESC_ASSERT(failed == 0); /* only for lengths far over ESC_FRAME_MAX */
    esc_buf_append(out, label->bytes, 4);
    esc_buf_append(out, writer->sealed, bytes.len + TAG_SIZE);
    writer->finished = final;
}

void esc_frames_push(struct esc_frames_writer *writer, struct esc_str bytes, bool final,
                     struct esc_buf *out)
{
    ESC_ASSERT(!writer->finished);
    while (bytes.len > ESC_FRAME_MAX) {
        push_one(writer, esc_str_slice(bytes, 0, ESC_FRAME_MAX), false, out);
        bytes = esc_str_slice(bytes, ESC_FRAME_MAX, bytes.len);
    }
    if (bytes.len || final)
        push_one(writer, bytes, final, out);
}

struct esc_frames_reader {
    crypto_secretstream_xchacha20poly1305_state state;
    struct esc_secret *key;
    struct label label;
    bool started, finished, failed;
    size_t have, want; /* bytes in sealed; how many make the next step */
    bool in_frame;     /* the length is read, want counts the frame itself */
    unsigned char sealed[SEALED_MAX], plain[ESC_FRAME_MAX];
};

struct esc_frames_reader *esc_frames_reader_new(const struct esc_secret *key,
                                                struct esc_str context)
{
    ESC_ASSERT(esc_secret_len(key) == ESC_FRAMES_KEY);
    crypt_ready();
    struct esc_frames_reader *reader = esc_alloc_zero(sizeof *reader);
    reader->key = esc_secret_copy(key);
    reader->want = ESC_FRAMES_HEADER;
    label_init(&reader->label, context);
    return reader;
}

void esc_frames_reader_free(struct esc_frames_reader *reader)
{
    if (!reader)
        return;
    esc_secret_free(reader->key);
    free(reader->label.bytes);
    esc_wipe(reader, sizeof *reader);
    free(reader);
}

static enum esc_status read_header(struct esc_frames_reader *reader, struct esc_error *err)
{
    if (memcmp(reader->sealed, magic, sizeof magic) != 0)
        return esc_fail(err, ESC_CORRUPT, "this is no sealed stream");
    const unsigned char *key = (const unsigned char *)esc_secret_view(reader->key).ptr;
    if (crypto_secretstream_xchacha20poly1305_init_pull(&reader->state,
                                                        reader->sealed + sizeof magic, key) != 0)
        return esc_fail(err, ESC_CORRUPT, "the sealed stream has a damaged header");
    reader->started = true;
    reader->want = 4;
    return ESC_OK;
}

static enum esc_status read_length(struct esc_frames_reader *reader, struct esc_error *err)
{
    uint32_t len = esc_load_u32(reader->sealed);
    if (len < TAG_SIZE || len > SEALED_MAX)
        return esc_fail(err, ESC_CORRUPT, "a frame of the sealed stream has a damaged length");
    memcpy(reader->label.bytes, reader->sealed, 4);
    reader->in_frame = true;
    reader->want = len;
    return ESC_OK;
}

static enum esc_status read_frame(struct esc_frames_reader *reader, struct esc_buf *out,
                                  struct esc_error *err)
{
    unsigned long long len = 0;
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&reader->state, reader->plain, &len, &tag,
                                                   reader->sealed, reader->want,
                                                   reader->label.bytes, reader->label.len) != 0)
        return esc_fail(err, ESC_CORRUPT,
                        "a frame of the sealed stream is damaged, misplaced or not of this stream");
    esc_buf_append(out, reader->plain, (size_t)len);
    reader->finished = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    reader->in_frame = false;
    reader->want = 4;
    return esc_buf_status(out, "sealed stream", err);
}

/* All bytes wanted are there: header, then length and frame by turns. */
static enum esc_status advance(struct esc_frames_reader *reader, struct esc_buf *out,
                               struct esc_error *err)
{
    reader->have = 0;
    if (!reader->started)
        return read_header(reader, err);
    if (!reader->in_frame)
        return read_length(reader, err);
    return read_frame(reader, out, err);
}

enum esc_status esc_frames_feed(struct esc_frames_reader *reader, struct esc_str bytes,
                                struct esc_buf *out, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    while (bytes.len && status == ESC_OK && !reader->failed && !reader->finished) {
        size_t missing = reader->want - reader->have;
        size_t len = bytes.len < missing ? bytes.len : missing;
        memcpy(reader->sealed + reader->have, bytes.ptr, len);
        reader->have += len;
        bytes = esc_str_slice(bytes, len, bytes.len);
        if (reader->have == reader->want)
            status = advance(reader, out, err);
    }
    if (status == ESC_OK && reader->failed)
        return esc_fail(err, ESC_CORRUPT, "the sealed stream failed before");
    if (status == ESC_OK && bytes.len)
        status = esc_fail(err, ESC_CORRUPT, "the sealed stream goes on after its end");
    reader->failed |= status != ESC_OK;
    return status;
}

bool esc_frames_is_finished(const struct esc_frames_reader *reader)
{
    return reader->finished && !reader->failed;
}

enum esc_status esc_frames_end(const struct esc_frames_reader *reader, struct esc_error *err)
{
    if (esc_frames_is_finished(reader))
        return ESC_OK;
    return esc_fail(err, ESC_CORRUPT, "the sealed stream ends early");
}
