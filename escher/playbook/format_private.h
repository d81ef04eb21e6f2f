/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reading a playbook's YAML into structs: tables of fields for what is plain, functions for what
 * is nested. Every complaint has the place of the value it is about.
 */

#include <stddef.h>

#include "escher/base/yaml.h"
#include "escher/playbook/playbook.h"

struct reader {
    const struct esc_yaml *yaml;
    struct esc_playbook *playbook; /* being filled, in the order of the struct */
    struct esc_error *err;
};

enum field_kind {
    FIELD_TEXT,       /* char * */
    FIELD_TEMPLATE,   /* char *, checked */
    FIELD_EXPRESSION, /* struct esc_expression * */
    FIELD_PATTERN,    /* struct esc_pattern * */
    FIELD_DURATION,   /* uint64_t, milliseconds */
    FIELD_NUMBER,     /* int64_t */
    FIELD_FLAG,       /* bool */
    FIELD_CHOICE,     /* an enum, by the index of its word */
    FIELD_OTHER,      /* known, read elsewhere */
};

struct field {
    const char *key;
    enum field_kind kind;
    bool required;
    size_t offset;
    const char *const *words; /* CHOICE: ends with NULL */
};

/** The path of a member or element below @p path, owned by the caller. */
char *format_path(const char *path, const char *key);
char *format_path_at(const char *path, size_t index);
enum esc_status format_fail(const struct reader *reader, const char *path, const char *format, ...)
    ESC_PRINTF(3, 4);
/** Fails at @p path with the message that stands in the reader's error. */
enum esc_status format_fail_here(const struct reader *reader, const char *path);

/** Reads the members of @p object, which stands at @p path, into @p base. Unknown ones, missing
 *  ones and those of another type are errors. */
enum esc_status format_fields(const struct reader *reader, const char *path,
                              const struct esc_json *object, const struct field *fields,
                              size_t field_count, void *base);
/** Reads a list of texts; missing is empty. */
enum esc_status format_texts(const struct reader *reader, const char *path,
                             const struct esc_json *array, char ***out, size_t *count);
/** @p value must be of @p type, "a list" or "a mapping". */
enum esc_status format_need(const struct reader *reader, const char *path,
                            const struct esc_json *value, enum esc_json_type type);

/** [service, verb, --option, value, ...] */
enum esc_status format_call(const struct reader *reader, const char *path,
                            const struct esc_json *argv, struct esc_call_template *out);
/** The keys probe, select and missing of @p object; a probe may be the name of a capture. */
enum esc_status format_probe(const struct reader *reader, const char *path,
                             const struct esc_json *object, struct esc_probe *out);
enum esc_status format_steps(const struct reader *reader, const struct esc_json *array);
enum esc_status format_verify(const struct reader *reader, const struct esc_json *array);

/** What a playbook must have beyond its form. */
enum esc_status playbook_check(const struct reader *reader);
