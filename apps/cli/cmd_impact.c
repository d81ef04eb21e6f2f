/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/base/utf8.h"

/* What rests on the same relation stands under it. */
struct group {
    const char *reason;    /* of its first row, less the row's own name */
    const char *at, *age;  /* when the first of them was seen */
    bool are_several;      /* others were seen at another age */
    bool is_of_row;        /* the row's name began the reason */
    struct esc_json *rows; /* effects */
};

static void free_group(void *item)
{
    struct group *group = item;
    esc_json_free(group->rows);
    free(group);
}

/* "web-1 is in vpc-a" is told of all that are in it: the sentence without its name. */
static const char *reason_of(const struct esc_json *effect, bool *is_of_row)
{
    const char *because = esc_json_str(effect, "because", "");
    const struct esc_str name = esc_str_of(esc_json_str(effect, "resource.name", ""));
    *is_of_row =
        name.len && esc_str_starts_with(esc_str_of(because), name) && because[name.len] == ' ';
    return *is_of_row ? because + name.len + 1 : because;
}

static void note_age(struct group *group, const struct esc_json *effect)
{
    const char *at = esc_json_str(effect, "at", "");
    const char *age = esc_json_str(effect, "age", "long ago");
    group->are_several |= !esc_text_equal(age, group->age);
    if (esc_str_compare(esc_str_of(at), esc_str_of(group->at)) >= 0)
        return;
    group->at = at;
    group->age = age;
}

static struct group *group_of(struct esc_map *by_reason, struct esc_list *groups,
                              const struct esc_json *effect)
{
    bool is_of_row;
    const char *reason = reason_of(effect, &is_of_row);
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%d%s", is_of_row, reason);
    struct group *group = esc_map_get(by_reason, esc_str_of(key));
    if (group) {
        note_age(group, effect);
        return group;
    }
    group = esc_alloc_zero(sizeof *group);
    *group = (struct group){.reason = reason,
                            .at = esc_json_str(effect, "at", ""),
                            .age = esc_json_str(effect, "age", "long ago"),
                            .is_of_row = is_of_row,
                            .rows = esc_json_array()};
    esc_list_push(groups, group);
    esc_map_set(by_reason, esc_str_of(key), group);
    return group;
}

static size_t columns_of(const struct esc_json *effect, const char *member)
{
    return esc_utf8_columns(esc_str_of(esc_json_str(effect, member, "")));
}

static size_t widest(const struct esc_json *effects, const char *member)
{
    size_t width = 0;
    for (size_t i = 0; i < esc_json_len(effects); i++) {
        const size_t columns = columns_of(esc_json_at(effects, i), member);
        width = columns > width ? columns : width;
    }
    return width;
}

static void add_padded(const struct cli *cli, struct esc_buf *out, enum cli_style style,
                       const struct esc_json *effect, const char *member, size_t width)
{
    cli_add(cli, out, style, esc_json_str(effect, member, ""));
    for (size_t columns = columns_of(effect, member); columns < width + 2; columns++)
        esc_buf_add_char(out, ' ');
}

static void add_group(const struct cli *cli, struct esc_buf *out, const struct group *group)
{
    const size_t names = widest(group->rows, "resource.name");
    const size_t types = widest(group->rows, "resource.resource_type");
    esc_buf_add_text(out, group->is_of_row ? "  what " : "  ");
    cli_add(cli, out, CLI_PLAIN, group->reason);
    esc_buf_add_text(out, " · seen ");
    cli_add(cli, out, CLI_DIM, group->age);
    cli_add(cli, out, CLI_DIM, group->are_several ? " or later" : "");
    esc_buf_add_char(out, '\n');
    for (size_t i = 0; i < esc_json_len(group->rows); i++) {
        const struct esc_json *effect = esc_json_at(group->rows, i);
        const bool has_state = *esc_json_str(effect, "resource.state", "");
        esc_buf_add_text(out, "    ");
        add_padded(cli, out, CLI_BOLD, effect, "resource.name", names);
        if (has_state) {
            add_padded(cli, out, CLI_PLAIN, effect, "resource.resource_type", types);
            cli_add_state(cli, out, esc_json_str(effect, "resource.state", NULL));
        } else {
            cli_add(cli, out, CLI_PLAIN, esc_json_str(effect, "resource.resource_type", ""));
        }
        esc_buf_add_char(out, '\n');
    }
}

/* What of the effects is of this kind, under its heading; the nearest are shown. */
static void add_effects(const struct cli *cli, struct esc_buf *out, const struct esc_json *body,
                        const char *kind, const char *heading)
{
    const struct esc_json *effects = esc_json_get(body, "effects");
    int64_t hidden = esc_json_num(body, kind, 0);
    ESC_CLEANUP(esc_map_freep) struct esc_map *by_reason = esc_map_new(NULL);
    struct esc_list groups;
    esc_list_init(&groups, free_group);
    for (size_t i = 0; i < esc_json_len(effects); i++) {
        const struct esc_json *effect = esc_json_at(effects, i);
        if (!esc_text_equal(esc_json_str(effect, "effect", ""), kind))
            continue;
        esc_json_push(group_of(by_reason, &groups, effect)->rows, esc_json_ref(effect));
        hidden--;
    }
    if (groups.count || hidden > 0)
        esc_buf_printf(out, "\n%s\n", heading);
    for (size_t i = 0; i < groups.count; i++)
        add_group(cli, out, esc_list_at(&groups, i));
    if (hidden > 0)
        esc_buf_printf(out, "  … and %lld more\n", (long long)hidden);
    esc_list_done(&groups);
}

/* What may need it, too, and could not be looked at. */
static void add_gaps(const struct cli *cli, struct esc_buf *out, const struct esc_json *gaps)
{
    if (esc_json_len(gaps))
        esc_buf_add_text(out, "\nNot known, since it could not be looked at:\n");
    for (size_t i = 0; i < esc_json_len(gaps); i++) {
        const struct esc_json *gap = esc_json_at(gaps, i);
        esc_buf_add_text(out, "  ");
        cli_add(cli, out, CLI_WARN, esc_json_str(gap, "operation", ""));
        esc_buf_add_text(out, " in ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(gap, "region", ""));
        esc_buf_add_text(out, ": ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(gap, "state", ""));
        esc_buf_add_char(out, ' ');
        cli_add(cli, out, CLI_DIM, esc_json_str(gap, "message", esc_json_str(gap, "code", "")));
        esc_buf_add_char(out, '\n');
    }
}

static void print_impact(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    cli_add_heading(cli, out, esc_json_get(body, "resource"));
    if (esc_json_len(esc_json_get(body, "effects")) == 0)
        esc_buf_add_text(out, "Nothing in the estate is known to need it.\n");
    add_effects(cli, out, body, "breaks", "When it stops or goes away, these stop working:");
    add_effects(cli, out, body, "loses", "These go on with less:");
    add_gaps(cli, out, esc_json_get(body, "gaps"));
}

int cmd_impact(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set_text(request, "text", cli_argument(&cli->arguments, 0));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", "/api/impact", request, NULL, NULL, &body);
    return cli_answer_named(cli, status, body, print_impact);
}
