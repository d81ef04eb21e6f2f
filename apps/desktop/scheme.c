/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gunixinputstream.h>
#include <string.h>

#include "apps/desktop/desktop.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/page/asset.h"
#include "escher/page/security.h"

/*
 * escher://app/: below /api a call that goes on to the core, anything else a file of the page.
 *
 * WebKit blocks scripts without a word when nosniff is sent and the type stands only in
 * set_content_type(), so it is in both places.
 */
enum {
    MAX_BODY = 1024 * 1024,
    MAX_HEADER = 128
};

static void answer(WebKitURISchemeRequest *request, int status, const char *type, const char *etag,
                   GInputStream *stream, gint64 len)
{
    SoupMessageHeaders *headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_RESPONSE);
    for (const struct esc_page_header *header = esc_page_headers; header->name; header++)
        soup_message_headers_append(headers, header->name, header->value);
    soup_message_headers_append(headers, "Content-Type", type);
    soup_message_headers_append(headers, "Cache-Control", etag ? "no-cache" : "no-store");
    if (etag)
        soup_message_headers_append(headers, "ETag", etag);
    g_autoptr(WebKitURISchemeResponse) response = webkit_uri_scheme_response_new(stream, len);
    webkit_uri_scheme_response_set_status(response, (guint)status, NULL);
    webkit_uri_scheme_response_set_content_type(response, type);
    webkit_uri_scheme_response_set_http_headers(response, headers); /* handed over */
    webkit_uri_scheme_request_finish_with_response(request, response);
    g_object_unref(stream);
}

static void answer_bytes(WebKitURISchemeRequest *request, int status, const char *type,
                         struct esc_str body)
{
    g_autoptr(GBytes) bytes = g_bytes_new(body.ptr, body.len);
    answer(request, status, type, NULL, g_memory_input_stream_new_from_bytes(bytes),
           (gint64)body.len);
}

static void refuse(WebKitURISchemeRequest *request, int status, enum esc_status word,
                   const char *message)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("{\"status\":\"%s\",\"body\":{\"status\":\"%s\",\"category\":\"%s\","
                             "\"message\":\"%s\"}}",
                             esc_status_text(word), esc_status_text(word),
                             esc_status_category(word), message);
    answer_bytes(request, status, "application/json", esc_str_of(text));
}

static void on_reply(void *context, const struct esc_core_reply *reply)
{
    WebKitURISchemeRequest *request = context;
    if (reply->stream_fd >= 0)
        answer(request, reply->status, reply->content_type, NULL,
               g_unix_input_stream_new(reply->stream_fd, TRUE), -1);
    else
        answer_bytes(request, reply->status, reply->content_type, reply->body);
    g_object_unref(request);
}

/* A header of the page's own making; only one that is short and plain goes on. */
static const char *header_of(WebKitURISchemeRequest *request, const char *name)
{
    SoupMessageHeaders *headers = webkit_uri_scheme_request_get_http_headers(request);
    const char *value = headers ? soup_message_headers_get_one(headers, name) : NULL;
    if (!value || !*value || strlen(value) > MAX_HEADER)
        return NULL;
    for (const char *at = value; *at; at++) {
        if (*at < ' ' || *at > '~')
            return NULL;
    }
    return value;
}

struct errand {
    struct desktop *desktop;
    WebKitURISchemeRequest *request;
    char *path; /* with its query */
};

static void send(struct errand *errand, struct esc_str body)
{
    const char *method = webkit_uri_scheme_request_get_http_method(errand->request);
    const struct esc_core_request request = {
        .method = method,
        .path = errand->path,
        .last_event_id = header_of(errand->request, "Last-Event-ID"),
        .page_mark = header_of(errand->request, "X-Escher"),
        .body = body,
        .is_stream =
            esc_text_equal(method, "GET") &&
            esc_text_equal(webkit_uri_scheme_request_get_path(errand->request), "/api/events")};
    esc_core_link_call(errand->desktop->link, &request, on_reply, errand->request);
    g_free(errand->path);
    free(errand);
}

static void on_body(GObject *source, GAsyncResult *result, gpointer context)
{
    struct errand *errand = context;
    g_autoptr(GBytes) bytes =
        g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, NULL);
    gsize len = 0;
    const char *ptr = bytes ? g_bytes_get_data(bytes, &len) : NULL;
    if (len <= MAX_BODY) {
        send(errand, (struct esc_str){ptr, len});
        return;
    }
    refuse(errand->request, 413, ESC_LIMIT, "the body is larger than 1 MiB");
    g_object_unref(errand->request);
    g_free(errand->path);
    free(errand);
}

static bool is_method(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    for (size_t i = 0; i < ESC_COUNT(methods); i++) {
        if (esc_text_equal(method, methods[i]))
            return true;
    }
    return false;
}

static void forward(struct desktop *desktop, WebKitURISchemeRequest *request, GUri *uri)
{
    if (!is_method(webkit_uri_scheme_request_get_http_method(request))) {
        refuse(request, 405, ESC_INVALID, "no such method");
        return;
    }
    struct errand *errand = esc_alloc_zero(sizeof *errand);
    const char *query = g_uri_get_query(uri);
    *errand = (struct errand){desktop, g_object_ref(request),
                              g_strconcat(g_uri_get_path(uri), query ? "?" : "", query, NULL)};
    GInputStream *body = webkit_uri_scheme_request_get_http_body(request);
    if (body) /* in memory already, so one read brings all of it */
        g_input_stream_read_bytes_async(body, MAX_BODY + 1, G_PRIORITY_DEFAULT, NULL, on_body,
                                        errand);
    else
        send(errand, ESC_STR(""));
}

static void on_request(WebKitURISchemeRequest *request, gpointer context)
{
    g_autoptr(GUri) uri =
        g_uri_parse(webkit_uri_scheme_request_get_uri(request), G_URI_FLAGS_ENCODED, NULL);
    if (!uri || !esc_text_equal(g_uri_get_host(uri), "app")) {
        refuse(request, 404, ESC_NOT_FOUND, "there is only escher://app/");
        return;
    }
    const struct esc_str path = esc_str_of(g_uri_get_path(uri));
    if (esc_str_starts_with(path, ESC_STR("/api/"))) {
        forward(context, request, uri);
        return;
    }
    const struct esc_page_asset *asset = esc_page_find(path);
    if (!asset)
        refuse(request, 404, ESC_NOT_FOUND, "the page has no such file");
    else
        answer(request, 200, asset->mime, asset->etag,
               g_memory_input_stream_new_from_data(asset->bytes, (gssize)asset->len, NULL),
               (gint64)asset->len);
}

void scheme_register(struct desktop *desktop, WebKitWebContext *context)
{
    webkit_web_context_register_uri_scheme(context, "escher", on_request, desktop, NULL);
    WebKitSecurityManager *security = webkit_web_context_get_security_manager(context);
    webkit_security_manager_register_uri_scheme_as_secure(security, "escher");
    /* Without it, loads of the page itself go to the network process (WebKitGTK 2.46 and later). */
    webkit_security_manager_register_uri_scheme_as_cors_enabled(security, "escher");
}
