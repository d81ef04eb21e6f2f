/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/paths.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"

enum {
    MAX_SOCKET_PATH = 100, /* sun_path holds 108 */
    MAX_PROFILE = 32
};

const char *esc_env(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

void esc_env_forget(const char *name)
{
    char *value = getenv(name);
    if (!value)
        return;
    explicit_bzero(value, strlen(value));
    (void)unsetenv(name); /* the name is a good one: it was found */
}

char *const *esc_env_all(void)
{
    return environ;
}

static bool is_profile_name(const char *name)
{
    const size_t len = strlen(name);
    if (len == 0 || len > MAX_PROFILE || !(esc_is_lower(name[0]) || esc_is_digit(name[0])))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!esc_is_lower(name[i]) && !esc_is_digit(name[i]) && !strchr("_-", name[i]))
            return false;
    }
    return true;
}

/* NAME when it is set to an absolute path (XDG says to ignore others), else HOME/fallback. */
static char *xdg(const char *name, const char *fallback)
{
    const char *value = esc_env(name);
    if (value && value[0] == '/')
        return esc_path_join(value, "escher");
    const char *home = esc_env("HOME");
    return esc_sprintf("%s/%s/escher", home ? home : "/nonexistent", fallback);
}

static void set_under(struct esc_paths *paths, const char *home)
{
    paths->data = esc_sprintf("%s/data/%s", home, paths->profile);
    paths->state = esc_sprintf("%s/state/%s", home, paths->profile);
    paths->config = esc_path_join(home, "config");
    paths->cache = esc_path_join(home, "cache");
    paths->demos = esc_strdup(home);
    paths->socket = esc_sprintf("%s/run/%s.sock", home, paths->profile);
}

static void set_xdg(struct esc_paths *paths)
{
    ESC_CLEANUP(esc_freep) char *data = xdg("XDG_DATA_HOME", ".local/share");
    ESC_CLEANUP(esc_freep) char *state = xdg("XDG_STATE_HOME", ".local/state");
    paths->data = esc_path_join(data, paths->profile);
    paths->state = esc_path_join(state, paths->profile);
    paths->demos = esc_strdup(state);
    paths->config = xdg("XDG_CONFIG_HOME", ".config");
    paths->cache = xdg("XDG_CACHE_HOME", ".cache");
    const char *runtime = esc_env("XDG_RUNTIME_DIR");
    paths->socket = runtime && runtime[0] == '/'
                        ? esc_sprintf("%s/escher/%s.sock", runtime, paths->profile)
                        : esc_path_join(paths->state, "core.sock");
}

/* FNV-1a: the name must only be short and the same every time. */
static void shorten_socket(struct esc_paths *paths)
{
    if (strlen(paths->socket) <= MAX_SOCKET_PATH)
        return;
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = paths->socket; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    free(paths->socket);
    paths->socket =
        esc_sprintf("/tmp/escher-%ld/%016llx.sock", (long)getuid(), (unsigned long long)hash);
}

enum esc_status esc_paths_init(struct esc_paths *paths, const char *profile, struct esc_error *err)
{
    const char *name = profile ? profile : "default";
    if (!is_profile_name(name))
        return esc_fail(err, ESC_INVALID,
                        "profile `%s`: use 1 to 32 of a-z 0-9 _ -, a letter or digit first", name);
    *paths = (struct esc_paths){.profile = esc_strdup(name)};
    const char *home = esc_env("ESCHER_HOME");
    ESC_CLEANUP(esc_freep) char *absolute = NULL;
    if (home && home[0] != '/') {
        ESC_CLEANUP(esc_freep) char *here = getcwd(NULL, 0);
        absolute = esc_path_join(here ? here : "/", home);
        home = absolute;
    }
    if (home)
        set_under(paths, home);
    else
        set_xdg(paths);
    shorten_socket(paths);
    paths->store = esc_path_join(paths->data, "store.db");
    paths->lock = esc_path_join(paths->data, "store.lock");
    paths->runs = esc_path_join(paths->state, "runs");
    paths->config_file = esc_path_join(paths->config, "config.yaml");
    return ESC_OK;
}

void esc_paths_done(struct esc_paths *paths)
{
    free(paths->profile);
    free(paths->data);
    free(paths->state);
    free(paths->config);
    free(paths->cache);
    free(paths->demos);
    free(paths->store);
    free(paths->lock);
    free(paths->runs);
    free(paths->socket);
    free(paths->config_file);
    *paths = (struct esc_paths){0};
}

/* The folder of the running program, "" when it cannot be told. Owned by the caller. */
static char *program_folder(void)
{
    char path[4096];
    const ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    if (len <= 0 || (size_t)len == sizeof path)
        return esc_strdup("");
    const struct esc_str whole = {path, (size_t)len};
    size_t slash = whole.len;
    while (slash && path[slash - 1] != '/')
        slash--;
    return esc_str_dup(esc_str_slice(whole, 0, slash));
}

enum esc_status esc_paths_share(const char *name, char **out, struct esc_error *err)
{
    const char *share = esc_env("ESCHER_SHARE");
    ESC_CLEANUP(esc_freep) char *folder = program_folder();
    /* named; installed as PREFIX/bin + PREFIX/share/escher; in the build as BUILD/bin + BUILD/share;
     * a test program in BUILD/PRESET/tests */
    static const char *const beside[] = {"../share/escher", "../share", "../../share",
                                         "../../../share"};
    for (size_t i = 0; i <= ESC_COUNT(beside); i++) {
        if (i == 0 && !share)
            continue;
        ESC_CLEANUP(esc_freep)
        char *root = i == 0 ? esc_strdup(share) : esc_path_join(folder, beside[i - 1]);
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(root, name);
        if (esc_file_exists(path)) {
            *out = ESC_STEAL(path);
            return ESC_OK;
        }
    }
    return esc_fail(err, ESC_NOT_FOUND, "share/escher/%s is missing: run `make build`", name);
}
