/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/work/cloud_desk.h"

#include <string.h>

#include "escher/base/limits.h"

static struct esc_error err;

static uint64_t real_monotonic(void *)
{
    return esc_clock_monotonic_ms(esc_clock_system());
}

const struct esc_clock *cloud_desk_clock(struct cloud_desk *at)
{
    at->desk.clock.clock.monotonic_ms = real_monotonic;
    return &at->desk.clock.clock;
}

void cloud_desk_add(struct desk *desk, const char *url, const char *account,
                    const char *const *regions)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; regions[i]; i++)
        esc_json_push_text(list, regions[i]);
    esc_json_set_text(body, "id", account);
    esc_json_set_text(body, "name", account);
    esc_json_set(body, "regions", list);
    esc_json_set_text(body, "endpoint_url", url);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", text));
}

void cloud_desk_open(struct cloud_desk *at, struct fake_aws_options *options)
{
    *at = (struct cloud_desk){0};
    desk_init(&at->desk);
    options->clock = cloud_desk_clock(at);
    options->jitter_ms = 300;
    expect_ok(desk_open(&at->desk, true, &err));
    expect_ok(fake_aws_open(at->desk.loop, options, &at->cloud, &err));
    cloud_desk_add(&at->desk, fake_aws_url(at->cloud), fake_aws_accounts(at->cloud)[0],
                   fake_aws_regions(at->cloud));
}

void cloud_desk_close(struct cloud_desk *at)
{
    if (fake_aws_puzzled(at->cloud))
        fail_msg("the fake is puzzled: %s", fake_aws_puzzled(at->cloud));
    fake_aws_close(at->cloud);
    desk_done(&at->desk);
}

int cloud_desk_teardown(void **state)
{
    struct cloud_desk *at = *state;
    cloud_desk_close(at);
    free(at);
    return 0;
}

char *cloud_desk_keys(const char *account, const char *region)
{
    ESC_CLEANUP(esc_freep) char *key = fake_aws_key(account);
    ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key);
    return esc_sprintf("\"environment\":{\"AWS_ACCESS_KEY_ID\":\"%s\","
                       "\"AWS_SECRET_ACCESS_KEY\":\"%s\",\"AWS_REGION\":\"%s\"}",
                       key, secret, region);
}

struct esc_json *cloud_desk_sync(struct desk *desk, const char *account, const char *more,
                                 enum esc_status *status)
{
    ESC_CLEANUP(esc_freep) char *keys = cloud_desk_keys(account, "us-west-2");
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{%s%s}", more, keys);
    struct esc_json *answer = NULL;
    *status = desk_ask(desk, "POST", "/api/sync", body, &answer);
    return answer;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

char *cloud_desk_estate(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "POST", "/api/estate/export", "{}");
    const struct esc_json *rows = esc_json_member(page, "resources");
    struct esc_list lines;
    struct esc_buf text;
    esc_list_init(&lines, free);
    esc_buf_init(&text, ESC_MAX_FILE);
    for (size_t i = 0; i < esc_json_len(rows); i++)
        esc_list_push(&lines, esc_sprintf("%s %s\n", esc_json_str(esc_json_at(rows, i), "id", "?"),
                                          esc_json_str(esc_json_at(rows, i), "content_hash", "?")));
    esc_list_sort(&lines, by_text);
    for (size_t i = 0; i < lines.count; i++)
        esc_buf_add_text(&text, lines.items[i]);
    esc_list_done(&lines);
    return esc_buf_take(&text);
}
