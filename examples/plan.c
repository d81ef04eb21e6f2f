/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The planner as a library: one request in, one answer out.
 *
 *     cc -std=c11 plan.c $(pkg-config --cflags --libs --static escher-answer) -o plan
 *     ./plan request.json
 *
 * No account, no store and no network take part. The answer is a proposal; escher-plan has
 * esc_plan_verify(), which derives every command again before anybody may approve it.
 */

#include <stdio.h>

#include "escher/answer/answer.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"

static enum esc_status answer(const struct esc_json *request, struct esc_buf *response,
                              struct esc_error *err)
{
    struct esc_shelf *shelf = NULL;
    struct esc_planner *planner = NULL;
    enum esc_status status = esc_shelf_open(NULL, &shelf, err); /* ESCHER_SHARE or beside us */
    if (status == ESC_OK) /* without an encoder: by words alone */
        status = esc_planner_new(shelf, NULL, NULL, &planner, err);
    if (status == ESC_OK)
        status = esc_answer(planner, request, response, err);
    esc_planner_free(planner);
    esc_shelf_free(shelf);
    return status;
}

int main(int argc, char **argv)
{
    struct esc_buf text, response;
    struct esc_json *request = NULL;
    struct esc_error err;
    if (argc != 2) {
        (void)fputs("usage: plan REQUEST.json\n", stderr);
        return 2;
    }
    esc_buf_init(&text, ESC_MAX_REQUEST);
    esc_buf_init(&response, ESC_MAX_REQUEST);
    enum esc_status status = esc_file_read(argv[1], &text, &err);
    if (status == ESC_OK)
        status = esc_json_parse(esc_buf_str(&text), NULL, &request, &err);
    if (status == ESC_OK)
        status = answer(request, &response, &err);
    if (status == ESC_OK)
        (void)puts(esc_buf_text(&response));
    else
        (void)fprintf(stderr, "plan: %s\n", err.message);
    esc_json_free(request);
    esc_buf_done(&response);
    esc_buf_done(&text);
    return esc_status_exit_code(status);
}
