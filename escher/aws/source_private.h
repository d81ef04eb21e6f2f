/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a chain of credentials begins. Keys that stand somewhere are read at once; all else is
 * fetched, kept until five minutes before it expires, and fetched once for all who wait:
 *
 *     fetch ──▶ kept and fresh ─────────────────────────────▶ end(credentials)
 *       └─────▶ the file of its kind: brings, or cannot ────▶ end(error)
 *                  keychain · sso · process · web identity · container · imds · mfa
 *
 * Each kind is one file, credentials_<kind>.c, with one function in the table of source.c. It ends
 * the fetch exactly once, with aws_fetch_end(); the deadline may have been quicker.
 *
 * Ownership  whoever waits for a fetch hears of it once. What its kind has started may come back
 *            after the end: it holds the fetch until then.
 * Threads    the loop thread only.
 */

#include "escher/aws/aws_private.h"
#include "escher/base/json.h"
#include "escher/exec/process.h"
#include "escher/loop/timer.h"

enum aws_source_kind {
    AWS_SOURCE_KEYS, /* not fetched: they are there */
    AWS_SOURCE_KEYCHAIN,
    AWS_SOURCE_SSO,
    AWS_SOURCE_PROCESS,
    AWS_SOURCE_WEB_IDENTITY,
    AWS_SOURCE_CONTAINER,
    AWS_SOURCE_IMDS,
    AWS_SOURCE_MFA, /* a session for keys whose owner shows an MFA device */
    AWS_SOURCE_KINDS,
};

struct aws_source {
    enum aws_source_kind kind;
    struct esc_credentials *keys; /* KEYS; MFA: of the device's owner */
    char *profile;                /* that led here, for messages; NULL: none */
    char *item;                   /* KEYCHAIN */
    char *sso_session, *sso_start_url, *sso_region, *sso_account_id, *sso_role; /* SSO */
    char *command;                                                              /* PROCESS */
    char *role_arn, *token_file, *session_name;                                 /* WEB_IDENTITY */
    char *serial;                                                               /* MFA */
};
void aws_source_done(struct aws_source *source); /* zeroed is fine */
void aws_source_copy(const struct aws_source *from, struct aws_source *to);
/** "AWS SSO session corp", for people; owned by the caller. */
ESC_RETURNS_NONNULL char *aws_source_text(const struct aws_source *source);

/* What a fetch needs beside the source. Copied. */
struct aws_fetch_way {
    const char *region;
    const char *endpoint_url;                      /* an emulator's; NULL: the cloud's own */
    const struct esc_aws_environment *environment; /* NULL: none */
    const char *account;                           /* as people call it, for questions */
};

/** @p credentials are borrowed, NULL on failure. */
typedef void aws_fetched_fn(void *context, const struct esc_credentials *credentials,
                            const struct esc_error *err);

struct aws_fetch {
    struct aws_fetch *next, **link;
    struct esc_aws *aws;
    struct aws_source source;
    struct esc_aws_environment *environment; /* never NULL */
    char *region, *endpoint_url, *account, *key;
    struct esc_list waiting; /* struct waiter * */
    struct esc_timer *turn, *deadline;
    struct esc_http_call *http;  /* under way; one thing at a time is */
    struct esc_process *process; /* likewise */
    struct esc_json *document;   /* likewise */
    struct esc_secret *token;    /* the kind's own, between two of its steps */
    const char *elsewhere;       /* where STS is asked instead of `region`; static; NULL: nowhere */
    uint64_t login_ends_ms;      /* of what `token` is from; 0: not known, or renewed by itself */
    unsigned tries;
    unsigned holds; /* callbacks that will still come */
    bool over;
    bool is_stale; /* what it brings was replaced meanwhile: for who waits, and not kept */
};

/** What a source is known by: no two share one, and it tells nothing. Owned by the caller. */
ESC_RETURNS_NONNULL char *aws_source_key(const struct aws_source *source,
                                         const struct aws_fetch_way *way);
/** What is kept of the source and fresh; borrowed, NULL: nothing. */
const struct esc_credentials *aws_source_kept(struct esc_aws *aws, const struct aws_source *source,
                                              const struct aws_fetch_way *way);
/** Fetches, or waits with those who do; @p done fires once, later. */
void aws_source_fetch(struct esc_aws *aws, const struct aws_source *source,
                      const struct aws_fetch_way *way, aws_fetched_fn *done, void *context);
/** What is kept under this key is no good any more. */
void aws_source_drop(struct esc_aws *aws, const char *key);
/** Nor are keys without an end of which only their place is known, a keychain's or a program's:
 *  others may stand there by now. What is just being fetched counts for those who wait alone. */
void aws_source_drop_lasting(struct esc_aws *aws);
/** Until when keys just had are kept, on the clock that does not jump: were ours set back, they
 *  would count for longer than they do. The service's clock is that of @p endpoint_url. */
uint64_t aws_kept_until_ms(const struct esc_aws *aws, const struct esc_credentials *credentials,
                           const char *endpoint_url);
/** Neither clock says that they end within ESC_CREDENTIALS_EARLY_MS. */
bool aws_kept_is_fresh(const struct esc_aws *aws, const struct esc_credentials *credentials,
                       uint64_t until_ms, const char *endpoint_url);
/** Failures are not remembered any more. */
void aws_source_retry(struct esc_aws *aws);
/** Ends every fetch with ESC_CANCELLED and drops what is kept; for esc_aws_free(). */
void aws_source_end_all(struct esc_aws *aws);

/* For the kinds. */

typedef void aws_fetch_fn(struct aws_fetch *fetch);
aws_fetch_fn aws_fetch_keychain, aws_fetch_sso, aws_fetch_process, aws_fetch_web_identity,
    aws_fetch_container, aws_fetch_imds, aws_fetch_mfa;

/** @p credentials are handed over, NULL on failure. Once per fetch, never from within the kind's
 *  function itself (aws_fetch_fail() is for there). */
void aws_fetch_end(struct aws_fetch *fetch, struct esc_credentials *credentials,
                   const struct esc_error *err);
/** Ends it with a failure in the next turn. */
void aws_fetch_fail(struct aws_fetch *fetch, const struct esc_error *err);
/** Something is under way whose callback begins with `if (!aws_fetch_came(fetch)) return;`. */
void aws_fetch_hold(struct aws_fetch *fetch);
/** False: nobody waits any more, and the fetch may be gone. */
bool aws_fetch_came(struct aws_fetch *fetch);

/** A small plain request whose answer is JSON or text, by the caller's proxies only when it says
 *  so; its callback begins as above. */
struct aws_fetch_request {
    const char *method, *url; /* method NULL: GET */
    const struct esc_http_header *headers;
    size_t header_count;
    struct esc_str body;
    uint64_t timeout_ms;
    bool by_proxy;
};
void aws_fetch_send(struct aws_fetch *fetch, const struct aws_fetch_request *request,
                    esc_http_done_fn *done);

/* Which names a document gives to the members. */
struct aws_document_names {
    const char *key_id, *secret, *token, *expiration; /* paths */
    bool token_is_optional;
    bool expiration_is_number; /* milliseconds since 1970 */
};
/** Reads credentials from JSON. @errors ESC_CORRUPT, naming what is missing; never a value. */
enum esc_status aws_document_read(struct esc_str text, const struct aws_document_names *names,
                                  const char *who, struct esc_credentials **out,
                                  struct esc_error *err);
/** A small file with a secret in it, wiped after use by its caller. @errors ESC_IO, ESC_NOT_FOUND. */
enum esc_status aws_read_secret_file(const char *path, struct esc_secret **out,
                                     struct esc_error *err);
