/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A workbench in a home of its own, with nothing around it that a test does not decide: the key is
 * in memory and outlives the workbench, the clock stands, randomness repeats itself, the weights
 * are a small model's, STS is on the test's own loop, and the AWS CLI is a shell script that says
 * what lies in the desk's folder `cloud`:
 *
 *     VERB.sh     is run first, e.g. to change an answer
 *     VERB.json   is the answer; without one the call is denied
 *     calls       a line "SERVICE VERB {params}" for each call
 *
 * desk_restart() is a core that ends in order and begins anew.
 */

#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/work/api.h"
#include "tests/aws/fake_sts.h"
#include "tests/support/test.h"

#define DESK_ACCOUNT "123456789012"
#define DESK_DATABASE DESK_ACCOUNT "-us-west-2-rds_instance-pg-instance-main1"
/* The variables that a caller sends along. */
#define DESK_KEYS                                                                                  \
    "\"environment\":{\"AWS_ACCESS_KEY_ID\":\"AK" DESK_ACCOUNT                                     \
    "\",\"AWS_SECRET_ACCESS_KEY\":\"canary-secret\",\"AWS_REGION\":\"us-west-2\"}"

struct desk {
    char *home, *cloud;
    struct esc_keyring *keyring;
    struct esc_clock_fixed clock;
    struct esc_random_seeded random;
    struct esc_loop *loop;
    struct esc_workbench *bench;
    struct fake_sts sts;
    unsigned sts_port;
};

void desk_init(struct desk *desk); /* all but the workbench */
void desk_done(struct desk *desk);
/** @p create: the first time. */
enum esc_status desk_open(struct desk *desk, bool create, struct esc_error *err);
void desk_close(struct desk *desk); /* the workbench and the loop */
void desk_restart(struct desk *desk);

/** cmocka's setup and teardown: a desk with an empty store in *state. */
int desk_setup(void **state);
int desk_setup_account(void **state); /* with the account of desk_add_account() */
int desk_teardown(void **state);

/** One API call under way or answered. */
struct desk_call {
    bool is_done;
    unsigned answers; /* checked to be one in the end */
    enum esc_status status;
    struct esc_json *body;
    struct esc_list events; /* struct esc_json * */
    struct esc_api_call *call;
};
/** Starts a call; @p body is JSON text or NULL. The call must end before @p into is gone. */
void desk_start(struct desk *desk, const char *method, const char *path, const char *body,
                struct desk_call *into);
void desk_wait(struct desk *desk, struct desk_call *call);
void desk_call_done(struct desk_call *call);
/** A call and its answer. *body may be NULL; else it is owned by the caller. */
enum esc_status desk_ask(struct desk *desk, const char *method, const char *path, const char *body,
                         struct esc_json **answer);
/** The same where only the answer matters: fails unless the status is @p expected. Owned. */
struct esc_json *desk_expect(struct desk *desk, enum esc_status expected, const char *method,
                             const char *path, const char *body);

/** Writes a file of the fake cloud. */
void desk_cloud_put(const struct desk *desk, const char *name, const char *text);
void desk_cloud_drop(const struct desk *desk, const char *name);
bool desk_cloud_has(const struct desk *desk, const char *name);
/** How many calls had this verb. */
size_t desk_cloud_calls(const struct desk *desk, const char *verb);

/** The account DESK_ACCOUNT, reached through the fake cloud, named "production". */
void desk_add_account(struct desk *desk);
/** The database pg-instance-main1 in estate and cloud; stop-db-instance stops it. */
void desk_add_database(struct desk *desk);
/** JSON lines as the body of an import. Owned by the caller. */
char *desk_lines(const char *lines);
