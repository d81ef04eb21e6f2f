/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One text against one row, from the strictest comparison to the loosest; the first that holds
 * is the match. Exact ones compare bytes, all others ignore case.
 *
 * A typo is looked for where there is enough text to be sure: from five bytes on, in the whole
 * name or in one of its pieces (two edits at most, in different pieces). An edit of a digit
 * counts less than one of a letter: web-1 is near web-2, but it is rarely a slip.
 */

#include "escher/find/find_private.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"

enum {
    MIN_TYPO = 5,      /* bytes; shorter texts have too many neighbours */
    MIN_SUBSTRING = 2, /* bytes */
    MAX_TYPOS = 2
};

void text_query_init(struct text_query *query, struct esc_arena *arena, struct esc_str text)
{
    struct piece all[FIND_MAX_PIECES];
    *query = (struct text_query){.text = text, .lower = lower_copy(arena, text)};
    size_t count = pieces_cut(text, query->lower, all, FIND_MAX_PIECES);
    for (size_t i = 0; i < count; i++) {
        bool has_fine_parts = i + 1 < count && all[i + 1].fine && !all[i].fine;
        if (!all[i].fine)
            query->pieces[query->piece_count++] = all[i];
        if (!has_fine_parts)
            query->fine[query->fine_count++] = all[i];
    }
}

static double share(size_t part, size_t whole)
{
    return whole == 0 ? 0 : (double)part / (double)whole;
}

static struct match exact(const struct esc_index *index, const struct text_query *query,
                          const struct row *row)
{
    struct esc_str arn[2];
    const struct esc_str id[] = {place_of(index, row)->id_head, row_identifier(row)};
    if (parts_are(id, query->text))
        return (struct match){ESC_TIER_EXACT_ID, 1, "id"};
    if (esc_str_equal(query->text, row_identifier(row)))
        return (struct match){ESC_TIER_EXACT_ID, 1, "identifier"};
    row_arn(index, row, arn);
    if (parts_are(arn, query->text))
        return (struct match){ESC_TIER_EXACT_ARN, 1, "ARN"};
    if (esc_str_equal(query->text, row_name(row)))
        return (struct match){ESC_TIER_EXACT_NAME, 1, "name"};
    return (struct match){.tier = ESC_TIER_COUNT};
}

static struct match prefix(const struct esc_index *, const struct text_query *query,
                           const struct row *row)
{
    if (esc_str_starts_with(row_low_name(row), query->lower))
        return (struct match){ESC_TIER_PREFIX, share(query->lower.len, row->name_len), "name"};
    if (esc_str_starts_with(row_low_identifier(row), query->lower))
        return (struct match){ESC_TIER_PREFIX, share(query->lower.len, row->identifier_len),
                              "identifier"};
    return (struct match){.tier = ESC_TIER_COUNT};
}

/* ---- pieces ---- */

/* Where @p piece stands among those of the tags, counted on from those of the name. */
static size_t tag_piece_place(const struct piece *piece, const struct esc_index *index,
                              const struct row *row)
{
    size_t at = row->piece_count;
    for (size_t i = 0; i < row->tag_count; i++) {
        const struct tag *tag = row_tag(index, row, i);
        for (size_t k = 0; k < tag->piece_count && at < FIND_MAX_PIECES; k++, at++)
            if (tag->pieces[k].hash == piece->hash &&
                esc_str_equal(tag->pieces[k].text, piece->text))
                return at;
    }
    return SIZE_MAX;
}

/* Where @p piece stands among the row's, as a whole or (when @p short_end) as their beginning;
 * SIZE_MAX when it does not. Pieces of names come before those of tags. */
static size_t piece_place(const struct piece *piece, const struct esc_index *index,
                          const struct row *row, bool short_end)
{
    for (size_t i = 0; i < row->piece_count; i++)
        if (row_piece_may_be(row, i, piece) && esc_str_equal(row_piece(row, i), piece->text))
            return i;
    const size_t place = tag_piece_place(piece, index, row);
    for (size_t i = 0;
         place == SIZE_MAX && short_end && piece->text.len > 1 && i < row->piece_count; i++)
        if (esc_str_starts_with(row_piece(row, i), piece->text))
            return i;
    return place;
}

/* What share of the name the pieces cover; -1 when one of them is not there. In order is worth
 * more than out of order, in the name more than in a tag. */
static double pieces_share(const struct piece *pieces, size_t count, const struct esc_index *index,
                           const struct row *row)
{
    size_t covered = 0, last = 0, in_order = 0, in_name = 0;
    for (size_t i = 0; i < count; i++) {
        size_t place = piece_place(&pieces[i], index, row, i + 1 == count);
        if (place == SIZE_MAX)
            return -1;
        in_order += place >= last;
        in_name += place < row->piece_count;
        covered += place < row->piece_count ? pieces[i].text.len : 0;
        last = place;
    }
    double name_share = share(covered, row->name_len);
    if (name_share > 1)
        name_share = 1;
    return 0.4 * name_share + 0.3 * share(in_order, count) + 0.3 * share(in_name, count);
}

/* "web1" may stand for web-1; cutting "3d4e5f" into letters and digits says nothing. */
static bool is_worth_cutting(const struct text_query *query)
{
    for (size_t i = 0; i < query->fine_count; i++)
        if (query->fine[i].text.len == 1 && !esc_is_digit(query->fine[i].text.ptr[0]))
            return false;
    return query->fine_count > query->piece_count;
}

static struct match token(const struct esc_index *index, const struct text_query *query,
                          const struct row *row)
{
    if (query->piece_count == 0)
        return (struct match){.tier = ESC_TIER_COUNT};
    double score = pieces_share(query->pieces, query->piece_count, index, row);
    if (score >= 0)
        return (struct match){ESC_TIER_TOKEN, score, "pieces of the name or tags"};
    if (is_worth_cutting(query))
        score = pieces_share(query->fine, query->fine_count, index, row) / 2;
    if (score >= 0)
        return (struct match){ESC_TIER_TOKEN, score, "letters and digits of the name"};
    return (struct match){.tier = ESC_TIER_COUNT};
}

/* The ARN in lower case is put together for the moment. */
static bool arn_contains(const struct esc_index *index, const struct row *row, struct esc_str lower)
{
    struct esc_str parts[2];
    char stack[512];
    row_arn(index, row, parts);
    const size_t len = parts[0].len + parts[1].len;
    if (len < lower.len)
        return false;
    ESC_CLEANUP(esc_freep) char *heap = len > sizeof stack ? esc_alloc(len) : NULL;
    char *text = heap ? heap : stack;
    for (size_t i = 0; i < parts[0].len; i++)
        text[i] = esc_to_lower(parts[0].ptr[i]);
    for (size_t i = 0; i < parts[1].len; i++)
        text[parts[0].len + i] = esc_to_lower(parts[1].ptr[i]);
    return esc_str_contains((struct esc_str){text, len}, lower);
}

static struct match substring(const struct esc_index *index, const struct text_query *query,
                              const struct row *row)
{
    const struct esc_str lower = query->lower;
    if (lower.len < MIN_SUBSTRING)
        return (struct match){.tier = ESC_TIER_COUNT};
    if (esc_str_contains(row_low_name(row), lower))
        return (struct match){ESC_TIER_SUBSTRING, share(lower.len, row->name_len),
                              "part of the name"};
    if (esc_str_contains(row_low_identifier(row), lower))
        return (struct match){ESC_TIER_SUBSTRING, share(lower.len, row->identifier_len),
                              "part of the identifier"};
    if (arn_contains(index, row, lower)) {
        struct esc_str arn[2];
        row_arn(index, row, arn);
        return (struct match){ESC_TIER_SUBSTRING, share(lower.len, arn[0].len + arn[1].len),
                              "part of the ARN"};
    }
    return (struct match){.tier = ESC_TIER_COUNT};
}

/* ---- typos ---- */

/* Both differ; tells whether a digit is where they do. */
static bool differs_in_digit(struct esc_str a, struct esc_str b)
{
    size_t at = 0;
    while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
        at++;
    return (at < a.len && esc_is_digit(a.ptr[at])) || (at < b.len && esc_is_digit(b.ptr[at]));
}

static bool typo_in(struct esc_str a, struct esc_str b, bool *digit)
{
    if (a.len < MIN_TYPO || b.len < MIN_TYPO - 1 || !is_one_edit(a, b))
        return false;
    *digit = *digit || differs_in_digit(a, b);
    return true;
}

static bool piece_has_twin(const struct piece *piece, const struct row *row, bool *digit)
{
    for (size_t i = 0; i < row->piece_count; i++)
        if (typo_in(piece->text, row_piece(row, i), digit))
            return true;
    return false;
}

static double typos_share(const struct esc_index *index, const struct text_query *query,
                          const struct row *row)
{
    size_t typos = 0, covered = 0;
    bool digit = false;
    for (size_t i = 0; i < query->piece_count; i++) {
        covered += query->pieces[i].text.len;
        if (piece_place(&query->pieces[i], index, row, false) != SIZE_MAX)
            continue;
        if (++typos > MAX_TYPOS || !piece_has_twin(&query->pieces[i], row, &digit))
            return -1;
    }
    double score = share(covered, row->name_len > covered ? row->name_len : covered);
    return (digit ? 0.3 : 0.6) * score / (double)(typos > 0 ? typos : 1);
}

static struct match typo(const struct esc_index *index, const struct text_query *query,
                         const struct row *row)
{
    bool digit = false;
    if (typo_in(query->lower, row_low_name(row), &digit) ||
        typo_in(query->lower, row_low_identifier(row), &digit))
        return (struct match){ESC_TIER_TYPO, digit ? 0.5 : 1, "one edit from the name"};
    double score = query->piece_count > 0 ? typos_share(index, query, row) : -1;
    if (score >= 0)
        return (struct match){ESC_TIER_TYPO, score, "one edit from a piece of the name"};
    return (struct match){.tier = ESC_TIER_COUNT};
}

struct match names_match(const struct esc_index *index, const struct text_query *query,
                         const struct row *row)
{
    static struct match (*const tiers[])(const struct esc_index *, const struct text_query *,
                                         const struct row *) = {
        exact, prefix, token, substring, typo,
    };
    ESC_ASSERT(query->lower.len > 0);
    for (size_t i = 0; i < ESC_COUNT(tiers); i++) {
        struct match match = tiers[i](index, query, row);
        if (match.tier != ESC_TIER_COUNT)
            return match;
    }
    return (struct match){.tier = ESC_TIER_COUNT};
}
