/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The Secret Service over D-Bus. What was learnt about it, and is relied on below:
 *
 * - A lookup in a locked keyring answers "no such item" without an error. Only the `Locked`
 *   property of the default collection tells, so every function asks for that first.
 * - A locked keyring with a display opens a prompter and blocks. Asking first avoids it.
 * - Without a bus, with a dead one, or without the service, the first call fails at once.
 * - The calls have no deadline of their own: a watching thread cancels them.
 * - A store returns before anything is durable: put syncs, and reads back over a new connection.
 *
 * @source libsecret 0.20 reference; freedesktop Secret Service API draft 0.2.
 */

#include <fcntl.h>
#include <libsecret/secret.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/crypt/keyring.h"

/* A deadline: a thread that cancels the calls in hand unless it is ended before. */
struct deadline {
    GCancellable *cancellable;
    GThread *thread;
    GMutex mutex;
    GCond changed;
    gboolean is_over;
    gint64 end_us;
};

static gpointer watch_deadline(gpointer context)
{
    struct deadline *deadline = context;
    g_mutex_lock(&deadline->mutex);
    gboolean in_time = TRUE;
    while (!deadline->is_over && in_time)
        in_time = g_cond_wait_until(&deadline->changed, &deadline->mutex, deadline->end_us);
    if (!deadline->is_over)
        g_cancellable_cancel(deadline->cancellable);
    g_mutex_unlock(&deadline->mutex);
    return NULL;
}

static void deadline_start(struct deadline *deadline, uint64_t after_ms)
{
    deadline->cancellable = g_cancellable_new();
    g_mutex_init(&deadline->mutex);
    g_cond_init(&deadline->changed);
    deadline->is_over = FALSE;
    deadline->end_us = g_get_monotonic_time() + (gint64)after_ms * 1000;
    deadline->thread = g_thread_new("keyring deadline", watch_deadline, deadline);
}

static void deadline_end(struct deadline *deadline)
{
    g_mutex_lock(&deadline->mutex);
    deadline->is_over = TRUE;
    g_cond_signal(&deadline->changed);
    g_mutex_unlock(&deadline->mutex);
    g_thread_join(deadline->thread);
    g_mutex_clear(&deadline->mutex);
    g_cond_clear(&deadline->changed);
    g_object_unref(deadline->cancellable);
}

struct service {
    uint64_t deadline_ms;
};

static const SecretSchema *schema(void)
{
    static const SecretSchema of_keys = {
        .name = "org.escher.Key",
        .flags = SECRET_SCHEMA_NONE,
        .attributes = {{"item", SECRET_SCHEMA_ATTRIBUTE_STRING}},
    };
    return &of_keys;
}

/* Says in our words what GLib said; frees @p error. */
static enum esc_status explain(GError *error, struct esc_error *err)
{
    enum esc_status status;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        status = esc_fail(err, ESC_TIMEOUT, "the keychain does not answer");
    else if (g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
        status = esc_fail(err, ESC_LOCKED, "the keychain is locked");
    else
        status = esc_fail(err, ESC_UNAVAILABLE, "the keychain cannot be reached: %s",
                          error ? error->message : "no reason given");
    g_clear_error(&error);
    return status;
}

/* The service is there, its default collection exists and is unlocked: *out is to be unref'd. */
static enum esc_status reach(GCancellable *cancellable, SecretService **out, struct esc_error *err)
{
    GError *error = NULL;
    SecretService *service = secret_service_get_sync(SECRET_SERVICE_NONE, cancellable, &error);
    if (!service)
        return explain(error, err);
    SecretCollection *collection = secret_collection_for_alias_sync(
        service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, cancellable, &error);
    enum esc_status status = ESC_OK;
    if (error)
        status = explain(error, err);
    else if (!collection)
        status = esc_fail(err, ESC_UNAVAILABLE, "the keychain has no default keyring yet");
    else if (secret_collection_get_locked(collection))
        status = esc_fail(err, ESC_LOCKED, "the keychain is locked");
    g_clear_object(&collection);
    if (status == ESC_OK)
        *out = service;
    else
        g_object_unref(service);
    return status;
}

static GHashTable *attributes_of(const char *item)
{
    return secret_attributes_build(schema(), "item", item, NULL);
}

static enum esc_status look_up(SecretService *service, const char *item, GCancellable *cancellable,
                               struct esc_secret **out, struct esc_error *err)
{
    GError *error = NULL;
    GHashTable *attributes = attributes_of(item);
    SecretValue *value =
        secret_service_lookup_sync(service, schema(), attributes, cancellable, &error);
    g_hash_table_unref(attributes);
    if (error)
        return explain(error, err);
    if (!value)
        return esc_fail(err, ESC_NOT_FOUND, "no key `%s` in the keychain", item);
    gsize len = 0;
    const char *bytes = secret_value_get(value, &len);
    *out = esc_secret_new(bytes, len);
    secret_value_unref(value); /* wipes libsecret's copy */
    return ESC_OK;
}

static enum esc_status store(SecretService *service, const char *item,
                             const struct esc_secret *secret, GCancellable *cancellable,
                             struct esc_error *err)
{
    GError *error = NULL;
    struct esc_str bytes = esc_secret_view(secret);
    GHashTable *attributes = attributes_of(item);
    SecretValue *value = secret_value_new(bytes.ptr, (gssize)bytes.len, "application/octet-stream");
    ESC_CLEANUP(esc_freep) char *label = esc_sprintf("Escher: key of %s", item);
    gboolean stored =
        secret_service_store_sync(service, schema(), attributes, SECRET_COLLECTION_DEFAULT, label,
                                  value, cancellable, &error);
    secret_value_unref(value);
    g_hash_table_unref(attributes);
    return stored ? ESC_OK : explain(error, err);
}

/* The service has written its file and synced nothing; what follows relies on the item as on any
 * other durable thing. Its files are somewhere in the home folder. */
static void sync_home(void)
{
    const char *home = esc_env("HOME");
    ESC_CLEANUP(esc_fd_close) int fd = home ? open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0 || syncfs(fd) != 0)
        sync();
}

/* The five functions: each under one deadline. */

static enum esc_status service_probe(void *context, struct esc_error *err)
{
    const struct service *self = context;
    struct deadline deadline;
    SecretService *service = NULL;
    deadline_start(&deadline, self->deadline_ms);
    enum esc_status status = reach(deadline.cancellable, &service, err);
    g_clear_object(&service);
    deadline_end(&deadline);
    return status;
}

static enum esc_status service_get(void *context, const char *item, struct esc_secret **out,
                                   struct esc_error *err)
{
    const struct service *self = context;
    struct deadline deadline;
    SecretService *service = NULL;
    deadline_start(&deadline, self->deadline_ms);
    enum esc_status status = reach(deadline.cancellable, &service, err);
    if (status == ESC_OK)
        status = look_up(service, item, deadline.cancellable, out, err);
    g_clear_object(&service);
    deadline_end(&deadline);
    return status;
}

static enum esc_status service_put(void *context, const char *item, const struct esc_secret *secret,
                                   struct esc_error *err)
{
    const struct service *self = context;
    struct deadline deadline;
    SecretService *service = NULL;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *back = NULL;
    deadline_start(&deadline, self->deadline_ms);
    enum esc_status status = reach(deadline.cancellable, &service, err);
    if (status == ESC_OK)
        status = store(service, item, secret, deadline.cancellable, err);
    g_clear_object(&service);
    if (status == ESC_OK) {
        sync_home();
        secret_service_disconnect(); /* what is read back comes over a new connection */
        status = reach(deadline.cancellable, &service, err);
    }
    if (status == ESC_OK)
        status = look_up(service, item, deadline.cancellable, &back, err);
    g_clear_object(&service);
    deadline_end(&deadline);
    if (status == ESC_OK && !esc_secret_equal(back, secret))
        return esc_fail(err, ESC_IO, "the keychain gave back another key than was stored");
    return status;
}

static enum esc_status service_del(void *context, const char *item, struct esc_error *err)
{
    const struct service *self = context;
    struct deadline deadline;
    SecretService *service = NULL;
    deadline_start(&deadline, self->deadline_ms);
    enum esc_status status = reach(deadline.cancellable, &service, err);
    if (status == ESC_OK) {
        GError *error = NULL;
        GHashTable *attributes = attributes_of(item);
        (void)secret_service_clear_sync(service, schema(), attributes, deadline.cancellable,
                                        &error); /* FALSE without an error: nothing was there */
        g_hash_table_unref(attributes);
        if (error)
            status = explain(error, err);
    }
    g_clear_object(&service);
    deadline_end(&deadline);
    return status;
}

static void service_describe(void *, struct esc_buf *out)
{
    esc_buf_add_text(out, "the desktop's keychain (Secret Service)");
}

struct esc_keyring *esc_keyring_libsecret_new(uint64_t deadline_ms)
{
    static const struct esc_keyring_table table = {
        "secret-service", service_probe, service_get, service_put, service_del, service_describe,
    };
    struct service *service = esc_alloc(sizeof *service);
    service->deadline_ms = deadline_ms ? deadline_ms : ESC_KEYRING_DEADLINE_MS;
    return esc_keyring_new(&table, service, free);
}
