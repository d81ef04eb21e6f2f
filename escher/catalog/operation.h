/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The operations Escher knows, as one generated table: what each is called in the API and on the
 * AWS CLI, its parameters with their shapes, how its answer is paged, which IAM action it needs,
 * how much harm it can do and, for what we speak ourselves, how it goes over the wire. Scans,
 * playbooks, plans and runs all read it; an operation that is not in it is never called, and
 * whoever must judge one all the same takes the highest risk.
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

/** How a service is spoken to. @source Smithy, AWS protocols */
enum esc_protocol {
    ESC_PROTOCOL_EC2,       /* form in, XML out, lists in <item> */
    ESC_PROTOCOL_QUERY,     /* form in, XML out inside <OperationResult> */
    ESC_PROTOCOL_REST_XML,  /* path, query and headers; XML bodies */
    ESC_PROTOCOL_REST_JSON, /* the same with JSON bodies */
    ESC_PROTOCOL_JSON,      /* JSON 1.0 and 1.1, with X-Amz-Target */
};

struct esc_service {
    const char *name;            /* of botocore: "elbv2" */
    enum esc_protocol protocol;  /* the one we speak, when the service has several */
    const char *api_version;     /* "2015-12-01" */
    const char *endpoint_prefix; /* "elasticloadbalancing" of PREFIX.REGION.amazonaws.com */
    const char *signing_name;    /* "elasticloadbalancing" */
    const char *target_prefix;   /* of X-Amz-Target; JSON only */
    const char *json_version;    /* "1.1"; JSON only */
    bool is_query_compatible;    /* says the old names of its errors in x-amzn-query-error */
    bool is_global;              /* one endpoint for the whole partition */
    const char *global_host;     /* of the partition aws: "iam.amazonaws.com"; or NULL */
    const char *global_region;   /* that its calls are signed for: "us-east-1"; or NULL */
};

/** Where a member stands in a request or an answer. */
enum esc_location {
    ESC_LOCATION_BODY,
    ESC_LOCATION_HEADER,
    ESC_LOCATION_URI,
    ESC_LOCATION_QUERY,
    ESC_LOCATION_STATUS, /* the HTTP status itself */
};

/** How a timestamp is written; the default depends on protocol and location. */
enum esc_time_format {
    ESC_TIME_DEFAULT,
    ESC_TIME_ISO8601,
    ESC_TIME_UNIX,
    ESC_TIME_RFC822
};

enum esc_shape_type {
    ESC_SHAPE_STRING,
    ESC_SHAPE_INTEGER,
    ESC_SHAPE_NUMBER,
    ESC_SHAPE_BOOLEAN,
    ESC_SHAPE_TIMESTAMP, /* RFC 3339 text, or seconds since 1970 */
    ESC_SHAPE_BLOB,      /* text on the way in, base64 on the way out */
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

    /* on the wire */
    const char *item_name;     /* of a list's elements or a map's values in XML; NULL: the usual */
    const char *key_name;      /* of a map's keys in XML; NULL: "key" */
    const char *payload;       /* the member that is the whole body; NULL: all of them are */
    enum esc_time_format time; /* of a timestamp */
    bool flattened;            /* elements stand where the list would */
    bool is_union;             /* exactly one member is there */
    bool is_document;          /* any JSON */
    bool is_encoded_json;      /* text that the CLI shows as the JSON it encodes */
};

struct esc_member {
    const char *name;
    const struct esc_shape *shape;
    bool required;

    const char *wire;  /* its name in requests and answers; NULL: `name` */
    const char *query; /* its name in a request of ESC_PROTOCOL_EC2; NULL: the wire's */
    enum esc_location location;
    bool flattened; /* as the shape's, for this member only */
    bool attribute; /* of the XML element around it */
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
    bool mutates;          /* risk is WRITE or more */
    bool dry_run;          /* takes DryRun and then only says whether it would be permitted */
    bool json_input;       /* may be called with --cli-input-json and nothing else */
    const char *list_path; /* where the answer lists: "DBInstances"; or NULL */
    const struct esc_operation_option *options; /* in the model's order */
    size_t option_count;

    /* Paging, which the CLI does by itself: the members that take the tokens, the paths of the
     * answer that give them, one by one, each list ending with NULL. NULL: one page. */
    const char *const *pager_in, *const *pager_out;
    const char *pager_more; /* path of a boolean: another page follows; NULL: a token says so */
    const char *page_size;  /* the member that limits a page; it may be a string; or NULL */
    unsigned page_count;    /* the most it may be asked for */

    /* What is needed to speak it ourselves. `wire` NULL: only the CLI does. */
    const struct esc_service *wire;
    const char *http_method, *http_uri; /* "GET", "/{Bucket}?location" */
    const struct esc_shape *input;      /* the structure of all parameters; NULL: none */
    const struct esc_shape *output;     /* NULL: the answer says nothing */
    const char *result_wrapper;         /* "DescribeDBInstancesResult"; or NULL */
    const char *xml_root;               /* of a body in XML; NULL: there is none */
    const char *xml_namespace;          /* of that element; or NULL */
    bool is_unsigned;                   /* a token stands for the signature */
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
