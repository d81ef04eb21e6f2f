/* SPDX-License-Identifier: Apache-2.0 */

/* The whole document: its plain members by table, its nested ones part by part. */

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/crypt/digest.h"
#include "escher/playbook/format_private.h"

#define PLAYBOOK_OFFSET(member) offsetof(struct esc_playbook, member)

static const char *const value_words[] = {"identifier", "name", "integer", NULL};
static const char *const otherwise_words[] = {"block", "warn", NULL};
static const char *const level_words[] = {"low", "medium", "high", NULL};
static const char *const reversible_words[] = {"full", "partial", "none", NULL};

static const struct field top_fields[] = {
    {"schema", FIELD_OTHER, true, 0, NULL},
    {"id", FIELD_TEXT, true, PLAYBOOK_OFFSET(id), NULL},
    {"version", FIELD_TEXT, true, PLAYBOOK_OFFSET(version), NULL},
    {"title", FIELD_TEXT, true, PLAYBOOK_OFFSET(title), NULL},
    {"verb", FIELD_TEXT, true, PLAYBOOK_OFFSET(verb), NULL},
    {"words", FIELD_OTHER, true, 0, NULL},
    {"intents", FIELD_OTHER, true, 0, NULL},
    {"tags", FIELD_OTHER, true, 0, NULL},
    {"applies_to", FIELD_OTHER, true, 0, NULL},
    {"parameters", FIELD_OTHER, true, 0, NULL},
    {"attributes", FIELD_OTHER, false, 0, NULL},
    {"requires", FIELD_OTHER, true, 0, NULL},
    {"capture", FIELD_OTHER, true, 0, NULL},
    {"preconditions", FIELD_OTHER, true, 0, NULL},
    {"risk", FIELD_OTHER, true, 0, NULL},
    {"explain", FIELD_OTHER, true, 0, NULL},
    {"steps", FIELD_OTHER, true, 0, NULL},
    {"verify", FIELD_OTHER, true, 0, NULL},
    {"notes", FIELD_OTHER, false, 0, NULL},
    {"tests", FIELD_OTHER, true, 0, NULL},
};

static enum esc_status read_top(const struct reader *reader, const struct esc_json *root)
{
    struct esc_playbook *playbook = reader->playbook;
    enum esc_status status =
        format_fields(reader, "", root, top_fields, ESC_COUNT(top_fields), playbook);
    if (status != ESC_OK)
        return status;
    if (!esc_text_equal(esc_json_str(root, "schema", ""), "escher.playbook/1"))
        return format_fail(reader, "schema", "the schema must be escher.playbook/1");
    return format_texts(reader, "words", esc_json_member(root, "words"), &playbook->words,
                        &playbook->word_count);
}

static const struct field tag_fields[] = {
    {"provider", FIELD_TEXT, true, PLAYBOOK_OFFSET(provider), NULL},
    {"service", FIELD_TEXT, true, PLAYBOOK_OFFSET(service), NULL},
};
static const struct field intent_fields[] = {
    {"yes", FIELD_OTHER, true, 0, NULL},
    {"no", FIELD_OTHER, true, 0, NULL},
};

static enum esc_status read_tags_and_intents(const struct reader *reader,
                                             const struct esc_json *root)
{
    struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = format_fields(reader, "tags", esc_json_member(root, "tags"),
                                           tag_fields, ESC_COUNT(tag_fields), playbook);
    if (status == ESC_OK)
        status = format_fields(reader, "intents", esc_json_member(root, "intents"), intent_fields,
                               ESC_COUNT(intent_fields), playbook);
    if (status == ESC_OK)
        status = format_texts(reader, "intents.yes", esc_json_get(root, "intents.yes"),
                              &playbook->yes, &playbook->yes_count);
    if (status == ESC_OK)
        status = format_texts(reader, "intents.no", esc_json_get(root, "intents.no"), &playbook->no,
                              &playbook->no_count);
    return status;
}

static const struct field applies_fields[] = {
    {"type", FIELD_OTHER, true, 0, NULL},
    {"where", FIELD_EXPRESSION, false, PLAYBOOK_OFFSET(where), NULL},
    {"why", FIELD_TEMPLATE, false, PLAYBOOK_OFFSET(why), NULL},
};

static enum esc_status read_applies(const struct reader *reader, const struct esc_json *root)
{
    struct esc_playbook *playbook = reader->playbook;
    const enum esc_status status =
        format_fields(reader, "applies_to", esc_json_member(root, "applies_to"), applies_fields,
                      ESC_COUNT(applies_fields), playbook);
    if (status != ESC_OK)
        return status;
    const char *type = esc_json_str(root, "applies_to.type", "");
    playbook->type = esc_resource_type_find(type);
    if (!playbook->type)
        return format_fail(reader, "applies_to.type", "`%.60s` is no resource type", type);
    return ESC_OK;
}

static const struct field parameter_fields[] = {
    {"type", FIELD_CHOICE, true, offsetof(struct esc_parameter, type), value_words},
    {"from", FIELD_TEXT, true, offsetof(struct esc_parameter, from), NULL},
    {"pattern", FIELD_PATTERN, false, offsetof(struct esc_parameter, pattern), NULL},
    {"min", FIELD_NUMBER, false, offsetof(struct esc_parameter, min), NULL},
    {"max", FIELD_NUMBER, false, offsetof(struct esc_parameter, max), NULL},
    {"unit", FIELD_TEXT, false, offsetof(struct esc_parameter, unit), NULL},
    {"ask", FIELD_TEXT, false, offsetof(struct esc_parameter, ask), NULL},
};

/* A mapping from names to things: `read` is told each with its path. */
typedef enum esc_status read_named_fn(const struct reader *reader, const char *path,
                                      const char *name, const struct esc_json *value);

static enum esc_status read_named(const struct reader *reader, const struct esc_json *root,
                                  const char *key, read_named_fn *read)
{
    const struct esc_json *object = esc_json_member(root, key);
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    if (!object)
        return ESC_OK;
    enum esc_status status = format_need(reader, key, object, ESC_JSON_OBJECT);
    while (status == ESC_OK && esc_json_next(object, &position, &name, &value)) {
        ESC_CLEANUP(esc_freep) char *path = format_path(key, name);
        status = read(reader, path, name, value);
    }
    return status;
}

static enum esc_status read_parameter(const struct reader *reader, const char *path,
                                      const char *name, const struct esc_json *value)
{
    struct esc_playbook *playbook = reader->playbook;
    struct esc_parameter *parameter = &playbook->parameters[playbook->parameter_count++];
    parameter->name = esc_strdup(name);
    const enum esc_status status = format_fields(reader, path, value, parameter_fields,
                                                 ESC_COUNT(parameter_fields), parameter);
    if (!parameter->unit)
        parameter->unit = esc_strdup("");
    return status;
}

static const struct field attribute_fields[] = {
    {"from", FIELD_TEXT, true, offsetof(struct esc_attribute, from), NULL},
    {"words", FIELD_OTHER, false, 0, NULL},
    {"otherwise", FIELD_TEXT, true, offsetof(struct esc_attribute, otherwise), NULL},
};

static enum esc_status read_attribute(const struct reader *reader, const char *path,
                                      const char *name, const struct esc_json *value)
{
    struct esc_playbook *playbook = reader->playbook;
    struct esc_attribute *attribute = &playbook->attributes[playbook->attribute_count++];
    attribute->name = esc_strdup(name);
    const enum esc_status status = format_fields(reader, path, value, attribute_fields,
                                                 ESC_COUNT(attribute_fields), attribute);
    const struct esc_json *words = esc_json_member(value, "words");
    if (status != ESC_OK || !words)
        return status;
    ESC_CLEANUP(esc_freep) char *inner = format_path(path, "words");
    attribute->words = esc_json_copy(words);
    return format_need(reader, inner, words, ESC_JSON_OBJECT);
}

static const struct field capture_fields[] = {
    {"probe", FIELD_OTHER, true, 0, NULL},
    {"select", FIELD_OTHER, true, 0, NULL},
    {"missing", FIELD_OTHER, false, 0, NULL},
};

static enum esc_status read_capture(const struct reader *reader, const char *path, const char *name,
                                    const struct esc_json *value)
{
    struct esc_playbook *playbook = reader->playbook;
    struct esc_probe probe = {0};
    enum esc_status status =
        format_fields(reader, path, value, capture_fields, ESC_COUNT(capture_fields), &probe);
    if (status == ESC_OK && esc_json_is(esc_json_member(value, "probe"), ESC_JSON_STRING))
        return format_fail(reader, path, "a capture has a call of its own");
    if (status == ESC_OK)
        status = format_probe(reader, path, value, &probe);
    struct esc_capture *capture = &playbook->captures[playbook->capture_count++];
    capture->name = esc_strdup(name);
    capture->probe = probe;
    return status;
}

/* A list of mappings: `read` is told each with its path. */
typedef enum esc_status read_row_fn(const struct reader *reader, const char *path,
                                    const struct esc_json *value);

static enum esc_status read_rows(const struct reader *reader, const char *path,
                                 const struct esc_json *array, read_row_fn *read)
{
    if (!array)
        return ESC_OK;
    enum esc_status status = format_need(reader, path, array, ESC_JSON_ARRAY);
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(array); i++) {
        ESC_CLEANUP(esc_freep) char *inner = format_path_at(path, i);
        status = read(reader, inner, esc_json_at(array, i));
    }
    return status;
}

static const struct field precondition_fields[] = {
    {"id", FIELD_TEXT, true, offsetof(struct esc_precondition, id), NULL},
    {"expect", FIELD_EXPRESSION, true, offsetof(struct esc_precondition, expect), NULL},
    {"else", FIELD_CHOICE, true, offsetof(struct esc_precondition, otherwise), otherwise_words},
    {"reason", FIELD_TEMPLATE, true, offsetof(struct esc_precondition, reason), NULL},
    {"noop_if", FIELD_EXPRESSION, false, offsetof(struct esc_precondition, noop_if), NULL},
    {"noop_reason", FIELD_TEMPLATE, false, offsetof(struct esc_precondition, noop_reason), NULL},
};

static enum esc_status read_precondition(const struct reader *reader, const char *path,
                                         const struct esc_json *value)
{
    struct esc_playbook *playbook = reader->playbook;
    struct esc_precondition *row = &playbook->preconditions[playbook->precondition_count++];
    const enum esc_status status = format_fields(reader, path, value, precondition_fields,
                                                 ESC_COUNT(precondition_fields), row);
    if (status == ESC_OK && !row->noop_if != !row->noop_reason)
        return format_fail(reader, path, "`noop_if` and `noop_reason` go together");
    return status;
}

static const struct field rule_fields[] = {
    {"when", FIELD_EXPRESSION, true, offsetof(struct esc_risk_rule, when), NULL},
    {"level", FIELD_CHOICE, false, offsetof(struct esc_risk_rule, level), level_words},
    {"reason", FIELD_TEMPLATE, true, offsetof(struct esc_risk_rule, reason), NULL},
    {"impact", FIELD_TEMPLATE, false, offsetof(struct esc_risk_rule, impact), NULL},
};

static enum esc_status read_rule(const struct reader *reader, const char *path,
                                 const struct esc_json *value)
{
    struct esc_risk *risk = &reader->playbook->risk;
    return format_fields(reader, path, value, rule_fields, ESC_COUNT(rule_fields),
                         &risk->rules[risk->rule_count++]);
}

static const struct field risk_fields[] = {
    {"base", FIELD_CHOICE, true, offsetof(struct esc_risk, base), level_words},
    {"rules", FIELD_OTHER, false, 0, NULL},
    {"impact", FIELD_TEMPLATE, true, offsetof(struct esc_risk, impact), NULL},
    {"reversible", FIELD_CHOICE, true, offsetof(struct esc_risk, reversible), reversible_words},
    {"because", FIELD_TEXT, false, offsetof(struct esc_risk, irreversible_because), NULL},
    {"downtime", FIELD_OTHER, false, 0, NULL},
};
static const struct field downtime_fields[] = {
    {"typical", FIELD_DURATION, true, offsetof(struct esc_risk, downtime_typical_ms), NULL},
    {"max", FIELD_DURATION, true, offsetof(struct esc_risk, downtime_max_ms), NULL},
};

static enum esc_status read_risk(const struct reader *reader, const struct esc_json *root)
{
    struct esc_risk *risk = &reader->playbook->risk;
    const struct esc_json *json = esc_json_member(root, "risk");
    const struct esc_json *rules = esc_json_member(json, "rules");
    const struct esc_json *downtime = esc_json_member(json, "downtime");
    enum esc_status status =
        format_fields(reader, "risk", json, risk_fields, ESC_COUNT(risk_fields), risk);
    if (status == ESC_OK && downtime)
        status = format_fields(reader, "risk.downtime", downtime, downtime_fields,
                               ESC_COUNT(downtime_fields), risk);
    risk->rules = esc_alloc_array(esc_json_len(rules) + 1, sizeof *risk->rules);
    return status == ESC_OK ? read_rows(reader, "risk.rules", rules, read_rule) : status;
}

static const struct field sentence_fields[] = {
    {"when", FIELD_EXPRESSION, false, offsetof(struct esc_sentence, when), NULL},
    {"text", FIELD_TEMPLATE, true, offsetof(struct esc_sentence, text), NULL},
};

static enum esc_status read_sentence(const struct reader *reader, const char *path,
                                     const struct esc_json *value)
{
    struct esc_playbook *playbook = reader->playbook;
    return format_fields(reader, path, value, sentence_fields, ESC_COUNT(sentence_fields),
                         &playbook->explain[playbook->explain_count++]);
}

static const struct field requires_fields[] = {{"iam", FIELD_OTHER, true, 0, NULL}};

static enum esc_status read_requires(const struct reader *reader, const struct esc_json *root)
{
    struct esc_playbook *playbook = reader->playbook;
    const enum esc_status status =
        format_fields(reader, "requires", esc_json_member(root, "requires"), requires_fields,
                      ESC_COUNT(requires_fields), playbook);
    return status == ESC_OK
               ? format_texts(reader, "requires.iam", esc_json_get(root, "requires.iam"),
                              &playbook->actions, &playbook->action_count)
               : status;
}

/* Room for every row there can be, so that pointers into the lists stay. */
static void make_room(struct esc_playbook *playbook, const struct esc_json *root)
{
    playbook->parameters = esc_alloc_array(esc_json_len(esc_json_member(root, "parameters")) + 1,
                                           sizeof *playbook->parameters);
    playbook->attributes = esc_alloc_array(esc_json_len(esc_json_member(root, "attributes")) + 1,
                                           sizeof *playbook->attributes);
    playbook->captures = esc_alloc_array(esc_json_len(esc_json_member(root, "capture")) + 1,
                                         sizeof *playbook->captures);
    playbook->preconditions = esc_alloc_array(
        esc_json_len(esc_json_member(root, "preconditions")) + 1, sizeof *playbook->preconditions);
    playbook->explain = esc_alloc_array(esc_json_len(esc_json_member(root, "explain")) + 1,
                                        sizeof *playbook->explain);
}

static enum esc_status read_parts(const struct reader *reader, const struct esc_json *root)
{
    struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = read_top(reader, root);
    if (status == ESC_OK)
        status = read_tags_and_intents(reader, root);
    if (status == ESC_OK)
        status = read_applies(reader, root);
    make_room(playbook, root);
    if (status == ESC_OK)
        status = read_named(reader, root, "parameters", read_parameter);
    if (status == ESC_OK)
        status = read_named(reader, root, "attributes", read_attribute);
    if (status == ESC_OK)
        status = read_requires(reader, root);
    if (status == ESC_OK)
        status = read_named(reader, root, "capture", read_capture);
    if (status == ESC_OK)
        status = read_rows(reader, "preconditions", esc_json_member(root, "preconditions"),
                           read_precondition);
    if (status == ESC_OK)
        status = read_risk(reader, root);
    if (status == ESC_OK)
        status = read_rows(reader, "explain", esc_json_member(root, "explain"), read_sentence);
    if (status == ESC_OK)
        status = format_steps(reader, esc_json_member(root, "steps"));
    if (status == ESC_OK)
        status = format_verify(reader, esc_json_member(root, "verify"));
    if (status == ESC_OK)
        status = format_texts(reader, "notes", esc_json_member(root, "notes"), &playbook->notes,
                              &playbook->note_count);
    if (status == ESC_OK)
        playbook->tests = esc_json_copy(esc_json_member(root, "tests")); /* read_top() saw it */
    return status;
}

/* "playbooks/x.yaml" is called x inside, too. */
static enum esc_status check_file_name(const struct reader *reader, struct esc_str name)
{
    const struct esc_str id = esc_str_of(reader->playbook->id);
    struct esc_str rest = name, piece = name;
    while (esc_str_next(&rest, '/', &piece))
        continue;
    if (esc_str_equal(esc_str_slice(piece, 0, id.len), id) &&
        esc_str_is(esc_str_slice(piece, id.len, piece.len), ".yaml"))
        return ESC_OK;
    return format_fail(reader, "id", "the id must be the file's name");
}

enum esc_status esc_playbook_load(struct esc_str yaml, const char *name, struct esc_playbook **out,
                                  struct esc_error *err)
{
    struct esc_error scratch; /* messages are moved along on the way up, so there must be one */
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *document = NULL;
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *playbook = esc_alloc_zero(sizeof *playbook);
    err = err ? err : &scratch;
    enum esc_status status = esc_yaml_parse(yaml, name, &document, err);
    if (status != ESC_OK)
        return status;
    const struct reader reader = {.yaml = document, .playbook = playbook, .err = err};
    status = read_parts(&reader, esc_yaml_root(document));
    if (status == ESC_OK)
        status = check_file_name(&reader, esc_str_of(name));
    if (status == ESC_OK)
        status = playbook_check(&reader);
    if (status != ESC_OK)
        return status;
    esc_sha256_hex(yaml, playbook->sha256);
    *out = ESC_STEAL(playbook);
    return ESC_OK;
}
