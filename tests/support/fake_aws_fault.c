/* SPDX-License-Identifier: Apache-2.0 */

/* The plan of what goes wrong, and how each service says so. */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "tests/support/fake_aws_private.h"

static const char *const texts[] = {
    [FAKE_FAULT_DENIED] = "denied",
    [FAKE_FAULT_SCP] = "scp",
    [FAKE_FAULT_THROTTLED] = "throttled",
    [FAKE_FAULT_BROKEN] = "broken",
    [FAKE_FAULT_RESET] = "reset",
    [FAKE_FAULT_TRUNCATED] = "truncated",
    [FAKE_FAULT_HTML] = "html",
    [FAKE_FAULT_SILENT] = "silent",
    [FAKE_FAULT_EXPIRED] = "expired",
    [FAKE_FAULT_UNANSWERED] = "unanswered",
    [FAKE_FAULT_EMPTY_PAGE] = "empty_page",
    [FAKE_FAULT_SAME_TOKEN] = "same_token",
    [FAKE_FAULT_LATE_TOKEN] = "late_token",
    [FAKE_FAULT_TWICE] = "twice",
    [FAKE_FAULT_MANY_TAGS] = "many_tags",
    [FAKE_FAULT_NOT_OPTED_IN] = "not_opted_in",
    [FAKE_FAULT_PARTITION] = "partition",
};
static_assert(ESC_COUNT(texts) == FAKE_FAULT_COUNT, "a fault without a name");

const char *fake_fault_text(enum fake_fault_kind kind)
{
    return kind < FAKE_FAULT_COUNT ? texts[kind] : NULL;
}

struct fake_plan *fake_plan_new(const struct fake_fault *fault)
{
    struct fake_plan *plan = esc_alloc_zero(sizeof *plan);
    plan->fault = *fault;
    plan->fault.account = plan->account = esc_strdup_null(fault->account);
    plan->fault.region = plan->region = esc_strdup_null(fault->region);
    plan->fault.service = plan->service = esc_strdup_null(fault->service);
    plan->fault.operation = plan->operation = esc_strdup_null(fault->operation);
    return plan;
}

void fake_plan_free(void *item)
{
    struct fake_plan *plan = item;
    free(plan->account);
    free(plan->region);
    free(plan->service);
    free(plan->operation);
    free(plan);
}

void fake_chance(struct fake_aws *aws, const struct fake_request *request,
                 struct esc_random_seeded *out)
{
    ESC_CLEANUP(esc_freep) char *params = esc_json_print(request->params, ESC_JSON_SORTED);
    ESC_CLEANUP(esc_freep)
    char *what = esc_sprintf("%s %s %s %s %u %s", request->account, request->region,
                             request->operation->service, request->operation->operation,
                             request->page, params);
    uint64_t *count = esc_map_get(aws->asked, esc_str_of(what)), seed;
    if (!count) {
        count = esc_alloc_zero(sizeof *count);
        esc_map_set(aws->asked, esc_str_of(what), count);
    }
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s %llu %llu", what, (unsigned long long)aws->options.seed,
                             (unsigned long long)(*count)++);
    const struct esc_uuid mixed = esc_uuid_v5((struct esc_uuid){{0}}, esc_str_of(name));
    memcpy(&seed, mixed.bytes, sizeof seed);
    esc_random_seeded_init(out, seed);
}

static bool meets(const char *wanted, const char *text)
{
    return !wanted || strcmp(wanted, text) == 0;
}

static bool applies(struct fake_plan *plan, const struct fake_request *request,
                    const struct esc_random *random)
{
    const struct fake_fault *fault = &plan->fault;
    if (plan->is_over || !meets(fault->account, request->account) ||
        !meets(fault->region, request->region) ||
        !meets(fault->service, request->operation->service) ||
        !meets(fault->operation, request->operation->operation) ||
        (fault->page && fault->page != request->page) ||
        (fault->percent && esc_random_below(random, 100) >= fault->percent))
        return false;
    plan->count++;
    plan->is_over = fault->times && plan->count >= fault->times;
    return true;
}

enum fake_fault_kind fake_plan_find(const struct esc_list *plans,
                                    const struct fake_request *request,
                                    const struct esc_random *random)
{
    for (size_t i = 0; i < plans->count; i++)
        if (applies(plans->items[i], request, random))
            return ((struct fake_plan *)plans->items[i])->fault.kind;
    return FAKE_FAULT_COUNT;
}

/* How the families of services refuse; the protocol and a few services decide the family. */
enum family {
    FAMILY_EC2,
    FAMILY_QUERY,
    FAMILY_S3,
    FAMILY_JSON,
    FAMILY_LAMBDA,
};

static const struct {
    int status;
    const char *code;
} refusals[][5] = {
    [FAKE_FAULT_DENIED] = {{403, "UnauthorizedOperation"},
                           {403, "AccessDenied"},
                           {403, "AccessDenied"},
                           {400, "AccessDeniedException"},
                           {403, "AccessDeniedException"}},
    [FAKE_FAULT_SCP] = {{403, "UnauthorizedOperation"},
                        {403, "AccessDenied"},
                        {403, "AccessDenied"},
                        {400, "AccessDeniedException"},
                        {403, "AccessDeniedException"}},
    [FAKE_FAULT_THROTTLED] = {{503, "RequestLimitExceeded"},
                              {400, "Throttling"},
                              {503, "SlowDown"},
                              {400, "ThrottlingException"},
                              {429, "TooManyRequestsException"}},
    [FAKE_FAULT_BROKEN] = {{500, "InternalError"},
                           {500, "InternalFailure"},
                           {500, "InternalError"},
                           {500, "InternalServerError"},
                           {500, "ServiceException"}},
    [FAKE_FAULT_EXPIRED] = {{400, "RequestExpired"},
                            {403, "ExpiredToken"},
                            {400, "ExpiredToken"},
                            {400, "ExpiredTokenException"},
                            {403, "ExpiredTokenException"}},
    [FAKE_FAULT_LATE_TOKEN] = {{400, "InvalidNextToken"},
                               {400, "InvalidParameterValue"},
                               {400, "InvalidArgument"},
                               {400, "InvalidNextTokenException"},
                               {400, "InvalidParameterValueException"}},
    [FAKE_FAULT_NOT_OPTED_IN] = {{401, "AuthFailure"},
                                 {403, "InvalidClientTokenId"},
                                 {400, "InvalidAccessKeyId"},
                                 {400, "UnrecognizedClientException"},
                                 {403, "UnrecognizedClientException"}},
};

static enum family family_of(const struct esc_operation *operation)
{
    switch (operation->wire->protocol) {
    case ESC_PROTOCOL_EC2:
        return FAMILY_EC2;
    case ESC_PROTOCOL_QUERY:
        return FAMILY_QUERY;
    case ESC_PROTOCOL_REST_XML:
        return strcmp(operation->service, "s3") == 0 ? FAMILY_S3 : FAMILY_QUERY;
    case ESC_PROTOCOL_REST_JSON:
        return FAMILY_LAMBDA;
    default:
        return FAMILY_JSON;
    }
}

static const char *reason_of(enum fake_fault_kind kind)
{
    switch (kind) {
    case FAKE_FAULT_DENIED:
        return "because no identity-based policy allows the action";
    case FAKE_FAULT_SCP:
        return "with an explicit deny in a service control policy";
    default:
        return NULL;
    }
}

bool fake_fault_refusal(enum fake_fault_kind kind, const struct fake_request *request,
                        struct fake_refusal *out)
{
    if (kind >= ESC_COUNT(refusals) || !refusals[kind][0].code)
        return false;
    const enum family family = family_of(request->operation);
    const char *reason = reason_of(kind);
    *out = (struct fake_refusal){.status = refusals[kind][family].status,
                                 .code = refusals[kind][family].code};
    if (reason)
        (void)snprintf(out->message, sizeof out->message,
                       "User: arn:aws:iam::%s:user/fake is not authorized to perform: %s %s",
                       request->account, request->operation->iam_action, reason);
    else
        (void)snprintf(out->message, sizeof out->message, "The fake was told to say %s",
                       refusals[kind][family].code);
    return true;
}
