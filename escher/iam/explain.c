/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/explain.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/iam/iam_private.h"

/* "statement `NoStops` of `guardrails` (service control policy)" */
static void add_statement(struct esc_buf *buf, const struct esc_iam_verdict *verdict)
{
    const struct esc_str sid = esc_iam_policy_sid(verdict->policy, verdict->statement);
    if (sid.len > 0)
        esc_buf_printf(buf, "statement `%.*s`", ESC_STR_ARG(sid));
    else
        esc_buf_printf(buf, "statement %zu", verdict->statement + 1);
    esc_buf_printf(buf, " of `%s` (%s)", esc_iam_policy_label(verdict->policy),
                   esc_iam_layer_words(verdict->layer));
}

static bool is_deny(const struct esc_iam_verdict *verdict)
{
    return verdict->policy && verdict->policy->statements[verdict->statement].is_deny;
}

static void add_keys(struct esc_buf *buf, const struct esc_iam_verdict *verdict)
{
    for (size_t i = 0; i < verdict->key_count; i++) {
        const char *before = i == 0 ? "" : i + 1 == verdict->key_count ? " and " : ", ";
        esc_buf_printf(buf, "%s%.*s", before, ESC_STR_ARG(verdict->keys[i]));
    }
}

static void say_allow(struct esc_buf *buf, const struct esc_iam_verdict *verdict,
                      struct esc_str action)
{
    if (!verdict->policy) {
        esc_buf_printf(buf, "%.*s needs no policy here", ESC_STR_ARG(action));
        return;
    }
    add_statement(buf, verdict);
    esc_buf_printf(buf, " allows %.*s", ESC_STR_ARG(action));
}

static void say_implicit_deny(struct esc_buf *buf, const struct esc_iam_verdict *verdict,
                              struct esc_str action)
{
    static const char *const missing[] = {
        [ESC_IAM_SCP] = "the service control policies do not allow",
        [ESC_IAM_RCP] = "the resource control policies do not allow",
        [ESC_IAM_RESOURCE] = "the policy of the resource does not allow",
        [ESC_IAM_IDENTITY] = "no identity policy allows",
        [ESC_IAM_BOUNDARY] = "the permissions boundary does not allow",
        [ESC_IAM_SESSION] = "the session policy does not allow",
        [ESC_IAM_LAYER_COUNT] = "no policy allows",
    };
    esc_buf_printf(buf, "%s %.*s", missing[verdict->layer], ESC_STR_ARG(action));
}

static void say_conditional(struct esc_buf *buf, const struct esc_iam_verdict *verdict,
                            struct esc_str action)
{
    esc_buf_add_text(buf, "it depends on ");
    add_keys(buf, verdict);
    esc_buf_add_text(buf, ", known only at the call");
    if (!verdict->policy)
        return;
    esc_buf_add_text(buf, ": ");
    add_statement(buf, verdict);
    esc_buf_printf(buf, " may %s %.*s", is_deny(verdict) ? "deny" : "allow", ESC_STR_ARG(action));
}

char *esc_iam_sentence(const struct esc_iam_verdict *verdict, const struct esc_iam_request *request)
{
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_IAM_POLICY);
    switch (verdict->decision) {
    case ESC_IAM_ALLOW:
        say_allow(&buf, verdict, request->action);
        break;
    case ESC_IAM_EXPLICIT_DENY:
        add_statement(&buf, verdict);
        esc_buf_printf(&buf, " denies %.*s", ESC_STR_ARG(request->action));
        break;
    case ESC_IAM_IMPLICIT_DENY:
        say_implicit_deny(&buf, verdict, request->action);
        break;
    case ESC_IAM_CONDITIONAL:
        say_conditional(&buf, verdict, request->action);
        break;
    case ESC_IAM_UNDECIDED:
        esc_buf_printf(&buf, "whether %.*s is allowed is not known: %s",
                       ESC_STR_ARG(request->action), verdict->why);
        break;
    }
    return esc_buf_take(&buf);
}

static struct esc_json *statement_json(const struct esc_iam_verdict *verdict)
{
    struct esc_json *statement = esc_json_object();
    const struct esc_str sid = esc_iam_policy_sid(verdict->policy, verdict->statement);
    esc_json_set_int(statement, "number", (int64_t)verdict->statement + 1);
    if (sid.len > 0)
        esc_json_set_str(statement, "sid", sid);
    esc_json_set(statement, "json",
                 esc_json_copy(esc_iam_policy_statement(verdict->policy, verdict->statement)));
    return statement;
}

struct esc_json *esc_iam_verdict_to_json(const struct esc_iam_verdict *verdict,
                                         const struct esc_iam_request *request)
{
    struct esc_json *json = esc_json_object();
    ESC_CLEANUP(esc_freep) char *sentence = esc_iam_sentence(verdict, request);
    esc_json_set_text(json, "decision", esc_iam_decision_text(verdict->decision));
    esc_json_set_text(json, "layer", esc_iam_layer_text(verdict->layer));
    esc_json_set_str(json, "sentence", esc_str_of(sentence));
    if (verdict->key_count > 0) {
        struct esc_json *keys = esc_json_array();
        for (size_t i = 0; i < verdict->key_count; i++)
            esc_json_push(keys, esc_json_string(verdict->keys[i]));
        esc_json_set(json, "keys", keys);
    }
    if (verdict->why)
        esc_json_set_text(json, "why", verdict->why);
    if (verdict->policy) {
        esc_json_set_text(json, "policy", esc_iam_policy_label(verdict->policy));
        esc_json_set(json, "statement", statement_json(verdict));
    }
    return json;
}
