/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/work/page_door.h"
#include "escher/work/work_private.h"

/*
 * A call that opens the browser's door and lasts as long as the door does. Several may share it;
 * it closes when the last one is gone. The link goes to the caller alone, never into the feed.
 */

static bool wants_another_port(const struct esc_workbench *bench, int64_t port)
{
    return port != 0 && bench->page_port != port;
}

static enum esc_status open_door(struct esc_api_call *call, struct esc_error *err)
{
    struct esc_workbench *bench = call->bench;
    const int64_t port = esc_json_num(esc_json_member(call->args, "port"), "", 0);
    if (port < 0 || port > UINT16_MAX)
        return esc_fail(err, ESC_INVALID, "a port is a number up to 65535");
    if (bench->page_door && wants_another_port(bench, port))
        return esc_fail(err, ESC_CONFLICT, "the workbench is served on port %u already",
                        (unsigned)bench->page_port);
    if (bench->page_door)
        return ESC_OK;
    const struct esc_page_door_options options = {.port = (uint16_t)port,
                                                  .environment = call->environment};
    const enum esc_status status = esc_page_door_open(bench, &options, &bench->page_door, err);
    if (status == ESC_OK)
        bench->page_port = esc_page_door_port(bench->page_door);
    return status;
}

static void stop_serving(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    if (--bench->page_guests == 0)
        esc_page_door_close(ESC_STEAL(bench->page_door));
    (void)esc_fail(&err, ESC_CANCELLED, "the workbench is no longer served");
    work_fail(call, &err);
}

void work_serve(struct esc_api_call *call)
{
    struct esc_error err;
    if (open_door(call, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    call->bench->page_guests++;
    call->cancel = stop_serving;
    ESC_CLEANUP(esc_freep) char *link = esc_page_door_link(call->bench->page_door);
    struct esc_json *event = work_event_new("serve.ready", NULL);
    struct esc_json *data = esc_json_object();
    esc_json_set_text(data, "url", link);
    esc_json_set(event, "data", data);
    work_tell(call, event);
}
