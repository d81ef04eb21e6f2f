/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/iam/iam_private.h"

/*
 * Globs. A `*` crosses every separator. A glob is cut at its stars: the first part must begin the
 * text, the last one end it, and those between are each taken where they first occur, which leaves
 * the most to the rest.
 *
 * Of ARNs that is only known of a `*` that ends a segment: others stand, as documented, for
 * something within theirs. What fits only when one of them takes in a colon is left open.
 * @source IAM User Guide, "IAM JSON policy elements: Resource", wildcards in resource ARNs
 */

static size_t character_len(struct esc_str text, size_t at)
{
    size_t len = 1;
    while (at + len < text.len && ((unsigned char)text.ptr[at + len] & 0xC0) == 0x80)
        len++;
    return len;
}

/* The text behind @p part, which holds no `*`, at the start of @p text; ptr NULL: it is not there. */
static struct esc_str behind(struct esc_str part, struct esc_str text)
{
    size_t t = 0;
    for (size_t p = 0; p < part.len; p++) {
        if (t == text.len)
            return (struct esc_str){NULL, 0};
        const bool is_one = (unsigned char)part.ptr[p] == IAM_ONE;
        if (!is_one && part.ptr[p] != text.ptr[t])
            return (struct esc_str){NULL, 0};
        t += is_one ? character_len(text, t) : 1;
    }
    return (struct esc_str){text.ptr + t, text.len - t};
}

/* The same wherever @p part first stands in @p text. */
static struct esc_str behind_first(struct esc_str part, struct esc_str text)
{
    for (;;) {
        if ((unsigned char)part.ptr[0] != IAM_ONE) {
            const char *at = text.len ? memchr(text.ptr, part.ptr[0], text.len) : NULL;
            if (!at)
                return (struct esc_str){NULL, 0};
            text = (struct esc_str){at, text.len - (size_t)(at - text.ptr)};
        }
        const struct esc_str rest = behind(part, text);
        if (rest.ptr || text.len == 0)
            return rest;
        const size_t step = character_len(text, 0);
        text = (struct esc_str){text.ptr + step, text.len - step};
    }
}

/* Takes the part before the next `*` off the glob; true when there was a `*` behind it. */
static bool take_part(struct esc_str *glob, struct esc_str *part)
{
    const char *star = glob->len ? memchr(glob->ptr, IAM_ANY, glob->len) : NULL;
    const size_t len = star ? (size_t)(star - glob->ptr) : glob->len;
    *part = (struct esc_str){glob->ptr, len};
    *glob = (struct esc_str){glob->ptr + len + (star ? 1 : 0), glob->len - len - (star ? 1 : 0)};
    return star;
}

/* Whether @p text ends in @p part: tried from behind, a character at a time. */
static bool ends_in(struct esc_str part, struct esc_str text)
{
    size_t characters = 0, from = text.len;
    for (size_t i = 0; i < part.len; i += character_len(part, i))
        characters++;
    for (; characters > 0; characters--) {
        if (from == 0)
            return false;
        from--;
        while (from > 0 && ((unsigned char)text.ptr[from] & 0xC0) == 0x80)
            from--;
    }
    const struct esc_str rest = behind(part, (struct esc_str){text.ptr + from, text.len - from});
    return rest.ptr && rest.len == 0;
}

bool iam_glob(struct esc_str glob, struct esc_str text)
{
    struct esc_str part;
    bool has_star = take_part(&glob, &part);
    struct esc_str rest = behind(part, text.ptr ? text : ESC_STR(""));
    if (!has_star || !rest.ptr)
        return rest.ptr && rest.len == 0;
    while ((has_star = take_part(&glob, &part))) {
        if (part.len > 0)
            rest = behind_first(part, rest);
        if (!rest.ptr)
            return false;
    }
    return ends_in(part, rest);
}

/* ---- row by row, from the end of the glob ---- */

enum {
    ROW_MAX = 512, /* what is longer is not decided */
};

/* Whether the glob from one byte on and the text from @p t on fit; @p here is the row of that byte,
 * filled from its end, @p below that of the next one, NULL behind the last. */
typedef bool fits_fn(struct esc_str glob, struct esc_str text, size_t t, const bool *here,
                     const bool *below);

/* Of a text of at most ROW_MAX bytes. */
static bool holds_by_rows(struct esc_str glob, struct esc_str text, fits_fn *fits)
{
    bool rows[2][ROW_MAX + 1];
    const bool *below = NULL;
    for (size_t g = glob.len + 1; g-- > 0;) {
        bool *here = rows[g % 2];
        const struct esc_str rest = {glob.ptr + g, glob.len - g};
        for (size_t t = text.len + 1; t-- > 0;)
            here[t] = fits(rest, text, t, here, below);
        below = here;
    }
    return below[0];
}

/* ---- wildcards and colons ---- */

/* Whether the `*` at the start of @p glob ends a segment. */
static bool ends_segment(struct esc_str glob)
{
    size_t at = 0;
    while (at < glob.len && (unsigned char)glob.ptr[at] == IAM_ANY)
        at++;
    return at == glob.len || glob.ptr[at] == ':';
}

bool iam_glob_may_cross(struct esc_str glob)
{
    for (size_t i = 0; i < glob.len; i++) {
        const unsigned char byte = (unsigned char)glob.ptr[i];
        if (byte == IAM_ONE || (byte == IAM_ANY && !ends_segment(esc_str_slice(glob, i, glob.len))))
            return true;
    }
    return false;
}

/* A text that is known, and no wildcard beyond its segment. */
static bool can_fit(struct esc_str glob, struct esc_str text, size_t t, const bool *here,
                    const bool *below)
{
    if (glob.len == 0 || (t == text.len && (unsigned char)glob.ptr[0] != IAM_ANY))
        return glob.len == 0 && t == text.len;
    const bool is_colon = t < text.len && text.ptr[t] == ':';
    switch ((unsigned char)glob.ptr[0]) {
    case IAM_ANY:
        return below[t] || (t < text.len && (!is_colon || ends_segment(glob)) && here[t + 1]);
    case IAM_ONE:
        return !is_colon && below[t + character_len(text, t)];
    default:
        return glob.ptr[0] == text.ptr[t] && below[t + 1];
    }
}

bool iam_glob_stays(struct esc_str glob, struct esc_str text)
{
    return text.len <= ROW_MAX && holds_by_rows(glob, text, can_fit);
}

/* ---- texts of which a part is not known ---- */

static bool is_any(char byte)
{
    return (unsigned char)byte == IAM_ANY;
}

/* Whether some text fits both. */
static bool can_meet(struct esc_str glob, struct esc_str text, size_t t, const bool *here,
                     const bool *below)
{
    if (glob.len > 0 && is_any(glob.ptr[0]))
        return below[t] || (t < text.len && here[t + 1]);
    if (t < text.len && is_any(text.ptr[t]))
        return here[t + 1] || (below && below[t]);
    if (glob.len == 0 || t == text.len)
        return glob.len == 0 && t == text.len;
    if ((unsigned char)glob.ptr[0] == IAM_ONE)
        return below[t + character_len(text, t)];
    return glob.ptr[0] == text.ptr[t] && below[t + 1];
}

enum iam_truth iam_glob_partial(struct esc_str glob, struct esc_str text)
{
    char partial[ROW_MAX];
    if (text.len > sizeof partial)
        return IAM_MAYBE;
    for (size_t i = 0; i < text.len; i++)
        partial[i] = text.ptr[i] == '*' ? (char)IAM_ANY : text.ptr[i];
    const struct esc_str known = {partial, text.len};
    if (!holds_by_rows(glob, known, can_meet))
        return IAM_NO;
    /* A `*` of the glob that takes an unknown part in takes in whatever it is; a `?` does not. */
    const bool has_one = glob.len > 0 && memchr(glob.ptr, IAM_ONE, glob.len);
    const bool is_whole = !esc_str_contains(text, ESC_STR("*"));
    const bool takes_all = is_whole || (!has_one && iam_glob(glob, known));
    return takes_all && (!iam_glob_may_cross(glob) || iam_glob_stays(glob, known)) ? IAM_YES
                                                                                   : IAM_MAYBE;
}
