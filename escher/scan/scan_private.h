/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a scanner is written down: its steps, the fields it takes over, and the small readers that
 * its functions are made of.
 */

#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/model/resource.h"
#include "escher/scan/carry_over.h"
#include "escher/scan/normalise.h"
#include "escher/scan/scanner.h"

/* What a step's reader works on. */
struct scan_page {
    const struct esc_scan_place *place;
    struct esc_list *resources;
    struct esc_map *tags;    /* NULL: nobody gathers them */
    struct esc_resource *of; /* the resource a detail was asked for, or NULL */
    size_t unread_count;
};

/*
 * One operation. In stage 0 it is asked once per place, with `params`; in a later stage it is a
 * detail, asked for the resources of `of_type` that it wants, `batch` at a time.
 */
struct scan_step {
    const char *operation;
    const char *params; /* JSON text of the input, NULL: none */
    const char *type;   /* whose rows the answer lists; NULL: it only tells details */
    const char *list;   /* path of the list in the answer; NULL: the answer is one item */
    bool texts;         /* the list holds texts (names, links, ARNs), not objects */
    bool may_lack_list; /* an answer without the list says that there is nothing */
    void (*read)(struct scan_page *page, const struct esc_json *item);
    unsigned stage;
    const char *of_type; /* one or more, with spaces between */
    size_t batch;
    /* Whether the resource needs the detail; @p tags_seen: its region's tags are known. NULL: yes */
    bool (*wants)(const struct esc_resource *resource, bool tags_seen);
    /* Whether both may be asked for in one call. NULL: any two */
    bool (*together)(const struct esc_resource *one, const struct esc_resource *other);
    /* Of a detail that costs a call each: where a place has more that want it, so many are asked,
     * those first that were asked longest ago, unless somebody has named the service: then all.
     * 0: any number */
    size_t most_usual;
    struct esc_json *(*make_params)(struct esc_resource *const *batch, size_t count);
    const char *absent_code; /* the error that only means: there is none */
    const char *gone_codes;  /* those that mean: gone since the list; one or more, with spaces */
    bool gives_tags;         /* without it the tags of its resources are not known */
    bool tags_elsewhere;     /* its answer carries none: only the tagging service tells them */
};

enum {
    SCAN_ONE_CALL = 1 << 30 /* the batch of a detail whose one answer tells of all resources */
};

/* A member taken over into metadata under another name. Scalars and lists of scalars only. */
struct scan_field {
    const char *name, *path;
};

/** The step of a service's operation in the table of scanners; NULL when nobody calls it. */
const struct scan_step *scan_step_find(const char *service, const char *operation);

/** Whether nobody but the tagging service tells the tags of the type. */
bool scan_tags_are_elsewhere(const char *resource_type);

/**
 * A new resource on the page, with its ARN from @p arn or, when that is none, from the type's
 * template. @p owner NULL is the account itself. NULL when @p identifier is missing or no ARN can
 * be made: then the item is counted as unread.
 */
struct esc_resource *scan_add(struct scan_page *page, const char *type, const char *identifier,
                              const char *arn, const char *owner);
/** Gives @p resource its region and the id that follows from it. */
void scan_locate(struct esc_resource *resource, const char *region);
void scan_set_name(struct esc_resource *resource, const char *name); /* empty keeps the old one */
void scan_set_state(struct esc_resource *resource, const struct esc_json *item, const char *path);
/** Reads either CLI's way of writing a time; anything else leaves 0. */
void scan_set_created(struct esc_resource *resource, const struct esc_json *item, const char *path);
uint64_t scan_time(const char *text);
/** The time at @p path into metadata, spelled alike whichever way it was printed. */
void scan_take_time(struct esc_resource *resource, const struct esc_json *item, const char *name,
                    const char *path);

/** Takes over the list of {Key, Value} at @p path. */
void scan_take_tags(struct esc_resource *resource, const struct esc_json *item, const char *path);
/** The list of {Key, Value} as an object; owned by the caller. */
struct esc_json *scan_tag_object(const struct esc_json *list);
/** Takes over the object of tags at @p path, key by key. */
void scan_take_tag_map(struct esc_resource *resource, const struct esc_json *item,
                       const char *path);
/** For what has no name but a tag Name. */
void scan_name_by_tag(struct esc_resource *resource);
void scan_take_fields(struct esc_resource *resource, const struct esc_json *item,
                      const struct scan_field *fields, size_t count);

/** A relation to another resource of the same account and region; NULL identifier: none. */
void scan_relate(struct esc_resource *resource, const char *kind, const char *type,
                 const char *identifier);
/** The same for each string of the list at @p path, or each element's @p member. */
void scan_relate_all(struct esc_resource *resource, const char *kind, const char *type,
                     const struct esc_json *item, const char *path, const char *member);
/** A relation to what @p arn names, in the account and region that it names; NULL: none. */
void scan_relate_arn(struct esc_resource *resource, const char *kind, const char *type,
                     const char *arn);
/** The resource of @p page with that ARN; NULL when it has none. */
struct esc_resource *scan_find_arn(const struct scan_page *page, const char *arn);
/** The last piece of @p text, cut at @p separator: "web" of "service/shop/web". Borrowed. */
const char *scan_last_piece(const char *text, char separator);
bool scan_is_type(const struct esc_resource *resource, const char *type);

/* constrain.c */

/** Says yes or no (or why it is not known) in @p format's words; @p field decided, or NULL. */
void scan_constrain(struct esc_resource *resource, enum esc_constraint constraint,
                    enum esc_tristate value, const char *field, const char *format, ...)
    ESC_PRINTF(5, 6);
/** The same without a reason. */
void scan_say(struct esc_resource *resource, enum esc_constraint constraint,
              enum esc_tristate value);
/** Protected and not to be deleted when the flag at @p path says so, both free when it says no. */
void scan_constrain_protection(struct esc_resource *resource, const struct esc_json *item,
                               const char *path);

/* What the type's own answer says about what may be done with it. */
void scan_constrain_instance(struct esc_resource *resource, const struct esc_json *item);
void scan_constrain_volume(struct esc_resource *resource, const struct esc_json *item);
void scan_constrain_database(struct esc_resource *resource, const struct esc_json *item);
void scan_constrain_cluster(struct esc_resource *resource, const struct esc_json *item);
void scan_constrain_database_snapshot(struct esc_resource *resource, const struct esc_json *item);
void scan_constrain_bucket(struct esc_resource *resource, const char *versioning);
void scan_constrain_target_group(struct esc_resource *resource, const struct esc_json *item);

extern const struct esc_scanner scan_service_ec2, scan_service_ebs, scan_service_vpc,
    scan_service_rds, scan_service_s3, scan_service_lambda, scan_service_elb, scan_service_tags,
    scan_service_network, scan_service_classic_elb, scan_service_autoscaling, scan_service_ecs,
    scan_service_eks, scan_service_dynamodb, scan_service_elasticache, scan_service_sqs,
    scan_service_sns, scan_service_cloudwatch, scan_service_secrets, scan_service_route53,
    scan_service_cloudfront, scan_service_iam, scan_service_protection;

/* Decides whether an instance is protected; told by a call that not every sync makes. */
#define SCAN_PROTECTION_FIELD ESC_SCAN_PROTECTION_FIELD
/** Whether somebody asks for the protection of this instance. */
bool scan_protection_is_asked(const struct esc_resource *instance);

/* Where what belongs to no region stands: roles, users, zones and distributions. */
#define SCAN_GLOBAL "global"
