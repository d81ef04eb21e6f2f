/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/exec/sweep.h"
#include "escher/work/account_private.h"

/*
 * A demo cloud (demo/control.py) writes down in DEMOS/demo…/state.json who serves it and where, and
 * beside it profiles that lead there. So it is found without a variable of the environment, and
 * its accounts remember the folder of their profiles.
 */

/* The very process that the file was written for: ids are given out again. */
static bool is_alive(const struct esc_json *state)
{
    struct esc_brood_member process;
    const int64_t pid = esc_json_num(state, "pid", 0);
    return pid > 0 && pid <= INT32_MAX && esc_brood_identify((pid_t)pid, &process) &&
           process.start == (uint64_t)esc_json_num(state, "started", 0);
}

static bool read_state(const char *folder, struct esc_json **out)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "state.json");
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_LINE);
    const bool is_read = esc_file_read(path, &text, NULL) == ESC_OK &&
                         esc_json_parse(esc_buf_str(&text), NULL, out, NULL) == ESC_OK;
    esc_buf_done(&text);
    return is_read;
}

static bool take(const char *folder, struct work_demo *out)
{
    struct esc_json *state = NULL;
    if (!read_state(folder, &state))
        return false;
    const char *endpoint = esc_json_str(state, "endpoint", NULL);
    if (!esc_json_flag(state, "ready", false) || !is_alive(state) || !endpoint ||
        work_account_check_endpoint(endpoint, NULL) != ESC_OK) {
        esc_json_free(state);
        return false;
    }
    *out = (struct work_demo){esc_strdup(folder), state};
    return true;
}

bool work_demo_find(const struct esc_workbench *bench, struct work_demo *out)
{
    struct esc_list names;
    bool found = false;
    esc_list_init(&names, free);
    if (esc_file_list(bench->paths.demos, &names, NULL) != ESC_OK)
        return false;
    for (size_t i = 0; !found && i < names.count; i++) {
        ESC_CLEANUP(esc_freep) char *folder = esc_path_join(bench->paths.demos, names.items[i]);
        found =
            esc_str_starts_with(esc_str_of(names.items[i]), ESC_STR("demo")) && take(folder, out);
    }
    esc_list_done(&names);
    return found;
}

void work_demo_done(struct work_demo *demo)
{
    esc_json_free(demo->state);
    free(demo->folder);
    *demo = (struct work_demo){0};
}

const struct esc_json *work_demo_account(const struct work_demo *demo, const char *profile)
{
    const struct esc_json *accounts = esc_json_member(demo->state, "accounts");
    for (size_t i = 0; i < esc_json_len(accounts); i++) {
        const struct esc_json *account = esc_json_at(accounts, i);
        if (esc_text_equal(esc_json_str(account, "profile", ""), profile))
            return account;
    }
    return NULL;
}

static bool is_known(const struct esc_workbench *bench, const struct work_demo *demo,
                     const struct esc_json *account)
{
    const struct esc_account *known =
        work_account_find(bench, esc_json_str(account, "id", "(none)"));
    return known &&
           esc_text_equal(known->endpoint_url, esc_json_str(demo->state, "endpoint", NULL));
}

struct esc_json *work_demo_page(const struct esc_workbench *bench)
{
    struct work_demo demo;
    size_t news = 0;
    if (!work_demo_find(bench, &demo))
        return NULL;
    const struct esc_json *accounts = esc_json_member(demo.state, "accounts");
    for (size_t i = 0; i < esc_json_len(accounts); i++)
        news += !is_known(bench, &demo, esc_json_at(accounts, i));
    struct esc_json *page = news ? esc_json_object() : NULL;
    if (page) {
        esc_json_set_text(page, "world", esc_json_str(demo.state, "world", ""));
        esc_json_set_text(page, "endpoint", esc_json_str(demo.state, "endpoint", ""));
        esc_json_set_int(page, "accounts", (int64_t)esc_json_len(accounts));
    }
    work_demo_done(&demo);
    return page;
}
