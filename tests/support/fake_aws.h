/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small AWS on loopback for what no honest emulator does: it pages, it is slow, it throttles, it
 * breaks in every way at any cell and page, and it notices when a published rate is exceeded or a
 * signature does not fit. Its world is made from a seed when it is asked for, item by item, so a
 * hundred thousand resources cost nothing to keep. docs/internals/fake-aws.md tells how to use it
 * in a test and as the program `fake-aws`.
 *
 *     options ─▶ fake_aws_open ─▶ url ─▶ (the AWS CLI, our own transport, anything that signs)
 *                     ▲ faults, a hook for every call        └▶ counts, rates exceeded
 *
 * Ownership  the fake owns what is given to it by copy; options are borrowed until it is closed.
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/clock.h"
#include "escher/base/json.h"
#include "escher/loop/loop.h"

struct fake_aws;

struct fake_aws_options {
    uint64_t seed;
    size_t size;                 /* resources altogether, about */
    bool is_large;               /* kinds in the shares of a large estate (fake_aws_large.c) */
    const char *const *accounts; /* twelve digits each, ends with NULL; NULL: three of its own */
    const char *const *regions;  /* ends with NULL; NULL: us-east-1, us-west-2, eu-west-1 */
    unsigned page_size;          /* never more on a page than this; 0: what is asked for */
    uint64_t latency_ms;         /* before each answer */
    uint64_t jitter_ms; /* how late a call may be taken in, and still count for when it left */
    unsigned throttle_percent; /* of all calls, by chance of the seed */
    uint64_t message_age_ms;   /* how long messages were in the queue when they are put in */
    bool queue_waits;          /* a receive that finds nothing, and may wait, does so for ever */
    const struct esc_clock *clock; /* NULL: the system's */
    int64_t skew_ms;               /* how far its clock is ahead of that one */
    unsigned port;                 /* 0: any */
    const char *delegate;  /* the account that may read the organisation as the first; NULL */
    const char *partition; /* of ARNs; keys are nobody's in regions of another; NULL: aws */
};

/* The nine that every cell must survive, then those that hostile or unlucky clouds add. */
enum fake_fault_kind {
    FAKE_FAULT_DENIED,
    FAKE_FAULT_SCP,
    FAKE_FAULT_THROTTLED,
    FAKE_FAULT_BROKEN, /* 500 */
    FAKE_FAULT_RESET,
    FAKE_FAULT_TRUNCATED,
    FAKE_FAULT_HTML,
    FAKE_FAULT_SILENT, /* the answer never comes */
    FAKE_FAULT_EXPIRED,
    FAKE_FAULT_NINE,                         /* how many those are */
    FAKE_FAULT_UNANSWERED = FAKE_FAULT_NINE, /* it is done, and then nothing is said */
    FAKE_FAULT_EMPTY_PAGE,                   /* no items, but a token for more */
    FAKE_FAULT_SAME_TOKEN,                   /* the token that was sent, again */
    FAKE_FAULT_LATE_TOKEN,                   /* the token is no longer known */
    FAKE_FAULT_TWICE,                        /* the page's last item also begins the next page */
    FAKE_FAULT_MANY_TAGS,                    /* the first item carries ten megabytes of them */
    FAKE_FAULT_NOT_OPTED_IN,
    FAKE_FAULT_PARTITION, /* ARNs of a partition that this is not */
    FAKE_FAULT_COUNT,
};

/** "denied", "scp", ...: as the program takes them; NULL for a kind that is none. */
const char *fake_fault_text(enum fake_fault_kind kind);

/* Where something goes wrong; what is NULL or 0 is anywhere. Texts are copied. */
struct fake_fault {
    enum fake_fault_kind kind;
    const char *account, *region, *service, *operation; /* of botocore: "elbv2" */
    unsigned page;                                      /* 1 is the first */
    unsigned times;                                     /* so often, then never again; 0: always */
    unsigned percent;                                   /* by chance of the seed; 0: each time */
};

/* A call that has come in, before it is answered. */
struct fake_aws_call {
    const char *account, *region, *service, *operation;
    unsigned page;
    uint64_t number; /* 1 for the first */
};
typedef void fake_aws_call_fn(void *context, const struct fake_aws_call *call);

enum esc_status fake_aws_open(struct esc_loop *loop, const struct fake_aws_options *options,
                              struct fake_aws **out, struct esc_error *err);
void fake_aws_close(struct fake_aws *aws); /* NULL does nothing */
const char *fake_aws_url(const struct fake_aws *aws);

void fake_aws_fault(struct fake_aws *aws, const struct fake_fault *fault);
void fake_aws_heal(struct fake_aws *aws); /* no faults from now on */
void fake_aws_throttle(struct fake_aws *aws, unsigned percent);
void fake_aws_on_call(struct fake_aws *aws, fake_aws_call_fn *fn, void *context);

/** The number of the account, the region. Ends with NULL. */
const char *const *fake_aws_accounts(const struct fake_aws *aws);
const char *const *fake_aws_regions(const struct fake_aws *aws);
/** The long-lived key of an account and the secret of any key of the fake; owned by the caller. */
char *fake_aws_key(const char *account);
char *fake_aws_secret(const char *key_id);

/** How many there are of a kind ("ec2_instance") in a place; region NULL: in all. */
size_t fake_aws_count(const struct fake_aws *aws, const char *kind, const char *account,
                      const char *region);
/** Its id in the cloud; owned by the caller. */
char *fake_aws_id(const struct fake_aws *aws, const char *kind, const char *account,
                  const char *region, size_t index);
/** From now on the last @p count of the kind are not there in any place. */
void fake_aws_remove(struct fake_aws *aws, const char *kind, size_t count);

/** From now on what is by chance of the seed in a thing of the kind (names, tags, states, details; not
 *  ids) is as @p turn says; 0: as at first. */
void fake_aws_turn(struct fake_aws *aws, const char *kind, uint64_t turn);

/** Puts a message into the one queue of SQS there is. */
void fake_aws_send_message(struct fake_aws *aws, const char *body);
/** The same, so many times. */
void fake_aws_send_messages(struct fake_aws *aws, const char *body, size_t count);
size_t fake_aws_message_count(const struct fake_aws *aws); /* that were not deleted */

/** Calls answered or broken off so far; NULL: of any service or operation. */
uint64_t fake_aws_calls(const struct fake_aws *aws, const char *service, const char *operation);
/** Forgets calls, and that rates were exceeded. */
void fake_aws_forget(struct fake_aws *aws);
unsigned fake_aws_connections(const struct fake_aws *aws);
/** "ec2:DescribeVolumes in 111111111111 us-east-1: ..." for the first call over a published rate;
 *  NULL: none was. */
const char *fake_aws_exceeded(const struct fake_aws *aws);
/** What the fake did not understand first, or NULL: an operation it does not know, bad paging. */
const char *fake_aws_puzzled(const struct fake_aws *aws);
/** All of this as one document; owned by the caller. */
struct esc_json *fake_aws_report(const struct fake_aws *aws);
