/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "apps/cli/cards.h"
#include "apps/cli/changes_view.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"

/* A hit holds its resource; a bare resource is one itself. */
static const struct esc_json *resource_of(const struct esc_json *entry)
{
    const struct esc_json *inside = esc_json_member(entry, "resource");
    return inside ? inside : entry;
}

const char *cli_account_of(const struct esc_json *resource)
{
    return esc_json_str(resource, "account_name", esc_json_str(resource, "account_id", ""));
}

/* Rows. Where two differ in nothing that a row shows, identifiers tell them apart. */

static char *looks_of(const struct esc_json *resource)
{
    return esc_sprintf("%s\n%s\n%s\n%s", esc_json_str(resource, "name", ""),
                       esc_json_str(resource, "resource_type", ""), cli_account_of(resource),
                       esc_json_str(resource, "region", ""));
}

static bool some_look_alike(const struct esc_json *entries)
{
    ESC_CLEANUP(esc_map_freep) struct esc_map *seen = esc_map_new(NULL);
    for (size_t i = 0; i < esc_json_len(entries); i++) {
        const struct esc_json *resource = resource_of(esc_json_at(entries, i));
        ESC_CLEANUP(esc_freep) char *looks = looks_of(resource);
        if (esc_map_has(seen, esc_str_of(looks)))
            return true;
        esc_map_set(seen, esc_str_of(looks), (void *)(uintptr_t)resource);
    }
    return false;
}

enum {
    MOST_COLUMNS = 8
};

struct rows {
    bool numbered, has_ids, has_matches;
};

struct column {
    const char *title, *cell; /* cell NULL: nothing is known */
    bool is_wanted;
};

/* Those of one entry, in their order; of none (NULL) only the titles say something. */
static size_t columns_of(const struct rows *rows, const char *number, const struct esc_json *entry,
                         struct column wanted[MOST_COLUMNS])
{
    const struct esc_json *resource = resource_of(entry);
    const struct column all[] = {
        {"#", number, rows->numbered},
        {"NAME", esc_json_str(resource, "name", ""), true},
        {"ID", esc_json_str(resource, "identifier", NULL), rows->has_ids},
        {"TYPE", esc_json_str(resource, "resource_type", ""), true},
        {"STATE", esc_json_str(resource, "state", NULL), true},
        {"ACCOUNT", cli_account_of(resource), true},
        {"REGION", esc_json_str(resource, "region", ""), true},
        {"MATCH", esc_json_str(entry, "tier", NULL), rows->has_matches},
    };
    static_assert(ESC_COUNT(all) == MOST_COLUMNS, "each may be wanted");
    size_t count = 0;
    for (size_t i = 0; i < ESC_COUNT(all); i++)
        if (all[i].is_wanted)
            wanted[count++] = all[i];
    return count;
}

static size_t titles_of(const struct rows *rows, const char *titles[MOST_COLUMNS])
{
    struct column columns[MOST_COLUMNS];
    const size_t count = columns_of(rows, NULL, NULL, columns);
    for (size_t i = 0; i < count; i++)
        titles[i] = columns[i].title;
    return count;
}

static void add_row(const struct rows *rows, size_t index, const struct esc_json *entry,
                    struct cli_table *table)
{
    struct column columns[MOST_COLUMNS];
    const char *cells[MOST_COLUMNS];
    ESC_CLEANUP(esc_freep) char *number = esc_sprintf("%zu", index + 1);
    const size_t count = columns_of(rows, number, entry, columns);
    for (size_t i = 0; i < count; i++)
        cells[i] = columns[i].cell;
    cli_table_row(table, cells);
}

static void print_rows(const struct cli *cli, const struct esc_json *entries, bool numbered,
                       bool has_matches, struct esc_buf *out)
{
    const struct rows rows = {numbered, some_look_alike(entries), has_matches};
    const char *titles[MOST_COLUMNS]; /* borrowed by the table */
    const size_t count = titles_of(&rows, titles);
    struct cli_table *table = cli_table_new(titles, count);
    cli_table_favour(table, numbered ? 1 : 0);
    for (size_t i = 0; i < esc_json_len(entries); i++)
        add_row(&rows, i, esc_json_at(entries, i), table);
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

/* An answer to a question about the estate is a list that nothing was likened to. */
void cli_print_hits(const struct cli *cli, const struct esc_json *hits, struct esc_buf *out)
{
    const bool has_matches = esc_json_str(esc_json_at(hits, 0), "tier", NULL);
    print_rows(cli, hits, false, has_matches, out);
}

void cli_print_choices(const struct cli *cli, const struct esc_json *choices, struct esc_buf *out)
{
    print_rows(cli, choices, true, false, out);
}

void cli_add_heading(const struct cli *cli, struct esc_buf *out, const struct esc_json *resource)
{
    const char *const words[] = {
        esc_json_str(resource, "resource_type", ""),
        cli_account_of(resource),
        esc_json_str(resource, "region", ""),
    };
    cli_add(cli, out, CLI_BOLD, esc_json_str(resource, "name", ""));
    for (size_t i = 0; i < ESC_COUNT(words); i++) {
        esc_buf_add_text(out, i ? " · " : "  ");
        cli_add(cli, out, CLI_PLAIN, words[i]);
    }
    if (*esc_json_str(resource, "state", "")) {
        esc_buf_add_text(out, " · ");
        cli_add_state(cli, out, esc_json_str(resource, "state", NULL));
    }
    esc_buf_add_char(out, '\n');
}

/* One resource: a label, then what stands for it. */

static void add_label(const struct cli *cli, struct esc_buf *out, const char *label)
{
    enum {
        WIDTH = 19 /* of "uses security group", the longest */
    };
    const size_t len = strlen(label);
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_PLAIN, label);
    esc_buf_printf(out, "%*s ", len < WIDTH ? (int)(WIDTH - len) : 0, "");
}

static void add_line(const struct cli *cli, struct esc_buf *out, const char *label,
                     const char *text)
{
    if (!text)
        return;
    add_label(cli, out, label);
    cli_add(cli, out, CLI_PLAIN, text);
    esc_buf_add_char(out, '\n');
}

/* "can_stop" reads as "can stop"; owned by the caller. */
static char *words_of(const char *name)
{
    char *words = esc_strdup(name);
    for (char *at = words; *at; at++)
        *at = *at == '_' ? ' ' : *at;
    return words;
}

static void add_value(const struct cli *cli, struct esc_buf *out, const char *key,
                      const struct esc_json *value)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_json_is(value, ESC_JSON_STRING) ? esc_str_dup(esc_json_value(value))
                                                     : esc_json_print(value, ESC_JSON_COMPACT);
    esc_buf_add_text(out, "    ");
    cli_add(cli, out, CLI_DIM, key);
    esc_buf_add_text(out, " = ");
    cli_add(cli, out, CLI_PLAIN, text);
    esc_buf_add_char(out, '\n');
}

static void add_object(const struct cli *cli, struct esc_buf *out, const char *title,
                       const struct esc_json *object)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    if (esc_json_len(object) == 0)
        return;
    esc_buf_printf(out, "\n  %s\n", title);
    while (esc_json_next(object, &position, &key, &value))
        add_value(cli, out, key, value);
}

/* What is said twice of one constraint stands under the first. */
static void add_constraints(const struct cli *cli, struct esc_buf *out,
                            const struct esc_json *constraints)
{
    const struct esc_json *reasons = esc_json_get(constraints, "reasons");
    const char *last = "";
    if (esc_json_len(reasons))
        esc_buf_add_char(out, '\n');
    for (size_t i = 0; i < esc_json_len(reasons); i++) {
        const struct esc_json *reason = esc_json_at(reasons, i);
        const char *name = esc_json_str(reason, "constraint", "");
        const bool again = esc_text_equal(name, last);
        ESC_CLEANUP(esc_freep) char *words = words_of(name);
        add_label(cli, out, again ? "" : words);
        if (!again)
            esc_buf_add_text(out, esc_json_flag(constraints, name, false) ? "yes: " : "no: ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(reason, "because", ""));
        esc_buf_add_char(out, '\n');
        last = name;
    }
}

static void add_relations(const struct cli *cli, struct esc_buf *out,
                          const struct esc_json *relations)
{
    esc_buf_add_text(out, esc_json_len(relations) ? "\n" : "\n  no relation is known\n");
    for (size_t i = 0; i < esc_json_len(relations); i++) {
        const struct esc_json *relation = esc_json_at(relations, i);
        const char *name = esc_json_str(relation, "name", esc_json_str(relation, "target", ""));
        const char *type = esc_json_str(relation, "resource.resource_type", NULL);
        ESC_CLEANUP(esc_freep) char *words = words_of(esc_json_str(relation, "kind", ""));
        ESC_CLEANUP(esc_freep)
        char *text = esc_sprintf("%s%s%s", name, type ? "  " : "", type ? type : "");
        add_line(cli, out, words, text);
    }
}

static void add_history(const struct cli *cli, struct esc_buf *out, const struct esc_json *history)
{
    esc_buf_add_text(out, esc_json_len(history) ? "\n" : "\n  no sync has found a change\n");
    cli_add_changes(cli, out, history, false);
}

/* "34 s ago (2026-11-22T10:56:17.202Z)"; NULL when nobody has seen it. Owned by the caller. */
static char *seen_of(const struct esc_json *body)
{
    const char *at = esc_json_str(body, "resource.last_synced", NULL);
    const char *age = esc_json_str(body, "age", NULL);
    if (!at || !age)
        return at ? esc_strdup(at) : NULL;
    return esc_sprintf("%s (%s)", age, at);
}

void cli_print_resource(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *resource = esc_json_get(body, "resource");
    ESC_CLEANUP(esc_freep) char *seen = seen_of(body);
    cli_add(cli, out, CLI_BOLD, esc_json_str(resource, "name", ""));
    esc_buf_add_text(out, "  ");
    cli_add_state(cli, out, esc_json_str(resource, "state", NULL));
    esc_buf_add_char(out, '\n');
    add_line(cli, out, "type", esc_json_str(resource, "resource_type", NULL));
    add_line(cli, out, "account", cli_account_of(resource));
    add_line(cli, out, "region", esc_json_str(resource, "region", NULL));
    add_line(cli, out, "arn", esc_json_str(resource, "arn", NULL));
    add_line(cli, out, "id", esc_json_str(resource, "id", NULL));
    add_line(cli, out, "seen", seen);
    add_constraints(cli, out, esc_json_get(resource, "constraints"));
    add_object(cli, out, "tags", esc_json_get(resource, "tags"));
    add_object(cli, out, "metadata", esc_json_get(resource, "metadata"));
    if (cli_has(&cli->arguments, "relations"))
        add_relations(cli, out, esc_json_get(body, "relations"));
    if (esc_json_get(body, "history"))
        add_history(cli, out, esc_json_get(body, "history"));
}

/* The choices that a name leaves. */

static bool are_namesakes(const struct esc_json *choices)
{
    const char *name = esc_json_str(resource_of(esc_json_at(choices, 0)), "name", "");
    for (size_t i = 1; i < esc_json_len(choices); i++)
        if (!esc_text_equal(name, esc_json_str(resource_of(esc_json_at(choices, i)), "name", "")))
            return false;
    return true;
}

/* Each with the ARN to say instead, whole and alone in its line, to be copied. */
static void add_namesakes(const struct cli *cli, struct esc_buf *out,
                          const struct esc_json *choices)
{
    for (size_t i = 0; i < esc_json_len(choices); i++) {
        const struct esc_json *resource = resource_of(esc_json_at(choices, i));
        const char *arn = esc_json_str(resource, "arn", "");
        cli_add_heading(cli, out, resource);
        esc_buf_add_text(out, "    ");
        cli_add(cli, out, CLI_PLAIN, *arn ? arn : esc_json_str(resource, "id", ""));
        esc_buf_add_char(out, '\n');
    }
    esc_buf_add_text(out, "The line below each names it alone: give that instead.\n");
}

int cli_answer_named(const struct cli *cli, enum esc_status status, const struct esc_json *body,
                     cli_print_fn *print)
{
    const struct esc_json *choices = esc_json_get(body, "choices");
    if (status == ESC_OK)
        return cli_answer(cli, status, body, print);
    const int code = cli_fail_body(cli, status, body);
    if (cli->json || esc_json_len(choices) == 0)
        return code;
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    if (status == ESC_NOT_FOUND)
        esc_buf_add_text(&out, "Did you mean one of these?\n");
    if (status == ESC_AMBIGUOUS && are_namesakes(choices))
        add_namesakes(cli, &out, choices);
    else
        print_rows(cli, choices, false, false, &out);
    cli_out(&out);
    esc_buf_done(&out);
    return code;
}
