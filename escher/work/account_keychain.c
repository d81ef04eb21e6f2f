/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/keychain.h"
#include "escher/aws/resolve.h"
#include "escher/base/alloc.h"
#include "escher/work/account_private.h"

/*
 * `accounts add --keychain`: the keys that the environment or the profile has are proven, copied
 * into the keychain, and from then on taken from there. A role is assumed with them as before, so
 * what is copied is what the role is assumed from.
 *
 *     resolve without the role ─▶ long-lived? ─▶ keychain (in a job) ─▶ account kept
 */

struct keeping {
    struct esc_api_call *call;
    struct esc_account *account;
};

static void end(struct keeping *keeping, const struct esc_error *err)
{
    struct esc_api_call *call = keeping->call;
    struct esc_account *account = keeping->account;
    free(keeping);
    if (err) {
        esc_account_free(account);
        work_fail(call, err);
        return;
    }
    esc_credentials_forget(call->bench->aws, account);
    esc_credentials_retry(call->bench->aws);
    work_account_add_done(call, account);
}

static void put(void *context, const struct esc_error *err)
{
    end(context, err);
}

static void proven(void *context, struct esc_credentials *found, const struct esc_error *failure)
{
    ESC_CLEANUP(esc_credentials_freep) struct esc_credentials *credentials = found;
    struct keeping *keeping = context;
    struct esc_workbench *bench = keeping->call->bench;
    struct esc_error err;
    if (!credentials) {
        end(keeping, failure);
    } else if (credentials->session_token) {
        (void)esc_fail(&err, ESC_INVALID,
                       "these keys are temporary, and a keychain is for those that are not; "
                       "without --keychain they are fetched whenever they are needed");
        end(keeping, &err);
    } else {
        ESC_CLEANUP(esc_freep) char *store = work_key_name(&bench->paths);
        work_account_set_partition(keeping->account, credentials->caller_arn);
        keeping->account->keychain = esc_keychain_item(store, keeping->account->id);
        free(ESC_STEAL(keeping->account->profile));
        free(ESC_STEAL(keeping->account->source_profile));
        esc_keychain_put(bench->loop, bench->keyring, keeping->account->keychain, credentials, put,
                         keeping);
    }
}

void work_account_add_keychain(struct esc_api_call *call, struct esc_account *account)
{
    struct keeping *keeping = esc_alloc_zero(sizeof *keeping);
    ESC_CLEANUP(esc_account_freep) struct esc_account *base = esc_account_copy(account);
    struct esc_error err;
    *keeping = (struct keeping){call, account};
    if (call->page || account->sso_session) {
        (void)esc_fail(&err, ESC_INVALID,
                       call->page ? "keys are put into a keychain from the command line"
                                  : "AWS SSO gives temporary keys; a keychain is for others");
        end(keeping, &err);
        return;
    }
    if (base->role_arn) { /* the keys belong to wherever the role is assumed from */
        free(ESC_STEAL(base->role_arn));
        free(ESC_STEAL(base->mfa_serial));
        free(ESC_STEAL(base->id));
    }
    esc_credentials_resolve(call->bench->aws, base, call->environment, "escher-keychain", proven,
                            keeping);
}
