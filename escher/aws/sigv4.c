/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/sigv4.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/num.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

struct pair {
    struct esc_str name, value;
};

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *left = a, *right = b;
    int order = esc_str_compare(left->name, right->name);
    return order ? order : esc_str_compare(left->value, right->value);
}

static int compare_names(const void *a, const void *b)
{
    return esc_str_compare(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static bool is_unreserved(char c)
{
    return esc_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_encoded(struct esc_buf *out, char c, bool keep_slash)
{
    if (is_unreserved(c) || (c == '/' && keep_slash))
        esc_buf_add_char(out, c);
    else
        esc_buf_printf(out, "%%%02X", (unsigned char)c);
}

/* The byte that "%XX" at @p at stands for. */
static bool read_escape(struct esc_str text, size_t at, char *byte)
{
    return text.ptr[at] == '%' && esc_hex_parse(esc_str_slice(text, at + 1, at + 3), byte, 1);
}

/* What is escaped stays so (in upper case), what should be becomes so. */
static void add_encoded_once(struct esc_buf *out, struct esc_str text, bool keep_slash)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte;
        if (read_escape(text, i, &byte)) {
            add_encoded(out, byte, false);
            i += 2;
        } else {
            add_encoded(out, text.ptr[i], keep_slash);
        }
    }
}

/* Appends the path without empty and "." segments and with ".." applied. */
static void add_normal_path(struct esc_buf *out, struct esc_str path)
{
    struct esc_str rest = path, segment;
    bool ends_open = path.len == 0; /* a last slash, or a last dot segment */
    while (rest.len > 0 && esc_str_next(&rest, '/', &segment)) {
        ends_open = segment.len == 0 || esc_str_is(segment, ".") || esc_str_is(segment, "..");
        if (esc_str_is(segment, "..")) {
            while (out->len > 0 && out->ptr[out->len - 1] != '/')
                out->len--;
            out->len -= out->len > 0;
        } else if (!ends_open) {
            esc_buf_add_char(out, '/');
            esc_buf_add(out, segment);
        }
    }
    if (ends_open || esc_str_ends_with(path, ESC_STR("/")))
        esc_buf_add_char(out, '/');
}

static void add_canonical_path(struct esc_buf *out, const struct esc_sigv4_options *options,
                               struct esc_str path)
{
    if (path.len == 0)
        path = ESC_STR("/");
    if (options->is_s3) {
        add_encoded_once(out, path, true);
        return;
    }
    struct esc_buf normal;
    esc_buf_init(&normal, path.len + 1);
    if (options->keep_dots)
        esc_buf_add(&normal, path);
    else
        add_normal_path(&normal, path);
    for (size_t i = 0; i < normal.len; i++)
        add_encoded(out, normal.ptr[i], true); /* '%' of the first encoding too: twice */
    esc_buf_done(&normal);
}

static struct esc_str encoded(struct esc_arena *arena, struct esc_str text)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 3 * text.len);
    add_encoded_once(&buf, text, false);
    char *kept = esc_arena_dup(arena, esc_buf_str(&buf));
    struct esc_str result = {kept, buf.len};
    esc_buf_done(&buf);
    return result;
}

/* '+' may mean itself or a space, '%' alone means nothing: such a query is not signed. */
static bool is_plain_query(struct esc_str query)
{
    for (size_t i = 0; i < query.len; i++) {
        char byte;
        if (query.ptr[i] == '+' || (query.ptr[i] == '%' && !read_escape(query, i, &byte)))
            return false;
    }
    return true;
}

static void add_canonical_query(struct esc_buf *out, struct esc_str query)
{
    struct esc_arena arena;
    struct esc_list pairs;
    struct esc_str rest = query, piece;
    esc_arena_init(&arena);
    esc_list_init(&pairs, NULL);
    while (rest.len > 0 && esc_str_next(&rest, '&', &piece)) {
        if (piece.len == 0)
            continue;
        size_t equals = esc_str_find(piece, ESC_STR("="), 0);
        struct pair *pair = esc_arena_alloc(&arena, sizeof *pair);
        pair->name = encoded(&arena, esc_str_slice(piece, 0, equals));
        if (equals != SIZE_MAX)
            pair->value = encoded(&arena, esc_str_slice(piece, equals + 1, piece.len));
        esc_list_push(&pairs, pair);
    }
    esc_list_sort(&pairs, compare_pairs);
    for (size_t i = 0; i < pairs.count; i++) {
        const struct pair *pair = pairs.items[i];
        esc_buf_printf(out, "%s%.*s=%.*s", i ? "&" : "", ESC_STR_ARG(pair->name),
                       ESC_STR_ARG(pair->value));
    }
    esc_list_done(&pairs);
    esc_arena_done(&arena);
}

/* The headers with lower-case names, in the order of their names and then of their coming. */
static void list_headers(const struct esc_sigv4_request *request, struct esc_arena *arena,
                         struct esc_list *pairs)
{
    for (size_t i = 0; i < request->header_count; i++) {
        struct pair *pair = esc_arena_alloc(arena, sizeof *pair);
        char *name = esc_arena_dup(arena, esc_str_of(request->headers[i].name));
        for (char *c = name; *c; c++)
            *c = esc_to_lower(*c);
        pair->name = esc_str_of(name);
        pair->value = esc_str_trim(esc_str_of(request->headers[i].value));
        esc_list_push(pairs, pair);
    }
    esc_list_sort(pairs, compare_names);
}

static bool continues(const struct esc_list *pairs, size_t index)
{
    return index > 0 && compare_names(pairs->items[index - 1], pairs->items[index]) == 0;
}

static void add_value(struct esc_buf *out, struct esc_str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!esc_is_space(value.ptr[i]))
            esc_buf_add_char(out, value.ptr[i]);
        else if (!esc_is_space(value.ptr[i - 1])) /* a value does not begin with a space */
            esc_buf_add_char(out, ' ');
}

static void add_headers(struct esc_buf *out, const struct esc_list *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = pairs->items[i];
        if (continues(pairs, i))
            esc_buf_add_char(out, ',');
        else
            esc_buf_printf(out, "%s%.*s:", i ? "\n" : "", ESC_STR_ARG(pair->name));
        add_value(out, pair->value);
    }
    esc_buf_add_char(out, '\n');
}

static void add_names(struct esc_buf *out, const struct esc_list *pairs, const char *separator)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (!continues(pairs, i)) {
            esc_buf_add_text(out, i ? separator : "");
            esc_buf_add(out, ((const struct pair *)pairs->items[i])->name);
        }
}

static void add_signed_names(struct esc_buf *out, const struct esc_sigv4_request *request,
                             const char *separator)
{
    struct esc_arena arena;
    struct esc_list pairs;
    esc_arena_init(&arena);
    esc_list_init(&pairs, NULL);
    list_headers(request, &arena, &pairs);
    add_names(out, &pairs, separator);
    esc_list_done(&pairs);
    esc_arena_done(&arena);
}

static bool has_header(const struct esc_sigv4_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (esc_str_equal_nocase(esc_str_of(request->headers[i].name), esc_str_of(name)))
            return true;
    return false;
}

enum esc_status esc_sigv4_canonical_request(const struct esc_sigv4_options *options,
                                            const struct esc_sigv4_request *request,
                                            struct esc_str payload_hash, struct esc_buf *out,
                                            struct esc_error *err)
{
    if (!has_header(request, "host"))
        return esc_fail(err, ESC_INVALID, "a request without a Host cannot be signed");
    if (!is_plain_query(request->query))
        return esc_fail(err, ESC_INVALID, "a query with a bare + or %% cannot be signed");
    struct esc_arena arena;
    struct esc_list pairs;
    esc_arena_init(&arena);
    esc_list_init(&pairs, NULL);
    list_headers(request, &arena, &pairs);
    esc_buf_add(out, request->method);
    esc_buf_add_char(out, '\n');
    add_canonical_path(out, options, request->path);
    esc_buf_add_char(out, '\n');
    add_canonical_query(out, request->query);
    esc_buf_add_char(out, '\n');
    add_headers(out, &pairs);
    esc_buf_add_char(out, '\n');
    add_names(out, &pairs, ";");
    esc_buf_add_char(out, '\n');
    esc_buf_add(out, payload_hash);
    esc_list_done(&pairs);
    esc_arena_done(&arena);
    return esc_buf_status(out, "the canonical request", err);
}

static void add_scope(struct esc_buf *out, const struct esc_sigv4_options *options)
{
    char date[ESC_TIME_TEXT];
    esc_time_format_basic(options->now_ms, date);
    esc_buf_printf(out, "%.8s/%s/%s/aws4_request", date, options->region, options->service);
}

void esc_sigv4_string_to_sign(const struct esc_sigv4_options *options,
                              struct esc_str canonical_request, struct esc_buf *out)
{
    char date[ESC_TIME_TEXT], hash[ESC_SHA256_TEXT];
    esc_time_format_basic(options->now_ms, date);
    esc_sha256_hex(canonical_request, hash);
    esc_buf_printf(out, ALGORITHM "\n%s\n", date);
    add_scope(out, options);
    esc_buf_printf(out, "\n%s", hash);
}

/** @source SigV4, "Calculate the signature": kDate, kRegion, kService, kSigning */
void esc_sigv4_signature(const struct esc_sigv4_options *options, struct esc_str string_to_sign,
                         char *out)
{
    char date[ESC_TIME_TEXT];
    uint8_t key[ESC_SHA256_SIZE];
    struct esc_str key_view = {(const char *)key, sizeof key};
    struct esc_buf first;
    esc_time_format_basic(options->now_ms, date);
    esc_buf_init_wiped(&first, ESC_MAX_LINE);
    esc_buf_add_text(&first, "AWS4");
    esc_buf_add(&first, esc_secret_view(options->credentials->secret_access_key));
    esc_hmac_sha256(esc_buf_str(&first), (struct esc_str){date, 8}, key);
    esc_hmac_sha256(key_view, esc_str_of(options->region), key);
    esc_hmac_sha256(key_view, esc_str_of(options->service), key);
    esc_hmac_sha256(key_view, ESC_STR("aws4_request"), key);
    esc_hmac_sha256(key_view, string_to_sign, key);
    esc_hex(key, sizeof key, out);
    esc_wipe(key, sizeof key);
    esc_buf_done(&first);
}

static enum esc_status sign(const struct esc_sigv4_options *options,
                            const struct esc_sigv4_request *request, struct esc_str payload_hash,
                            char *out, struct esc_error *err)
{
    struct esc_buf canonical, to_sign;
    esc_buf_init_wiped(&canonical, ESC_MAX_REQUEST); /* it holds the session token */
    esc_buf_init(&to_sign, ESC_MAX_LINE);
    enum esc_status status =
        esc_sigv4_canonical_request(options, request, payload_hash, &canonical, err);
    if (status == ESC_OK) {
        esc_sigv4_string_to_sign(options, esc_buf_str(&canonical), &to_sign);
        esc_sigv4_signature(options, esc_buf_str(&to_sign), out);
    }
    esc_buf_done(&canonical);
    esc_buf_done(&to_sign);
    return status;
}

static void add_authorization(struct esc_buf *out, const struct esc_sigv4_options *options,
                              const struct esc_sigv4_request *request, const char *signature)
{
    esc_buf_printf(out, ALGORITHM " Credential=%s/", options->credentials->access_key_id);
    add_scope(out, options);
    esc_buf_add_text(out, ", SignedHeaders=");
    add_signed_names(out, request, ";");
    esc_buf_printf(out, ", Signature=%s", signature);
}

void esc_sigv4_headers_done(struct esc_sigv4_headers *headers)
{
    if (headers->security_token)
        esc_wipe(headers->security_token, strlen(headers->security_token));
    free(headers->security_token);
    free(headers->authorization);
    *headers = (struct esc_sigv4_headers){0};
}

static void hash_body(const struct esc_sigv4_request *request, char out[ESC_SHA256_TEXT])
{
    if (request->body_sha256)
        memcpy(out, request->body_sha256, ESC_SHA256_TEXT);
    else
        esc_sha256_hex(request->body, out);
}

enum esc_status esc_sigv4_sign(const struct esc_sigv4_options *options,
                               const struct esc_sigv4_request *request,
                               struct esc_sigv4_headers *out, struct esc_error *err)
{
    struct esc_sigv4_headers made = {0};
    char payload_hash[ESC_SHA256_TEXT], signature[ESC_SHA256_TEXT];
    esc_time_format_basic(options->now_ms, made.amz_date);
    hash_body(request, payload_hash);
    ESC_CLEANUP(esc_freep)
    struct esc_http_header *headers = esc_alloc_array(request->header_count + 3, sizeof *headers);
    struct esc_sigv4_request full = *request;
    full.headers = headers;
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = request->headers[i];
    headers[full.header_count++] = (struct esc_http_header){"X-Amz-Date", made.amz_date};
    if (options->sign_body || options->is_s3) {
        memcpy(made.content_sha256, payload_hash, sizeof payload_hash);
        headers[full.header_count++] =
            (struct esc_http_header){"X-Amz-Content-Sha256", made.content_sha256};
    }
    if (options->credentials->session_token) {
        made.security_token = esc_str_dup(esc_secret_view(options->credentials->session_token));
        if (!options->token_after_signing)
            headers[full.header_count++] =
                (struct esc_http_header){"X-Amz-Security-Token", made.security_token};
    }
    enum esc_status status = sign(options, &full, esc_str_of(payload_hash), signature, err);
    if (status != ESC_OK) {
        esc_sigv4_headers_done(&made);
        return status;
    }
    struct esc_buf authorization;
    esc_buf_init(&authorization, ESC_MAX_LINE);
    add_authorization(&authorization, options, &full, signature);
    made.authorization = esc_buf_take(&authorization);
    *out = made;
    return ESC_OK;
}

static void add_token(struct esc_buf *query, const struct esc_sigv4_options *options)
{
    esc_buf_add_text(query, "&X-Amz-Security-Token=");
    struct esc_str token = esc_secret_view(options->credentials->session_token);
    for (size_t i = 0; i < token.len; i++)
        add_encoded(query, token.ptr[i], false);
}

/** @source SigV4, "Add the signature to the request": as query parameters */
enum esc_status esc_sigv4_presign(const struct esc_sigv4_options *options,
                                  const struct esc_sigv4_request *request, struct esc_buf *query,
                                  struct esc_error *err)
{
    char date[ESC_TIME_TEXT], payload_hash[ESC_SHA256_TEXT], signature[ESC_SHA256_TEXT];
    struct esc_sigv4_request full = *request;
    esc_time_format_basic(options->now_ms, date);
    hash_body(request, payload_hash);
    esc_buf_add(query, request->query);
    esc_buf_printf(
        query, "%sX-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=", request->query.len ? "&" : "");
    struct esc_buf credential;
    esc_buf_init(&credential, ESC_MAX_LINE);
    esc_buf_printf(&credential, "%s/", options->credentials->access_key_id);
    add_scope(&credential, options);
    for (size_t i = 0; i < credential.len; i++)
        add_encoded(query, credential.ptr[i], false);
    esc_buf_done(&credential);
    esc_buf_printf(query, "&X-Amz-Date=%s&X-Amz-SignedHeaders=", date);
    add_signed_names(query, request, "%3B");
    esc_buf_printf(query, "&X-Amz-Expires=%llu", (unsigned long long)options->expires_s);
    bool has_token = options->credentials->session_token != NULL;
    if (has_token && !options->token_after_signing)
        add_token(query, options);
    full.query = esc_buf_str(query);
    struct esc_str hash = options->is_s3 ? ESC_STR("UNSIGNED-PAYLOAD") : esc_str_of(payload_hash);
    enum esc_status status = sign(options, &full, hash, signature, err);
    if (status != ESC_OK)
        return status;
    if (has_token && options->token_after_signing)
        add_token(query, options);
    esc_buf_printf(query, "&X-Amz-Signature=%s", signature);
    return esc_buf_status(query, "the signed query", err);
}
