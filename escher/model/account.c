/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/account.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/model/model_private.h"
#include "escher/model/partition.h"

bool esc_account_id_is_valid(struct esc_str id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!esc_is_digit(id.ptr[i]))
            return false;
    return id.len == 12;
}

static bool is_role(struct esc_str text)
{
    struct esc_arn arn;
    return esc_arn_parse(text, &arn) && esc_str_is(arn.service, "iam") &&
           esc_account_id_is_valid(arn.account) && esc_str_is(esc_arn_kind(&arn), "role");
}

/* @source STS API Reference, AssumeRole, SerialNumber: 9 to 256 of [\w+=/:,.@-] */
static bool is_serial(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!esc_is_alnum(text.ptr[i]) &&
            !esc_str_contains(ESC_STR("_+=/:,.@-"), esc_str_slice(text, i, i + 1)))
            return false;
    return text.len >= 9 && text.len <= 256;
}

static bool is_url(struct esc_str text)
{
    const struct esc_str schemes[] = {ESC_STR("https://"), ESC_STR("http://")};
    for (size_t i = 0; i < ESC_COUNT(schemes); i++)
        if (esc_str_starts_with(text, schemes[i]) && text.len > schemes[i].len)
            return true;
    return false;
}

static bool is_absolute(struct esc_str text)
{
    return esc_str_starts_with(text, ESC_STR("/"));
}

static bool is_environment(struct esc_str text)
{
    static const char *const classes[] = {"production", "staging", "development", "test",
                                          "sandbox",    "shared",  NULL};
    return model_is_one_of(text, classes);
}

static bool is_partition(struct esc_str text)
{
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(text);
    return esc_partition_main_region(name) != NULL;
}

#define AT(member) offsetof(struct esc_account, member)
static const struct model_field fields[] = {
    {"id", MODEL_TEXT, AT(id), true, "twelve digits", esc_account_id_is_valid, NULL, 0},
    {"name", MODEL_TEXT, AT(name), true, NULL, NULL, NULL, 0},
    {"alias", MODEL_TEXT, AT(alias), false, NULL, NULL, NULL, 0},
    {"profile", MODEL_TEXT, AT(profile), false, NULL, NULL, NULL, 0},
    {"role_arn", MODEL_TEXT, AT(role_arn), false, "the ARN of a role", is_role, NULL, 0},
    {"source_profile", MODEL_TEXT, AT(source_profile), false, NULL, NULL, NULL, 0},
    {"external_id", MODEL_TEXT, AT(external_id), false, NULL, NULL, NULL, 0},
    {"mfa_serial", MODEL_TEXT, AT(mfa_serial), false, "the ARN or number of a device", is_serial,
     NULL, 0},
    {"duration_s", MODEL_COUNT, AT(duration_s), false, NULL, NULL, NULL, 43200},
    {"sso_session", MODEL_TEXT, AT(sso_session), false, NULL, NULL, NULL, 0},
    {"sso_role", MODEL_TEXT, AT(sso_role), false, NULL, NULL, NULL, 0},
    {"keychain", MODEL_TEXT, AT(keychain), false, NULL, NULL, NULL, 0},
    {"profile_folder", MODEL_TEXT, AT(profile_folder), false, "an absolute path", is_absolute, NULL,
     0},
    {"endpoint_url", MODEL_TEXT, AT(endpoint_url), false, "an http or https URL", is_url, NULL, 0},
    {"emulator", MODEL_FLAG, AT(emulator), false, NULL, NULL, NULL, 0},
    {"default", MODEL_FLAG, AT(is_default), false, NULL, NULL, NULL, 0},
    {"regions", MODEL_TEXTS, AT(regions), false, NULL, NULL, NULL, 0},
    {"environment", MODEL_TEXT, AT(environment), false,
     "production, staging, development, test, sandbox or shared", is_environment, NULL, 0},
    {"partition", MODEL_TEXT, AT(partition), false, "aws, aws-cn or aws-us-gov", is_partition, NULL,
     0},
};
#undef AT
static const struct model_shape shape = {"account", fields, ESC_COUNT(fields)};

struct esc_account *esc_account_new(void)
{
    struct esc_account *account = esc_alloc_zero(sizeof *account);
    esc_list_init(&account->regions, free);
    return account;
}

void esc_account_free(struct esc_account *account)
{
    if (account)
        model_done(&shape, account);
    free(account);
}

struct esc_account *esc_account_copy(const struct esc_account *account)
{
    struct esc_account *copy = esc_account_new();
    model_copy(&shape, account, copy);
    return copy;
}

enum esc_status esc_account_from_json(const struct esc_json *json, struct esc_account **out,
                                      struct esc_error *err)
{
    ESC_CLEANUP(esc_account_freep) struct esc_account *account = esc_account_new();
    const enum esc_status status = model_read(&shape, json, account, err);
    if (status != ESC_OK)
        return status;
    if (account->emulator && !account->endpoint_url)
        return esc_fail(err, ESC_INVALID, "an emulator's account needs `endpoint_url`");
    if (!account->sso_session != !account->sso_role)
        return esc_fail(err, ESC_INVALID, "AWS SSO needs `sso_session` and `sso_role`");
    if (account->duration_s && account->duration_s < 900)
        return esc_fail(err, ESC_INVALID, "a role's session lasts at least 900 s");
    if (account->profile_folder && !account->emulator)
        return esc_fail(err, ESC_INVALID, "only an emulator's account has a `profile_folder`");
    *out = ESC_STEAL(account);
    return ESC_OK;
}

struct esc_json *esc_account_to_json(const struct esc_account *account)
{
    return model_write(&shape, account);
}

const char *esc_account_partition(const struct esc_account *account)
{
    if (account->regions.count)
        return esc_partition_of_region(esc_str_of(esc_list_at(&account->regions, 0)));
    if (account->partition)
        return account->partition;
    return account->role_arn ? esc_partition_of_arn(esc_str_of(account->role_arn)) : NULL;
}

const char *esc_account_main_region(const struct esc_account *account)
{
    const char *partition = esc_account_partition(account);
    const char *region = partition ? esc_partition_main_region(partition) : NULL;
    return region ? region : "us-east-1";
}
