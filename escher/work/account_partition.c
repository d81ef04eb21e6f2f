/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/resolve.h"
#include "escher/base/alloc.h"
#include "escher/loop/timer.h"
#include "escher/model/partition.h"
#include "escher/work/account_private.h"

/*
 * Which partition an account lies in. Where its regions or its role do not say so, its keys do:
 * the ARN of whoever calls has it, and it is kept with the account from then on.
 *
 *     accounts ─▶ each of which nothing is known: resolve (some at a time) ─▶ kept ─▶ done
 *                                                     └ refused, or late: the sync will say so
 *
 * Keys that are late (a program that hangs, metadata that do not answer) hold up no other account:
 * after a while the others begin. What they tell in the end is kept for the next sync.
 *
 * Without it the regions of an account of GovCloud or China would be asked for, and looked for, in
 * the usual partition, where its keys are nobody's.
 */

enum {
    AT_ONCE = 8,
    PATIENCE_MS = 5 * 1000, /* of others, with one account */
};

struct work_placing {
    struct esc_workbench *bench;
    struct esc_list *accounts; /* struct esc_account *, borrowed until done */
    struct esc_aws_environment *environment;
    size_t next;
    struct esc_list asked; /* struct asked *: those under way */
    bool cancelled;
    work_accounts_placed_fn *done;
    void *context;
};

struct asked {
    struct esc_workbench *bench;
    struct work_placing *placing; /* NULL: it is late, and nobody waits for it */
    struct esc_account *account;  /* borrowed, unless it is late */
    char *account_id;
    struct esc_resolving *resolving;
    struct esc_timer *patience;
};

static bool is_placed(const struct esc_account *account)
{
    return esc_account_partition(account) != NULL;
}

void work_account_set_partition(struct esc_account *account, const char *caller_arn)
{
    const char *partition = caller_arn ? esc_partition_of_arn(esc_str_of(caller_arn)) : NULL;
    if (!partition || !esc_partition_main_region(partition) || account->regions.count)
        return; /* those that are named say it too */
    free(account->partition);
    account->partition = esc_strdup(partition);
}

enum esc_status work_account_check_partition(const struct esc_account *account,
                                             struct esc_error *err)
{
    const char *partition = esc_account_partition(account);
    for (size_t i = 0; i < account->regions.count; i++) {
        const char *region = esc_list_at(&account->regions, i);
        const char *its = esc_partition_of_region(esc_str_of(region));
        if (!esc_region_is_likely(esc_str_of(region)))
            return esc_fail(err, ESC_INVALID,
                            "`%s` is no region, which looks like us-west-2; `enabled` stands for "
                            "all that the account has",
                            region);
        const enum esc_status status = esc_partition_check(its, err);
        if (status != ESC_OK)
            return esc_wrap(err, status, "%s", region);
        if (!esc_text_equal(partition, its))
            return esc_fail(err, ESC_INVALID, "%s is in the partition %s, and the account in %s",
                            region, its, partition);
    }
    return partition ? esc_partition_check(partition, err) : ESC_OK;
}

void work_account_learn_partition(struct esc_workbench *bench, const char *account_id,
                                  const char *caller_arn)
{
    const struct esc_account *known = work_account_find(bench, account_id);
    if (!known || is_placed(known))
        return;
    struct esc_account *account = esc_account_copy(known);
    work_account_set_partition(account, caller_arn);
    if (!is_placed(account) || work_account_keep(bench, account, NULL) != ESC_OK)
        esc_account_free(account); /* the next sync asks again */
}

static void go_on(struct work_placing *placing);

/* Nobody waits for it any more. */
static void part(struct asked *asked)
{
    struct work_placing *placing = asked->placing;
    esc_timer_stop(&asked->patience);
    (void)esc_list_drop(&placing->asked, asked);
    asked->placing = NULL;
    go_on(placing);
}

static void told(void *context, struct esc_credentials *credentials, const struct esc_error *)
{
    struct asked *asked = context;
    if (credentials) {
        if (asked->placing)
            work_account_set_partition(asked->account, credentials->caller_arn);
        work_account_learn_partition(asked->bench, asked->account_id, credentials->caller_arn);
    }
    esc_credentials_free(credentials);
    if (asked->placing)
        part(asked);
    free(asked->account_id);
    free(asked);
}

static void late(void *asked)
{
    ((struct asked *)asked)->patience = NULL;
    part(asked);
}

static void ask(struct work_placing *placing, struct esc_account *account)
{
    struct asked *asked = esc_alloc_zero(sizeof *asked);
    asked->bench = placing->bench;
    asked->placing = placing;
    asked->account = account;
    asked->account_id = esc_strdup(account->id);
    esc_list_push(&placing->asked, asked);
    if (placing->accounts->count > 1)
        asked->patience = esc_timer_start(placing->bench->loop, PATIENCE_MS, late, asked);
    asked->resolving = esc_credentials_resolve(placing->bench->aws, account, placing->environment,
                                               "escher-scan", told, asked);
}

static void go_on(struct work_placing *placing)
{
    while (placing->bench->aws && !placing->cancelled && placing->asked.count < AT_ONCE &&
           placing->next < placing->accounts->count) {
        struct esc_account *account = esc_list_at(placing->accounts, placing->next++);
        if (!is_placed(account))
            ask(placing, account);
    }
    if (placing->asked.count > 0)
        return;
    work_accounts_placed_fn *done = placing->done;
    void *context = placing->context;
    esc_aws_environment_free(placing->environment);
    esc_list_done(&placing->asked);
    free(placing);
    done(context);
}

static void begin(void *placing)
{
    go_on(placing);
}

struct work_placing *work_accounts_place(struct esc_workbench *bench, struct esc_list *accounts,
                                         const struct esc_aws_environment *environment,
                                         work_accounts_placed_fn *done, void *context)
{
    struct work_placing *placing = esc_alloc_zero(sizeof *placing);
    placing->bench = bench;
    placing->accounts = accounts;
    placing->environment = esc_aws_environment_copy(environment);
    placing->done = done;
    placing->context = context;
    esc_list_init(&placing->asked, NULL);
    esc_loop_post(bench->loop, begin, placing);
    return placing;
}

void work_accounts_place_cancel(struct work_placing *placing)
{
    placing->cancelled = true;
    for (size_t i = 0; i < placing->asked.count; i++)
        esc_credentials_cancel(((struct asked *)placing->asked.items[i])->resolving);
}

bool work_accounts_are_placed(const struct esc_list *accounts)
{
    for (size_t i = 0; i < accounts->count; i++)
        if (!is_placed(esc_list_at(accounts, i)))
            return false;
    return true;
}
