/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/plan/canonical.h"
#include "escher/plan/verify.h"
#include "tests/fuzz/fuzz.h"

static const char *const fixtures[] = {"rds_available", "lambda_active", "ec2_running"};

static char *source_path(const char *name)
{
    const char *root = esc_env("ESCHER_SOURCE");
    return esc_path_join(root ? root : ".", name);
}

static struct esc_json *resource_of(const char *fixture)
{
    struct esc_error err;
    struct esc_buf text;
    struct esc_json *json = NULL;
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("playbooks/fixtures/%s.json", fixture);
    ESC_CLEANUP(esc_freep) char *path = source_path(name);
    esc_buf_init(&text, ESC_MAX_FILE);
    ESC_ASSERT(esc_file_read(path, &text, &err) == ESC_OK);
    ESC_ASSERT(esc_json_parse(esc_buf_str(&text), NULL, &json, &err) == ESC_OK);
    struct esc_json *resource = esc_json_copy(esc_json_member(json, "resource"));
    esc_json_set_bool(resource, "picked", true);
    esc_json_free(json);
    esc_buf_done(&text);
    return resource;
}

static const struct esc_json *request(void)
{
    static struct esc_json *made;
    if (made)
        return made;
    ESC_ASSERT(esc_json_parse(ESC_STR("{\"v\":1,\"mode\":\"full\",\"prompt\":\"stop it, or give it "
                                      "512 MB\",\"identified_resources\":[],\"user_context\":{"
                                      "\"user_id\":\"u\",\"aws_accounts\":[\"123456789012\"]}}"),
                              NULL, &made, NULL) == ESC_OK);
    for (size_t i = 0; i < ESC_COUNT(fixtures); i++)
        esc_json_push(esc_json_get_mutable(made, "identified_resources"), resource_of(fixtures[i]));
    return made;
}

static const struct esc_shelf *shelf(void)
{
    static struct esc_shelf *opened;
    ESC_CLEANUP(esc_freep) char *folder = source_path("playbooks");
    if (!opened)
        ESC_ASSERT(esc_shelf_open(folder, &opened, NULL) == ESC_OK);
    return opened;
}

/* Each call is one of the catalog with good parameters, in the target's account and region. */
static void check_steps(const struct esc_json *plan)
{
    const struct esc_json *steps = esc_json_member(plan, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        const struct esc_json *step = esc_json_at(steps, i);
        const char *service = esc_json_str(step, "service", NULL);
        if (!service)
            continue;
        const struct esc_operation *operation =
            esc_operation_find(service, esc_json_str(step, "operation", ""));
        ESC_ASSERT(operation);
        ESC_ASSERT(esc_operation_check(operation, esc_json_member(step, "params"), NULL) == ESC_OK);
        ESC_ASSERT(esc_text_equal(esc_json_str(step, "account", ""), "123456789012"));
        ESC_ASSERT(esc_text_equal(esc_json_str(step, "region", ""), "us-west-2"));
    }
}

static void verify(struct esc_str bytes)
{
    static const struct esc_plan_local local = {.now_ms = 1, .nonce = "ab12"};
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = NULL;
    struct esc_error err;
    const enum esc_status status = esc_plan_verify(shelf(), request(), bytes, &local, &plan, &err);
    ESC_ASSERT(status == ESC_OK || (!plan && status == ESC_BLOCKED && *err.message));
    if (status == ESC_OK)
        check_steps(plan);
}

/* The kept answers hold no digest, which would be another with every change of a playbook. */
static void verify_with_digest(struct esc_str bytes)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    if (esc_json_parse(bytes, NULL, &json, NULL) != ESC_OK)
        return;
    struct esc_json *own = esc_json_get_mutable(json, "playbook");
    const struct esc_playbook *playbook = esc_shelf_find(shelf(), esc_json_str(own, "id", ""));
    if (!playbook)
        return;
    esc_json_set_text(own, "version", playbook->version);
    esc_json_set_text(own, "sha256", playbook->sha256);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    verify(esc_str_of(text));
}

/* A plan that passes its check can be written for its hash, or is refused for a number. */
static void check_plan(struct esc_str bytes)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    struct esc_buf text;
    struct esc_error err;
    if (esc_json_parse(bytes, NULL, &json, &err) != ESC_OK || esc_plan_check(json, &err) != ESC_OK)
        return;
    esc_buf_init(&text, ESC_MAX_RESPONSE);
    const enum esc_status status = esc_canonical_write(json, &text, &err);
    ESC_ASSERT(status == ESC_OK || status == ESC_INVALID);
    ESC_CLEANUP(esc_json_freep) struct esc_json *back = NULL;
    if (status == ESC_OK)
        ESC_ASSERT(esc_json_parse(esc_buf_str(&text), NULL, &back, &err) == ESC_OK);
    esc_buf_done(&text);
}

/* Whatever a planner answers is refused with a reason, or is what our own playbook does. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct esc_str text = {(const char *)bytes, len};
    verify(text);
    verify_with_digest(text);
    check_plan(text);
    return 0;
}
