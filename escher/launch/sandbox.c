/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/launch/sandbox.h"

#include <stdio.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/base/paths.h"
#include "escher/base/utf8.h"

enum {
    MAX_KNOB = 64,
    MAX_SAID = 160
};

const char *const esc_sandbox_trial[] = {
    "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "true", NULL};

/* In PATH; relative folders do not count. Owned, or NULL. */
static char *find_program(const char *name)
{
    struct esc_str rest = esc_str_of(esc_env("PATH")), folder;
    while (rest.ptr && esc_str_next(&rest, ':', &folder)) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%.*s/%s", ESC_STR_ARG(folder), name);
        if (path[0] == '/' && access(path, X_OK) == 0)
            return ESC_STEAL(path);
    }
    return NULL;
}

static uint64_t knob(const char *path, uint64_t otherwise)
{
    struct esc_buf text;
    uint64_t value = otherwise;
    esc_buf_init(&text, MAX_KNOB);
    if (esc_file_read(path, &text, NULL) == ESC_OK)
        (void)esc_num_u64(esc_str_trim(esc_buf_str(&text)), &value); /* else as if it were absent */
    esc_buf_done(&text);
    return value;
}

void esc_sandbox_look(struct esc_sandbox_system *out)
{
    ESC_CLEANUP(esc_freep) char *proxy = find_program("xdg-dbus-proxy");
    *out = (struct esc_sandbox_system){
        .bubblewrap = find_program("bwrap"),
        .has_proxy = proxy,
        .is_off = esc_env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"),
        .apparmor_restricts = knob("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0),
        .unprivileged_allowed = knob("/proc/sys/kernel/unprivileged_userns_clone", 1),
        .most = knob("/proc/sys/user/max_user_namespaces", UINT64_MAX),
    };
}

void esc_sandbox_system_done(struct esc_sandbox_system *system)
{
    free(system->bubblewrap);
    *system = (struct esc_sandbox_system){0};
}

/* Why namespaces are refused, the narrowest switch first. */
static const char *cure_of_refusal(const struct esc_sandbox_system *system)
{
    if (system->most == 0)
        return "sysctl -w user.max_user_namespaces=10000";
    if (system->unprivileged_allowed == 0)
        return "sysctl -w kernel.unprivileged_userns_clone=1";
    if (system->apparmor_restricts)
        return "allow `userns` to /usr/bin/bwrap in an AppArmor profile, or "
               "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    return "allow user namespaces here (a container must be started with them), or use "
           "`escher serve` and a browser";
}

static void set(struct esc_sandbox_verdict *out, const char *says, const char *cure)
{
    (void)snprintf(out->says, sizeof out->says, "%s", says); /* they fit, or are cut */
    (void)snprintf(out->cure, sizeof out->cure, "%s", cure);
}

void esc_sandbox_judge(const struct esc_sandbox_system *system, bool worked, struct esc_str said,
                       struct esc_sandbox_verdict *out)
{
    *out = (struct esc_sandbox_verdict){0};
    if (system->is_off) {
        set(out, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS is set", "unset it");
    } else if (!system->bubblewrap) {
        set(out, "bubblewrap is not installed", "apt install bubblewrap");
    } else if (!system->has_proxy) {
        set(out, "xdg-dbus-proxy is not installed", "apt install xdg-dbus-proxy");
    } else if (worked) {
        out->works = true;
        set(out, "the window's page is shut in by bubblewrap", "");
    } else {
        struct esc_str rest = esc_str_trim(said), line = ESC_STR("it failed");
        if (rest.len)
            (void)esc_str_next(&rest, '\n', &line); /* there is one */
        line = esc_utf8_cut(line, MAX_SAID);
        ESC_CLEANUP(esc_freep)
        char *says = esc_sprintf("bubblewrap does not work here: %.*s", ESC_STR_ARG(line));
        set(out, says, cure_of_refusal(system));
    }
}
