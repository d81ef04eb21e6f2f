/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake_aws_world.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

enum {
    MOST_NESTED = 8 /* references within references of a template */
};

/* Chance: splitmix64 over what names the question. */

static uint64_t mix(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static uint64_t mix_text(uint64_t value, const char *text)
{
    for (; text && *text; text++)
        value = mix(value ^ (unsigned char)*text);
    return value;
}

static uint64_t chance(const struct fake_world *world, const struct fake_thing *thing,
                       uint64_t what)
{
    uint64_t value = mix_text(mix(world->seed), thing->account);
    if (!thing->kind->is_global)
        value = mix_text(value, thing->region);
    value = mix_text(value, thing->kind->name);
    return mix(mix(value ^ thing->index) ^ what);
}

uint64_t fake_world_dice(const struct fake_world *world, const struct fake_thing *thing,
                         uint64_t what, uint64_t bound)
{
    const uint64_t turn = world->turns[thing->kind - fake_kinds];
    return chance(world, thing, turn ? mix(what ^ mix(turn)) : what) % bound;
}

static unsigned share_of(const struct fake_world *world, const struct fake_kind *kind)
{
    return world->share ? world->share(kind) : kind->weight;
}

static size_t all_shares(const struct fake_world *world)
{
    size_t sum = 0;
    for (size_t i = 0; i < fake_kind_count; i++)
        sum += fake_kinds[i].is_aside ? 0 : share_of(world, &fake_kinds[i]);
    return sum;
}

void fake_world_init(struct fake_world *world)
{
    world->states = esc_map_new(free);
    if (!world->partition)
        world->partition = "aws";
    while (world->accounts[world->account_count])
        world->account_count++;
    while (world->regions[world->region_count])
        world->region_count++;
    ESC_ASSERT(fake_kind_count <= ESC_COUNT(world->removed));
    world->all_shares = all_shares(world);
}

void fake_world_done(struct fake_world *world)
{
    esc_map_free(world->states);
    world->states = NULL;
}

/* How many */

const struct fake_kind *fake_kind_find(const char *name)
{
    for (size_t i = 0; i < fake_kind_count; i++)
        if (esc_text_equal(fake_kinds[i].name, name))
            return &fake_kinds[i];
    return NULL;
}

static size_t index_of(const char *const *texts, const char *text)
{
    for (size_t i = 0; texts[i]; i++)
        if (esc_text_equal(texts[i], text))
            return i;
    return SIZE_MAX;
}

size_t fake_world_count(const struct fake_world *world, const struct fake_kind *kind,
                        const char *account, const char *region)
{
    const size_t in_account = index_of(world->accounts, account);
    const size_t in_region = kind->is_global ? 0 : index_of(world->regions, region);
    if (in_account == SIZE_MAX || in_region == SIZE_MAX || world->size == 0)
        return 0;
    const size_t places = world->account_count * (kind->is_global ? 1 : world->region_count);
    const size_t place = in_account * (kind->is_global ? 1 : world->region_count) + in_region;
    const size_t all = world->size * share_of(world, kind) / world->all_shares;
    const size_t here = all / places + (place < all % places ? 1 : 0);
    const size_t at_least = here ? here : 1; /* no cell is empty by nature */
    const size_t gone = world->removed[kind - fake_kinds];
    return at_least > gone ? at_least - gone : 0;
}

const char *fake_world_region(const struct fake_world *world, const struct fake_thing *thing)
{
    return thing->kind->is_global ? world->regions[thing->index % world->region_count]
                                  : thing->region;
}

/* What actions made of things */

static char *state_key(const struct fake_world *world, const struct fake_thing *thing)
{
    return esc_sprintf("%s %s %s %zu", thing->account, fake_world_region(world, thing),
                       thing->kind->name, thing->index);
}

const char *fake_world_state(const struct fake_world *world, const struct fake_thing *thing)
{
    if (esc_map_count(world->states) == 0)
        return NULL;
    ESC_CLEANUP(esc_freep) char *key = state_key(world, thing);
    return esc_map_get(world->states, esc_str_of(key));
}

void fake_world_set_state(struct fake_world *world, const struct fake_thing *thing,
                          const char *state)
{
    ESC_CLEANUP(esc_freep) char *key = state_key(world, thing);
    esc_map_set(world->states, esc_str_of(key), esc_strdup(state));
}

/* Templates */

static void expand(const struct fake_world *world, const struct fake_thing *thing,
                   struct esc_str text, unsigned depth, struct esc_buf *out);

/* Nine digits of chance and eight of the number: unique, and the number can be read back. */
static void add_hex(const struct fake_world *world, const struct fake_thing *thing, bool capitals,
                    struct esc_buf *out)
{
    struct fake_thing any = *thing;
    any.index = 0;
    const unsigned long long nine = chance(world, &any, 1) & UINT64_C(0xfffffffff);
    const unsigned number = (unsigned)thing->index;
    esc_buf_printf(out, capitals ? "%09llX%08X" : "%09llx%08x", nine, number);
}

static void add_time(const struct fake_world *world, const struct fake_thing *thing,
                     struct esc_buf *out)
{
    const uint64_t minutes = fake_world_dice(world, thing, 2, 28 * 24 * 60);
    esc_buf_printf(out, "2026-%02u-%02uT%02u:%02u:00+00:00", (unsigned)(minutes % 9 + 1),
                   (unsigned)(minutes / 1440 + 1), (unsigned)(minutes / 60 % 24),
                   (unsigned)(minutes % 60));
}

static void add_name(const struct fake_world *world, const struct fake_thing *thing,
                     struct esc_buf *out)
{
    static const char *const first[] = {"orders", "billing", "search", "login", "media", "report"};
    static const char *const second[] = {"web", "worker", "cache", "main", "batch", "edge"};
    esc_buf_printf(out, "%s-%s-%zu", first[fake_world_dice(world, thing, 3, ESC_COUNT(first))],
                   second[fake_world_dice(world, thing, 4, ESC_COUNT(second))], thing->index);
}

static void add_tags(const struct fake_world *world, const struct fake_thing *thing,
                     struct esc_buf *out)
{
    static const char *const where[] = {"production", "staging", "dev"};
    esc_buf_add_text(out, "[{\"Key\":\"Name\",\"Value\":\"");
    add_name(world, thing, out);
    esc_buf_printf(out, "\"},{\"Key\":\"environment\",\"Value\":\"%s\"}]",
                   where[fake_world_dice(world, thing, 5, ESC_COUNT(where))]);
}

/* "a|b|c": one of them. */
static void add_choice(const struct fake_world *world, const struct fake_thing *thing,
                       struct esc_str choices, struct esc_buf *out)
{
    struct esc_str rest = choices, piece;
    size_t count = 0;
    uint64_t what = 6;
    while (esc_str_next(&rest, '|', &piece)) {
        what = mix(what ^ piece.len ^ (piece.len ? (uint64_t)(unsigned char)*piece.ptr : 0));
        count++;
    }
    size_t wanted = (size_t)fake_world_dice(world, thing, what, count);
    rest = choices;
    while (esc_str_next(&rest, '|', &piece))
        if (wanted-- == 0)
            esc_buf_add(out, piece);
}

/* "@kind" or "@@kind": the thing of that kind with the same number, as far as there are. */
static void add_reference(const struct fake_world *world, const struct fake_thing *thing,
                          struct esc_str name, unsigned depth, struct esc_buf *out)
{
    const bool is_arn = esc_str_starts_with(name, ESC_STR("@@"));
    ESC_CLEANUP(esc_freep) char *plain = esc_str_dup(esc_str_slice(name, is_arn ? 2 : 1, name.len));
    struct fake_thing other = *thing;
    other.kind = fake_kind_find(plain);
    ESC_ASSERT(other.kind); /* a name of our own table */
    other.region = fake_world_region(world, thing);
    const size_t count = fake_world_count(world, other.kind, other.account, other.region);
    other.index = count ? thing->index % count : 0;
    expand(world, &other, esc_str_of(is_arn ? other.kind->arn : other.kind->id), depth + 1, out);
}

/* The text in the braces that @p *rest begins with; *rest goes behind them. */
static struct esc_str take_braces(struct esc_str *rest)
{
    size_t depth = 0, at = 0;
    do {
        ESC_ASSERT(at < rest->len); /* a text of our own table */
        depth += rest->ptr[at] == '{' ? 1 : 0;
        depth -= rest->ptr[at] == '}' ? 1 : 0;
        at++;
    } while (depth > 0);
    const struct esc_str inside = esc_str_slice(*rest, 1, at - 1);
    *rest = esc_str_slice(*rest, at, rest->len);
    return inside;
}

/* "?kind{yes}{no}" */
static void add_condition(const struct fake_world *world, const struct fake_thing *thing,
                          struct esc_str text, unsigned depth, struct esc_buf *out)
{
    const size_t open = esc_str_find(text, ESC_STR("{"), 0);
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(esc_str_slice(text, 1, open));
    const struct fake_kind *kind = fake_kind_find(name);
    ESC_ASSERT(kind); /* a name of our own table */
    struct esc_str rest = esc_str_slice(text, open, text.len);
    const struct esc_str yes = take_braces(&rest), no = take_braces(&rest);
    const bool holds = thing->index < fake_world_count(world, kind, thing->account, thing->region);
    expand(world, thing, holds ? yes : no, depth + 1, out);
}

static void add_state(const struct fake_world *world, const struct fake_thing *thing,
                      struct esc_str choices, struct esc_buf *out)
{
    const char *state = fake_world_state(world, thing);
    if (state)
        esc_buf_add_text(out, state);
    else
        add_choice(world, thing, choices, out);
}

static void add_place(const struct fake_world *world, const struct fake_thing *thing,
                      struct esc_str name, unsigned depth, struct esc_buf *out)
{
    if (esc_str_is(name, "id"))
        expand(world, thing, esc_str_of(thing->kind->id), depth + 1, out);
    else if (esc_str_is(name, "arn"))
        expand(world, thing, esc_str_of(thing->kind->arn), depth + 1, out);
    else if (esc_str_is(name, "A"))
        esc_buf_add_text(out, thing->account);
    else if (esc_str_is(name, "R"))
        esc_buf_add_text(out, fake_world_region(world, thing));
    else if (esc_str_is(name, "P"))
        esc_buf_add_text(out, world->partition);
    else
        ESC_ASSERT(!"a place of a template that is none");
}

static void add_value(const struct fake_world *world, const struct fake_thing *thing,
                      struct esc_str name, unsigned depth, struct esc_buf *out)
{
    if (esc_str_is(name, "n"))
        esc_buf_printf(out, "%zu", thing->index);
    else if (esc_str_is(name, "#") || esc_str_is(name, "##"))
        add_hex(world, thing, name.len == 2, out);
    else if (esc_str_is(name, "x"))
        esc_buf_printf(out, "%016llx", (unsigned long long)chance(world, thing, 7));
    else if (esc_str_is(name, "x6"))
        esc_buf_printf(out, "%06llx", (unsigned long long)(chance(world, thing, 8) & 0xffffff));
    else if (esc_str_is(name, "z"))
        esc_buf_add_char(out, (char)('a' + (int)(thing->index % 3)));
    else if (esc_str_is(name, "ip"))
        esc_buf_printf(out, "10.%zu.%zu.%zu", thing->index / 65536 % 256, thing->index / 256 % 256,
                       thing->index % 256);
    else if (esc_str_is(name, "t"))
        add_time(world, thing, out);
    else if (esc_str_is(name, "name"))
        add_name(world, thing, out);
    else if (esc_str_is(name, "tags"))
        add_tags(world, thing, out);
    else
        add_place(world, thing, name, depth, out);
}

/* Where the '<' at the front ends: at its own '>', whatever stands in between. */
static size_t end_of_mark(struct esc_str text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        depth += text.ptr[i] == '<' ? 1 : 0;
        depth -= text.ptr[i] == '>' ? 1 : 0;
        if (depth == 0)
            return i;
    }
    ESC_ASSERT(!"a mark of a template has no end");
    return 0;
}

static void add_mark(const struct fake_world *world, const struct fake_thing *thing,
                     struct esc_str mark, unsigned depth, struct esc_buf *out)
{
    if (esc_str_starts_with(mark, ESC_STR("@")))
        add_reference(world, thing, mark, depth, out);
    else if (esc_str_starts_with(mark, ESC_STR("?")))
        add_condition(world, thing, mark, depth, out);
    else if (esc_str_starts_with(mark, ESC_STR(":")))
        add_state(world, thing, esc_str_slice(mark, 1, mark.len), out);
    else if (esc_str_contains(mark, ESC_STR("|")))
        add_choice(world, thing, mark, out);
    else
        add_value(world, thing, mark, depth, out);
}

static void expand(const struct fake_world *world, const struct fake_thing *thing,
                   struct esc_str text, unsigned depth, struct esc_buf *out)
{
    ESC_ASSERT(depth < MOST_NESTED);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '<') {
            esc_buf_add_char(out, text.ptr[i] == '\'' ? '"' : text.ptr[i]);
            continue;
        }
        const size_t len = end_of_mark(esc_str_slice(text, i, text.len));
        add_mark(world, thing, esc_str_slice(text, i + 1, i + len), depth, out);
        i += len;
    }
}

void fake_world_expand(const struct fake_world *world, const struct fake_thing *thing,
                       const char *template, struct esc_buf *out)
{
    expand(world, thing, esc_str_of(template), 0, out);
}

/* Finding */

/* The number behind the id's first letters wherever they stand in the text. */
static bool number_at(struct esc_str text, size_t at, bool is_hex, size_t *out)
{
    uint64_t number = 0;
    size_t end = at;
    if (is_hex) {
        uint8_t bytes[4];
        if (!esc_hex_parse(esc_str_slice(text, at + 9, at + 17), bytes, sizeof bytes))
            return false;
        *out = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
        return true;
    }
    while (end < text.len && esc_is_digit(text.ptr[end]))
        end++;
    if (!esc_num_u64(esc_str_slice(text, at, end), &number))
        return false;
    *out = (size_t)number;
    return true;
}

static bool is_named(const struct fake_world *world, const struct fake_thing *thing,
                     struct esc_str text)
{
    struct esc_buf id;
    esc_buf_init(&id, ESC_MAX_LINE);
    fake_world_expand(world, thing, thing->kind->id, &id);
    const struct esc_str own = esc_buf_str(&id);
    const size_t at = esc_str_find(text, own, 0);
    const bool ends =
        at != SIZE_MAX && (at + own.len == text.len || !esc_is_alnum(text.ptr[at + own.len]));
    esc_buf_done(&id);
    return ends;
}

bool fake_world_find(const struct fake_world *world, struct fake_thing *thing, struct esc_str text)
{
    const char *number = strstr(thing->kind->id, "<n>");
    const char *hex = strstr(thing->kind->id, "<#");
    struct fake_thing first = *thing;
    struct esc_buf before;
    bool found = false;
    first.index = 0;
    esc_buf_init(&before, ESC_MAX_LINE);
    const char *mark = number ? number : hex;
    ESC_CLEANUP(esc_freep)
    char *letters = esc_strndup(thing->kind->id, (size_t)(mark - thing->kind->id));
    fake_world_expand(world, &first, letters, &before);
    const size_t count = fake_world_count(world, thing->kind, thing->account, thing->region);
    for (size_t at = esc_str_find(text, esc_buf_str(&before), 0); at != SIZE_MAX && !found;
         at = esc_str_find(text, esc_buf_str(&before), at + 1))
        found = number_at(text, at + before.len, !number, &thing->index) && thing->index < count &&
                is_named(world, thing, text);
    esc_buf_done(&before);
    return found;
}
