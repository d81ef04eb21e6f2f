/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/iam/table.h"

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/base/num.h"
#include "tests/support/test.h"

struct table {
    const char *file;
    unsigned line;
    struct esc_map *names;    /* of `let`: char * */
    char *title;              /* of the case */
    struct esc_json *given;   /* what its questions share */
    struct esc_json *pending; /* the last question, waiting for a `says`; NULL */
    unsigned pending_line;
    char *expect, *says;
    unsigned count;
    void (*take)(const struct table_case *one);
};

/* ---- words ---- */

static void fail_line(const struct table *table, const char *why, struct esc_str text)
{
    fail_msg("%s:%u: %s: %.*s", table->file, table->line, why, ESC_STR_ARG(text));
}

/* Where `separator` stands outside of "…" and ${…}; SIZE_MAX when nowhere. */
static size_t find_outside(struct esc_str text, struct esc_str separator)
{
    bool is_quoted = false, is_variable = false;
    for (size_t i = 0; i < text.len; i++) {
        const struct esc_str rest = esc_str_slice(text, i, text.len);
        if (!is_quoted && !is_variable && esc_str_starts_with(rest, separator))
            return i;
        if (text.ptr[i] == '"')
            is_quoted = !is_quoted;
        is_variable =
            (is_variable || esc_str_starts_with(rest, ESC_STR("${"))) && text.ptr[i] != '}';
    }
    return SIZE_MAX;
}

/* Takes what stands before `separator` off the front; all of it when there is none. */
static struct esc_str take_until(struct esc_str *rest, struct esc_str separator)
{
    const size_t at = find_outside(*rest, separator);
    const struct esc_str front = esc_str_trim(esc_str_slice(*rest, 0, at));
    *rest = at == SIZE_MAX ? (struct esc_str){"", 0}
                           : esc_str_trim(esc_str_slice(*rest, at + separator.len, rest->len));
    return front;
}

static struct esc_str take_word(struct esc_str *rest)
{
    return take_until(rest, ESC_STR(" "));
}

static bool take_start(struct esc_str *rest, struct esc_str start)
{
    if (!esc_str_starts_with(*rest, start))
        return false;
    *rest = esc_str_trim(esc_str_slice(*rest, start.len, rest->len));
    return true;
}

static struct esc_str unquoted(struct esc_str text)
{
    const bool is_quoted = text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"';
    return is_quoted ? esc_str_slice(text, 1, text.len - 1) : text;
}

/* Each {name} of a `let` replaced; owned by the caller. */
static char *with_names(const struct table *table, struct esc_str line)
{
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_LINE);
    for (size_t i = 0; i < line.len; i++) {
        const size_t close = esc_str_find(line, ESC_STR("}"), i);
        const char *value = NULL;
        if (line.ptr[i] == '{' && close != SIZE_MAX)
            value = esc_map_get(table->names, esc_str_slice(line, i + 1, close));
        if (value) {
            esc_buf_add_text(&buf, value);
            i = close;
        } else {
            esc_buf_add_char(&buf, line.ptr[i]);
        }
    }
    return esc_buf_take(&buf);
}

/* ---- a statement ---- */

static struct esc_json *list_of(struct esc_str text, struct esc_str separator)
{
    struct esc_json *list = esc_json_array();
    while (text.len > 0)
        esc_json_push(list, esc_json_string(unquoted(take_until(&text, separator))));
    return list;
}

/* "Action": or, with `all but`, "NotAction": */
static void set_either(struct esc_json *statement, const char *plain, const char *negated,
                       struct esc_str text)
{
    const bool is_not = take_start(&text, ESC_STR("all but "));
    esc_json_set(statement, is_not ? negated : plain, list_of(text, ESC_STR(", ")));
}

static void add_principal(struct esc_json *principal, const char *type, struct esc_str name)
{
    if (!esc_json_member(principal, type))
        esc_json_set(principal, type, esc_json_array());
    esc_json_push(esc_json_get_mutable(principal, type), esc_json_string(name));
}

static void set_principal(struct esc_json *statement, struct esc_str text)
{
    const char *member = take_start(&text, ESC_STR("all but ")) ? "NotPrincipal" : "Principal";
    if (esc_str_is(text, "*")) {
        esc_json_set_text(statement, member, "*");
        return;
    }
    struct esc_json *principal = esc_json_object();
    while (text.len > 0) {
        struct esc_str name = take_until(&text, ESC_STR(", "));
        if (take_start(&name, ESC_STR("service:")))
            add_principal(principal, "Service", name);
        else if (take_start(&name, ESC_STR("federated:")))
            add_principal(principal, "Federated", name);
        else if (take_start(&name, ESC_STR("canonical:")))
            add_principal(principal, "CanonicalUser", name);
        else
            add_principal(principal, "AWS", name);
    }
    esc_json_set(statement, member, principal);
}

static void set_condition(struct esc_json *statement, struct esc_str text)
{
    struct esc_json *condition = esc_json_object();
    while (text.len > 0) {
        struct esc_str test = take_until(&text, ESC_STR(" and "));
        ESC_CLEANUP(esc_freep) char *operator_name = esc_str_dup(take_word(&test));
        const struct esc_str key = take_word(&test);
        if (!esc_json_member(condition, operator_name))
            esc_json_set(condition, operator_name, esc_json_object());
        esc_json_set_key(esc_json_get_mutable(condition, operator_name), key,
                         list_of(test, ESC_STR("|")));
    }
    esc_json_set(statement, "Condition", condition);
}

/* [Sid:] Allow|Deny ACTIONS [on RESOURCES] [to PRINCIPALS] [if CONDITIONS] */
static struct esc_json *statement_of(const struct table *table, struct esc_str text)
{
    struct esc_json *statement = esc_json_object();
    const struct esc_str whole = text;
    const size_t colon = find_outside(text, ESC_STR(": "));
    if (colon != SIZE_MAX && !esc_str_contains(esc_str_slice(text, 0, colon), ESC_STR(" ")))
        esc_json_set_str(statement, "Sid", take_until(&text, ESC_STR(": ")));
    const struct esc_str effect = take_word(&text);
    if (!esc_str_is(effect, "Allow") && !esc_str_is(effect, "Deny"))
        fail_line(table, "neither Allow nor Deny", whole);
    esc_json_set_str(statement, "Effect", effect);
    struct esc_str rest = take_until(&text, ESC_STR(" if "));
    const struct esc_str condition = text;
    struct esc_str before_to = take_until(&rest, ESC_STR(" to "));
    const struct esc_str actions = take_until(&before_to, ESC_STR(" on "));
    set_either(statement, "Action", "NotAction", actions);
    if (before_to.len > 0)
        set_either(statement, "Resource", "NotResource", before_to);
    if (rest.len > 0)
        set_principal(statement, rest);
    if (condition.len > 0)
        set_condition(statement, condition);
    return statement;
}

/* ---- what a case gives ---- */

static struct esc_json *nth_policy(struct esc_json *policies, size_t index)
{
    while (esc_json_len(policies) <= index) {
        struct esc_json *policy = esc_json_object();
        esc_json_set_text(policy, "Version", "2012-10-17");
        esc_json_set(policy, "Statement", esc_json_array());
        esc_json_push(policies, policy);
    }
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("[%zu]", index);
    return esc_json_get_mutable(policies, path);
}

static struct esc_json *member_list(struct esc_json *object, const char *name)
{
    if (!esc_json_member(object, name))
        esc_json_set(object, name, esc_json_array());
    return esc_json_get_mutable(object, name);
}

/* The policy a statement goes into: the number is that of the policy, or of the level. */
static struct esc_json *policy_for(struct esc_json *given, const char *layer, size_t index)
{
    struct esc_json *list = member_list(given, layer);
    if (!esc_text_equal(layer, "scp") && !esc_text_equal(layer, "rcp"))
        return nth_policy(list, index);
    while (esc_json_len(list) <= index)
        esc_json_push(list, esc_json_array());
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("[%zu]", index);
    return nth_policy(esc_json_get_mutable(list, path), 0);
}

/* LAYER [NUMBER] STATEMENT, LAYER [NUMBER] version VERSION, LAYER none, or LAYER unread: WHY */
static void read_layer(struct table *table, const char *layer, struct esc_str rest)
{
    uint64_t number = 1;
    struct esc_str after = rest;
    if (esc_num_u64(take_word(&after), &number) && number > 0)
        rest = after;
    else
        number = 1;
    if (esc_str_is(rest, "none")) {
        (void)member_list(table->given, layer);
    } else if (take_start(&rest, ESC_STR("unread: "))) {
        if (!esc_json_member(table->given, "unread"))
            esc_json_set(table->given, "unread", esc_json_object());
        esc_json_set_str(esc_json_get_mutable(table->given, "unread"), layer, rest);
    } else if (take_start(&rest, ESC_STR("version "))) {
        esc_json_set_str(policy_for(table->given, layer, number - 1), "Version", rest);
    } else {
        struct esc_json *policy = policy_for(table->given, layer, number - 1);
        esc_json_push(esc_json_get_mutable(policy, "Statement"), statement_of(table, rest));
    }
}

/* KEY VALUE|VALUE, KEY absent, KEY unknown */
static void read_context(struct esc_json *question, struct esc_str text)
{
    if (!esc_json_member(question, "context"))
        esc_json_set(question, "context", esc_json_object());
    struct esc_json *context = esc_json_get_mutable(question, "context");
    while (text.len > 0) {
        struct esc_str value = take_until(&text, ESC_STR(", "));
        const struct esc_str key = take_word(&value);
        if (esc_str_is(key, "others"))
            esc_json_set_str(question, "others", value);
        else if (esc_str_is(value, "absent"))
            esc_json_set_key(context, key, esc_json_null());
        else if (esc_str_is(value, "unknown"))
            esc_json_set_key(context, key, esc_json_object());
        else if (find_outside(value, ESC_STR("|")) != SIZE_MAX)
            esc_json_set_key(context, key, list_of(value, ESC_STR("|")));
        else
            esc_json_set_key(context, key, esc_json_string(unquoted(value)));
    }
}

/* `as NAME` and, of a session whose role is known, `of ROLE`. */
static void read_who(struct esc_json *question, struct esc_str text)
{
    esc_json_set_str(question, "principal", take_until(&text, ESC_STR(" of ")));
    esc_json_remove(question, "role");
    if (text.len > 0)
        esc_json_set_str(question, "role", text);
}

/* ---- questions ---- */

static void finish_question(struct table *table)
{
    if (!table->pending)
        return;
    const struct table_case one = {
        .file = table->file,
        .line = table->pending_line,
        .title = table->title,
        .question = table->pending,
        .expect = esc_str_of(table->expect),
        .says = esc_str_of(table->says),
    };
    table->take(&one);
    table->count++;
    esc_json_free(table->pending);
    table->pending = NULL;
    free(table->expect);
    free(table->says);
    table->expect = table->says = NULL;
}

/* [ACTION] [on RESOURCE] [as WHO] [with CONTEXT] → EXPECTED */
static void read_question(struct table *table, struct esc_str line)
{
    finish_question(table);
    struct esc_str asked = take_until(&line, ESC_STR("→"));
    table->pending = esc_json_copy(table->given);
    table->pending_line = table->line;
    table->expect = esc_str_dup(line);
    ESC_CLEANUP(esc_freep) char *padded = esc_sprintf(" %.*s", ESC_STR_ARG(asked));
    struct esc_str rest = esc_str_of(padded);
    struct esc_str front = take_until(&rest, ESC_STR(" with "));
    read_context(table->pending, rest);
    ESC_CLEANUP(esc_freep) char *padded_front = esc_sprintf(" %.*s", ESC_STR_ARG(front));
    rest = esc_str_of(padded_front);
    front = take_until(&rest, ESC_STR(" as "));
    if (rest.len > 0)
        read_who(table->pending, rest);
    ESC_CLEANUP(esc_freep) char *padded_action = esc_sprintf(" %.*s", ESC_STR_ARG(front));
    rest = esc_str_of(padded_action);
    const struct esc_str action = take_until(&rest, ESC_STR(" on "));
    if (action.len > 0)
        esc_json_set_str(table->pending, "action", action);
    if (take_start(&rest, ESC_STR("some ")))
        esc_json_set_bool(table->pending, "partial", true);
    if (rest.len > 0)
        esc_json_set_str(table->pending, "resource", rest);
}

static const char *layer_named(struct esc_str word)
{
    static const struct {
        const char *word, *member;
    } layers[] = {{"identity", "identity"},        {"boundary", "boundary"}, {"session", "session"},
                  {"resource", "resource_policy"}, {"scp", "scp"},           {"rcp", "rcp"}};
    for (size_t i = 0; i < ESC_COUNT(layers); i++) {
        if (esc_str_is(word, layers[i].word))
            return layers[i].member;
    }
    return NULL;
}

static void read_indented(struct table *table, struct esc_str line)
{
    struct esc_str rest = line;
    const struct esc_str word = take_word(&rest);
    if (find_outside(line, ESC_STR("→")) != SIZE_MAX)
        read_question(table, line);
    else if (esc_str_is(word, "says") && table->pending)
        table->says = esc_str_dup(rest);
    else if (layer_named(word))
        read_layer(table, layer_named(word), rest);
    else if (esc_str_is(word, "context"))
        read_context(table->given, rest);
    else if (esc_str_is(word, "as"))
        read_who(table->given, rest);
    else if (esc_str_is(word, "ask"))
        esc_json_set_str(table->given, "action", rest);
    else if (esc_str_is(word, "on"))
        esc_json_set_str(table->given, "resource", rest);
    else if (esc_str_is(word, "owner"))
        esc_json_set_str(table->given, "account", rest);
    else if (esc_str_is(word, "told"))
        esc_json_set_str(table->given, "told", rest);
    else if (esc_str_is(line, "in the management account"))
        esc_json_set_bool(table->given, "management", true);
    else
        fail_line(table, "not understood", line);
}

/* ---- the file ---- */

static void begin_case(struct table *table, struct esc_str title)
{
    finish_question(table);
    free(table->title);
    table->title = esc_str_dup(title);
    esc_json_free(table->given);
    table->given = esc_json_object();
    static const char *const usual[][2] = {
        {"principal", "principal"}, {"action", "action"}, {"resource", "resource"}};
    for (size_t i = 0; i < ESC_COUNT(usual); i++)
        esc_json_set_text(table->given, usual[i][0],
                          esc_map_get(table->names, esc_str_of(usual[i][1])));
    esc_json_set(table->given, "identity", esc_json_array());
    esc_json_set_text(table->given, "others", "unknown");
}

static void read_line(struct table *table, struct esc_str line)
{
    const struct esc_str text = esc_str_trim(line);
    if (text.len == 0 || text.ptr[0] == '#')
        return;
    ESC_CLEANUP(esc_freep) char *named = with_names(table, text);
    struct esc_str rest = esc_str_of(named);
    if (esc_is_space(line.ptr[0])) {
        read_indented(table, rest);
    } else if (take_start(&rest, ESC_STR("let "))) {
        const struct esc_str name = take_until(&rest, ESC_STR(" = "));
        esc_map_set(table->names, name, esc_str_dup(rest));
    } else {
        begin_case(table, text);
    }
}

unsigned table_read(const char *file, struct esc_str text,
                    void (*take)(const struct table_case *one))
{
    struct table table = {.file = file, .names = esc_map_new(free), .take = take};
    struct esc_str line;
    while (esc_str_next(&text, '\n', &line)) {
        table.line++;
        read_line(&table, line);
    }
    finish_question(&table);
    esc_map_free(table.names);
    esc_json_free(table.given);
    free(table.title);
    return table.count;
}
