/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the calls of this room share. */

#include "escher/aws/call.h"
#include "escher/aws/endpoint.h"
#include "escher/base/id.h"
#include "escher/base/list.h"

struct esc_aws {
    struct esc_loop *loop;
    struct esc_http_client *http;
    const struct esc_clock *clock;
    const struct esc_random *random; /* of waits */
    int64_t skew_ms;                 /* what to add to our clock to have the cloud's; skew.c */
    struct esc_list skews;           /* struct skew: of other endpoints */
    struct aws_call *calls;          /* under way */
    struct esc_resolving *pending;   /* under way; resolve.c */
    struct esc_s3_call *s3_calls;    /* under way; s3_call.c */
    struct esc_list cache;           /* struct kept; resolve.c */
    struct aws_fetch *fetches;       /* under way; source.c */
    struct esc_list sources;         /* what is kept of them; source.c */
    unsigned refreshing;             /* logins of AWS SSO; credentials_sso.c */
    struct esc_list states;          /* struct state; credentials_state.c */
    struct esc_keyring *keyring;     /* NULL: none */
    esc_aws_ask_fn *ask;             /* NULL: nobody can be asked */
    void *ask_context;

    struct esc_aws_reading *readings; /* under way; read.c, as all below */
    struct read_keys *keys;           /* what these use */
    struct aws_pace *pace;
    struct esc_timer *pace_timer;
    bool ending;
};

/* What was last known of an account's credentials; credentials_state.c. */
void aws_state_note(struct esc_aws *aws, const char *account_id, const char *source,
                    const struct esc_credentials *credentials);
void aws_state_note_failure(struct esc_aws *aws, const char *account_id, const char *source,
                            const struct esc_error *err);
void aws_states_drop(struct esc_aws *aws);
/* Ends every resolution with ESC_CANCELLED and drops the cache; for esc_aws_free(). */
void resolve_end_all(struct esc_aws *aws);
/* The same for what S3 is asked, and for reads. */
void s3_end_all(struct esc_aws *aws);
void read_end_all(struct esc_aws *aws);
/** Lets go who may, in the next turn of the loop. */
void aws_pace_soon(struct esc_aws *aws);

/** Whether a code, service or operation is the pattern's: the same, or beginning so before a '*'. */
bool aws_code_fits(const char *pattern, const char *text);
/** Fills in what was said, shortened and cleaned. */
void aws_fault_say(struct esc_aws_fault *fault, const char *code, const char *message,
                   const char *request_id);
/** What a refusal in XML says about itself; the code stays "" when it is none of AWS's. */
void aws_fault_read(const struct esc_http_response *response, struct esc_aws_fault *out);
/** Takes the service's clock from its refusal when ours may be the reason, for that endpoint (NULL:
 *  the cloud's own, all of them); true: worth another try, once. */
bool aws_skew_learn(struct esc_aws *aws, const char *endpoint_url,
                    const struct esc_http_response *response, const struct esc_aws_fault *fault);
/** Wall clock as whatever is at the endpoint sees it; NULL: the cloud. */
void aws_skews_drop(struct esc_aws *aws);
/** The region a bucket is in, when that is what the refusal is about and it is another one. */
bool aws_bucket_region(const struct esc_http_response *response, const struct esc_aws_fault *fault,
                       const char *region, char out[ESC_REGION_TEXT]);
/** Reads "Sun, 06 Nov 1994 08:49:37 GMT". @source RFC 9110 section 5.6.7, IMF-fixdate */
bool aws_parse_http_date(const char *text, uint64_t *out_ms);
