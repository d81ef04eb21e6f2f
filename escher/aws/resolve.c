/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/resolve.h"

#include "escher/aws/chain_private.h"
#include "escher/aws/endpoint.h"
#include "escher/aws/sts.h"
#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/model/partition.h"

/*
 * A resolution in steps; each is one call, or none:
 *
 *     PLAN ──▶ SOURCE ──▶ MFA session ──▶ ASSUME (once per role of the chain) ──▶ IDENTIFY ──▶ over
 *       │        └ keys expired: once more from PLAN, since files may have been renewed
 *       └ kept from before: over
 *
 * Two that want the same at the same time ask once: the second waits for the first, and has its
 * answer, a failure too. Only when the first found nobody to ask for an MFA code, or went away,
 * the second asks for itself.
 */

enum {
    MAX_KEPT = 512,
    CHAINED_S = 3600, /* @source IAM User Guide, Role chaining: an hour at most; whose keys come
                         with a token may be a role, unless it is our session of an MFA device */
};

struct kept {
    char *key;
    char *account_id;                    /* the account that was asked for */
    char *caller_arn;                    /* what was answered */
    char *source_key;                    /* what they began with, or were assumed from */
    struct esc_credentials *credentials; /* NULL: long-lived ones, which are read anew each time */
    uint64_t until_ms;                   /* monotonic; of these */
};

struct esc_resolving {
    struct esc_resolving *next, **link;
    struct esc_aws *aws;
    struct esc_account *account;
    struct esc_aws_environment *environment; /* NULL: none */
    char *session_name, *region, *key;
    struct aws_chain chain;
    size_t roles_left;
    char *session_key; /* of the MFA device's session that is used; NULL: none is */
    struct esc_credentials *credentials; /* of the source, then of each role */
    struct esc_resolving *leader;        /* who asks for us too */
    bool tried_again;
    const char *elsewhere; /* where STS is asked instead of `region`; static; NULL: nowhere */
    bool is_stale;         /* the account's keys were replaced meanwhile: the outcome is not kept */
    struct esc_timer *turn, *leaving;
    esc_credentials_fn *done; /* NULL: nobody waits for it any more */
    void *context;
};

static void free_kept(struct kept *kept)
{
    free(kept->key);
    free(kept->account_id);
    free(kept->caller_arn);
    free(kept->source_key);
    esc_credentials_free(kept->credentials);
    free(kept);
}

/* Back to before PLAN. */
static void reset(struct esc_resolving *resolution)
{
    aws_chain_done(&resolution->chain);
    resolution->roles_left = 0;
    free(ESC_STEAL(resolution->session_key));
    esc_credentials_free(ESC_STEAL(resolution->credentials));
    free(ESC_STEAL(resolution->region));
    free(ESC_STEAL(resolution->key));
}

/* The last thing that happens to a resolution; takes `credentials` over. */
static void report(struct esc_resolving *resolution, struct esc_credentials *credentials,
                   const struct esc_error *err)
{
    *resolution->link = resolution->next;
    if (resolution->next)
        resolution->next->link = resolution->link;
    esc_timer_stop(&resolution->turn);
    esc_timer_stop(&resolution->leaving);
    if (resolution->done)
        resolution->done(resolution->context, credentials, err);
    else
        esc_credentials_free(credentials);
    reset(resolution);
    esc_account_free(resolution->account);
    esc_aws_environment_free(resolution->environment);
    free(resolution->session_name);
    free(resolution);
}

static void plan(void *context);

static void plan_soon(struct esc_resolving *resolution)
{
    resolution->turn = esc_timer_start(resolution->aws->loop, 0, plan, resolution);
}

/* Those who wait look for themselves now: the result is kept, or one of them is the next to ask. */
static void wake_followers(const struct esc_resolving *leader)
{
    for (struct esc_resolving *one = leader->aws->pending; one; one = one->next)
        if (one->leader == leader) {
            one->leader = NULL;
            reset(one);
            plan_soon(one);
        }
}

static const char *asker_of(const struct esc_resolving *resolution)
{
    return resolution->environment ? resolution->environment->asker : NULL;
}

static struct esc_resolving *follower_with_same_asker(const struct esc_resolving *leader, bool any)
{
    for (struct esc_resolving *one = leader->aws->pending; one; one = one->next)
        if (one->leader == leader && (any || esc_text_equal(asker_of(one), asker_of(leader))))
            return one;
    return NULL;
}

static const char *name_of(const struct esc_account *account)
{
    return account->name ? account->name : account->id ? account->id : "(new)";
}

static const char *endpoint_of(const struct esc_resolving *resolution)
{
    return resolution->account->emulator ? resolution->account->endpoint_url : NULL;
}

static struct aws_fetch_way way_of(const struct esc_resolving *resolution)
{
    return (struct aws_fetch_way){resolution->region, endpoint_of(resolution),
                                  resolution->environment, name_of(resolution->account)};
}

static void fail(struct esc_resolving *resolution, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *source = aws_source_text(&resolution->chain.source);
    struct esc_resolving *follower;
    if (!resolution->is_stale)
        aws_state_note_failure(resolution->aws, resolution->account->id,
                               resolution->region ? source : NULL, err);
    (void)esc_wrap(err, err->status, "account %s", name_of(resolution->account));
    while (err->status != ESC_CANCELLED &&
           (follower = follower_with_same_asker(resolution, err->status != ESC_LOCKED)))
        report(follower, NULL, err);
    wake_followers(resolution);
    report(resolution, NULL, err);
}

/* What the account says, or else where its session of AWS SSO is. NULL: nothing tells. */
static const char *partition_of(const struct esc_resolving *resolution)
{
    const char *partition = esc_account_partition(resolution->account);
    const char *sso = resolution->chain.source.sso_region;
    return partition || !sso ? partition : esc_partition_of_region(esc_str_of(sso));
}

/* Of STS: where whoever calls is at home. A region that is scanned may be one that has to be enabled
 * first, and the account that a role is assumed from need not have done so. */
static void choose_region(struct esc_resolving *resolution)
{
    const struct esc_account *account = resolution->account;
    const char *own = account->regions.count ? account->regions.items[0] : NULL;
    const char *theirs = resolution->environment ? resolution->environment->region : NULL;
    const char *nearest = resolution->chain.region ? resolution->chain.region : theirs;
    const char *partition = partition_of(resolution);
    if (nearest && partition &&
        !esc_text_equal(partition, esc_partition_of_region(esc_str_of(nearest))))
        nearest = NULL; /* its keys are nobody's there */
    const char *chosen = nearest ? nearest : own;
    if (!chosen && partition)
        chosen = esc_partition_main_region(partition);
    resolution->region = esc_strdup(chosen ? chosen : "us-east-1");
}

/* Everything the outcome depends on; never a secret. */
static void make_key(struct esc_resolving *resolution)
{
    const struct aws_fetch_way way = way_of(resolution);
    const struct aws_chain *chain = &resolution->chain;
    ESC_CLEANUP(esc_freep) char *source = aws_source_key(&chain->source, &way);
    struct esc_buf key;
    esc_buf_init(&key, ESC_MAX_LINE);
    const char *id = resolution->account->id;
    esc_buf_printf(&key, "%s\n%s\n%s", id ? id : "", resolution->region, source);
    if (chain->role_count)
        esc_buf_printf(&key, "\n%s\n%s", resolution->session_name,
                       chain->serial ? chain->serial : "");
    for (size_t i = 0; i < chain->role_count; i++)
        esc_buf_printf(&key, "\n%s %s", chain->roles[i].arn,
                       chain->roles[i].external_id ? chain->roles[i].external_id : "");
    resolution->key = esc_buf_take(&key);
}

/* Of these only that they are the account's is kept; they are read anew each time. */
static bool are_long_lived(const struct esc_resolving *resolution)
{
    return resolution->chain.source.kind == AWS_SOURCE_KEYS && resolution->chain.role_count == 0;
}

static const struct kept *find_kept(const struct esc_resolving *resolution)
{
    const struct esc_list *cache = &resolution->aws->cache;
    for (size_t i = 0; i < cache->count; i++) {
        const struct kept *kept = cache->items[i];
        if (esc_text_equal(kept->key, resolution->key) &&
            (!kept->credentials || aws_kept_is_fresh(resolution->aws, kept->credentials,
                                                     kept->until_ms, endpoint_of(resolution))))
            return kept;
    }
    return NULL;
}

static void drop_kept(struct esc_aws *aws, size_t index)
{
    free_kept(esc_list_remove(&aws->cache, index));
}

static void keep(const struct esc_resolving *resolution)
{
    struct esc_aws *aws = resolution->aws;
    const struct aws_fetch_way way = way_of(resolution);
    if (resolution->is_stale)
        return;
    for (size_t i = aws->cache.count; i > 0; i--)
        if (esc_text_equal(((struct kept *)aws->cache.items[i - 1])->key, resolution->key))
            drop_kept(aws, i - 1);
    if (aws->cache.count == MAX_KEPT)
        drop_kept(aws, 0); /* the oldest */
    struct kept *kept = esc_alloc_zero(sizeof *kept);
    kept->key = esc_strdup(resolution->key);
    kept->account_id = esc_strdup_null(resolution->account->id);
    kept->caller_arn = esc_strdup_null(resolution->credentials->caller_arn);
    kept->source_key = aws_source_key(&resolution->chain.source, &way);
    kept->until_ms = aws_kept_until_ms(aws, resolution->credentials, endpoint_of(resolution));
    if (!are_long_lived(resolution))
        kept->credentials = esc_credentials_copy(resolution->credentials);
    esc_list_push(&aws->cache, kept);
}

static void advance(struct esc_resolving *resolution);

static void drop_sources(const struct esc_resolving *resolution)
{
    const struct aws_fetch_way way = way_of(resolution);
    ESC_CLEANUP(esc_freep) char *key = aws_source_key(&resolution->chain.source, &way);
    aws_source_drop(resolution->aws, key);
    if (resolution->session_key)
        aws_source_drop(resolution->aws, resolution->session_key);
}

/* Once, where everybody may call. */
static bool try_elsewhere(struct esc_resolving *resolution, const struct esc_aws_fault *fault)
{
    if (!esc_sts_try_elsewhere(resolution->region, fault, &resolution->elsewhere))
        return false;
    advance(resolution);
    return true;
}

/* Once, keys that the cloud calls expired are looked up again. */
static bool try_again(struct esc_resolving *resolution, const struct esc_aws_fault *fault)
{
    if (!fault || !esc_aws_fault_is_expired(fault) || resolution->tried_again)
        return false;
    drop_sources(resolution);
    resolution->tried_again = true;
    reset(resolution);
    plan_soon(resolution);
    return true;
}

static bool is_over(const struct esc_resolving *resolution,
                    const struct esc_credentials *credentials)
{
    return credentials && credentials->expires_at_ms <=
                              esc_aws_now_at_ms(resolution->aws, endpoint_of(resolution));
}

static void fail_role(struct esc_resolving *resolution, struct esc_error *err)
{
    (void)esc_wrap(err, err->status, "assume %s",
                   resolution->chain.roles[resolution->roles_left - 1].arn);
    fail(resolution, err);
}

static void on_role(void *context, struct esc_credentials *credentials,
                    const struct esc_aws_fault *fault, const struct esc_error *failure)
{
    struct esc_resolving *resolution = context;
    struct esc_error err;
    if (is_over(resolution, credentials)) {
        esc_credentials_free(credentials);
        (void)esc_fail(&err, ESC_DENIED, "sts gave credentials that have expired");
        fail_role(resolution, &err);
    } else if (credentials) {
        credentials->login_ends_ms = resolution->credentials->login_ends_ms;
        esc_credentials_free(resolution->credentials);
        resolution->credentials = credentials;
        resolution->roles_left--;
        advance(resolution);
    } else if (!try_elsewhere(resolution, fault) && !try_again(resolution, fault)) {
        err = *failure;
        fail_role(resolution, &err);
    }
}

static void succeed(struct esc_resolving *resolution, struct esc_credentials *credentials)
{
    ESC_CLEANUP(esc_freep) char *source = aws_source_text(&resolution->chain.source);
    if (!resolution->is_stale) /* else they are not the account's any more */
        aws_state_note(resolution->aws, resolution->account->id, source, credentials);
    wake_followers(resolution);
    report(resolution, credentials, NULL);
}

static void set_caller(struct esc_credentials *credentials, const char *arn)
{
    free(credentials->caller_arn);
    credentials->caller_arn = esc_strdup_null(arn);
}

static void on_caller(void *context, const struct esc_caller *caller,
                      const struct esc_aws_fault *fault, const struct esc_error *failure)
{
    struct esc_resolving *resolution = context;
    struct esc_error err;
    if (!caller) {
        if (try_elsewhere(resolution, fault) || try_again(resolution, fault))
            return;
        err = *failure;
        fail(resolution, &err);
    } else if (resolution->account->id &&
               !esc_text_equal(caller->account, resolution->account->id)) {
        drop_sources(resolution); /* whoever logs in anew means other keys */
        (void)esc_fail(&err, ESC_BLOCKED, "the credentials belong to account %.12s, not to %s",
                       caller->account, resolution->account->id);
        fail(resolution, &err);
    } else {
        set_caller(resolution->credentials, caller->arn);
        keep(resolution);
        succeed(resolution, ESC_STEAL(resolution->credentials));
    }
}

static void assume_next(struct esc_resolving *resolution, const struct esc_aws_place *place)
{
    const struct aws_role *next = &resolution->chain.roles[resolution->roles_left - 1];
    const bool is_chained = resolution->roles_left < resolution->chain.role_count ||
                            (resolution->credentials->session_token && !resolution->session_key);
    const struct esc_sts_role role = {
        .role_arn = next->arn,
        .session_name = next->session_name ? next->session_name : resolution->session_name,
        .external_id = next->external_id,
        .duration_s = is_chained && next->duration_s > CHAINED_S ? CHAINED_S : next->duration_s,
        .place = *place,
    };
    esc_sts_assume_role(resolution->aws, resolution->credentials, &role, on_role, resolution);
}

static void on_session(void *context, const struct esc_credentials *credentials,
                       const struct esc_error *failure)
{
    struct esc_resolving *resolution = context;
    struct esc_error err;
    if (credentials) {
        esc_credentials_free(resolution->credentials);
        resolution->credentials = esc_credentials_copy(credentials);
        advance(resolution);
    } else {
        err = *failure;
        fail(resolution, &err);
    }
}

/* A session for whoever shows the device; had once for all roles that ask for it. */
static void begin_session(struct esc_resolving *resolution)
{
    const struct aws_source source = {.kind = AWS_SOURCE_MFA,
                                      .keys = resolution->credentials,
                                      .serial = resolution->chain.serial};
    const struct aws_fetch_way way = way_of(resolution);
    struct esc_error err;
    if (resolution->credentials->session_token) {
        (void)esc_fail(&err, ESC_INVALID,
                       "an MFA code counts with long-lived keys only, and those at hand are "
                       "temporary; name a profile that has keys as its source_profile");
        fail(resolution, &err);
        return;
    }
    const struct esc_credentials *kept = aws_source_kept(resolution->aws, &source, &way);
    resolution->session_key = aws_source_key(&source, &way);
    if (kept)
        on_session(resolution, kept, NULL);
    else
        aws_source_fetch(resolution->aws, &source, &way, on_session, resolution);
}

static void advance(struct esc_resolving *resolution)
{
    const struct esc_aws_place place = {resolution->elsewhere ? resolution->elsewhere
                                                              : resolution->region,
                                        endpoint_of(resolution), resolution->environment};
    if (resolution->roles_left == 0)
        esc_sts_get_caller_identity(resolution->aws, resolution->credentials, &place, on_caller,
                                    resolution);
    else if (resolution->chain.serial && !resolution->session_key)
        begin_session(resolution);
    else
        assume_next(resolution, &place);
}

static void on_source(void *context, const struct esc_credentials *credentials,
                      const struct esc_error *failure)
{
    struct esc_resolving *resolution = context;
    struct esc_error err;
    if (credentials) {
        resolution->credentials = esc_credentials_copy(credentials);
        advance(resolution);
    } else {
        err = *failure;
        fail(resolution, &err);
    }
}

static void begin_source(struct esc_resolving *resolution)
{
    const struct aws_source *source = &resolution->chain.source;
    const struct aws_fetch_way way = way_of(resolution);
    const struct esc_credentials *kept = source->kind == AWS_SOURCE_KEYS
                                             ? source->keys
                                             : aws_source_kept(resolution->aws, source, &way);
    if (kept)
        on_source(resolution, kept, NULL);
    else
        aws_source_fetch(resolution->aws, source, &way, on_source, resolution);
}

static struct esc_resolving *leader_of(const struct esc_resolving *resolution)
{
    for (struct esc_resolving *one = resolution->aws->pending; one; one = one->next)
        if (one != resolution && !one->leader && !one->turn && !one->is_stale && one->key &&
            esc_text_equal(one->key, resolution->key))
            return one;
    return NULL;
}

static void plan(void *context)
{
    struct esc_resolving *resolution = context;
    struct esc_error err;
    resolution->turn = NULL;
    if (!resolution->done) { /* and nobody waits for what would be asked now */
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
        fail(resolution, &err);
        return;
    }
    resolution->is_stale = false; /* all is read anew */
    if (aws_chain_find(resolution->account, resolution->environment, &resolution->chain, &err) !=
        ESC_OK) {
        fail(resolution, &err);
        return;
    }
    choose_region(resolution);
    make_key(resolution);
    resolution->roles_left = resolution->chain.role_count;
    const struct kept *kept = find_kept(resolution);
    if (kept) {
        struct esc_credentials *credentials = esc_credentials_copy(
            kept->credentials ? kept->credentials : resolution->chain.source.keys);
        set_caller(credentials, kept->caller_arn);
        succeed(resolution, credentials);
    } else if (!(resolution->leader = leader_of(resolution))) {
        begin_source(resolution);
    }
}

struct esc_resolving *esc_credentials_resolve(struct esc_aws *aws,
                                              const struct esc_account *account,
                                              const struct esc_aws_environment *environment,
                                              const char *session_name, esc_credentials_fn *done,
                                              void *context)
{
    struct esc_resolving *resolution = esc_alloc_zero(sizeof *resolution);
    resolution->aws = aws;
    resolution->account = esc_account_copy(account);
    if (environment)
        resolution->environment = esc_aws_environment_copy(environment);
    resolution->session_name = esc_strdup(session_name ? session_name : "escher");
    resolution->done = done;
    resolution->context = context;
    resolution->link = &aws->pending;
    resolution->next = aws->pending;
    if (resolution->next)
        resolution->next->link = &resolution->next;
    aws->pending = resolution;
    plan_soon(resolution);
    return resolution;
}

/* What is under way goes on with nobody to tell; what only waits is over. */
static void leave(void *context)
{
    struct esc_resolving *resolution = context;
    struct esc_error err;
    resolution->leaving = NULL;
    (void)esc_fail(&err, ESC_CANCELLED, "account %s: cancelled", name_of(resolution->account));
    if (resolution->turn || resolution->leader) {
        wake_followers(resolution);
        report(resolution, NULL, &err);
        return;
    }
    esc_credentials_fn *done = ESC_STEAL(resolution->done);
    done(resolution->context, NULL, &err);
}

void esc_credentials_cancel(struct esc_resolving *resolving)
{
    if (resolving->done && !resolving->leaving)
        resolving->leaving = esc_timer_start(resolving->aws->loop, 0, leave, resolving);
}

void esc_credentials_forget(struct esc_aws *aws, const struct esc_account *account)
{
    if (!aws)
        return;
    for (size_t i = aws->cache.count; i > 0; i--) {
        const struct kept *kept = aws->cache.items[i - 1];
        if (!esc_text_equal(kept->account_id, account->id))
            continue;
        aws_source_drop(aws, kept->source_key);
        drop_kept(aws, i - 1);
    }
    aws_source_drop_lasting(aws); /* also what led to nothing, and is in no cache */
    for (struct esc_resolving *one = aws->pending; one; one = one->next)
        if (esc_text_equal(one->account->id, account->id))
            one->is_stale = true;
}

void esc_credentials_retry(struct esc_aws *aws)
{
    if (aws)
        aws_source_retry(aws);
}

void resolve_end_all(struct esc_aws *aws)
{
    while (aws->pending) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_CANCELLED, "account %s: cancelled",
                       name_of(aws->pending->account));
        report(aws->pending, NULL, &err);
    }
    while (aws->cache.count)
        drop_kept(aws, 0);
    esc_list_done(&aws->cache);
}
