/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Checks Signature Version 4 of a request as it was received, from its bytes alone. It shares no
 * line with escher/aws/sigv4.c, so that a mistake would have to be made twice.
 *
 * @source AWS, "Create a signed AWS API request" (the sender's side), read backwards
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "tests/support/fake_aws_private.h"

enum {
    MOST_SKEW_MS = 5 * 60 * 1000
};

/* The parts of "AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/SERVICE/aws4_request,
 * SignedHeaders=a;b, Signature=HEX". */
struct authorization {
    struct esc_str key_id, date, region, service, headers, signature;
};

static struct esc_str part_of(struct esc_str text, struct esc_str name)
{
    const size_t at = esc_str_find(text, name, 0);
    if (at == SIZE_MAX)
        return (struct esc_str){0};
    struct esc_str rest = esc_str_slice(text, at + name.len, text.len), piece = {0};
    return esc_str_next(&rest, ',', &piece) ? esc_str_trim(piece) : piece;
}

static bool read_authorization(struct esc_str text, struct authorization *out)
{
    struct esc_str scope = part_of(text, ESC_STR("Credential="));
    struct esc_str *const parts[] = {&out->key_id, &out->date, &out->region, &out->service};
    out->headers = part_of(text, ESC_STR("SignedHeaders="));
    out->signature = part_of(text, ESC_STR("Signature="));
    for (size_t i = 0; i < ESC_COUNT(parts); i++)
        if (!scope.ptr || !esc_str_next(&scope, '/', parts[i]))
            return false;
    return esc_str_is(scope, "aws4_request") && out->signature.len == ESC_HEX_SHA256;
}

static void add_encoded(struct esc_buf *out, struct esc_str text, bool keep_slash)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (esc_is_alnum(c) || strchr("-._~", c) || (keep_slash && c == '/'))
            esc_buf_add_char(out, c);
        else
            esc_buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Each "name=value" decoded and encoded again, then sorted. */
static void add_query(struct esc_buf *out, struct esc_str query)
{
    struct esc_list pairs;
    struct esc_str rest = query, pair;
    esc_list_init(&pairs, free);
    while (query.len > 0 && esc_str_next(&rest, '&', &pair)) {
        struct esc_str value = pair, name = {0};
        if (!esc_str_next(&value, '=', &name))
            continue;
        ESC_CLEANUP(esc_freep) char *plain_name = esc_percent_decode(name);
        ESC_CLEANUP(esc_freep) char *plain_value = esc_percent_decode(value);
        struct esc_buf line;
        esc_buf_init(&line, ESC_MAX_LINE);
        add_encoded(&line, esc_str_of(plain_name), false);
        esc_buf_add_char(&line, '=');
        add_encoded(&line, esc_str_of(plain_value), false);
        esc_list_push(&pairs, esc_buf_take(&line));
    }
    esc_list_sort(&pairs, by_bytes);
    for (size_t i = 0; i < pairs.count; i++)
        esc_buf_printf(out, "%s%s", i ? "&" : "", (const char *)pairs.items[i]);
    esc_list_done(&pairs);
}

/* The value with runs of spaces made one. */
static void add_header_value(struct esc_buf *out, struct esc_str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != ' ' || (i > 0 && value.ptr[i - 1] != ' '))
            esc_buf_add_char(out, value.ptr[i]);
}

static void add_headers(struct esc_buf *out, const struct esc_http_head *head,
                        struct esc_str signed_names)
{
    struct esc_str rest = signed_names, name;
    while (esc_str_next(&rest, ';', &name)) {
        ESC_CLEANUP(esc_freep) char *text = esc_str_dup(name);
        esc_buf_printf(out, "%s:", text);
        add_header_value(out, esc_http_head_field(head, text));
        esc_buf_add_char(out, '\n');
    }
}

static void add_canonical_request(struct esc_buf *out, const struct fake_visit *visit,
                                  const struct authorization *given, const char *body_hash)
{
    const struct esc_http_head *head = fake_visit_head(visit);
    esc_buf_printf(out, "%.*s\n", ESC_STR_ARG(head->method));
    if (esc_str_is(given->service, "s3"))
        esc_buf_add(out, head->path); /* once encoded: as it came */
    else
        add_encoded(out, head->path, true);
    esc_buf_add_char(out, '\n');
    add_query(out, head->query);
    esc_buf_add_char(out, '\n');
    add_headers(out, head, given->headers);
    esc_buf_printf(out, "\n%.*s\n%s", ESC_STR_ARG(given->headers), body_hash);
}

static struct esc_str bytes_of(const uint8_t mac[ESC_SHA256_SIZE])
{
    return (struct esc_str){(const char *)mac, ESC_SHA256_SIZE};
}

static void sign(const struct authorization *given, const char *secret, struct esc_str date_time,
                 struct esc_str canonical, char out[ESC_SHA256_TEXT])
{
    uint8_t key[ESC_SHA256_SIZE];
    char hash[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_freep) char *first = esc_sprintf("AWS4%s", secret);
    esc_hmac_sha256(esc_str_of(first), given->date, key);
    esc_hmac_sha256(bytes_of(key), given->region, key);
    esc_hmac_sha256(bytes_of(key), given->service, key);
    esc_hmac_sha256(bytes_of(key), ESC_STR("aws4_request"), key);
    esc_sha256_hex(canonical, hash);
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("AWS4-HMAC-SHA256\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n%s",
                             ESC_STR_ARG(date_time), ESC_STR_ARG(given->date),
                             ESC_STR_ARG(given->region), ESC_STR_ARG(given->service), hash);
    esc_hmac_sha256(bytes_of(key), esc_str_of(text), key);
    esc_hex(key, sizeof key, out);
}

static bool refuse(struct fake_refusal *refusal, const char *code, const char *message)
{
    return fake_refuse(refusal, 403, code, message);
}

/* Body and headers that a signature must cover to be worth anything. */
static bool covers(const struct esc_http_head *head, struct esc_str names, const char *name)
{
    struct esc_str rest = names, piece;
    if (esc_http_head_count(head, name) == 0)
        return true;
    while (esc_str_next(&rest, ';', &piece))
        if (esc_str_equal_nocase(piece, esc_str_of(name)))
            return true;
    return false;
}

static bool hash_of_body(const struct fake_visit *visit, char out[ESC_SHA256_TEXT])
{
    const struct esc_str said = esc_http_head_field(fake_visit_head(visit), "X-Amz-Content-Sha256");
    esc_sha256_hex(fake_visit_body(visit), out);
    if (esc_str_is(said, "UNSIGNED-PAYLOAD"))
        (void)snprintf(out, ESC_SHA256_TEXT, "UNSIGNED-PAYLOAD");
    return !said.ptr || esc_str_is(said, out);
}

/* "20261121T080000Z" as RFC 3339. */
static bool is_in_time(struct esc_str text, uint64_t now_ms)
{
    char early[ESC_TIME_TEXT], late[ESC_TIME_TEXT];
    esc_time_format_basic(now_ms - MOST_SKEW_MS, early);
    esc_time_format_basic(now_ms + MOST_SKEW_MS, late);
    return esc_str_compare(text, esc_str_of(early)) >= 0 &&
           esc_str_compare(text, esc_str_of(late)) <= 0;
}

static void copy(char *out, size_t size, struct esc_str text)
{
    (void)snprintf(out, size, "%.*s", ESC_STR_ARG(text));
}

/* "AKIAFAKE" and the twelve digits of the account; of a session "ASIAFAKE". */
static bool read_key(struct esc_str key_id, struct fake_request *request)
{
    const bool is_ours = key_id.len == 20 && (esc_str_starts_with(key_id, ESC_STR("AKIAFAKE")) ||
                                              esc_str_starts_with(key_id, ESC_STR("ASIAFAKE")));
    copy(request->key_id, sizeof request->key_id, key_id);
    copy(request->account, sizeof request->account, esc_str_slice(key_id, 8, 20));
    return is_ours;
}

/* The token of a session is "fake-ACCOUNT-SERIAL-END_MS". */
static bool check_token(struct esc_str token, const struct fake_request *request, uint64_t now_ms,
                        struct fake_refusal *refusal)
{
    struct esc_str rest = token, piece = {0};
    uint64_t end_ms = 0;
    if (request->key_id[1] == 'K')
        return true;
    for (size_t i = 0; i < 4; i++)
        if (!rest.ptr || !esc_str_next(&rest, '-', &piece))
            return refuse(refusal, "InvalidClientTokenId",
                          "The security token included in the request is invalid.");
    if (!esc_num_u64(piece, &end_ms) || end_ms < now_ms)
        return refuse(refusal, "ExpiredToken",
                      "The security token included in the request is expired");
    return true;
}

bool fake_sign_check(const struct fake_visit *visit, uint64_t now_ms, struct fake_request *request,
                     char service[FAKE_NAME_SIZE], struct fake_refusal *refusal)
{
    const struct esc_http_head *head = fake_visit_head(visit);
    const struct esc_str date_time = esc_http_head_field(head, "X-Amz-Date");
    struct authorization given = {0};
    char body_hash[ESC_SHA256_TEXT], signature[ESC_SHA256_TEXT];
    if (!read_authorization(esc_http_head_field(head, "Authorization"), &given))
        return refuse(refusal, "MissingAuthenticationToken",
                      "Request is missing Authentication Token");
    copy(request->region, sizeof request->region, given.region);
    copy(service, FAKE_NAME_SIZE, given.service);
    if (!read_key(given.key_id, request))
        return refuse(refusal, "InvalidClientTokenId",
                      "The security token included in the request is invalid.");
    if (!is_in_time(date_time, now_ms))
        return refuse(refusal,
                      esc_str_is(given.service, "s3") ? "RequestTimeTooSkewed"
                                                      : "SignatureDoesNotMatch",
                      "Signature expired: the clocks differ by more than five minutes");
    if (!covers(head, given.headers, "host") || !covers(head, given.headers, "x-amz-date") ||
        !covers(head, given.headers, "x-amz-target") ||
        !covers(head, given.headers, "x-amz-security-token") ||
        !esc_str_starts_with(date_time, given.date) || !hash_of_body(visit, body_hash))
        return refuse(refusal, "SignatureDoesNotMatch", "The signature leaves something out.");
    struct esc_buf canonical;
    esc_buf_init(&canonical, ESC_MAX_FILE);
    add_canonical_request(&canonical, visit, &given, body_hash);
    ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(request->key_id);
    sign(&given, secret, date_time, esc_buf_str(&canonical), signature);
    esc_buf_done(&canonical);
    if (!esc_str_is(given.signature, signature))
        return refuse(refusal, "SignatureDoesNotMatch",
                      "The request signature we calculated does not match the signature you "
                      "provided.");
    return check_token(esc_http_head_field(head, "X-Amz-Security-Token"), request, now_ms, refusal);
}
