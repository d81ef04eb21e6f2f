/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/num.h"
#include "escher/http/head.h"
#include "escher/http/url.h"
#include "escher/loop/timer.h"

/*
 * libcurl's multi interface, driven by the loop: it tells which descriptors to watch and when to
 * be woken, we tell it what happened. It must not be re-entered from its own callbacks, so
 * nothing a caller may do from within one reaches it at once: sending and cancelling wait for
 * the next turn.
 */

enum {
    CONNECT_TIMEOUT_MS = 10 * 1000,
    CALL_TIMEOUT_MS = 30 * 1000,
    MAX_HEADERS_COUNT = 200,
    MOST_EXPECTED = 1 << 20, /* bytes of a body that room is made for before they are here */
    MOST_IDLE = 32,          /* of libcurl's handles that wait for the next call */
};

struct received {
    char *name, *value;
};

struct esc_http_client {
    struct esc_loop *loop;
    CURLM *multi;
    struct esc_timer *timer;
    char *user_agent;
    uint64_t connect_timeout_ms;
    struct esc_http_call *calls; /* those not done yet */
    CURL *idle[MOST_IDLE];       /* making one costs more than all that a call sets in it */
    size_t idle_count;
    unsigned inside;    /* depth in libcurl, whose callbacks must not free us */
    unsigned reporting; /* depth in done(), which may */
    bool freed;
};

struct esc_http_call {
    struct esc_http_call *next, **link;
    struct esc_http_client *client;
    CURL *easy;
    bool added, cancelled, is_head;
    struct esc_timer *turn; /* begins or ends the call in the next turn */
    struct curl_slist *sent;
    char *shown; /* "GET https://host/path", for messages */
    char *body;
    size_t body_len, body_at; /* how much of it went out; only of one that goes out once */
    bool has_file;
    struct esc_http_file file;
    uint64_t file_at;         /* how much of it went out */
    struct esc_list received; /* struct received */
    struct esc_buf answer;
    struct esc_error failure; /* before or beside libcurl's own */
    esc_http_data_fn *on_data;
    esc_http_done_fn *done;
    void *context;
};

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
}

static void free_received(void *item)
{
    struct received *received = item;
    free(received->name);
    free(received->value);
    free(received);
}

static CURL *take_easy(struct esc_http_client *client)
{
    CURL *easy = client->idle_count ? client->idle[--client->idle_count] : curl_easy_init();
    ESC_ASSERT(easy); /* NULL is out of memory only */
    return easy;
}

/* It remembers nothing of the call. */
static void give_back(struct esc_http_client *client, CURL *easy)
{
    if (client->idle_count == MOST_IDLE) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    client->idle[client->idle_count++] = easy;
}

static void free_call(struct esc_http_call *call)
{
    for (struct curl_slist *line = call->sent; line; line = line->next)
        wipe(line->data);
    curl_slist_free_all(call->sent);
    give_back(call->client, call->easy);
    if (call->body)
        explicit_bzero(call->body, call->body_len);
    if (call->answer.ptr)
        explicit_bzero(call->answer.ptr, call->answer.capacity);
    esc_buf_done(&call->answer);
    esc_list_done(&call->received);
    free(call->body);
    free(call->shown);
    free(call);
}

static struct esc_http_response response_of(const struct esc_http_call *call,
                                            struct esc_http_header *headers)
{
    long status = 0;
    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status); /* cannot fail */
    for (size_t i = 0; i < call->received.count; i++) {
        const struct received *received = call->received.items[i];
        headers[i] = (struct esc_http_header){received->name, received->value};
    }
    return (struct esc_http_response){(int)status, headers, call->received.count,
                                      esc_buf_str(&call->answer)};
}

/* The last thing that happens to a call; `client` may be gone afterwards. */
static void report(struct esc_http_call *call)
{
    struct esc_http_client *client = call->client;
    esc_timer_stop(&call->turn);
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    if (call->added)
        ESC_ASSERT(curl_multi_remove_handle(client->multi, call->easy) == CURLM_OK);
    if (call->cancelled)
        (void)esc_fail(&call->failure, ESC_CANCELLED, "%s: cancelled", call->shown);
    if (call->failure.status != ESC_OK) {
        call->done(call->context, NULL, &call->failure);
    } else {
        ESC_CLEANUP(esc_freep)
        struct esc_http_header *headers =
            esc_alloc_array(call->received.count + 1, sizeof *headers);
        struct esc_http_response response = response_of(call, headers);
        call->done(call->context, &response, NULL);
    }
    free_call(call);
}

/* What libcurl's results mean for a caller. All others: the connection broke. */
static const struct {
    CURLcode code;
    enum esc_status status;
    const char *text;
} meanings[] = {
    {CURLE_OPERATION_TIMEDOUT, ESC_TIMEOUT, "no answer in time"},
    {CURLE_SEND_FAIL_REWIND, ESC_UNAVAILABLE, "the connection was closed before an answer came"},
    {CURLE_URL_MALFORMAT, ESC_INVALID, "the URL is malformed"},
    {CURLE_COULDNT_RESOLVE_HOST, ESC_UNAVAILABLE, "the host name is not known"},
    {CURLE_COULDNT_RESOLVE_PROXY, ESC_UNAVAILABLE, "the proxy's name is not known"},
    {CURLE_COULDNT_CONNECT, ESC_UNAVAILABLE, "cannot connect"},
    {CURLE_GOT_NOTHING, ESC_UNAVAILABLE, "the connection was closed without an answer"},
    {CURLE_PARTIAL_FILE, ESC_UNAVAILABLE, "the answer was cut short"},
    {CURLE_SSL_CONNECT_ERROR, ESC_UNAVAILABLE, "no TLS connection"},
    {CURLE_PEER_FAILED_VERIFICATION, ESC_UNAVAILABLE, "the server's certificate is not trusted"},
    {CURLE_SSL_CACERT_BADFILE, ESC_INVALID, "the CA bundle cannot be read"},
    {CURLE_WEIRD_SERVER_REPLY, ESC_UNAVAILABLE, "the answer is not HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, ESC_UNAVAILABLE, "the answer is not HTTP"},
};

static void explain(struct esc_http_call *call, CURLcode code)
{
    if (code == CURLE_OK || call->failure.status != ESC_OK)
        return;
    for (size_t i = 0; i < ESC_COUNT(meanings); i++)
        if (meanings[i].code == code) {
            (void)esc_fail(&call->failure, meanings[i].status, "%s: %s", call->shown,
                           meanings[i].text);
            return;
        }
    (void)esc_fail(&call->failure, ESC_UNAVAILABLE, "%s: the connection broke (%s)", call->shown,
                   curl_easy_strerror(code));
}

static void destroy(struct esc_http_client *client)
{
    while (client->idle_count)
        curl_easy_cleanup(client->idle[--client->idle_count]);
    ESC_ASSERT(curl_multi_cleanup(client->multi) == CURLM_OK);
    esc_timer_stop(&client->timer);
    free(client->user_agent);
    free(client);
    curl_global_cleanup();
}

/* Reports every call that libcurl is done with; `client` may be gone afterwards. */
static void report_finished(struct esc_http_client *client)
{
    int left = 0;
    CURLMsg *message = NULL;
    client->reporting++;
    while (!client->freed && (message = curl_multi_info_read(client->multi, &left))) {
        struct esc_http_call *call = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call); /* we set it */
        explain(call, message->data.result);
        report(call);
    }
    client->reporting--;
    if (client->freed && client->reporting == 0)
        destroy(client);
}

static void act(struct esc_http_client *client, curl_socket_t fd, int flags)
{
    int running = 0;
    client->inside++;
    ESC_ASSERT(curl_multi_socket_action(client->multi, fd, flags, &running) == CURLM_OK);
    client->inside--;
    report_finished(client);
}

static void on_timer(void *context)
{
    struct esc_http_client *client = context;
    client->timer = NULL;
    act(client, CURL_SOCKET_TIMEOUT, 0);
}

static int want_timer(CURLM *, long timeout_ms, void *context)
{
    struct esc_http_client *client = context;
    esc_timer_stop(&client->timer);
    if (timeout_ms >= 0)
        client->timer = esc_timer_start(client->loop, (uint64_t)timeout_ms, on_timer, client);
    return 0;
}

struct connection {
    struct esc_http_client *client;
    curl_socket_t fd;
    struct esc_watch *watch;
};

static void on_ready(void *context, unsigned events)
{
    struct connection *connection = context;
    act(connection->client, connection->fd,
        ((events & ESC_READABLE) ? CURL_CSELECT_IN : 0) |
            ((events & ESC_WRITABLE) ? CURL_CSELECT_OUT : 0));
}

static void drop_connection(struct esc_http_client *client, struct connection *connection)
{
    if (!connection)
        return;
    (void)curl_multi_assign(client->multi, connection->fd, NULL); /* it may know the fd no more */
    esc_watch_close(connection->watch);
    free(connection);
}

static int want_watch(CURL *, curl_socket_t fd, int what, void *context, void *known)
{
    struct esc_http_client *client = context;
    struct connection *connection = known;
    if (what == CURL_POLL_REMOVE) {
        drop_connection(client, connection);
        return 0;
    }
    unsigned events =
        ((what & CURL_POLL_IN) ? ESC_READABLE : 0u) | ((what & CURL_POLL_OUT) ? ESC_WRITABLE : 0u);
    if (connection) {
        esc_watch_change(connection->watch, events);
        return 0;
    }
    connection = esc_alloc_zero(sizeof *connection);
    connection->client = client;
    connection->fd = fd;
    connection->watch = esc_loop_watch(client->loop, fd, events, on_ready, connection);
    ESC_ASSERT(connection->watch); /* a socket can always be watched */
    return curl_multi_assign(client->multi, fd, connection) == CURLM_OK ? 0 : -1;
}

enum esc_status esc_http_client_new(struct esc_loop *loop,
                                    const struct esc_http_client_options *options,
                                    struct esc_http_client **out, struct esc_error *err)
{
    static const struct esc_http_client_options none = {0};
    options = options ? options : &none;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return esc_fail(err, ESC_IO, "the HTTP client cannot start");
    CURLM *multi = curl_multi_init();
    if (!multi) {
        curl_global_cleanup();
        return esc_fail(err, ESC_IO, "the HTTP client cannot start");
    }
    struct esc_http_client *client = esc_alloc_zero(sizeof *client);
    client->loop = loop;
    client->multi = multi;
    client->user_agent = esc_strdup(options->user_agent ? options->user_agent : "escher");
    client->connect_timeout_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    bool set = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, want_watch) == CURLM_OK &&
               curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client) == CURLM_OK &&
               curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, want_timer) == CURLM_OK &&
               curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client) == CURLM_OK;
    ESC_ASSERT(set);
    *out = client;
    return ESC_OK;
}

void esc_http_client_free(struct esc_http_client *client)
{
    if (!client)
        return;
    ESC_ASSERT(client->inside == 0 && !client->freed); /* never from on_data, never twice */
    client->freed = true;
    client->reporting++;
    while (client->calls) {
        client->calls->cancelled = true;
        report(client->calls);
    }
    client->reporting--;
    if (client->reporting == 0)
        destroy(client);
}

static size_t on_body(char *bytes, size_t, size_t len, void *context)
{
    struct esc_http_call *call = context;
    long status = 0;
    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status); /* cannot fail */
    if (call->cancelled)
        return 0;
    if (call->on_data && status >= 200 && status <= 299) {
        call->on_data(call->context, (struct esc_str){bytes, len});
        return len;
    }
    esc_buf_append(&call->answer, bytes, len);
    if (esc_buf_status(&call->answer, "the answer", &call->failure) == ESC_OK)
        return len;
    (void)esc_wrap(&call->failure, ESC_LIMIT, "%s", call->shown);
    return 0;
}

/* The body grows no buffer then; one that lies costs a page or two. */
static void expect_body(struct esc_http_call *call, const struct received *header)
{
    uint64_t len;
    if (!call->on_data && !call->is_head &&
        esc_str_equal_nocase(esc_str_of(header->name), ESC_STR("content-length")) &&
        esc_num_u64(esc_str_of(header->value), &len) && len <= MOST_EXPECTED)
        esc_buf_expect(&call->answer, (size_t)len);
}

static size_t on_header(char *bytes, size_t, size_t len, void *context)
{
    struct esc_http_call *call = context;
    struct esc_str line = esc_str_trim((struct esc_str){bytes, len});
    if (esc_str_starts_with(line, ESC_STR("HTTP/"))) {
        esc_list_clear(&call->received); /* an interim answer (100) came before this one */
        return len;
    }
    size_t colon = esc_str_find(line, ESC_STR(":"), 0);
    if (colon == SIZE_MAX || call->received.count == MAX_HEADERS_COUNT)
        return len;
    struct received *received = esc_alloc_zero(sizeof *received);
    received->name = esc_str_dup(esc_str_trim(esc_str_slice(line, 0, colon)));
    received->value = esc_str_dup(esc_str_trim(esc_str_slice(line, colon + 1, line.len)));
    esc_list_push(&call->received, received);
    expect_body(call, received);
    return len;
}

/* The next piece of the file that is sent; 0 at its end. */
static size_t read_file(char *out, size_t, size_t capacity, void *context)
{
    struct esc_http_call *call = context;
    uint64_t left = call->file.size_bytes - call->file_at;
    ssize_t count = -1;
    if (call->cancelled)
        return CURL_READFUNC_ABORT;
    if (left == 0)
        return 0;
    do
        count = pread(call->file.fd, out, capacity < left ? capacity : (size_t)left,
                      (off_t)(call->file.offset + call->file_at));
    while (count < 0 && errno == EINTR);
    if (count <= 0) {
        (void)esc_fail(&call->failure, ESC_IO, "%s: the file to send %s", call->shown,
                       count == 0 ? "became shorter" : "cannot be read");
        return CURL_READFUNC_ABORT;
    }
    call->file_at += (uint64_t)count;
    return (size_t)count;
}

/* From the start again: a connection kept from an earlier call was closed meanwhile. */
static int rewind_file(void *context, curl_off_t offset, int origin)
{
    struct esc_http_call *call = context;
    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > call->file.size_bytes)
        return CURL_SEEKFUNC_CANTSEEK;
    call->file_at = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* The next piece of a body that goes out once; 0 at its end. */
static size_t read_body(char *out, size_t, size_t capacity, void *context)
{
    struct esc_http_call *call = context;
    const size_t left = call->body_len - call->body_at;
    const size_t count = capacity < left ? capacity : left;
    if (call->cancelled)
        return CURL_READFUNC_ABORT;
    memcpy(out, call->body + call->body_at, count);
    call->body_at += count;
    return count;
}

/* libcurl sends again on a new connection what a kept one did not answer, once it has the body from
 * its start. A body of which nothing went out is no request, so that it may.
 * @source CURLOPT_SEEKFUNCTION: CURL_SEEKFUNC_FAIL causes the transfer to fail */
static int refuse_rewind(void *, curl_off_t, int)
{
    return CURL_SEEKFUNC_FAIL;
}

/* A header as libcurl wants it: "Name: value", and "Name;" for one without a value. */
static void add_line(struct esc_http_call *call, const char *name, const char *value)
{
    struct esc_buf line;
    esc_buf_init_wiped(&line, SIZE_MAX / 2); /* the caller has it in memory */
    esc_buf_add_text(&line, name);
    esc_buf_add_text(&line, *value ? ": " : ";");
    esc_buf_add_text(&line, value);
    struct curl_slist *longer = curl_slist_append(call->sent, esc_buf_text(&line));
    ESC_ASSERT(longer); /* NULL is out of memory only */
    call->sent = longer;
    esc_buf_done(&line);
}

static bool has_header(const struct esc_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (esc_str_equal_nocase(esc_str_of(request->headers[i].name), esc_str_of(name)))
            return true;
    return false;
}

static bool has_control(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)text.ptr[i] < 0x20 && text.ptr[i] != '\t') || text.ptr[i] == 0x7F)
            return true;
    return false;
}

static enum esc_status check(struct esc_http_call *call, const struct esc_http_request *request,
                             struct esc_url *url)
{
    if (!esc_url_parse(esc_str_of(request->url), url))
        return esc_fail(&call->failure, ESC_INVALID, "%s: not a plain http or https URL",
                        call->shown);
    if (request->method && !esc_http_is_token(esc_str_of(request->method)))
        return esc_fail(&call->failure, ESC_INVALID, "%s: malformed method", call->shown);
    if (has_control(request->bearer))
        return esc_fail(&call->failure, ESC_INVALID, "%s: malformed token", call->shown);
    for (size_t i = 0; i < request->header_count; i++)
        if (!esc_http_is_token(esc_str_of(request->headers[i].name)) ||
            has_control(esc_str_of(request->headers[i].value)))
            return esc_fail(&call->failure, ESC_INVALID, "%s: malformed header", call->shown);
    return ESC_OK;
}

static void set_headers(struct esc_http_call *call, const struct esc_http_request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        add_line(call, request->headers[i].name, request->headers[i].value);
    if (request->bearer.len) {
        struct esc_buf value;
        esc_buf_init_wiped(&value, SIZE_MAX / 2);
        esc_buf_printf(&value, "Bearer %.*s", ESC_STR_ARG(request->bearer));
        add_line(call, "Authorization", esc_buf_text(&value));
        esc_buf_done(&value);
    }
    static const char *const unwanted[] = {"Expect", "Content-Type"}; /* libcurl's own guesses */
    for (size_t i = 0; i < ESC_COUNT(unwanted); i++)
        if (!has_header(request, unwanted[i])) {
            char *line = esc_sprintf("%s:", unwanted[i]);
            call->sent = curl_slist_append(call->sent, line);
            free(line);
        }
}

#define SET(option, value)                                                                         \
    ESC_ASSERT(curl_easy_setopt(call->easy, CURLOPT_##option, (value)) == CURLE_OK)

static void set_method(struct esc_http_call *call, const struct esc_http_request *request)
{
    const char *method = request->method ? request->method : "GET";
    bool may_be_bare = esc_text_equal(method, "GET") || esc_text_equal(method, "DELETE");
    call->is_head = esc_text_equal(method, "HEAD");
    if (call->is_head) {
        SET(NOBODY, 1L);
    } else if (call->has_file) {
        SET(UPLOAD, 1L);
        SET(INFILESIZE_LARGE, (curl_off_t)call->file.size_bytes);
        SET(READFUNCTION, read_file);
        SET(READDATA, call);
        SET(SEEKFUNCTION, rewind_file);
        SET(SEEKDATA, call);
    } else if (request->once && call->body_len) {
        SET(POST, 1L);
        SET(POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
        SET(READFUNCTION, read_body);
        SET(READDATA, call);
        SET(SEEKFUNCTION, refuse_rewind);
    } else if (call->body_len || !may_be_bare) {
        SET(POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
        SET(POSTFIELDS, call->body);
    }
    SET(CUSTOMREQUEST, method);
}

static void set_limits(struct esc_http_call *call, const struct esc_http_request *request)
{
    uint64_t timeout_ms = request->timeout_ms;
    bool streams = request->on_data || request->file;
    if (!timeout_ms && !streams)
        timeout_ms = CALL_TIMEOUT_MS;
    SET(TIMEOUT_MS, (long)timeout_ms);
    SET(CONNECTTIMEOUT_MS, (long)call->client->connect_timeout_ms);
    SET(FRESH_CONNECT, request->once && !call->body_len ? 1L : 0L); /* nothing would hold it back */
    if (streams && request->idle_timeout_ms) {
        SET(LOW_SPEED_LIMIT, 1L);
        SET(LOW_SPEED_TIME, (long)((request->idle_timeout_ms + 999) / 1000));
    }
}

/* "" ignores the environment's. */
static const char *proxy_for(const struct esc_http_way *way, const struct esc_url *url)
{
    const char *proxy = esc_str_is(url->scheme, "https") ? way->https_proxy : way->http_proxy;
    return proxy && !esc_url_is_loopback(url) ? proxy : "";
}

static void set_way(struct esc_http_call *call, const struct esc_http_request *request,
                    const struct esc_url *url)
{
    static const struct esc_http_way straight = {0};
    const struct esc_http_way *way = request->way ? request->way : &straight;
    SET(URL, request->url);
    SET(PROTOCOLS_STR, "http,https");
    SET(PATH_AS_IS, 1L); /* what is signed is what is sent */
    SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(PROXY, proxy_for(way, url));
    SET(NOPROXY, way->no_proxy ? way->no_proxy : "");
    SET(NOSIGNAL, 1L);
    if (way->ca_bundle)
        SET(CAINFO, way->ca_bundle);
    SET(USERAGENT, call->client->user_agent);
    SET(HTTPHEADER, call->sent);
    SET(WRITEFUNCTION, on_body);
    SET(WRITEDATA, call);
    SET(HEADERFUNCTION, on_header);
    SET(HEADERDATA, call);
    SET(PRIVATE, call);
}
#undef SET

static void begin_or_end(void *context)
{
    struct esc_http_call *call = context;
    struct esc_http_client *client = call->client;
    call->turn = NULL;
    if (call->failure.status == ESC_OK && !call->cancelled) {
        call->added = true;
        client->inside++;
        ESC_ASSERT(curl_multi_add_handle(client->multi, call->easy) == CURLM_OK);
        client->inside--;
        return;
    }
    client->reporting++;
    report(call);
    client->reporting--;
    if (client->freed && client->reporting == 0)
        destroy(client);
}

struct esc_http_call *esc_http_send(struct esc_http_client *client,
                                    const struct esc_http_request *request, esc_http_done_fn *done,
                                    void *context)
{
    ESC_CLEANUP(esc_freep) char *shown = esc_url_shown(esc_str_of(request->url));
    struct esc_url url;
    struct esc_http_call *call = esc_alloc_zero(sizeof *call);
    call->client = client;
    call->done = done;
    call->context = context;
    call->on_data = request->on_data;
    call->shown = esc_sprintf("%s %s", request->method ? request->method : "GET", shown);
    call->body = esc_strndup(request->body.len ? request->body.ptr : "", request->body.len);
    call->body_len = request->body.len;
    call->has_file = request->file;
    if (request->file)
        call->file = *request->file;
    esc_list_init(&call->received, free_received);
    esc_buf_init(&call->answer, request->max_response ? request->max_response : ESC_MAX_RESPONSE);
    call->easy = take_easy(client);
    if (check(call, request, &url) == ESC_OK) {
        set_headers(call, request);
        set_method(call, request);
        set_limits(call, request);
        set_way(call, request, &url);
    }
    call->link = &client->calls;
    call->next = client->calls;
    if (call->next)
        call->next->link = &call->next;
    client->calls = call;
    call->turn = esc_timer_start(client->loop, 0, begin_or_end, call);
    return call;
}

void esc_http_cancel(struct esc_http_call *call)
{
    if (!call)
        return;
    call->cancelled = true;
    if (!call->turn)
        call->turn = esc_timer_start(call->client->loop, 0, begin_or_end, call);
}
