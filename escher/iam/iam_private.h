/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A policy made ready, and the three-valued answers its parts give.
 *
 * Patterns are kept as bytes in which two bytes that no UTF-8 text holds stand for wildcards, so
 * that a literal asterisk (`${*}`, or one in the value of a variable) can never become one.
 */

#include <stdint.h>

#include "escher/base/arena.h"
#include "escher/iam/context_keys.h"
#include "escher/iam/evaluate.h"
#include "escher/iam/policy_document.h"

/* ---- truth ---- */

enum iam_truth { /* in this order: AND is the least, OR the greatest */
    IAM_NO,
    IAM_MAYBE,
    IAM_YES,
};

static inline enum iam_truth iam_and(enum iam_truth a, enum iam_truth b)
{
    return a < b ? a : b;
}
static inline enum iam_truth iam_or(enum iam_truth a, enum iam_truth b)
{
    return a > b ? a : b;
}
static inline enum iam_truth iam_not(enum iam_truth a)
{
    return (enum iam_truth)(IAM_YES - a);
}
static inline enum iam_truth iam_truth_of(bool is)
{
    return is ? IAM_YES : IAM_NO;
}

/* ---- what is asked ---- */

struct iam_key {
    struct esc_str name;
    uint64_t hash; /* of the name in lower case */
};

struct iam_key iam_key_of(struct esc_str name); /* borrowed */
enum esc_iam_knowledge iam_context_find(const struct esc_iam_context *context,
                                        const struct iam_key *key, const struct esc_str **values,
                                        size_t *count);

/* Why something is undecided; filled only when somebody wants to know. */
struct iam_doubts {
    struct esc_str keys[ESC_IAM_KEYS];
    size_t key_count;
    const char *why; /* the first reason that is no key; NULL */
};

enum {
    IAM_ACTION = 128,
    IAM_SELECTIONS = 16, /* actions a policy remembers */
};

/* A request with what is worked out once. */
struct iam_asking {
    const struct esc_iam_request *request;
    const struct esc_iam_context *context;
    struct esc_str action_lower; /* at most IAM_ACTION bytes */
    uint64_t action_hash;
    struct iam_doubts *doubts; /* NULL while only the truth is wanted */
};

void iam_doubt_key(const struct iam_asking *asking, struct esc_str key);
void iam_doubt_why(const struct iam_asking *asking, const char *why);

/* ---- patterns (match.c) ---- */

enum {
    IAM_ANY = 0xFF, /* `*` */
    IAM_ONE = 0xFE, /* `?`, one character */
};

struct iam_piece {
    struct esc_str text; /* compiled; unless it is a variable: */
    struct iam_key key;  /* name.ptr NULL: text */
    struct esc_str fallback;
    bool has_fallback;
};

struct iam_pattern {
    struct esc_str text;      /* compiled; of one with variables: nothing */
    size_t head_len;          /* bytes before the first wildcard */
    size_t tail_len;          /* bytes behind the last one; 0 when there is none */
    struct esc_str core;      /* the text between, when only a `*` stands on either side of it */
    bool may_cross;           /* iam_glob_may_cross(); with variables always */
    struct iam_piece *pieces; /* with variables */
    size_t piece_count;       /* 0: none */
    struct esc_str written;   /* as in the document */
};

enum iam_pattern_kind {
    IAM_LITERAL = 0,    /* no wildcard but by escape */
    IAM_WILDCARDS = 1,  /* `*` and `?` */
    IAM_VARIABLES = 2,  /* `${…}` */
    IAM_LOWER_CASE = 4, /* for texts in lower case */
};

void iam_pattern_compile(struct esc_arena *arena, struct esc_str written, unsigned kind,
                         struct iam_pattern *out);
/** Compiled bytes against a text. */
bool iam_glob(struct esc_str glob, struct esc_str text);

/** Whether a wildcard that stands within a segment of an ARN, and not at its end, could take in a
 *  colon. */
bool iam_glob_may_cross(struct esc_str glob);
/** iam_glob() of such a glob when none does. False as well: the text is too long to tell. */
bool iam_glob_stays(struct esc_str glob, struct esc_str text);

/** An ARN's glob against an ARN in which `*` stands for what is not known of it. */
enum iam_truth iam_glob_partial(struct esc_str glob, struct esc_str text);

/* A pattern with its variables filled in for one request. */
struct iam_expanded {
    struct esc_str text; /* compiled */
    char space[512];
    char *more; /* when space is too small */
};

/** IAM_NO: a variable has no value. IAM_MAYBE: none that is known. Then *out is empty. */
enum iam_truth iam_pattern_expand(const struct iam_asking *asking,
                                  const struct iam_pattern *pattern, struct iam_expanded *out);
void iam_expanded_done(struct iam_expanded *expanded);
enum iam_truth iam_pattern_match(const struct iam_asking *asking, const struct iam_pattern *pattern,
                                 struct esc_str text);

/* ---- conditions (condition.c, operand.c) ---- */

enum iam_family {
    IAM_STRING,
    IAM_STRING_NOCASE,
    IAM_LIKE,
    IAM_NUMERIC,
    IAM_DATE,
    IAM_BOOL,
    IAM_BINARY,
    IAM_IP,
    IAM_ARN,
    IAM_NULL,
    IAM_UNHEARD_OF, /* an operator that is not in our table */
};

enum iam_order {
    IAM_EQUAL,
    IAM_LESS,
    IAM_LESS_EQUAL,
    IAM_GREATER,
    IAM_GREATER_EQUAL,
};

enum iam_quantifier {
    IAM_PLAIN,
    IAM_FOR_ALL,
    IAM_FOR_ANY,
};

struct iam_network {
    unsigned char bytes[16];
    unsigned len;  /* 4 or 16 */
    unsigned bits; /* that count */
};

struct iam_operand {
    bool is_valid;
    union {
        struct iam_pattern pattern; /* STRING, STRING_NOCASE, LIKE, BINARY, ARN */
        double number;              /* NUMERIC */
        int64_t time_ms;            /* DATE */
        bool flag;                  /* BOOL, NULL */
        struct iam_network network; /* IP */
    };
};

struct iam_operator {
    enum iam_family family;
    enum iam_order order;
    bool is_negated, if_exists;
    enum iam_quantifier quantifier;
};

/* One key under one operator. */
struct iam_test {
    struct iam_operator is;
    struct iam_key key;
    struct iam_operand *operands;
    size_t operand_count;
};

struct iam_operator iam_operator_of(struct esc_str name);
void iam_operand_parse(struct esc_arena *arena, enum iam_family family, struct esc_str text,
                       bool has_variables, struct iam_operand *out);
bool iam_number_parse(struct esc_str text, double *out);
bool iam_date_parse(struct esc_str text, int64_t *out_ms);
bool iam_bool_parse(struct esc_str text, bool *out);
bool iam_network_parse(struct esc_str text, struct iam_network *out);
enum iam_truth iam_test_holds(const struct iam_asking *asking, const struct iam_test *test);

/* ---- principals (grantee.c) ---- */

enum iam_grantee_kind {
    IAM_EVERYBODY, /* "*" */
    IAM_ACCOUNT,   /* "123456789012" or its root */
    IAM_IDENTITY_ARN,
    IAM_CANONICAL, /* an account by an id that only S3 knows */
    IAM_NOT_OURS,  /* a service or a federation: not who asks here */
};

struct iam_grantee {
    enum iam_grantee_kind kind;
    struct esc_str text; /* account id or ARN */
};

/* How closely a statement names who asks. */
enum iam_closeness {
    IAM_BY_ACCOUNT,
    IAM_BY_ROLE,   /* the role of the session */
    IAM_IN_PERSON, /* the user, the session, or everybody */
    IAM_CLOSENESS_COUNT,
};

struct iam_naming {
    enum iam_truth by[IAM_CLOSENESS_COUNT];
    bool everybody;
};

struct iam_grantee iam_grantee_of(const char *type, struct esc_str text);
/** Adds to @p naming how @p grantee names the principal. */
void iam_grantee_match(const struct iam_grantee *grantee, const struct esc_iam_principal *principal,
                       struct iam_naming *naming);
/** Whether a NotPrincipal that names so spares the principal. */
enum iam_truth iam_naming_excepts(const struct iam_naming *naming, bool is_session);

/* ---- statements ---- */

struct iam_statement {
    bool is_deny, not_action, not_resource, not_principal;
    struct esc_str sid;
    size_t index;
    struct iam_pattern *actions, *resources;
    size_t action_count, resource_count;
    bool has_resource; /* a trust policy has none */
    bool has_principal;
    struct iam_grantee *grantees;
    size_t grantee_count;
    struct iam_test *tests;
    size_t test_count;
};

/* The statements of a policy that speak of one action, in order. Whoever asks about many resources
 * asks about the same few actions each time. */
struct iam_selection {
    char action[IAM_ACTION];
    size_t action_len; /* 0: free */
    uint16_t *indices; /* owned */
    size_t count;
};

struct esc_iam_policy {
    struct esc_arena arena;
    char *label;
    struct esc_json *document;
    struct iam_statement *statements;
    size_t statement_count;
    struct iam_selection *selections; /* IAM_SELECTIONS of them, changed by questions */
};

/* From JSON (statement_read.c): what every step of it needs. */
struct iam_reading {
    struct esc_iam_policy *policy;
    struct esc_arena *arena;
    struct esc_error *err;
    bool has_variables; /* Version 2012-10-17 */
    size_t number;      /* of the statement, from 1; 0: the document */
};

/** ESC_INVALID with where it is, why, and which member; texts are borrowed. */
enum esc_status iam_reading_refuse(const struct iam_reading *reading, const char *why,
                                   const char *member);
/** A list's elements, or the one value that stands where a list may. */
size_t iam_element_count(const struct esc_json *json);
const struct esc_json *iam_element(const struct esc_json *json, size_t index);
/** @errors ESC_INVALID: it is no statement. */
enum esc_status iam_statement_read(const struct iam_reading *reading, const struct esc_json *json,
                                   struct iam_statement *out);

/** The statements of the policy that speak of the action; until the next question. */
const struct iam_selection *iam_policy_select(const struct esc_iam_policy *policy,
                                              const struct iam_asking *asking);
/** Whether a statement that speaks of the action speaks of the request, whoever asks. */
enum iam_truth iam_statement_applies(const struct iam_asking *asking,
                                     const struct iam_statement *statement);
