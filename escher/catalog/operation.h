/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The operations Escher knows, as one generated table: what each is called in the API and on the
 * AWS CLI, its parameters with their shapes, how its answer is paged, which IAM action it needs
 * and how much harm it can do. Scans, playbooks, plans and runs all read it; an operation that is
 * not in it is never called, and whoever must judge one all the same takes the highest risk.
 *
 * operation_table.c is written by tools/catalog-generate out of the botocore models that the AWS CLI
 * carries.
 *
 * Ownership  everything is static and const.
 * Threads    any.
 * @source botocore, data/SERVICE/VERSION/service-2.json and paginators-1.json
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"

/** What an operation can do at most, in rising order. */
enum esc_operation_risk {
    ESC_RISK_READ,           /* tells facts */
    ESC_RISK_SENSITIVE_READ, /* tells secrets or contents: objects, passwords, code, variables */
    ESC_RISK_WRITE,          /* adds or changes something, and can be taken back */
    ESC_RISK_DISRUPT,        /* something that works may stop working for a while */
    ESC_RISK_DESTROY,        /* something is gone afterwards */
    ESC_RISK_PRIVILEGE,      /* somebody may do or see more, or less, than before */
};

enum esc_shape_type {
    ESC_SHAPE_STRING,
    ESC_SHAPE_INTEGER,
    ESC_SHAPE_NUMBER,
    ESC_SHAPE_BOOLEAN,
    ESC_SHAPE_TIMESTAMP, /* RFC 3339 text, or seconds since 1970 */
    ESC_SHAPE_BLOB,      /* text on the way in */
    ESC_SHAPE_LIST,
    ESC_SHAPE_MAP, /* object with free keys */
    ESC_SHAPE_STRUCTURE,
};

struct esc_shape {
    enum esc_shape_type type;
    const char *name;                 /* of the model: "DBInstanceIdentifierList" */
    const char *pattern;              /* POSIX extended, for the whole text; NULL: any */
    const char *const *values;        /* enum, ends with NULL; NULL: any */
    int64_t min, max;                 /* characters, value or elements; INT64_MIN/MAX: any */
    const struct esc_shape *item;     /* of a list or map */
    const struct esc_member *members; /* of a structure */
    size_t member_count;
};

struct esc_member {
    const char *name;
    const struct esc_shape *shape;
    bool required;
};

struct esc_operation_option {
    const char *option;   /* "--db-instance-identifier"; "outfile" when positional */
    const char *negation; /* "--no-multi-az" for a boolean, else NULL */
    const char *member;   /* "DBInstanceIdentifier" */
    const struct esc_shape *shape;
    bool required;
    bool positional;
    bool is_token; /* an idempotency token: the CLI fills it in when it is absent */
};

struct esc_operation {
    const char *service;     /* of botocore: "rds", "s3" */
    const char *operation;   /* "StopDBInstance" */
    const char *cli_service; /* "rds", "s3api" */
    const char *cli_verb;    /* "stop-db-instance" */
    const char *iam_action;  /* "rds:StopDBInstance" */
    enum esc_operation_risk risk;
    bool mutates;    /* risk is WRITE or more */
    bool dry_run;    /* takes DryRun and then only says whether it would be permitted */
    bool json_input; /* may be called with --cli-input-json and nothing else */
    const char *pager_in, *pager_out; /* token members; NULL: one page. The CLI pages by itself */
    const char *list_path;            /* where the answer lists: "DBInstances"; or NULL */
    const struct esc_operation_option *options; /* in the model's order */
    size_t option_count;
};

/** By service of botocore or of the CLI, and operation name or CLI verb; NULL when unknown. */
const struct esc_operation *esc_operation_find(const char *service, const char *operation);
const struct esc_operation *esc_operation_at(size_t index); /* sorted by service, operation */
size_t esc_operation_count(void);

/** By option ("--db-instance-identifier", "--no-multi-az") or member; NULL when it has none. */
const struct esc_operation_option *esc_operation_option(const struct esc_operation *operation,
                                                        const char *option_or_member);

/** "read", "sensitive_read", "write", "disrupt", "destroy" or "privilege"; static text. */
const char *esc_operation_risk_text(enum esc_operation_risk risk);

/**
 * Checks @p params, the input as a JSON object of members, against the model: known members
 * only, required ones there, types, enums, lengths, ranges and patterns, nested values included.
 * @errors ESC_INVALID naming the member, "Tags[0].Key must be ..."
 */
enum esc_status esc_operation_check(const struct esc_operation *operation,
                                    const struct esc_json *params, struct esc_error *err);
/** The same for one value. @p name stands in the message. */
enum esc_status esc_shape_check(const struct esc_shape *shape, const char *name,
                                const struct esc_json *value, struct esc_error *err);
