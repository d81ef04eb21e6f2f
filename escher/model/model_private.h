/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A noun of this room as a table: one row per member says its JSON name, its kind and where it
 * lies in the struct. Reading, writing, copying and freeing all follow the table, so that a
 * member cannot be forgotten in one of them.
 *
 *     fresh ──model_read──▶ filled ──model_write──▶ JSON object
 *       ▲                     │
 *       └─── model_done ◀─────┘        model_copy: filled → another fresh one
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

enum model_kind {
    MODEL_TEXT,   /* char *; NULL is absent */
    MODEL_TIME,   /* uint64_t milliseconds, RFC 3339 in JSON; 0 is absent */
    MODEL_COUNT,  /* unsigned, at most `most`; 0 is absent */
    MODEL_FLAG,   /* bool; false is absent */
    MODEL_TEXTS,  /* struct esc_list of char *, initialised with free; empty is absent */
    MODEL_TAGS,   /* struct esc_json *, an object of strings */
    MODEL_OBJECT, /* struct esc_json *, any object; NULL is absent */
    MODEL_NESTED, /* whatever `nested` says */
};

/** A member that is not a plain value. `member` points at it inside the record. */
struct model_nested {
    enum esc_status (*read)(const struct esc_json *json, void *member, struct esc_error *err);
    struct esc_json *(*write)(const void *member); /* NULL: absent */
    void (*done)(void *member);
    void (*copy)(const void *from, void *to);
};

struct model_field {
    const char *name;
    enum model_kind kind;
    size_t offset;
    bool required;
    const char *expects; /* what a valid text is, for the message: "twelve digits" */
    bool (*is_valid)(struct esc_str text); /* of a text, or of each of the texts; NULL: not empty */
    const struct model_nested *nested;
    unsigned most;
};

struct model_shape {
    const char *title; /* "resource": starts the message of an error */
    const struct model_field *fields;
    size_t field_count;
};

/** Fills the fresh @p record. Unknown members are refused. On failure the record may be half
 *  filled; model_done frees it. @errors ESC_INVALID, ESC_LIMIT (a text over ESC_MAX_NAME). */
enum esc_status model_read(const struct model_shape *shape, const struct esc_json *json,
                           void *record, struct esc_error *err);
/** A new object with the members that are there; owned by the caller. */
struct esc_json *model_write(const struct model_shape *shape, const void *record);
/** Frees what the members own; the record can be thrown away afterwards. */
void model_done(const struct model_shape *shape, void *record);
/** Deep copies into the fresh record @p to. */
void model_copy(const struct model_shape *shape, const void *from, void *to);

/** Whether @p text is one of @p words (ends with NULL). */
bool model_is_one_of(struct esc_str text, const char *const *words);
