/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/work/backup_s3.h"
#include "escher/work/work_private.h"

/*
 * Setting up where backups go in S3: looked at first, with the keys it will be used with, and
 * kept only when that worked.
 */
struct setting_up {
    struct esc_api_call *call;
    struct backup_s3 place;
    struct backup_transfer *look;
};

static void setting_up_free(struct setting_up *up)
{
    backup_s3_done(&up->place);
    free(up);
}

static struct esc_json *page_of(const struct backup_s3 *place)
{
    struct esc_json *page = esc_json_object();
    esc_json_set(page, "s3", place ? backup_s3_to_json(place) : esc_json_object());
    return page;
}

void work_backup_s3_show(struct esc_api_call *call)
{
    struct backup_s3 place = {0};
    struct esc_error err;
    const enum esc_status status = backup_s3_load(call->bench, &place, &err);
    if (status == ESC_OK || status == ESC_NOT_FOUND)
        work_ok(call, page_of(status == ESC_OK ? &place : NULL));
    else
        work_fail(call, &err);
    backup_s3_done(&place);
}

void work_backup_s3_remove(struct esc_api_call *call)
{
    struct esc_error err;
    if (backup_s3_save(call->bench, NULL, &err) == ESC_OK)
        work_ok(call, page_of(NULL));
    else
        work_fail(call, &err);
}

static void looked(void *context, const struct esc_json *found, const struct esc_error *failure)
{
    struct setting_up *up = context;
    struct esc_api_call *call = up->call;
    struct esc_error err;
    if (failure) {
        work_fail(call, failure);
    } else if (backup_s3_save(call->bench, &up->place, &err) != ESC_OK) {
        work_fail(call, &err);
    } else {
        struct esc_json *page = page_of(&up->place);
        esc_json_set(page, "protection", esc_json_copy(found));
        work_ok(call, page);
    }
    setting_up_free(up);
}

static void cancel(struct esc_api_call *call)
{
    backup_s3_cancel(((struct setting_up *)call->state)->look);
}

static bool is_role(const char *arn)
{
    const struct esc_str text = esc_str_of(arn);
    return esc_str_starts_with(text, ESC_STR("arn:aws")) &&
           esc_str_contains(text, ESC_STR(":role/"));
}

/* @p account: whose keys are meant; NULL: the environment's. */
static enum esc_status read_place(const struct esc_api_call *call, struct backup_s3 *place,
                                  const struct esc_account **account, struct esc_error *err)
{
    const char *name = work_text(call, "account"), *role = work_text(call, "role");
    const char *owner = work_text(call, "owner"), *region = work_text(call, "region");
    *account = name ? work_account_find(call->bench, name) : NULL;
    if (name && !*account)
        return esc_fail(err, ESC_NOT_FOUND, "no account `%s`", name);
    if (role && !is_role(role))
        return esc_fail(err, ESC_INVALID, "`%s` is no ARN of a role", role);
    if (owner && !esc_account_id_is_valid(esc_str_of(owner)))
        return esc_fail(err, ESC_INVALID, "an owner is an account's id, of twelve digits");
    const enum esc_status status = backup_s3_parse(esc_str_of(work_text(call, "url")), place, err);
    if (status != ESC_OK)
        return status;
    const char *of_account = *account ? (*account)->id : NULL;
    if (!region && *account && (*account)->regions.count)
        region = (*account)->regions.items[0];
    place->account = esc_strdup_null(of_account);
    place->region = esc_strdup_null(region);
    place->role = esc_strdup_null(role);
    place->owner = esc_strdup_null(owner ? owner : of_account);
    return ESC_OK;
}

void work_backup_s3_put(struct esc_api_call *call)
{
    struct setting_up *up = esc_alloc_zero(sizeof *up);
    const struct esc_account *account = NULL;
    struct esc_error err;
    if (read_place(call, &up->place, &account, &err) != ESC_OK) {
        setting_up_free(up);
        work_fail(call, &err);
        return;
    }
    const struct backup_s3_way way = {.loop = call->bench->loop,
                                      .aws = call->bench->aws,
                                      .place = &up->place,
                                      .account = account,
                                      .environment = call->environment};
    const struct backup_watch watch = {.done = looked, .context = up};
    up->call = call;
    up->look = backup_s3_look(&way, &watch);
    call->state = up;
    call->cancel = cancel;
}

/* What is there, as the place tells it. */

static void listed(void *context, const struct esc_json *answer, const struct esc_error *failure)
{
    struct esc_api_call *call = context;
    if (failure)
        work_fail(call, failure);
    else
        work_ok(call, esc_json_copy(answer));
}

static void cancel_list(struct esc_api_call *call)
{
    backup_s3_cancel(call->state);
}

void work_backup_s3_list(struct esc_api_call *call)
{
    const struct backup_watch watch = {.done = listed, .context = call};
    call->state = backup_s3_place.list(call->bench, call->environment, &watch);
    call->cancel = cancel_list;
}
