/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tree of a condition: written by expression_parse.c, walked by expression.c. */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/arena.h"
#include "escher/playbook/expression.h"
#include "escher/playbook/pattern.h"

enum expression_kind {
    EXPRESSION_UNKNOWN,
    EXPRESSION_NULL,
    EXPRESSION_BOOL,
    EXPRESSION_INT,
    EXPRESSION_REAL,
    EXPRESSION_TEXT,
    EXPRESSION_PATH,
    EXPRESSION_NOT,
    EXPRESSION_AND,
    EXPRESSION_OR,
    EXPRESSION_EQUAL,
    EXPRESSION_LESS,       /* a < b */
    EXPRESSION_LESS_EQUAL, /* a > b and a >= b are these with the sides changed */
    EXPRESSION_IN,         /* the first of parts in the others */
    EXPRESSION_MATCH,
    EXPRESSION_LEN,
    EXPRESSION_CONTAINS,
    EXPRESSION_KNOWN,
    EXPRESSION_ENVIRONMENT,
    EXPRESSION_TAG,
};

/** One step below a root: a member, or an element when name.ptr is NULL. */
struct expression_step {
    struct esc_str name;
    size_t index;
};

struct expression_node {
    enum expression_kind kind;
    bool flag;                     /* BOOL */
    int64_t whole;                 /* INT */
    double real;                   /* REAL */
    const char *text;              /* TEXT; PATH: as it was written */
    struct esc_str root;           /* PATH */
    struct expression_step *steps; /* PATH */
    size_t step_count;
    struct expression_node **parts;
    size_t part_count;
    struct esc_pattern *pattern; /* MATCH; owned by the expression's list */
};

struct esc_expression {
    char *text;
    struct esc_arena arena; /* holds the nodes */
    struct esc_list patterns;
    struct esc_list paths; /* const char *, in the arena */
    struct expression_node *root;
    size_t node_count;
};

/** Fills the empty @p expression, whose text is set. */
enum esc_status expression_parse(struct esc_expression *expression, struct esc_error *err);
