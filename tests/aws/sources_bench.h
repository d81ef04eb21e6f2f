/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A bench for where credentials come from: a folder of its own for a home, a fixed clock, a
 * keychain in memory, and fake_sources.h in the place of whatever gives keys.
 *
 *     bench_set_up ─▶ bench_write_file ... ─▶ bench_resolve ─▶ bench_expect_key ─▶ bench_tear_down
 *
 * Secrets are "hunter2" everywhere, so that a message that has one shows.
 */

#include "escher/aws/resolve.h"
#include "tests/aws/fake_sources.h"

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct fake_sources fake;
    struct esc_clock_fixed clock;
    struct esc_keyring_memory memory;
    struct esc_keyring *keyring;
    struct esc_account *account;
    struct esc_aws_environment *environment;
    char *folder;
    int done, expected, questions;
    struct bench_asked *slow;   /* "you", who answer when the test says so: bench_answer() */
    const char *const *answers; /* of whoever is asked, in turn; NULL: they go away */
    struct esc_credentials *credentials;
    struct esc_error failure;
};

int bench_set_up(void **state);
int bench_tear_down(void **state);
#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_set_up, bench_tear_down)

void bench_open_aws(struct bench *bench);
void bench_set(char **field, const char *value); /* copied; NULL takes it away */
void bench_write_file(const struct bench *bench, const char *name, const char *text, unsigned mode);
/** Where AWS SSO and STS are; NULL: only at AWS. */
void bench_show_tokens_at(struct bench *bench, const char *url);
/** Puts @p text, TOKEN() or OLD_TOKEN(), where a login of that session is kept. */
void bench_log_in(struct bench *bench, const char *name, const char *text);
void bench_at_path(struct bench *bench, const char *path, int status, const char *body);
void bench_minutes_pass(struct bench *bench, uint64_t minutes);

/** Asks for keys with this configuration file, and waits. */
void bench_resolve(struct bench *bench, const char *config);
void bench_resolve_many(struct bench *bench, const char *config, int times); /* at once */
void bench_on_credentials(void *context, struct esc_credentials *credentials,
                          const struct esc_error *failure);
void bench_wait_for(struct bench *bench, int count);
void bench_answer(void *asked);

void bench_expect_key(struct bench *bench, const char *key_id);
void bench_expect_failure(struct bench *bench, enum esc_status status, const char *part);

/* Parts of a configuration file */
#define KEYS(account) "aws_access_key_id = AK" account "\naws_secret_access_key = hunter2\n"
#define ROLE(account) "role_arn = arn:aws:iam::" account ":role/R\n"
#define METADATA "/latest/meta-data/iam/security-credentials/"

#define SSO_SESSION                                                                                \
    "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Read Only\n"  \
    "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
#define SSO_OLD                                                                                    \
    "[profile p]\nsso_start_url = https://old.awsapps.com/start\nsso_region = eu-west-1\n"         \
    "sso_account_id = 123456789012\nsso_role_name = Read Only\n"

/* What a login leaves, and one that can be refreshed */
#define TOKEN(until) "{\"accessToken\":\"bearer\",\"expiresAt\":\"" until "\",\"region\":\"x\"}"

#define OLD_TOKEN(until, registered)                                                               \
    "{\"accessToken\":\"old\",\"expiresAt\":\"" until "\",\"clientId\":\"id\",\"clientSecret\":"   \
    "\"hunter2\",\"refreshToken\":\"first\",\"registrationExpiresAt\":\"" registered               \
    "\",\"startUrl\":\"https://corp\"}"

#define DEVICE "mfa_serial = arn:aws:iam::111111111111:mfa/me\n"
#define BASE "[profile base]\n" KEYS("111111111111")
#define WITH_DEVICE "[profile p]\nsource_profile = base\n" DEVICE ROLE("123456789012") BASE
