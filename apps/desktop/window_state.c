/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/window_state.h"

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/num.h"

enum {
    MIN_SIDE = 320,
    MAX_SIDE = 16'384,
    MAX_STATE_FILE = 4096
};

static bool is_side(int64_t pixels)
{
    return pixels >= MIN_SIDE && pixels <= MAX_SIDE;
}

static void set_size(struct window_state *state, int64_t width, int64_t height)
{
    if (is_side(width) && is_side(height)) {
        state->width = (int)width;
        state->height = (int)height;
    }
}

struct window_state window_state_load(const struct esc_paths *paths)
{
    struct window_state state = {.width = 1280, .height = 800};
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(paths->state, "window.json");
    struct esc_buf text;
    esc_buf_init(&text, MAX_STATE_FILE);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    if (esc_file_read(path, &text, NULL) == ESC_OK &&
        esc_json_parse(esc_buf_str(&text), NULL, &json, NULL) == ESC_OK) {
        set_size(&state, esc_json_num(json, "width", 0), esc_json_num(json, "height", 0));
        state.maximized = esc_json_flag(json, "maximized", false);
        state.gpu = esc_text_equal(esc_json_str(json, "graphics", ""), "gpu");
    }
    esc_buf_done(&text);
    return state;
}

enum esc_status window_state_save(const struct esc_paths *paths, const struct window_state *state,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(paths->state, "window.json");
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "width", state->width);
    esc_json_set_int(json, "height", state->height);
    esc_json_set_bool(json, "maximized", state->maximized);
    esc_json_set_text(json, "graphics", state->gpu ? "gpu" : "software");
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    enum esc_status status = esc_file_make_folder(paths->state, err);
    return status == ESC_OK ? esc_file_replace(path, esc_str_of(text), 0600, err) : status;
}

enum esc_status window_state_set_size(struct window_state *state, const char *text,
                                      struct esc_error *err)
{
    struct esc_str rest = esc_str_of(text), width, height, more;
    uint64_t w, h;
    if (!esc_str_next(&rest, 'x', &width) || !esc_str_next(&rest, 'x', &height) ||
        esc_str_next(&rest, 'x', &more) || !esc_num_u64(width, &w) || !esc_num_u64(height, &h) ||
        w > MAX_SIDE || h > MAX_SIDE || !is_side((int64_t)w) || !is_side((int64_t)h))
        return esc_fail(err, ESC_INVALID, "`%s` is no size such as 1280x800", text);
    set_size(state, (int64_t)w, (int64_t)h);
    return ESC_OK;
}
