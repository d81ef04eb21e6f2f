/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/yaml.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

enum {
    MAX_PATH = 256 /* bytes of a path whose place is kept */
};

/* `places` maps a path as esc_json_get() takes it ("steps[0].aws") to a struct place. */
struct place {
    int line, column; /* from 1 */
};

struct esc_yaml {
    char *name;
    struct esc_json *root;
    struct esc_map *places;
};

struct walk {
    struct esc_yaml *yaml;
    struct esc_buf path;
    unsigned depth;
    struct esc_error *err;
};

void esc_yaml_free(struct esc_yaml *yaml)
{
    if (!yaml)
        return;
    esc_json_free(yaml->root);
    esc_map_free(yaml->places);
    free(yaml->name);
    free(yaml);
}

const struct esc_json *esc_yaml_root(const struct esc_yaml *yaml)
{
    return yaml->root;
}

static struct place place_of(struct fy_node *node)
{
    const struct fy_token *token = NULL;
    if (fy_node_is_scalar(node))
        token = fy_node_get_scalar_token(node);
    const struct fy_mark *mark =
        token ? fy_token_start_mark((struct fy_token *)(uintptr_t)token) : NULL;
    if (mark)
        return (struct place){mark->line + 1, mark->column + 1};
    if (fy_node_is_mapping(node) && fy_node_mapping_item_count(node) > 0)
        return place_of(fy_node_pair_key(fy_node_mapping_get_by_index(node, 0)));
    if (fy_node_is_sequence(node) && fy_node_sequence_item_count(node) > 0)
        return place_of(fy_node_sequence_get_by_index(node, 0));
    return (struct place){0, 0};
}

static enum esc_status fail_at(const struct walk *walk, struct fy_node *node, const char *message)
{
    const struct place place = place_of(node);
    return esc_fail(walk->err, ESC_INVALID, "%s:%d:%d: %s", walk->yaml->name, place.line,
                    place.column, message);
}

static void remember(struct walk *walk, struct fy_node *node)
{
    if (walk->path.len > MAX_PATH)
        return; /* its parent's place will do; a text of long keys may not fill the memory */
    struct place *place = esc_alloc(sizeof *place);
    *place = place_of(node);
    esc_map_set(walk->yaml->places, esc_buf_str(&walk->path), place);
}

/* The core schema narrowed to JSON's words, so that `no`, `007` and `1_000` stay text. */
static struct esc_json *plain_scalar(struct esc_str text)
{
    int64_t whole;
    double real;
    if (text.len == 0 || esc_str_is(text, "null") || esc_str_is(text, "~"))
        return esc_json_null();
    if (esc_str_is(text, "true") || esc_str_is(text, "false"))
        return esc_json_bool(text.ptr[0] == 't');
    if (!esc_num_double(text, &real)) /* JSON's grammar of numbers, whole ones too */
        return esc_json_string(text);
    if (esc_num_i64(text, &whole))
        return esc_json_int(whole);
    const bool has_fraction = memchr(text.ptr, '.', text.len) || memchr(text.ptr, 'e', text.len) ||
                              memchr(text.ptr, 'E', text.len);
    /* A whole number that does not fit would lose digits as a real one. */
    return has_fraction ? esc_json_real(real) : esc_json_string(text);
}

static enum esc_status convert(struct walk *walk, struct fy_node *node, struct esc_json **out);

static enum esc_status convert_scalar(struct walk *walk, struct fy_node *node,
                                      struct esc_json **out)
{
    struct esc_str text;
    text.ptr = fy_node_get_scalar(node, &text.len);
    if (text.len && memchr(text.ptr, '\0', text.len))
        return fail_at(walk, node, "a NUL character is not allowed");
    struct fy_token *token = fy_node_get_scalar_token(node);
    const bool plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    *out = plain ? plain_scalar(text) : esc_json_string(text);
    return ESC_OK;
}

static enum esc_status convert_sequence(struct walk *walk, struct fy_node *node,
                                        struct esc_json **out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *array = esc_json_array();
    const size_t path_len = walk->path.len;
    void *position = NULL;
    struct fy_node *item_node;
    while ((item_node = fy_node_sequence_iterate(node, &position))) {
        esc_buf_printf(&walk->path, "[%zu]", esc_json_len(array));
        struct esc_json *item = NULL;
        const enum esc_status status = convert(walk, item_node, &item);
        if (status != ESC_OK)
            return status;
        esc_json_push(array, item);
        walk->path.len = path_len;
    }
    *out = ESC_STEAL(array);
    return ESC_OK;
}

static bool is_decorated(struct fy_node *node)
{
    return fy_node_is_alias(node) || fy_node_get_anchor(node) || fy_node_get_tag_token(node);
}

static enum esc_status read_key(struct walk *walk, struct fy_node *node, struct fy_node *mapping,
                                struct esc_str *key)
{
    if (!node || !fy_node_is_scalar(node) || is_decorated(node))
        return fail_at(walk, node ? node : mapping, "a key must be plain text");
    key->ptr = fy_node_get_scalar(node, &key->len);
    if (key->len && memchr(key->ptr, '\0', key->len))
        return fail_at(walk, node, "a NUL character is not allowed");
    return ESC_OK;
}

static enum esc_status convert_mapping(struct walk *walk, struct fy_node *node,
                                       struct esc_json **out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *object = esc_json_object();
    const size_t path_len = walk->path.len;
    void *position = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &position))) {
        struct fy_node *key_node = fy_node_pair_key(pair);
        struct esc_str key;
        struct esc_json *value = NULL;
        enum esc_status status = read_key(walk, key_node, node, &key);
        if (status != ESC_OK)
            return status;
        esc_buf_printf(&walk->path, "%s%.*s", path_len ? "." : "", ESC_STR_ARG(key));
        status = convert(walk, fy_node_pair_value(pair), &value);
        if (status != ESC_OK)
            return status;
        remember(walk, key_node);
        const size_t before = esc_json_len(object);
        esc_json_set_key(object, key, value);
        if (esc_json_len(object) == before)
            return fail_at(walk, key_node, "the same key stands here twice");
        walk->path.len = path_len;
    }
    *out = ESC_STEAL(object);
    return ESC_OK;
}

static enum esc_status convert(struct walk *walk, struct fy_node *node, struct esc_json **out)
{
    if (!node) {
        *out = esc_json_null();
        return ESC_OK;
    }
    if (fy_node_is_alias(node) || fy_node_get_anchor(node))
        return fail_at(walk, node, "anchors and aliases are not allowed");
    if (fy_node_get_tag_token(node))
        return fail_at(walk, node, "tags are not allowed");
    remember(walk, node);
    if (fy_node_is_scalar(node))
        return convert_scalar(walk, node, out);
    if (++walk->depth > ESC_MAX_JSON_DEPTH)
        return fail_at(walk, node, "nests too deeply");
    const enum esc_status status = fy_node_is_sequence(node) ? convert_sequence(walk, node, out)
                                                             : convert_mapping(walk, node, out);
    walk->depth--;
    return status;
}

/* libfyaml's first collected error as "name:line:column: message". */
static enum esc_status fail_from(struct fy_diag *diag, const char *name, struct esc_error *err)
{
    void *position = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &position);
    if (!first)
        return esc_fail(err, ESC_INVALID, "%s: not YAML", name);
    return esc_fail(err, ESC_INVALID, "%s:%d:%d: %s", name, first->line, first->column, first->msg);
}

static struct fy_diag *collecting_diag(void)
{
    struct fy_diag_cfg config;
    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.output_fn = NULL;
    struct fy_diag *diag = fy_diag_create(&config);
    if (diag)
        fy_diag_set_collect_errors(diag, true);
    return diag;
}

/* The one document of the text; NULL with err filled when there is none or more than one. */
static struct fy_document *load(struct esc_str text, const char *name, struct fy_diag *diag,
                                struct fy_parser **parser, struct esc_error *err)
{
    const struct fy_parse_cfg config = {.search_path = "",
                                        .diag = diag,
                                        /* libfyaml compares each key with all before it; the
                                         * object that takes them finds a second one quicker */
                                        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
                                                 FYPCF_DISABLE_RECYCLING |
                                                 FYPCF_ALLOW_DUPLICATE_KEYS};
    *parser = fy_parser_create(&config);
    if (!*parser || fy_parser_set_string(*parser, text.ptr, text.len) != 0) {
        (void)fail_from(diag, name, err);
        return NULL;
    }
    struct fy_document *document = fy_parse_load_document(*parser);
    if (!document) {
        (void)fail_from(diag, name, err);
        return NULL;
    }
    struct fy_document *second = fy_parse_load_document(*parser);
    if (second) {
        fy_parse_document_destroy(*parser, second);
        fy_parse_document_destroy(*parser, document);
        (void)esc_fail(err, ESC_INVALID, "%s: more than one document", name);
        return NULL;
    }
    if (fy_diag_got_error(diag)) { /* what follows the document is not YAML */
        fy_parse_document_destroy(*parser, document);
        (void)fail_from(diag, name, err);
        return NULL;
    }
    return document;
}

static enum esc_status parse_with(struct esc_str text, const char *name, struct fy_diag *diag,
                                  struct esc_yaml *yaml, struct esc_error *err)
{
    struct fy_parser *parser = NULL;
    struct fy_document *document = load(text, name, diag, &parser, err);
    enum esc_status status = ESC_INVALID;
    if (document) {
        struct walk walk = {.yaml = yaml, .err = err};
        esc_buf_init(&walk.path, ESC_MAX_YAML);
        status = convert(&walk, fy_document_root(document), &yaml->root);
        esc_buf_done(&walk.path);
        fy_parse_document_destroy(parser, document);
    }
    if (parser)
        fy_parser_destroy(parser);
    return status;
}

enum esc_status esc_yaml_parse(struct esc_str text, const char *name, struct esc_yaml **out,
                               struct esc_error *err)
{
    if (text.len > ESC_MAX_YAML)
        return esc_fail(err, ESC_LIMIT, "%s: larger than %d bytes", name, ESC_MAX_YAML);
    if (!esc_utf8_is_valid(text))
        return esc_fail(err, ESC_INVALID, "%s: not UTF-8", name);
    if (text.len && memchr(text.ptr, '\0', text.len)) /* libfyaml would take it for the end */
        return esc_fail(err, ESC_INVALID, "%s: a NUL character is not allowed", name);
    struct fy_diag *diag = collecting_diag();
    if (!diag)
        return esc_fail(err, ESC_IO, "%s: the YAML reader did not start", name);
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *yaml = esc_alloc_zero(sizeof *yaml);
    yaml->name = esc_strdup(name);
    yaml->places = esc_map_new(free);
    const enum esc_status status = parse_with(text, name, diag, yaml, err);
    fy_diag_destroy(diag);
    if (status == ESC_OK)
        *out = ESC_STEAL(yaml);
    return status;
}

/* "a[0].b" → "a[0]" → "a" → "". */
static struct esc_str parent_of(struct esc_str path)
{
    while (path.len && path.ptr[path.len - 1] != '.' && path.ptr[path.len - 1] != '[')
        path.len--;
    if (path.len)
        path.len--;
    return path;
}

enum esc_status esc_yaml_fail(const struct esc_yaml *yaml, const char *path, struct esc_error *err,
                              const char *format, ...)
{
    char message[ESC_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments); /* cut when longer */
    va_end(arguments);
    struct esc_str at = esc_str_of(path);
    const struct place *place = esc_map_get(yaml->places, at);
    while (!place && at.len) {
        at = parent_of(at);
        place = esc_map_get(yaml->places, at);
    }
    const struct place start = {1, 1};
    if (!place)
        place = &start;
    return esc_fail(err, ESC_INVALID, "%s:%d:%d: %s", yaml->name, place->line, place->column,
                    message);
}
