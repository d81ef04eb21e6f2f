/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/template_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"

enum {
    TIME_TEXT = 64,
};

static const struct esc_str utc = {"utc:", 4};

/* The end of the reference that begins at the brace `at`; SIZE_MAX when it has none. */
static size_t end_of(struct esc_str text, size_t at)
{
    for (size_t i = at + 1; i < text.len; i++) {
        if (text.ptr[i] == '}')
            return i;
        if (text.ptr[i] == '{')
            break;
    }
    return SIZE_MAX;
}

static bool is_reference_char(char c)
{
    return esc_is_alnum(c) || c == '_' || c == '.' || c == '[' || c == ']' || c == '|';
}

static bool is_well_formed(struct esc_str reference)
{
    char out[TIME_TEXT];
    if (esc_str_starts_with(reference, utc))
        return esc_time_pattern(0, esc_str_slice(reference, utc.len, reference.len), out,
                                sizeof out);
    for (size_t i = 0; i < reference.len; i++)
        if (!is_reference_char(reference.ptr[i]))
            return false;
    return reference.len > 0 && esc_is_alpha(reference.ptr[0]);
}

enum esc_status template_check(struct esc_str text, struct esc_error *err)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '}')
            return esc_fail(err, ESC_INVALID, "a '}' has no '{' before it");
        if (text.ptr[i] != '{')
            continue;
        const size_t end = end_of(text, i);
        if (end == SIZE_MAX)
            return esc_fail(err, ESC_INVALID, "a '{' has no '}' after it");
        const struct esc_str reference = esc_str_slice(text, i + 1, end);
        if (!is_well_formed(reference))
            return esc_fail(err, ESC_INVALID, "{%.*s} is no reference", ESC_STR_ARG(reference));
        i = end;
    }
    return ESC_OK;
}

void template_each(struct esc_str text, template_reference_fn *fn, void *context)
{
    for (size_t i = 0; i < text.len; i++) {
        const size_t end = text.ptr[i] == '{' ? end_of(text, i) : SIZE_MAX;
        if (end == SIZE_MAX)
            continue;
        if (!fn(context, esc_str_slice(text, i + 1, end)))
            return;
        i = end;
    }
}

bool template_has_reference(struct esc_str text)
{
    return text.len > 0 && memchr(text.ptr, '{', text.len);
}

struct esc_str template_only_reference(struct esc_str text)
{
    if (text.len < 3 || text.ptr[0] != '{' || end_of(text, 0) != text.len - 1)
        return (struct esc_str){"", 0};
    return esc_str_slice(text, 1, text.len - 1);
}

bool template_render(struct esc_str text, template_value_fn *fn, const void *context,
                     struct esc_buf *out)
{
    bool all_known = true;
    size_t done = 0; /* text before it has been appended */
    for (size_t i = 0; i < text.len; i++) {
        const size_t end = text.ptr[i] == '{' ? end_of(text, i) : SIZE_MAX;
        if (end == SIZE_MAX)
            continue;
        esc_buf_add(out, esc_str_slice(text, done, i));
        if (!fn(context, esc_str_slice(text, i + 1, end), out)) {
            esc_buf_add(out, esc_str_slice(text, i, end + 1));
            all_known = false;
        }
        done = end + 1;
        i = end;
    }
    esc_buf_add(out, esc_str_slice(text, done, text.len));
    return all_known;
}

bool template_is_late(struct esc_str reference)
{
    return esc_str_starts_with(reference, utc) || esc_str_is(reference, "run4");
}

bool template_late_value(struct esc_str reference, uint64_t now_ms, const char *nonce,
                         struct esc_buf *out)
{
    char time[TIME_TEXT];
    if (esc_str_is(reference, "run4")) {
        esc_buf_add_text(out, nonce);
        return true;
    }
    if (!esc_str_starts_with(reference, utc) ||
        !esc_time_pattern(now_ms, esc_str_slice(reference, utc.len, reference.len), time,
                          sizeof time))
        return false;
    esc_buf_add_text(out, time);
    return true;
}

struct esc_str template_root(struct esc_str reference)
{
    for (size_t i = 0; i < reference.len; i++)
        if (reference.ptr[i] == '.' || reference.ptr[i] == '[')
            return esc_str_slice(reference, 0, i);
    return (struct esc_str){"", 0};
}
