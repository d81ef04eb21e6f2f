/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/door.h"

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/work/door_private.h"
#include "escher/work/work_private.h"

enum {
    BODY_TIMEOUT_MS = 60'000,
    HEARTBEAT_MS = 1'000 /* by it a caller that went away is noticed */
};

struct esc_door {
    struct esc_http_listener *listener;
    struct door_visits visits;
    struct esc_aws_environment *environment; /* of this process */
    bool wants_stop;
};

static void answer_ping(struct esc_http_exchange *exchange)
{
    esc_http_reply(exchange, 200, "application/json",
                   ESC_STR("{\"status\":\"ok\",\"body\":{\"status\":\"ok\"}}"));
}

static void handle(void *context, struct esc_http_exchange *exchange)
{
    struct esc_door *door = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    /* A window says so. It holds no credentials: the core uses those it was started with. */
    const bool window = esc_str_is(esc_http_head_field(head, "X-Escher-Door"), "window");
    const struct door_caller caller = {.page = window,
                                       .environment = window ? door->environment : NULL};
    const bool stops =
        !window && esc_str_is(head->path, "/api/stop") && esc_str_is(head->method, "POST");
    door->wants_stop = door->wants_stop || stops;
    if (stops || (!window && esc_str_is(head->path, "/api/ping")))
        answer_ping(exchange);
    else
        door_visits_serve(&door->visits, &caller, exchange);
}

enum esc_status esc_door_open(struct esc_workbench *bench, struct esc_door **out,
                              struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(bench->paths.socket);
    enum esc_status status = esc_file_make_own_folder(folder, err);
    if (status != ESC_OK)
        return status;
    struct esc_door *door = esc_alloc_zero(sizeof *door);
    door->visits.bench = bench;
    door->environment = esc_aws_environment_of_process();
    ESC_CLEANUP(esc_freep) char *address = esc_sprintf("unix:%s", bench->paths.socket);
    const struct esc_gate_rules rules = {.max_body = ESC_MAX_FILE};
    const struct esc_http_listener_options options = {.address = address,
                                                      .rules = &rules,
                                                      .handler = handle,
                                                      .context = door,
                                                      .body_timeout_ms = BODY_TIMEOUT_MS,
                                                      .heartbeat_ms = HEARTBEAT_MS};
    status = esc_http_listener_open(bench->loop, &options, &door->listener, err);
    if (status != ESC_OK) {
        esc_aws_environment_free(door->environment);
        free(door);
        return status;
    }
    *out = door;
    return ESC_OK;
}

void esc_door_close(struct esc_door *door)
{
    if (!door)
        return;
    esc_http_listener_close(door->listener);
    door_visits_leave(&door->visits);
    esc_aws_environment_free(door->environment);
    free(door);
}

bool esc_door_wants_stop(const struct esc_door *door)
{
    return door->wants_stop;
}
