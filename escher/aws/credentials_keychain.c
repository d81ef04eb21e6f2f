/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/keychain.h"

#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/loop/job.h"

/* Long-lived keys in the keyring of the store, one item per account. A keyring may ask a person, so
 * all of it happens in a job, and the keyring has a deadline of its own. The job may outlive whoever
 * waits for it, and holds the keyring. */

enum keychain_act {
    GET,
    PUT,
    DEL,
};

struct keychain_job {
    enum keychain_act act;
    struct esc_keyring *keyring;
    char *item;
    struct esc_secret *document;
    struct esc_error err;
    struct aws_fetch *fetch; /* of GET */
    esc_keychain_fn *done;   /* of PUT and DEL */
    void *context;
};

static void free_job(struct keychain_job *job)
{
    esc_keyring_release(job->keyring);
    free(job->item);
    esc_secret_free(job->document);
    free(job);
}

static void work(void *context)
{
    struct keychain_job *job = context;
    job->err.status = ESC_OK;
    if (job->act == GET)
        job->err.status = esc_keyring_get(job->keyring, job->item, &job->document, &job->err);
    else if (job->act == PUT)
        job->err.status = esc_keyring_keep(job->keyring, job->item, job->document, &job->err);
    else
        job->err.status = esc_keyring_del(job->keyring, job->item, &job->err);
}

static struct keychain_job *job_new(enum keychain_act act, struct esc_keyring *keyring,
                                    const char *item)
{
    struct keychain_job *job = esc_alloc_zero(sizeof *job);
    job->act = act;
    job->keyring = keyring;
    esc_keyring_hold(keyring);
    job->item = esc_strdup(item);
    return job;
}

static enum esc_status read_item(const struct keychain_job *job, struct esc_credentials **out,
                                 struct esc_error *err)
{
    static const struct aws_document_names names = {
        .key_id = "AccessKeyId",
        .secret = "SecretAccessKey",
        .token = "SessionToken",
        .expiration = "Expiration",
        .token_is_optional = true,
    };
    *err = job->err;
    if (job->err.status == ESC_NOT_FOUND)
        return esc_fail(err, ESC_NOT_FOUND,
                        "the keychain has no keys for it; `escher accounts add ACCOUNT --keychain` "
                        "puts some there");
    if (job->err.status != ESC_OK)
        return esc_wrap(err, job->err.status, "the keychain");
    return aws_document_read(esc_secret_view(job->document), &names, "the keychain", out, err);
}

static void got(void *context, enum esc_status ended)
{
    struct keychain_job *job = context;
    struct aws_fetch *fetch = job->fetch;
    struct esc_credentials *credentials = NULL;
    struct esc_error err;
    if (aws_fetch_came(fetch)) {
        if (ended == ESC_OK)
            (void)read_item(job, &credentials, &err); /* NULL tells */
        else
            (void)esc_fail(&err, ended, "the keychain: cancelled");
        aws_fetch_end(fetch, credentials, &err);
    }
    free_job(job);
}

void aws_fetch_keychain(struct aws_fetch *fetch)
{
    struct esc_error err;
    if (!fetch->aws->keyring) {
        (void)esc_fail(&err, ESC_UNAVAILABLE, "there is no keychain here");
        aws_fetch_fail(fetch, &err);
        return;
    }
    struct keychain_job *job = job_new(GET, fetch->aws->keyring, fetch->source.item);
    job->fetch = fetch;
    aws_fetch_hold(fetch);
    (void)esc_job_start(fetch->aws->loop, work, got, job);
}

static void written(void *context, enum esc_status ended)
{
    struct keychain_job *job = context;
    struct esc_error err = job->err;
    if (ended != ESC_OK)
        (void)esc_fail(&err, ended, "the keychain: cancelled");
    else if (err.status != ESC_OK)
        (void)esc_wrap(&err, err.status, "the keychain");
    job->done(job->context, err.status == ESC_OK ? NULL : &err);
    free_job(job);
}

char *esc_keychain_item(const char *store, const char *account_id)
{
    return esc_sprintf("aws %s %s", store, account_id);
}

void esc_keychain_put(struct esc_loop *loop, struct esc_keyring *keyring, const char *item,
                      const struct esc_credentials *credentials, esc_keychain_fn *done,
                      void *context)
{
    struct keychain_job *job = job_new(PUT, keyring, item);
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *json = esc_json_object();
    struct esc_buf text;
    esc_json_set_text(json, "AccessKeyId", credentials->access_key_id);
    esc_json_set_str(json, "SecretAccessKey", esc_secret_view(credentials->secret_access_key));
    esc_buf_init_wiped(&text, ESC_MAX_REQUEST);
    esc_json_write(json, ESC_JSON_COMPACT, &text);
    job->document = esc_secret_new(text.ptr, text.len);
    esc_buf_done(&text);
    job->done = done;
    job->context = context;
    (void)esc_job_start(loop, work, written, job);
}

void esc_keychain_remove(struct esc_loop *loop, struct esc_keyring *keyring, const char *item,
                         esc_keychain_fn *done, void *context)
{
    struct keychain_job *job = job_new(DEL, keyring, item);
    job->done = done;
    job->context = context;
    (void)esc_job_start(loop, work, written, job);
}
