/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A read under way, for the files that share it: read.c has its beginning, waiting and end,
 * read_call.c its calls, read_answer.c what their answers mean.
 */

#include "escher/aws/pace_private.h"
#include "escher/aws/read.h"
#include "escher/aws/read_private.h"
#include "escher/http/client.h"
#include "escher/loop/timer.h"

struct esc_aws_reading {
    struct esc_aws_reading *next, **link; /* of aws->readings */
    struct aws_turn turn;
    struct esc_aws *aws;
    struct read_keys *keys; /* NULL: the operation is not signed */
    struct esc_aws_environment *environment;
    const struct esc_operation *operation;
    struct esc_json *params;
    char *account, *region, *endpoint_url;
    uint64_t deadline_ms;
    uint64_t asked_ms;                  /* monotonic */
    uint64_t called_ms, page_called_ms; /* the first call, of all and of the page; 0 before it */
    esc_aws_page_fn *on_page;
    void (*on_expired)(void *context, struct esc_aws_reading *reading);
    esc_aws_read_done_fn *done;
    void *context;

    struct esc_timer *pause;    /* between attempts, or before an early end */
    struct esc_timer *deadline; /* of the page, from its first call on */
    struct esc_http_call *http;
    bool renewing, cancelled, late, refused;
    bool once;

    struct esc_digest *digest; /* of the pages so far; NULL: nobody wants their mark */
    uint8_t mark[ESC_SHA256_SIZE];
    struct esc_map *seen;         /* marks of page tokens */
    struct esc_json *all;         /* the pages so far, when nobody takes them */
    unsigned throttled, troubled; /* attempts of this page that ended so */
    bool skew_corrected, restarted, renewed, redirected; /* each once */
    struct esc_aws_read_result result;
    char code[64], message[640];
};

/** Monotonic. */
uint64_t read_now_ms(const struct esc_aws *aws);

/** Into the queue; a call follows when it is its turn. */
void read_queue(struct esc_aws_reading *reading);
/** Into the queue after a while, unless it has ended by then. */
void read_pause_for(struct esc_aws_reading *reading, uint64_t delay_ms);

/** What the end will say: copied. */
void read_say(struct esc_aws_reading *reading, const char *code, const char *message);
/** The same of an error of ours. */
enum esc_error_category read_note_error(struct esc_aws_reading *reading,
                                        const struct esc_error *err);
/** How long the pages to come may take. */
uint64_t read_list_left_ms(const struct esc_aws_reading *reading);

/** The last thing that happens to a reading, which is gone afterwards. */
void read_report(struct esc_aws_reading *reading, enum esc_error_category category,
                 const struct esc_json *output);
void read_end_late(struct esc_aws_reading *reading);
void read_end_cancelled(struct esc_aws_reading *reading);

/** An esc_http_done_fn. */
void read_on_answer(void *context, const struct esc_http_response *response,
                    const struct esc_error *failure);
