/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/wordpiece.h"

#include <string.h>

#include "escher/base/limits.h"
#include "tests/fuzz/fuzz.h"

enum {
    MAX_IDS = 256
};

static const char pieces[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\nb\n##b\ne\n##e\nab\n##abc\n-\n.\n[\n]\n#\n"
    "\xE4\xB8\xAD\n\xE1\x84\x92\n##\xE1\x85\xA1\n##\xE1\x86\xAB\n\xCF\x83\n##\xCC\x81\n";

static const struct esc_vocab *vocab(void)
{
    static struct esc_buf nodes;
    static struct esc_vocab opened;
    if (opened.node_count == 0) {
        struct esc_error err;
        const struct esc_str text = {pieces, sizeof pieces - 1};
        esc_buf_init(&nodes, ESC_MAX_FILE);
        ESC_ASSERT(esc_vocab_build(text, &nodes, &err) == ESC_OK);
        ESC_ASSERT(esc_vocab_open(esc_buf_str(&nodes), 24, &opened, &err) == ESC_OK);
    }
    return &opened;
}

/* Ids stay in the vocabulary and in the space given, and less space only cuts them. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    int32_t ids[MAX_IDS], fewer[MAX_IDS];
    const struct esc_str text = {(const char *)bytes, len};
    size_t count = esc_wordpiece_encode(vocab(), text, MAX_IDS, ids);
    ESC_ASSERT(count >= 2 && count <= MAX_IDS);
    for (size_t i = 0; i < count; i++)
        ESC_ASSERT(ids[i] >= 0 && (uint32_t)ids[i] < vocab()->piece_count);
    size_t max = 2 + len % 30;
    size_t kept = esc_wordpiece_encode(vocab(), text, max, fewer);
    ESC_ASSERT(kept == (count < max ? count : max));
    ESC_ASSERT(memcmp(ids, fewer, (kept - 1) * sizeof *ids) == 0);
    ESC_ASSERT(fewer[kept - 1] == vocab()->end);
    return 0;
}
