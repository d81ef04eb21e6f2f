/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the fake AWS:
 *
 *     visit ─▶ signature: whose, which service ─▶ request: which operation, parameters, page
 *           ─▶ rate ─▶ fault? ─▶ output (JSON, as the AWS CLI would print it) ─▶ its protocol
 */

#include "escher/base/id.h"
#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/catalog/operation.h"
#include "tests/support/fake_aws.h"
#include "tests/support/fake_aws_world.h"
#include "tests/support/fake_http.h"

enum {
    FAKE_ACCOUNT_SIZE = 13, /* twelve digits */
    FAKE_NAME_SIZE = 64,
    FAKE_PAGE_TOKEN_SIZE = 96,
};

struct fake_aws {
    struct esc_loop *loop;
    struct fake_aws_options options;
    struct fake_http *http;
    struct fake_world world;
    struct esc_list plans;   /* struct fake_plan * */
    struct esc_map *buckets; /* of rates */
    struct esc_map *calls;   /* "service operation" → uint64_t * */
    struct esc_map *asked;   /* what, since faults were healed → uint64_t *, how often */
    uint64_t call_count;
    unsigned session_count; /* roles assumed */
    struct fake_queue *queue;
    uint64_t wait_ms; /* before the answer that is being made */
    char *exceeded, *puzzled;
    struct esc_timer *tick; /* by it is seen how long the loop was busy */
    uint64_t ticked_ms, busy_ms;
    fake_aws_call_fn *on_call;
    void *on_call_context;
};

/* What was asked, by whom. */
struct fake_request {
    const struct fake_visit *visit;
    const struct esc_operation *operation;
    const struct esc_service *service;
    char account[FAKE_ACCOUNT_SIZE]; /* of the key that signed */
    char region[FAKE_NAME_SIZE];     /* of the scope that was signed */
    char key_id[FAKE_NAME_SIZE];
    struct esc_json *params; /* by the names on the wire; lists of a form as arrays of texts */
    unsigned page;           /* 1 for the first */
    size_t offset;           /* of its first item in the whole list */
};

/* How a request is refused. */
struct fake_refusal {
    int status;
    const char *code;
    char message[320];
    const char *headers; /* lines, or NULL */
};
/** Fills it in and returns false. */
bool fake_refuse(struct fake_refusal *refusal, int status, const char *code, const char *message);

/* fake_aws_sign.c: whether the signature is that of the request as it was received. Fills in
 * account, region and key of @p request and the signing name; false with *refusal. */
bool fake_sign_check(const struct fake_visit *visit, uint64_t now_ms, struct fake_request *request,
                     char service[FAKE_NAME_SIZE], struct fake_refusal *refusal);

/* fake_aws_request.c */
/** Finds operation and parameters of what was signed for @p service; false when there is none. */
bool fake_request_read(struct fake_request *request, const char *service);
/** How the service is spoken, whether or not the table says so for this operation; or NULL. */
const struct esc_service *fake_service_of(const struct esc_operation *operation);
/** The parameter by its name in the model, however it is spelled on the wire; NULL: not given. */
const struct esc_json *fake_param(const struct fake_request *request, const char *member);
/** The same as text, of a number too; "" when absent, the first of a list. */
struct esc_str fake_param_text(const struct fake_request *request, const char *member);
size_t fake_param_count(const struct fake_request *request, const char *member); /* of a list */
struct esc_str fake_param_at(const struct fake_request *request, const char *member, size_t index);

/* fake_aws_rate.c: takes a token. NULL, or what was exceeded; owned by the caller. */
char *fake_rate_take(struct esc_map *buckets, const struct fake_request *request, uint64_t now_ms,
                     uint64_t jitter_ms);

/* fake_aws_fault.c */
struct fake_plan {
    struct fake_fault fault;
    char *account, *region, *service, *operation;
    unsigned count; /* times it was applied */
    bool is_over;
};
struct fake_plan *fake_plan_new(const struct fake_fault *fault);
void fake_plan_free(void *plan);
/** What is left to chance in the answer: of the seed, of what is asked, and of how often just that
 *  was asked before; so the order and the haste of calls do not matter. */
void fake_chance(struct fake_aws *aws, const struct fake_request *request,
                 struct esc_random_seeded *out);
/** The kind of the first fault that applies, FAKE_FAULT_COUNT: none. */
enum fake_fault_kind fake_plan_find(const struct esc_list *plans,
                                    const struct fake_request *request,
                                    const struct esc_random *random);
/** How the request's service says it; false for a fault that is no refusal. */
bool fake_fault_refusal(enum fake_fault_kind kind, const struct fake_request *request,
                        struct fake_refusal *out);

/* fake_aws_page.c */
/** Reads the token of the request into page and offset; false with *refusal. */
bool fake_page_read(struct fake_request *request, struct fake_refusal *refusal);
/** How many items the answer may list; false with *refusal when the request may not ask so. */
bool fake_page_size(const struct fake_aws *aws, const struct fake_request *request, size_t *out,
                    struct fake_refusal *refusal);
/** The token of the list's part from @p offset, that page. */
void fake_page_token(const struct fake_request *request, size_t offset, unsigned page,
                     char out[FAKE_PAGE_TOKEN_SIZE]);

/* fake_aws_answer.c: the output, owned by the caller; NULL with *refusal. */
struct esc_json *fake_answer(struct fake_aws *aws, const struct fake_request *request,
                             enum fake_fault_kind fault, struct fake_refusal *refusal);
/** Sets what stands at a path like "DistributionList.Items"; @p value is handed over. */
void fake_set(struct esc_json *output, const char *path, struct esc_json *value);
/** The template's value for the thing; owned by the caller. */
struct esc_json *fake_make(const struct fake_world *world, const struct fake_thing *thing,
                           const char *template);

/* fake_aws_identity.c: STS, IAM, organisations. NULL with refusal->code NULL: not one of its. */
struct esc_json *fake_answer_identity(struct fake_aws *aws, const struct fake_request *request,
                                      struct fake_refusal *refusal);
/* fake_aws_queue.c: a queue of SQS. NULL: not one of its. */
struct fake_queue *fake_queue_new(void);
void fake_queue_free(struct fake_queue *queue);
struct esc_json *fake_answer_queue(struct fake_aws *aws, const struct fake_request *request);
/* fake_aws_act.c: what changes something. False: not one of its. */
bool fake_act(struct fake_aws *aws, const struct fake_request *request, struct esc_buf *body,
              struct fake_refusal *refusal);

/* fake_aws_reply.c */
/** Writes the output as the operation's service does. @p puzzled gets what does not fit, owned by
 *  the caller, or stays. */
void fake_write(const struct fake_request *request, const struct esc_json *output,
                struct esc_buf *body, char **puzzled);
void fake_write_refusal(const struct fake_request *request, const struct fake_refusal *refusal,
                        struct esc_buf *body, struct esc_buf *headers);
const char *fake_content_type(const struct fake_request *request);
