/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"

enum {
    MAX_KEPT = 256,
    FAILURE_KEPT_MS = 10 * 1000, /* of what does not answer: many ask in one scan */
};

/* One row per kind. The deadline is for all of a fetch, a question to a person included. */
static const struct {
    aws_fetch_fn *fetch;
    uint64_t deadline_ms;
} kinds[AWS_SOURCE_KINDS] = {
    [AWS_SOURCE_KEYCHAIN] = {aws_fetch_keychain, 15 * 1000},
    [AWS_SOURCE_SSO] = {aws_fetch_sso, 30 * 1000},
    [AWS_SOURCE_PROCESS] = {aws_fetch_process, 90 * 1000},
    [AWS_SOURCE_WEB_IDENTITY] = {aws_fetch_web_identity, 60 * 1000},
    [AWS_SOURCE_CONTAINER] = {aws_fetch_container, 10 * 1000},
    [AWS_SOURCE_IMDS] = {aws_fetch_imds, 10 * 1000},
    [AWS_SOURCE_MFA] = {aws_fetch_mfa, 10 * 60 * 1000},
};

struct waiter {
    aws_fetched_fn *done;
    void *context;
};

struct kept {
    char *key;
    enum aws_source_kind kind;
    struct esc_credentials *credentials; /* NULL: it failed */
    uint64_t until_ms;                   /* monotonic */
    struct esc_error failure;
    uint64_t failure_until_ms; /* monotonic */
};

#define AT(member) offsetof(struct aws_source, member)
static const size_t texts[] = {AT(profile),       AT(item),         AT(sso_session),
                               AT(sso_start_url), AT(sso_region),   AT(sso_account_id),
                               AT(sso_role),      AT(command),      AT(role_arn),
                               AT(token_file),    AT(session_name), AT(serial)};
#undef AT

static char **text_at(const struct aws_source *source, size_t index)
{
    return (char **)(void *)((char *)(uintptr_t)source + texts[index]);
}

void aws_source_done(struct aws_source *source)
{
    for (size_t i = 0; i < ESC_COUNT(texts); i++)
        free(*text_at(source, i));
    esc_credentials_free(source->keys);
    *source = (struct aws_source){0};
}

void aws_source_copy(const struct aws_source *from, struct aws_source *to)
{
    *to = (struct aws_source){.kind = from->kind, .keys = esc_credentials_copy(from->keys)};
    for (size_t i = 0; i < ESC_COUNT(texts); i++)
        *text_at(to, i) = esc_strdup_null(*text_at(from, i));
}

char *aws_source_text(const struct aws_source *source)
{
    switch (source->kind) {
    case AWS_SOURCE_KEYS:
        return esc_strdup(source->profile ? "keys of a file" : "keys of the environment");
    case AWS_SOURCE_KEYCHAIN:
        return esc_strdup("keychain");
    case AWS_SOURCE_SSO:
        return esc_sprintf("AWS SSO %s",
                           source->sso_session ? source->sso_session : source->sso_start_url);
    case AWS_SOURCE_PROCESS:
        return esc_strdup("a program (credential_process)");
    case AWS_SOURCE_WEB_IDENTITY:
        return esc_strdup("web identity");
    case AWS_SOURCE_CONTAINER:
        return esc_strdup("container");
    case AWS_SOURCE_IMDS:
        return esc_strdup("instance metadata");
    default:
        return esc_sprintf("MFA %s", source->serial ? source->serial : "");
    }
}

/* All that the outcome depends on, as a digest: a command line may hold what nobody should see. */
char *aws_source_key(const struct aws_source *source, const struct aws_fetch_way *way)
{
    struct esc_digest *digest = esc_digest_new();
    uint8_t sum[ESC_SHA256_SIZE];
    const uint8_t kind = (uint8_t)source->kind;
    const struct esc_aws_environment *environment = way->environment;
    const char *const more[] = {way->endpoint_url,
                                source->keys ? source->keys->access_key_id : NULL,
                                environment ? environment->home : NULL,
                                environment ? environment->container_uri : NULL,
                                environment ? environment->metadata_endpoint : NULL,
                                environment ? environment->sso_endpoint : NULL,
                                environment ? environment->oidc_endpoint : NULL,
                                environment ? environment->sts_endpoint : NULL};
    esc_digest_add(digest, (struct esc_str){(const char *)&kind, 1});
    for (size_t i = 1; i < ESC_COUNT(texts); i++) /* not the profile: two may lead to one source */
        esc_digest_add_sized(digest, esc_str_of(*text_at(source, i)));
    for (size_t i = 0; i < ESC_COUNT(more); i++)
        esc_digest_add_sized(digest, esc_str_of(more[i]));
    esc_digest_finish(digest, sum);
    esc_digest_free(digest);
    char *key = esc_alloc_zero(ESC_SHA256_TEXT);
    esc_hex(sum, sizeof sum, key);
    return key;
}

static void free_kept(struct kept *kept)
{
    free(kept->key);
    esc_credentials_free(kept->credentials);
    free(kept);
}

static void drop(struct esc_aws *aws, const char *key)
{
    for (size_t i = aws->sources.count; i > 0; i--)
        if (esc_text_equal(((struct kept *)aws->sources.items[i - 1])->key, key))
            free_kept(esc_list_remove(&aws->sources, i - 1));
}

static struct kept *keep(const struct aws_fetch *fetch)
{
    struct esc_aws *aws = fetch->aws;
    drop(aws, fetch->key);
    if (aws->sources.count == MAX_KEPT)
        free_kept(esc_list_remove(&aws->sources, 0)); /* the oldest */
    struct kept *kept = esc_alloc_zero(sizeof *kept);
    kept->key = esc_strdup(fetch->key);
    kept->kind = fetch->source.kind;
    esc_list_push(&aws->sources, kept);
    return kept;
}

static struct kept *find(struct esc_aws *aws, const char *key)
{
    for (size_t i = 0; i < aws->sources.count; i++)
        if (esc_text_equal(((struct kept *)aws->sources.items[i])->key, key))
            return aws->sources.items[i];
    return NULL;
}

uint64_t aws_kept_until_ms(const struct esc_aws *aws, const struct esc_credentials *credentials,
                           const char *endpoint_url)
{
    const uint64_t end_ms = credentials->expires_at_ms;
    const uint64_t dead_ms = esc_aws_now_at_ms(aws, endpoint_url) + ESC_CREDENTIALS_EARLY_MS;
    if (!end_ms)
        return UINT64_MAX;
    return esc_clock_monotonic_ms(aws->clock) + (end_ms > dead_ms ? end_ms - dead_ms : 0);
}

bool aws_kept_is_fresh(const struct esc_aws *aws, const struct esc_credentials *credentials,
                       uint64_t until_ms, const char *endpoint_url)
{
    return esc_clock_monotonic_ms(aws->clock) < until_ms &&
           esc_credentials_are_fresh(credentials, esc_aws_now_at_ms(aws, endpoint_url));
}

const struct esc_credentials *aws_source_kept(struct esc_aws *aws, const struct aws_source *source,
                                              const struct aws_fetch_way *way)
{
    ESC_CLEANUP(esc_freep) char *key = aws_source_key(source, way);
    const struct kept *kept = find(aws, key);
    if (!kept || !kept->credentials ||
        !aws_kept_is_fresh(aws, kept->credentials, kept->until_ms, way->endpoint_url))
        return NULL;
    return kept->credentials;
}

void aws_source_drop(struct esc_aws *aws, const char *key)
{
    drop(aws, key);
}

static bool is_replaceable(enum aws_source_kind kind)
{
    return kind == AWS_SOURCE_KEYCHAIN || kind == AWS_SOURCE_PROCESS;
}

void aws_source_drop_lasting(struct esc_aws *aws)
{
    for (size_t i = aws->sources.count; i > 0; i--) {
        const struct kept *kept = aws->sources.items[i - 1];
        if (is_replaceable(kept->kind) && kept->credentials && !kept->credentials->expires_at_ms)
            free_kept(esc_list_remove(&aws->sources, i - 1));
    }
    for (struct aws_fetch *fetch = aws->fetches; fetch; fetch = fetch->next)
        if (is_replaceable(fetch->source.kind))
            fetch->is_stale = true;
}

void aws_source_retry(struct esc_aws *aws)
{
    for (size_t i = aws->sources.count; i > 0; i--)
        if (!((struct kept *)aws->sources.items[i - 1])->credentials)
            free_kept(esc_list_remove(&aws->sources, i - 1));
}

static void free_fetch(struct aws_fetch *fetch)
{
    aws_source_done(&fetch->source);
    esc_aws_environment_free(fetch->environment);
    esc_secret_free(fetch->token);
    esc_json_wipe_free(fetch->document);
    esc_list_done(&fetch->waiting);
    free(fetch->region);
    free(fetch->endpoint_url);
    free(fetch->account);
    free(fetch->key);
    free(fetch);
}

void aws_fetch_hold(struct aws_fetch *fetch)
{
    fetch->holds++;
}

bool aws_fetch_came(struct aws_fetch *fetch)
{
    ESC_ASSERT(fetch->holds > 0);
    fetch->holds--;
    if (!fetch->over) {
        fetch->http = NULL;
        fetch->process = NULL;
        return true;
    }
    if (fetch->holds == 0)
        free_fetch(fetch);
    return false;
}

static void note(struct aws_fetch *fetch, const struct esc_credentials *credentials,
                 const struct esc_error *err)
{
    const struct esc_aws *aws = fetch->aws;
    if (fetch->is_stale)
        return;
    if (credentials) {
        struct kept *kept = keep(fetch);
        kept->credentials = esc_credentials_copy(credentials);
        kept->until_ms = aws_kept_until_ms(aws, credentials, fetch->endpoint_url);
    } else if (err->status == ESC_UNAVAILABLE || err->status == ESC_TIMEOUT) {
        struct kept *kept = keep(fetch);
        kept->failure = *err;
        kept->failure_until_ms = esc_clock_monotonic_ms(aws->clock) + FAILURE_KEPT_MS;
    }
}

/* The last thing that happens to a fetch, unless something it has started still comes. */
static void finish(struct aws_fetch *fetch, const struct esc_credentials *credentials,
                   const struct esc_error *err)
{
    ESC_ASSERT(!fetch->over);
    fetch->over = true;
    *fetch->link = fetch->next;
    if (fetch->next)
        fetch->next->link = fetch->link;
    esc_timer_stop(&fetch->turn);
    esc_timer_stop(&fetch->deadline);
    fetch->holds++; /* until all have heard */
    esc_http_cancel(ESC_STEAL(fetch->http));
    if (fetch->process)
        esc_process_cancel(ESC_STEAL(fetch->process), 0);
    for (size_t i = 0; i < fetch->waiting.count; i++) {
        const struct waiter *waiter = fetch->waiting.items[i];
        waiter->done(waiter->context, credentials, err);
    }
    if (--fetch->holds == 0)
        free_fetch(fetch);
}

void aws_fetch_end(struct aws_fetch *fetch, struct esc_credentials *credentials,
                   const struct esc_error *err)
{
    ESC_CLEANUP(esc_credentials_freep) struct esc_credentials *owned = credentials;
    struct esc_error expired;
    if (owned && owned->expires_at_ms &&
        owned->expires_at_ms <= esc_aws_now_at_ms(fetch->aws, fetch->endpoint_url)) {
        ESC_CLEANUP(esc_freep) char *text = aws_source_text(&fetch->source);
        (void)esc_fail(&expired, ESC_DENIED, "%s: gave credentials that have expired", text);
        esc_credentials_free(ESC_STEAL(owned));
        err = &expired;
    }
    note(fetch, owned, err);
    finish(fetch, owned, err);
}

struct ending {
    struct aws_fetch *fetch;
    struct esc_error err;
};

static void end_later(void *context)
{
    struct ending ending = *(struct ending *)context;
    free(context);
    if (aws_fetch_came(ending.fetch))
        aws_fetch_end(ending.fetch, NULL, &ending.err);
}

void aws_fetch_fail(struct aws_fetch *fetch, const struct esc_error *err)
{
    struct ending *ending = esc_alloc_zero(sizeof *ending);
    *ending = (struct ending){fetch, *err};
    aws_fetch_hold(fetch);
    esc_loop_post(fetch->aws->loop, end_later, ending);
}

static void on_deadline(void *context)
{
    struct aws_fetch *fetch = context;
    struct esc_error err;
    ESC_CLEANUP(esc_freep) char *text = aws_source_text(&fetch->source);
    fetch->deadline = NULL;
    (void)esc_fail(&err, ESC_TIMEOUT, "%s: no answer in time", text);
    aws_fetch_end(fetch, NULL, &err);
}

static void begin(void *context)
{
    struct aws_fetch *fetch = context;
    const struct kept *kept = find(fetch->aws, fetch->key);
    fetch->turn = NULL;
    if (kept && !kept->credentials &&
        kept->failure_until_ms > esc_clock_monotonic_ms(fetch->aws->clock)) {
        const struct esc_error err = kept->failure;
        finish(fetch, NULL, &err);
        return;
    }
    fetch->deadline = esc_timer_start(fetch->aws->loop, kinds[fetch->source.kind].deadline_ms,
                                      on_deadline, fetch);
    kinds[fetch->source.kind].fetch(fetch);
}

static struct aws_fetch *under_way(struct esc_aws *aws, const char *key, const char *asker)
{
    for (struct aws_fetch *fetch = aws->fetches; fetch; fetch = fetch->next)
        if (!fetch->is_stale && esc_text_equal(fetch->key, key) &&
            (fetch->source.kind != AWS_SOURCE_MFA ||
             esc_text_equal(fetch->environment->asker, asker)))
            return fetch;
    return NULL;
}

static struct aws_fetch *start(struct esc_aws *aws, const struct aws_source *source,
                               const struct aws_fetch_way *way, const char *key)
{
    struct aws_fetch *fetch = esc_alloc_zero(sizeof *fetch);
    fetch->aws = aws;
    aws_source_copy(source, &fetch->source);
    fetch->environment = esc_aws_environment_copy(way->environment);
    fetch->region = esc_strdup_null(way->region);
    fetch->endpoint_url = esc_strdup_null(way->endpoint_url);
    fetch->account = esc_strdup_null(way->account);
    fetch->key = esc_strdup(key);
    esc_list_init(&fetch->waiting, free);
    fetch->link = &aws->fetches;
    fetch->next = aws->fetches;
    if (fetch->next)
        fetch->next->link = &fetch->next;
    aws->fetches = fetch;
    fetch->turn = esc_timer_start(aws->loop, 0, begin, fetch);
    return fetch;
}

void aws_source_fetch(struct esc_aws *aws, const struct aws_source *source,
                      const struct aws_fetch_way *way, aws_fetched_fn *done, void *context)
{
    ESC_ASSERT(kinds[source->kind].fetch);
    ESC_CLEANUP(esc_freep) char *key = aws_source_key(source, way);
    struct aws_fetch *fetch =
        under_way(aws, key, way->environment ? way->environment->asker : NULL);
    if (!fetch)
        fetch = start(aws, source, way, key);
    struct waiter *waiter = esc_alloc_zero(sizeof *waiter);
    *waiter = (struct waiter){done, context};
    esc_list_push(&fetch->waiting, waiter);
}

void aws_source_end_all(struct esc_aws *aws)
{
    while (aws->fetches) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
        finish(aws->fetches, NULL, &err);
    }
    while (aws->sources.count)
        free_kept(esc_list_remove(&aws->sources, 0));
    esc_list_done(&aws->sources);
}
