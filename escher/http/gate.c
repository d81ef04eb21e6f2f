/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/gate.h"

#include "escher/base/limits.h"
#include "escher/base/num.h"

struct question {
    const struct esc_gate_rules *rules;
    const struct esc_http_head *head;
    uint64_t body_len; /* of Content-Length; 0 without one */
};

struct verdict {
    int http_status; /* 0: nothing to object */
    enum esc_status status;
    const char *message;
};

#define FINE ((struct verdict){0})
#define REFUSE(http, status, message) ((struct verdict){(http), ESC_##status, (message)})

static bool is_one_of(struct esc_str text, const char *const *list)
{
    for (; list && *list; list++)
        if (esc_str_is(text, *list))
            return true;
    return false;
}

bool esc_gate_same_secret(struct esc_str given, struct esc_str expected)
{
    unsigned difference = given.len != expected.len;
    for (size_t i = 0; i < given.len && expected.len > 0; i++)
        difference |= (unsigned char)given.ptr[i] ^ (unsigned char)expected.ptr[i % expected.len];
    return difference == 0;
}

bool esc_gate_is_media_type(struct esc_str content_type, const char *media_type)
{
    struct esc_str rest = content_type, type = {0};
    if (rest.len == 0 || !esc_str_next(&rest, ';', &type))
        return false;
    return esc_str_equal_nocase(esc_str_trim(type), esc_str_of(media_type));
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

static struct verdict check_version(struct question *question)
{
    if (esc_str_is(question->head->version, "HTTP/1.1") ||
        esc_str_is(question->head->version, "HTTP/1.0"))
        return FINE;
    return REFUSE(505, INVALID, "only HTTP/1.1 and HTTP/1.0 are spoken here");
}

static struct verdict check_method(struct question *question)
{
    static const char *const known[] = {"GET",   "HEAD",   "POST",    "PUT",
                                        "PATCH", "DELETE", "OPTIONS", NULL};
    if (is_one_of(question->head->method, known))
        return FINE;
    return REFUSE(501, INVALID, "this method is not known here");
}

static struct verdict check_target(struct question *question)
{
    struct esc_str target = question->head->target;
    if (target.len > ESC_GATE_MAX_TARGET)
        return REFUSE(414, INVALID, "the request target is too long");
    if (target.len == 0 || target.ptr[0] != '/' || esc_str_starts_with(target, ESC_STR("//")))
        return REFUSE(400, INVALID, "the request target is no absolute path");
    for (size_t i = 0; i < target.len; i++)
        if ((unsigned char)target.ptr[i] <= 0x20 || (unsigned char)target.ptr[i] >= 0x7F ||
            target.ptr[i] == '#')
            return REFUSE(400, INVALID, "the request target holds a character it may not");
    return FINE;
}

static struct verdict check_fields(struct question *question)
{
    for (size_t i = 0; i < question->head->field_count; i++) {
        struct esc_str value = question->head->fields[i].value;
        for (size_t at = 0; at < value.len; at++)
            if (is_control(value.ptr[at]) && value.ptr[at] != '\t')
                return REFUSE(400, INVALID, "a header field holds a control character");
    }
    return FINE;
}

/* Fields of which a second one would be read differently by different readers. */
static struct verdict check_singles(struct question *question)
{
    static const char *const singles[] = {"Host",         "Content-Length",   "Transfer-Encoding",
                                          "Content-Type", "Content-Encoding", "Authorization",
                                          "Origin",       "Sec-Fetch-Site",   "Expect"};
    for (size_t i = 0; i < ESC_COUNT(singles); i++)
        if (esc_http_head_count(question->head, singles[i]) > 1)
            return REFUSE(400, INVALID, "a header field that may come once came twice");
    if (question->rules->required_header &&
        esc_http_head_count(question->head, question->rules->required_header) > 1)
        return REFUSE(400, INVALID, "a header field that may come once came twice");
    return FINE;
}

static struct verdict check_framing(struct question *question)
{
    struct esc_str length = esc_http_head_field(question->head, "Content-Length");
    struct esc_str coding = esc_http_head_field(question->head, "Transfer-Encoding");
    if (coding.ptr && length.ptr)
        return REFUSE(400, INVALID, "both Content-Length and Transfer-Encoding");
    if (coding.ptr)
        return REFUSE(411, INVALID, "a body needs a Content-Length");
    if (!length.ptr)
        return FINE;
    if (length.len == 0 || length.len > 18 || !esc_num_u64(length, &question->body_len))
        return REFUSE(400, INVALID, "the Content-Length is no length");
    size_t most = question->rules->max_body ? question->rules->max_body : ESC_MAX_REQUEST;
    if (question->body_len > most)
        return REFUSE(413, LIMIT, "the body is too large");
    return FINE;
}

/* "name", "name:port", "[::1]", "[::1]:port"; only characters a host name or address may have. */
static bool is_host(struct esc_str host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!esc_is_alnum(host.ptr[i]) &&
            !esc_str_contains(ESC_STR(".-_:[]"), (struct esc_str){host.ptr + i, 1}))
            return false;
    return host.len > 0 && host.len <= 255;
}

static struct esc_str without_port(struct esc_str host, uint16_t port)
{
    size_t colon = host.len;
    while (colon > 0 && esc_is_digit(host.ptr[colon - 1]))
        colon--;
    uint64_t given = 0;
    if (port == 0 || colon == 0 || host.ptr[colon - 1] != ':' ||
        !esc_num_u64(esc_str_slice(host, colon, host.len), &given) || given != port)
        return host;
    return esc_str_slice(host, 0, colon - 1);
}

static struct verdict check_host(struct question *question)
{
    struct esc_str host = esc_http_head_field(question->head, "Host");
    if (!is_host(host))
        return REFUSE(400, INVALID, "the Host is missing or malformed");
    if (!question->rules->hosts || is_one_of(host, question->rules->hosts) ||
        is_one_of(without_port(host, question->rules->port), question->rules->hosts))
        return FINE;
    return REFUSE(421, DENIED, "this is not the host that was meant");
}

/* The page that this server sent; the Host has been checked. */
static bool is_own_origin(const struct question *question, struct esc_str origin)
{
    const struct esc_str scheme = ESC_STR("http://");
    return question->rules->same_origin && esc_str_starts_with(origin, scheme) &&
           esc_str_equal(esc_str_slice(origin, scheme.len, origin.len),
                         esc_http_head_field(question->head, "Host"));
}

static struct verdict check_origin(struct question *question)
{
    struct esc_str origin = esc_http_head_field(question->head, "Origin");
    struct esc_str site = esc_http_head_field(question->head, "Sec-Fetch-Site");
    if (origin.ptr && !is_one_of(origin, question->rules->origins) &&
        !is_own_origin(question, origin))
        return REFUSE(403, DENIED, "requests from this origin are not served");
    if (site.ptr && !esc_str_is(site, "same-origin") && !esc_str_is(site, "none"))
        return REFUSE(403, DENIED, "requests from another site are not served");
    if (question->rules->required_header &&
        !esc_http_head_field(question->head, question->rules->required_header).ptr)
        return REFUSE(403, DENIED, "a required header field is missing");
    return FINE;
}

static struct verdict check_token(struct question *question)
{
    if (question->rules->token.len == 0 || is_one_of(question->head->path, question->rules->open))
        return FINE;
    struct esc_str given = esc_http_head_field(question->head, "Authorization");
    if (!esc_str_equal_nocase(esc_str_slice(given, 0, 7), ESC_STR("Bearer ")))
        return REFUSE(401, DENIED, "a bearer token is needed");
    if (!esc_gate_same_secret(esc_str_slice(given, 7, given.len), question->rules->token))
        return REFUSE(401, DENIED, "the bearer token is not the right one");
    return FINE;
}

static struct verdict check_body(struct question *question)
{
    static const char *const with_body[] = {"POST", "PUT", "PATCH", NULL};
    if (!is_one_of(question->head->method, with_body))
        return question->body_len ? REFUSE(400, INVALID, "this method takes no body") : FINE;
    if (!esc_http_head_field(question->head, "Content-Length").ptr)
        return REFUSE(411, INVALID, "a body needs a Content-Length");
    if (esc_http_head_field(question->head, "Content-Encoding").ptr)
        return REFUSE(415, INVALID, "encoded bodies are not read");
    if (question->body_len > 0 && question->rules->body_type &&
        !esc_gate_is_media_type(esc_http_head_field(question->head, "Content-Type"),
                                question->rules->body_type))
        return REFUSE(415, INVALID, "the body is not of the media type that is read here");
    return FINE;
}

enum esc_status esc_gate_check(const struct esc_gate_rules *rules, const struct esc_http_head *head,
                               int *http_status, struct esc_error *err)
{
    static struct verdict (*const checks[])(struct question *) = {
        check_version, check_method, check_target, check_fields, check_singles,
        check_framing, check_host,   check_origin, check_token,  check_body,
    };
    struct question question = {.rules = rules, .head = head};
    for (size_t i = 0; i < ESC_COUNT(checks); i++) {
        struct verdict verdict = checks[i](&question);
        if (verdict.http_status) {
            *http_status = verdict.http_status;
            return esc_fail(err, verdict.status, "%s", verdict.message);
        }
    }
    *http_status = 200;
    return ESC_OK;
}
