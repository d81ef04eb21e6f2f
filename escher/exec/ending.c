/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/ending.h"

#include "escher/base/assert.h"

#define ENDING_TEXT(name, text) text,
static const char *const texts[] = {ESC_ENDING_LIST(ENDING_TEXT)};
#undef ENDING_TEXT

static_assert(sizeof texts / sizeof texts[0] == ESC_ENDING_COUNT);

const char *esc_ending_text(enum esc_ending ending)
{
    ESC_ASSERT(ending < ESC_ENDING_COUNT);
    return texts[ending];
}

enum esc_ending esc_ending_of_text(struct esc_str text)
{
    for (unsigned i = 0; i < ESC_ENDING_COUNT; i++) {
        if (esc_str_is(text, texts[i]))
            return (enum esc_ending)i;
    }
    return ESC_ENDING_COUNT;
}
