/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/sts.h"

#include "escher/aws/wire_query.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/model/partition.h"

#define VERSION "2011-06-15"

enum {
    ROLE_DURATION_S = 3600,
    SESSION_NAME_MAX = 64, /* @source STS API reference, AssumeRole, RoleSessionName */
};

static void send(struct esc_aws *aws, const struct esc_credentials *credentials,
                 const struct esc_aws_place *place, const struct esc_buf *body,
                 esc_aws_call_fn *on_answer, void *context)
{
    const struct esc_aws_call call = {
        .credentials = credentials,
        .service = "sts",
        .place = *place,
        .body = esc_buf_str(body),
    };
    esc_aws_call_send(aws, &call, on_answer, context);
}

struct caller_call {
    esc_sts_caller_fn *done;
    void *context;
};

static void on_caller(void *context, const struct esc_xml *xml, const struct esc_aws_fault *fault,
                      const struct esc_error *failure)
{
    struct caller_call call = *(struct caller_call *)context;
    struct esc_error err;
    free(context);
    const struct esc_xml *result = esc_xml_child(xml, "GetCallerIdentityResult");
    const struct esc_caller caller = {
        .account = esc_xml_str(result, "Account", ""),
        .arn = esc_xml_str(result, "Arn", ""),
        .user_id = esc_xml_str(result, "UserId", ""),
    };
    if (failure) {
        call.done(call.context, NULL, fault, failure);
    } else if (!*caller.account || !*caller.arn) {
        (void)esc_fail(&err, ESC_CORRUPT, "sts: GetCallerIdentity did not say who is calling");
        call.done(call.context, NULL, NULL, &err);
    } else {
        call.done(call.context, &caller, NULL, NULL);
    }
}

void esc_sts_get_caller_identity(struct esc_aws *aws, const struct esc_credentials *credentials,
                                 const struct esc_aws_place *place, esc_sts_caller_fn *done,
                                 void *context)
{
    struct caller_call *call = esc_alloc_zero(sizeof *call);
    struct esc_buf body;
    call->done = done;
    call->context = context;
    esc_buf_init_wiped(&body, ESC_MAX_REQUEST);
    esc_query_begin(&body, "GetCallerIdentity", VERSION);
    send(aws, credentials, place, &body, on_caller, call);
    esc_buf_done(&body);
}

bool esc_sts_try_elsewhere(const char *region, const struct esc_aws_fault *fault,
                           const char **elsewhere)
{
    const char *main_region =
        esc_partition_main_region(esc_partition_of_region(esc_str_of(region)));
    const bool may_be_the_region =
        fault && (esc_text_equal(fault->code, "InvalidClientTokenId") ||
                  esc_text_equal(fault->code, "RegionDisabledException"));
    if (*elsewhere || !may_be_the_region || esc_text_equal(main_region, region))
        return false;
    *elsewhere = main_region;
    return true;
}

struct role_call {
    const char *action; /* static */
    esc_sts_role_fn *done;
    void *context;
};

static enum esc_status read_role(const struct esc_xml *xml, const char *action,
                                 struct esc_credentials **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%sResult.Credentials", action);
    const struct esc_xml *found = esc_xml_get(xml, path);
    const char *id = esc_xml_str(found, "AccessKeyId", "");
    const char *secret = esc_xml_str(found, "SecretAccessKey", "");
    const char *token = esc_xml_str(found, "SessionToken", "");
    uint64_t expires_at_ms = 0;
    if (!*id || !*secret || !*token ||
        !esc_time_parse(esc_str_of(esc_xml_str(found, "Expiration", "")), &expires_at_ms))
        return esc_fail(err, ESC_CORRUPT, "sts: %s answered without whole credentials", action);
    *out = esc_credentials_new(id, secret, token, expires_at_ms);
    return ESC_OK;
}

static void on_role(void *context, const struct esc_xml *xml, const struct esc_aws_fault *fault,
                    const struct esc_error *failure)
{
    struct role_call call = *(struct role_call *)context;
    struct esc_credentials *credentials = NULL;
    struct esc_error err;
    free(context);
    if (failure)
        call.done(call.context, NULL, fault, failure);
    else if (read_role(xml, call.action, &credentials, &err) != ESC_OK)
        call.done(call.context, NULL, NULL, &err);
    else
        call.done(call.context, credentials, NULL, NULL);
}

/* STS takes two to 64 of [A-Za-z0-9_+=,.@-]. */
static char *clean_session_name(const char *name)
{
    struct esc_buf buf;
    esc_buf_init(&buf, SESSION_NAME_MAX);
    for (; name && *name && buf.len < SESSION_NAME_MAX; name++)
        esc_buf_add_char(&buf, esc_is_alnum(*name) || esc_str_contains(ESC_STR("_+=,.@-"),
                                                                       (struct esc_str){name, 1})
                                   ? *name
                                   : '-');
    if (buf.len < 2)
        esc_buf_add_text(&buf, "escher");
    return esc_buf_take(&buf);
}

static void send_for_keys(struct esc_aws *aws, const struct esc_credentials *credentials,
                          const struct esc_aws_place *place, const struct role_call *given,
                          const struct esc_buf *body)
{
    struct role_call *call = esc_alloc_zero(sizeof *call);
    *call = *given;
    send(aws, credentials, place, body, on_role, call);
}

void esc_sts_assume_role(struct esc_aws *aws, const struct esc_credentials *credentials,
                         const struct esc_sts_role *role, esc_sts_role_fn *done, void *context)
{
    const struct role_call call = {"AssumeRole", done, context};
    ESC_CLEANUP(esc_freep) char *session_name = clean_session_name(role->session_name);
    struct esc_buf body;
    esc_buf_init_wiped(&body, ESC_MAX_REQUEST);
    esc_query_begin(&body, call.action, VERSION);
    esc_query_add(&body, "RoleArn", role->role_arn);
    esc_query_add(&body, "RoleSessionName", session_name);
    esc_query_add(&body, "ExternalId", role->external_id);
    esc_query_add(&body, "Policy", role->policy);
    esc_query_add_number(&body, "DurationSeconds",
                         role->duration_s ? role->duration_s : ROLE_DURATION_S);
    send_for_keys(aws, credentials, &role->place, &call, &body);
    esc_buf_done(&body);
}

void esc_sts_assume_web_role(struct esc_aws *aws, const struct esc_sts_web_role *role,
                             esc_sts_role_fn *done, void *context)
{
    const struct role_call call = {"AssumeRoleWithWebIdentity", done, context};
    ESC_CLEANUP(esc_freep) char *session_name = clean_session_name(role->session_name);
    struct esc_buf body;
    esc_buf_init_wiped(&body, ESC_MAX_REQUEST);
    esc_query_begin(&body, call.action, VERSION);
    esc_query_add(&body, "RoleArn", role->role_arn);
    esc_query_add(&body, "RoleSessionName", session_name);
    esc_query_add(&body, "WebIdentityToken", esc_secret_view(role->token).ptr);
    send_for_keys(aws, NULL, &role->place, &call, &body);
    esc_buf_done(&body);
}

void esc_sts_get_session_token(struct esc_aws *aws, const struct esc_credentials *credentials,
                               const struct esc_sts_session *session, esc_sts_role_fn *done,
                               void *context)
{
    const struct role_call call = {"GetSessionToken", done, context};
    struct esc_buf body;
    esc_buf_init_wiped(&body, ESC_MAX_REQUEST);
    esc_query_begin(&body, call.action, VERSION);
    esc_query_add_number(&body, "DurationSeconds", session->duration_s);
    esc_query_add(&body, "SerialNumber", session->serial);
    esc_query_add(&body, "TokenCode", esc_secret_view(session->code).ptr);
    send_for_keys(aws, credentials, &session->place, &call, &body);
    esc_buf_done(&body);
}
