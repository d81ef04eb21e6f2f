/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/page/deep_link.h"

enum {
    ANSWER_TIMEOUT_MS = 5'000, /* of a window that may be busy drawing */
    WORD_TIMEOUT_MS = 200,     /* the window waits no longer: it draws on this thread */
    AGAIN_MS = 20,
    TRIES_COUNT = 500,
    MAX_WORD = 2 * ESC_PAGE_LINK_MAX
};

struct instance {
    int lock, listener;
    char *socket_path;
    guint source;
    instance_raise_fn *on_raise;
    void *context;
};

/* "…/default.sock" becomes "…/default.window.sock" or "…/default.window.lock". */
static char *beside_core(const struct esc_paths *paths, const char *ending)
{
    struct esc_str stem = esc_str_of(paths->socket);
    if (esc_str_ends_with(stem, ESC_STR(".sock")))
        stem.len -= strlen(".sock");
    return esc_sprintf("%.*s.window.%s", ESC_STR_ARG(stem), ending);
}

static bool address_of(const char *path, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    const size_t len = strlen(path);
    if (len >= sizeof out->sun_path)
        return false;
    memcpy(out->sun_path, path, len);
    return true;
}

static void set_patience(int fd, long timeout_ms)
{
    const struct timeval patience = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience); /* else it waits */
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static char *word_of(const char *link)
{
    const char *token = esc_env("XDG_ACTIVATION_TOKEN");
    ESC_CLEANUP(esc_json_freep) struct esc_json *word = esc_json_object();
    if (link)
        esc_json_set_text(word, "link", link);
    if (token || esc_env("DESKTOP_STARTUP_ID"))
        esc_json_set_text(word, "token", token ? token : esc_env("DESKTOP_STARTUP_ID"));
    return esc_json_print(word, ESC_JSON_COMPACT);
}

/* 0: answered; else why not. ECONNREFUSED and ECONNRESET may be otherwise a moment later. */
static int say_to(const struct sockaddr_un *address, const char *text)
{
    char answer[8];
    ESC_CLEANUP(esc_fd_close) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    set_patience(fd, ANSWER_TIMEOUT_MS);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 ||
        send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        return errno;
    const ssize_t got = recv(fd, answer, sizeof answer, 0);
    return got > 0 ? 0 : got == 0 ? ECONNRESET : errno;
}

/* The first one may hold the lock and not listen yet, or have waited for our word in vain. */
static enum esc_status raise_other(const char *path, const char *link, struct esc_error *err)
{
    struct sockaddr_un address;
    if (!address_of(path, &address))
        return esc_fail(err, ESC_IO, "%s: no socket", path);
    ESC_CLEANUP(esc_freep) char *text = word_of(link);
    int why = say_to(&address, text);
    for (int i = 0; why != 0 && why != EAGAIN && i < TRIES_COUNT; i++) {
        (void)usleep(1000 * AGAIN_MS);
        why = say_to(&address, text);
    }
    if (why != 0)
        return esc_fail(err, ESC_UNAVAILABLE, "another window is open and does not answer");
    return ESC_OK;
}

static enum esc_status open_listener(struct instance *instance, struct esc_error *err)
{
    struct sockaddr_un address;
    if (!address_of(instance->socket_path, &address))
        return esc_fail(err, ESC_IO, "%s: the path is too long", instance->socket_path);
    (void)unlink(instance->socket_path); /* we hold the lock, so it is a dead one's */
    instance->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (instance->listener < 0 || fchmod(instance->listener, 0600) != 0 ||
        bind(instance->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(instance->listener, 4) != 0)
        return esc_fail(err, ESC_IO, "%s: %s", instance->socket_path, strerror(errno));
    return ESC_OK;
}

enum esc_status instance_claim(const struct esc_paths *paths, const char *link,
                               struct instance **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *socket_path = beside_core(paths, "sock");
    ESC_CLEANUP(esc_freep) char *lock_path = beside_core(paths, "lock");
    ESC_CLEANUP(esc_freep) char *folder = g_path_get_dirname(lock_path);
    enum esc_status status = esc_file_make_folder(folder, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_fd_close) int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return esc_fail(err, ESC_IO, "%s: %s", lock_path, strerror(errno));
    if (flock(lock, LOCK_EX | LOCK_NB) != 0)
        return raise_other(socket_path, link, err);
    struct instance *instance = esc_alloc_zero(sizeof *instance);
    *instance = (struct instance){lock, -1, ESC_STEAL(socket_path), 0, NULL, NULL};
    lock = -1;
    status = open_listener(instance, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(instance);
    instance_release(instance);
    return status;
}

static bool is_same_user(int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid();
}

static gboolean on_visitor(gint, GIOCondition, gpointer context)
{
    struct instance *instance = context;
    ESC_CLEANUP(esc_fd_close) int fd = accept4(instance->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || !is_same_user(fd))
        return G_SOURCE_CONTINUE;
    set_patience(fd, WORD_TIMEOUT_MS);
    char text[MAX_WORD];
    const ssize_t got = recv(fd, text, sizeof text, 0);
    ESC_CLEANUP(esc_json_freep) struct esc_json *word = NULL;
    if (got <= 0 ||
        esc_json_parse((struct esc_str){text, (size_t)got}, NULL, &word, NULL) != ESC_OK)
        return G_SOURCE_CONTINUE;
    (void)send(fd, "ok", 2, MSG_NOSIGNAL); /* who does not wait for it is raised all the same */
    instance->on_raise(instance->context, esc_json_str(word, "link", NULL),
                       esc_json_str(word, "token", NULL));
    return G_SOURCE_CONTINUE;
}

void instance_listen(struct instance *instance, instance_raise_fn *on_raise, void *context)
{
    instance->on_raise = on_raise;
    instance->context = context;
    instance->source = g_unix_fd_add(instance->listener, G_IO_IN, on_visitor, instance);
}

void instance_release(struct instance *instance)
{
    if (!instance)
        return;
    if (instance->source)
        g_source_remove(instance->source);
    if (instance->listener >= 0)
        (void)unlink(instance->socket_path); /* left behind it does no harm */
    esc_fd_close(&instance->listener);
    esc_fd_close(&instance->lock);
    free(instance->socket_path);
    free(instance);
}
