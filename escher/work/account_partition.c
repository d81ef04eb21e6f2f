/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/resolve.h"
#include "escher/base/alloc.h"
#include "escher/model/partition.h"
#include "escher/work/account_private.h"

/*
 * Which partition an account lies in. Where its regions or its role do not say so, its keys do:
 * the ARN of whoever calls has it, and it is kept with the account from then on.
 *
 *     accounts ─▶ each of which nothing is known: resolve (some at a time) ─▶ kept ─▶ done
 *                                                     └ refused: the sync will say so
 *
 * Without it the regions of an account of GovCloud or China would be asked for, and looked for, in
 * the usual partition, where its keys are nobody's.
 */

enum {
    AT_ONCE = 8,
};

struct placing {
    struct esc_workbench *bench;
    struct esc_list *accounts; /* struct esc_account *, borrowed */
    struct esc_aws_environment *environment;
    size_t next, under_way;
    work_accounts_placed_fn *done;
    void *context;
};

struct asked {
    struct placing *placing;
    struct esc_account *account; /* borrowed */
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

static void go_on(struct placing *placing);

static void told(void *context, struct esc_credentials *credentials, const struct esc_error *)
{
    struct asked asked = *(struct asked *)context;
    struct placing *placing = asked.placing;
    free(context);
    if (credentials) {
        work_account_set_partition(asked.account, credentials->caller_arn);
        work_account_learn_partition(placing->bench, asked.account->id, credentials->caller_arn);
    }
    esc_credentials_free(credentials);
    placing->under_way--;
    go_on(placing);
}

static void ask(struct placing *placing, struct esc_account *account)
{
    struct asked *asked = esc_alloc_zero(sizeof *asked);
    *asked = (struct asked){placing, account};
    placing->under_way++;
    esc_credentials_resolve(placing->bench->aws, account, placing->environment, "escher-scan", told,
                            asked);
}

static void go_on(struct placing *placing)
{
    while (placing->bench->aws && placing->under_way < AT_ONCE &&
           placing->next < placing->accounts->count) {
        struct esc_account *account = esc_list_at(placing->accounts, placing->next++);
        if (!is_placed(account))
            ask(placing, account);
    }
    if (placing->under_way > 0)
        return;
    work_accounts_placed_fn *done = placing->done;
    void *context = placing->context;
    esc_aws_environment_free(placing->environment);
    free(placing);
    done(context);
}

static void begin(void *placing)
{
    go_on(placing);
}

void work_accounts_place(struct esc_workbench *bench, struct esc_list *accounts,
                         const struct esc_aws_environment *environment,
                         work_accounts_placed_fn *done, void *context)
{
    struct placing *placing = esc_alloc_zero(sizeof *placing);
    placing->bench = bench;
    placing->accounts = accounts;
    placing->environment = esc_aws_environment_copy(environment);
    placing->done = done;
    placing->context = context;
    esc_loop_post(bench->loop, begin, placing);
}

bool work_accounts_are_placed(const struct esc_list *accounts)
{
    for (size_t i = 0; i < accounts->count; i++)
        if (!is_placed(esc_list_at(accounts, i)))
            return false;
    return true;
}
