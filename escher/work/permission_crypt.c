/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/scan/key_policy.h"
#include "escher/scan/key_use.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/work/permission_book_private.h"

/* Keys of KMS: which ones stand over a resource by what the estate has, and what is kept of them. An
 * instance names none; its volumes do, each for good. */

struct permission_keys {
    struct esc_workbench *bench;
    char *account_id, *principal;
    bool is_emulated;
    struct esc_map *known; /* ARN of a key or an alias → struct known * */
};

struct known {
    struct esc_permit_key key; /* but for what names it */
    struct esc_iam_policy *policy;
    struct esc_json *page; /* NULL: nobody has asked */
};

static void free_known(void *item)
{
    struct known *known = item;
    free(known->key.arn);
    free(known->key.name);
    free(known->key.text);
    esc_iam_policy_free(known->policy);
    esc_json_free(known->page);
    free(known);
}

struct permission_keys *permission_keys_new(struct esc_workbench *bench, const char *account_id,
                                            const char *principal, bool is_emulated)
{
    struct permission_keys *keys = esc_alloc_zero(sizeof *keys);
    keys->bench = bench;
    keys->account_id = esc_strdup(account_id);
    keys->principal = esc_strdup_null(principal);
    keys->is_emulated = is_emulated;
    keys->known = esc_map_new(free_known);
    return keys;
}

void permission_keys_free(struct permission_keys *keys)
{
    esc_map_free(keys->known);
    free(keys->account_id);
    free(keys->principal);
    free(keys);
}

char *permission_key_name(const char *account_id, const char *arn)
{
    return esc_sprintf("%s %s", account_id, arn);
}

void permission_keys_forget(struct permission_keys *keys, const char *arn)
{
    struct known *known = esc_map_remove(keys->known, esc_str_of(arn));
    if (known)
        free_known(known);
}

static struct known *known_of(struct permission_keys *keys, const char *arn)
{
    struct known *known = esc_map_get(keys->known, esc_str_of(arn));
    if (known)
        return known;
    ESC_CLEANUP(esc_freep) char *name = permission_key_name(keys->account_id, arn);
    known = esc_alloc_zero(sizeof *known);
    (void)esc_store_doc_get(keys->bench->store, WORK_IAM_KEY, name, &known->page,
                            NULL); /* then nobody has read it */
    esc_key_page_open(known->page, arn, keys->principal, &known->key, &known->policy);
    esc_map_set(keys->known, esc_str_of(arn), known);
    return known;
}

static bool has(const struct esc_list *keys, const char *name)
{
    for (size_t i = 0; i < keys->count; i++)
        if (esc_text_equal(((const struct esc_permit_key *)esc_list_at(keys, i))->name, name))
            return true;
    return false;
}

/* Emulators have no keys of AWS, and call those anything ("default_kms_key_id"). */
static bool is_made_up(const struct permission_keys *keys, const char *name)
{
    struct esc_arn arn;
    return keys->is_emulated && !esc_arn_parse(esc_str_of(name), &arn);
}

/* The key that one resource names; one that several name is asked once. */
static void add_named(struct permission_keys *keys, const struct esc_resource *resource,
                      struct esc_list *out)
{
    ESC_CLEANUP(esc_freep) char *arn = esc_key_named_by(resource);
    if (!arn || has(out, arn) || is_made_up(keys, arn))
        return;
    const struct known *known = known_of(keys, arn);
    struct esc_permit_key *key = esc_alloc_zero(sizeof *key);
    key->arn = esc_strdup(known->key.arn);
    key->name = esc_strdup(arn);
    key->of = esc_strdup(resource->identifier);
    key->text = esc_strdup_null(known->key.text);
    key->policy = (struct esc_permit_policy){known->policy, key->text};
    key->grants = known->key.grants;
    esc_list_push(out, key);
}

/* "vol-1" of "123456789012-us-west-2-ebs_volume-vol-1". */
static struct esc_str name_in(const char *id, const struct esc_resource *beside)
{
    const struct esc_str text = esc_str_of(id);
    ESC_CLEANUP(esc_freep)
    char *place = esc_sprintf("%s-%s-", beside->account_id, beside->region);
    const struct esc_str prefix = esc_str_of(place);
    const size_t dash =
        esc_str_starts_with(text, prefix) ? esc_str_find(text, ESC_STR("-"), prefix.len) : SIZE_MAX;
    return dash == SIZE_MAX ? text : esc_str_slice(text, dash + 1, text.len);
}

static void add_missing(const struct esc_resource *resource, const char *id, struct esc_list *out)
{
    const struct esc_str name = name_in(id, resource);
    struct esc_permit_key *key = esc_alloc_zero(sizeof *key);
    key->of = esc_str_dup(name);
    key->text = esc_sprintf("whether %.*s is encrypted under a key is not known: it is not in the "
                            "estate",
                            ESC_STR_ARG(name));
    key->policy.unread = key->text;
    esc_list_push(out, key);
}

void permission_keys_find(void *context, const struct esc_resource *resource, struct esc_list *out)
{
    struct permission_keys *keys = context;
    const char *relation = esc_key_use_relation(resource->resource_type);
    if (!relation)
        add_named(keys, resource, out);
    for (size_t i = 0; relation && i < resource->relation_count; i++) {
        const struct esc_relation *one = &resource->relations[i];
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *other = NULL;
        if (!esc_text_equal(one->kind, relation))
            continue;
        if (esc_store_estate_get(keys->bench->store, one->target, &other, NULL, NULL, NULL) ==
            ESC_OK)
            add_named(keys, other, out);
        else
            add_missing(resource, one->target, out);
    }
}

/* Of an account. */

struct kept {
    struct esc_str prefix;
    struct esc_list *arns;
};

static bool note_kept(void *context, const char *name, const struct esc_json *)
{
    const struct kept *kept = context;
    if (esc_str_starts_with(esc_str_of(name), kept->prefix))
        esc_list_push(kept->arns, esc_strdup(name + kept->prefix.len));
    return true;
}

enum esc_status permission_keys_kept(struct esc_store *store, const char *account_id,
                                     struct esc_list *arns, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *prefix = permission_key_name(account_id, "");
    struct kept kept = {esc_str_of(prefix), arns};
    esc_list_init(arns, free);
    return esc_store_docs(store, WORK_IAM_KEY, note_kept, &kept, NULL, err);
}

void permission_keys_mark(struct esc_store *store, const char *account_id,
                          struct esc_digest *digest)
{
    struct esc_list arns;
    (void)permission_keys_kept(store, account_id, &arns, NULL); /* the next time there are more */
    for (size_t i = 0; i < arns.count; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
        ESC_CLEANUP(esc_freep) char *name = permission_key_name(account_id, esc_list_at(&arns, i));
        if (esc_store_doc_get(store, WORK_IAM_KEY, name, &page, NULL) == ESC_OK)
            esc_json_remove(page, "at"); /* one that does not open says nothing */
        ESC_CLEANUP(esc_freep) char *text = page ? esc_json_print(page, ESC_JSON_SORTED) : NULL;
        esc_digest_add_sized(digest, esc_str_of(name));
        esc_digest_add_sized(digest, esc_str_of(text));
    }
    esc_list_done(&arns);
}

enum esc_status permission_keys_forget_account(struct esc_store *store, const char *account_id,
                                               struct esc_error *err)
{
    struct esc_list arns;
    enum esc_status status = permission_keys_kept(store, account_id, &arns, err);
    for (size_t i = 0; status == ESC_OK && i < arns.count; i++) {
        ESC_CLEANUP(esc_freep)
        char *name = permission_key_name(account_id, esc_list_at(&arns, i));
        status = esc_store_doc_del(store, WORK_IAM_KEY, name, err);
    }
    esc_list_done(&arns);
    return status;
}
