/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/request/ask.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/http/url.h"

enum {
    PLANNER_TIMEOUT_MS = 20'000
};

struct esc_ask {
    struct esc_http_call *call;
    char *url;
    esc_ask_fn *done;
    void *context;
};

static void finish(struct esc_ask *ask, struct esc_str response, const struct esc_error *err)
{
    ask->done(ask->context, response, err);
    free(ask->url);
    free(ask);
}

static enum esc_status judge(const struct esc_http_response *response, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    if (response->status == 200)
        return ESC_OK;
    const char *said = "";
    if (esc_json_parse(response->body, NULL, &body, NULL) == ESC_OK)
        said = esc_json_str(body, "error.message", "");
    if (response->status == 401 || response->status == 403)
        return esc_fail(err, ESC_DENIED,
                        "the planner does not accept the token; "
                        "--planner-token-file names the file that holds it");
    if (response->status / 100 == 4)
        return esc_fail(err, ESC_INVALID, "the planner refuses the request: %s", said);
    return esc_fail(err, ESC_UNAVAILABLE, "the planner failed (HTTP %d)", response->status);
}

static void answered(void *context, const struct esc_http_response *response,
                     const struct esc_error *failure)
{
    struct esc_ask *ask = context;
    const struct esc_str nothing = {"", 0};
    struct esc_error err;
    if (!response) {
        err = *failure;
        (void)esc_wrap(&err, err.status,
                       "the planner does not answer; without --planner the one built in does");
        finish(ask, nothing, &err);
    } else if (judge(response, &err) != ESC_OK) {
        finish(ask, nothing, &err);
    } else {
        finish(ask, response->body, NULL);
    }
}

bool esc_ask_may_go_to(const char *url)
{
    struct esc_url parts;
    if (!esc_url_parse(esc_str_of(url), &parts) || parts.query.ptr)
        return false;
    return esc_str_is(parts.scheme, "https") || esc_url_is_loopback(&parts);
}

bool esc_ask_stays_here(const char *url)
{
    struct esc_url parts;
    return esc_url_parse(esc_str_of(url), &parts) && esc_url_is_loopback(&parts);
}

struct esc_ask *esc_ask_send(struct esc_http_client *client, const struct esc_ask_post *post,
                             esc_ask_fn *done, void *context)
{
    static const struct esc_http_header headers[] = {{"Content-Type", "application/json"}};
    struct esc_ask *ask = esc_alloc_zero(sizeof *ask);
    ESC_ASSERT(esc_ask_may_go_to(post->planner_url));
    ask->done = done;
    ask->context = context;
    ask->url = esc_sprintf("%s/v1/plan", post->planner_url);
    const struct esc_http_request http = {.method = "POST",
                                          .url = ask->url,
                                          .headers = headers,
                                          .header_count = ESC_COUNT(headers),
                                          .bearer = post->token,
                                          .body = post->request,
                                          .way = post->way,
                                          .timeout_ms = PLANNER_TIMEOUT_MS,
                                          .max_response = ESC_MAX_REQUEST};
    ask->call = esc_http_send(client, &http, answered, ask);
    return ask;
}

void esc_ask_cancel(struct esc_ask *ask)
{
    esc_http_cancel(ask->call);
}
