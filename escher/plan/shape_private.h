/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Documents described by tables: for each member of each object its type, whether it must be
 * there, and what else must hold of it. A member that no table has is refused, whatever it holds.
 * Both what comes from a planner (response.c) and what comes back from a store (plan_check.c) is
 * read this way; docs/formats/ says the same in JSON Schema.
 */

#include "escher/base/error.h"
#include "escher/base/json.h"

struct plan_shape;

struct plan_field {
    const char *name;                /* NULL ends a table */
    enum esc_json_type type;         /* ESC_JSON_NULL: a string, a whole number or a boolean */
    bool required;                   /* otherwise it may be missing */
    const struct plan_shape *inside; /* of an object or of each element; NULL elements: strings */
    const char *const *words;        /* a string must be one of these, ends with NULL; NULL: any */
    bool (*allows)(const struct esc_json *value); /* NULL: any value of the type */
};

struct plan_shape {
    const struct plan_field *fields; /* NULL: an object with members of any name */
};

/* Rows of a table. */
#define PLAN_TEXT(name)                                                                            \
    {                                                                                              \
        (name), ESC_JSON_STRING, true, NULL, NULL, NULL                                            \
    }
#define PLAN_MAY_TEXT(name)                                                                        \
    {                                                                                              \
        (name), ESC_JSON_STRING, false, NULL, NULL, NULL                                           \
    }
#define PLAN_WORD(name, words)                                                                     \
    {                                                                                              \
        (name), ESC_JSON_STRING, true, NULL, (words), NULL                                         \
    }
#define PLAN_THAT(name, type, allows)                                                              \
    {                                                                                              \
        (name), (type), true, NULL, NULL, (allows)                                                 \
    }
#define PLAN_FLAG(name)                                                                            \
    {                                                                                              \
        (name), ESC_JSON_BOOL, true, NULL, NULL, NULL                                              \
    }
#define PLAN_COUNT(name)                                                                           \
    {                                                                                              \
        (name), ESC_JSON_INT, true, NULL, NULL, plan_is_count                                      \
    }
#define PLAN_OBJECT(name, required, shape)                                                         \
    {                                                                                              \
        (name), ESC_JSON_OBJECT, (required), (shape), NULL, NULL                                   \
    }
#define PLAN_LIST(name, required, shape)                                                           \
    {                                                                                              \
        (name), ESC_JSON_ARRAY, (required), (shape), NULL, NULL                                    \
    }
#define PLAN_END                                                                                   \
    {                                                                                              \
        NULL, ESC_JSON_NULL, false, NULL, NULL, NULL                                               \
    }

bool plan_is_count(const struct esc_json *value);   /* not negative */
bool plan_is_digest(const struct esc_json *value);  /* SHA-256 as lower-case hex */
bool plan_is_account(const struct esc_json *value); /* twelve digits */

extern const struct plan_shape plan_any_members;
extern const struct plan_shape plan_playbook_shape; /* {id, version, sha256} */
extern const struct plan_shape plan_parameter_shape;
extern const struct plan_shape plan_risk_shape;

/** How a refusal is put. */
struct plan_reader {
    const char *whose;      /* "the planner's answer" */
    enum esc_status status; /* of the error */
};

/** Checks @p object at @p path ("" is the document). @errors the reader's status, with the path. */
enum esc_status plan_shape_check(const struct plan_reader *reader, const struct plan_shape *shape,
                                 const struct esc_json *object, const char *path,
                                 struct esc_error *err);
