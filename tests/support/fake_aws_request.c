/* SPDX-License-Identifier: Apache-2.0 */

/* From bytes to an operation of the catalog and its parameters, in the five ways AWS has. */

#include <strings.h>

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "tests/support/fake_aws_private.h"

const struct esc_service *fake_service_of(const struct esc_operation *operation)
{
    for (size_t i = 0; !operation->wire && i < esc_operation_count(); i++) {
        const struct esc_operation *other = esc_operation_at(i);
        if (other->wire && strcmp(other->service, operation->service) == 0)
            return other->wire;
    }
    return operation->wire;
}

/* Forms: "Action=DescribeVolumes&VolumeId.1=vol-1&ResourceArns.member.1=arn" */

static char *decode(struct esc_str text)
{
    ESC_CLEANUP(esc_freep) char *spaced = esc_str_dup(text);
    for (char *c = spaced; *c; c++)
        if (*c == '+')
            *c = ' ';
    char *plain = esc_percent_decode(esc_str_of(spaced));
    return plain ? plain : esc_strdup("");
}

/* "Name.1.Value" goes to the list "Name"; "Name" alone is a value. */
static void put(struct esc_json *params, const char *key, const char *value)
{
    const char *dot = strchr(key, '.');
    if (!dot) {
        esc_json_set_text(params, key, value);
        return;
    }
    ESC_CLEANUP(esc_freep) char *name = esc_strndup(key, (size_t)(dot - key));
    if (!esc_json_member(params, name))
        esc_json_set(params, name, esc_json_array());
    esc_json_push_text(esc_json_get_mutable(params, name), value);
}

static void read_pairs(struct esc_str text, struct esc_json *params)
{
    struct esc_str rest = text, pair;
    while (text.len > 0 && esc_str_next(&rest, '&', &pair)) {
        struct esc_str value = pair, name = {0};
        if (!esc_str_next(&value, '=', &name))
            continue;
        ESC_CLEANUP(esc_freep) char *plain_name = decode(name);
        ESC_CLEANUP(esc_freep) char *plain_value = decode(value);
        put(params, plain_name, plain_value);
    }
}

/* REST: a method, a path with labels, and what must stand in the query. */

static bool has_query(struct esc_str query, struct esc_str wanted)
{
    struct esc_str rest = query, piece, name = {0};
    struct esc_str own = wanted, own_name = {0};
    (void)esc_str_next(&own, '=', &own_name); /* "list-type=2" or "location" */
    if (esc_str_is(own_name, "x-id"))
        return true; /* says what is said already; not every client sends it */
    while (query.len > 0 && esc_str_next(&rest, '&', &piece)) {
        struct esc_str value = piece;
        if (esc_str_next(&value, '=', &name) && esc_str_equal(name, own_name) &&
            (own.len == 0 || esc_str_equal(value, own)))
            return true;
    }
    return false;
}

/* How well the template fits, 0: not at all. Labels go into @p params when that is not NULL. */
static unsigned match_path(struct esc_str template, struct esc_str path, struct esc_json *params)
{
    struct esc_str rest = template, given = path, piece, part;
    unsigned score = 1;
    while (esc_str_next(&rest, '/', &piece)) {
        if (!given.ptr || !esc_str_next(&given, '/', &part))
            return piece.len == 0 ? score : 0; /* a slash at the end */
        const bool is_label = piece.len > 1 && piece.ptr[0] == '{';
        if (is_label && part.len == 0)
            return 0;
        if (is_label && params) {
            ESC_CLEANUP(esc_freep) char *name = esc_str_dup(esc_str_slice(piece, 1, piece.len - 1));
            ESC_CLEANUP(esc_freep) char *value = esc_percent_decode(part);
            esc_json_set_text(params, name, value);
        }
        if (!is_label && !esc_str_equal(piece, part))
            return 0;
        score += is_label ? 1 : 2;
    }
    return given.len == 0 ? score : 0;
}

static unsigned match_uri(const struct esc_operation *operation, const struct esc_http_head *head,
                          struct esc_json *params)
{
    struct esc_str rest = esc_str_of(operation->http_uri), template = {0}, wanted;
    if (!operation->http_uri || !esc_str_is(head->method, operation->http_method) ||
        !esc_str_next(&rest, '?', &template))
        return 0;
    unsigned score = match_path(template, head->path, params);
    while (score > 0 && rest.len > 0 && esc_str_next(&rest, '&', &wanted)) {
        if (!has_query(head->query, wanted))
            return 0;
        score += 100;
    }
    return score;
}

static const struct esc_operation *find_by_uri(const struct fake_request *request,
                                               const char *signing_name)
{
    const struct esc_http_head *head = fake_visit_head(request->visit);
    const struct esc_operation *best = NULL;
    unsigned best_score = 0;
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_operation *operation = esc_operation_at(i);
        if (!operation->wire || strcmp(operation->wire->signing_name, signing_name) != 0)
            continue;
        const unsigned score = match_uri(operation, head, NULL);
        if (score > best_score) {
            best_score = score;
            best = operation;
        }
    }
    return best;
}

/* Which operation */

static const struct esc_operation *find_by_name(const char *signing_name, const char *version,
                                                struct esc_str name)
{
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_operation *operation = esc_operation_at(i);
        if (!esc_str_is(name, operation->operation))
            continue;
        const struct esc_service *service = fake_service_of(operation);
        if (service && strcmp(service->signing_name, signing_name) == 0 &&
            (!version || strcmp(service->api_version, version) == 0))
            return operation;
    }
    return NULL;
}

/* "DynamoDB_20120810.ListTables", "com.amazonaws.cloudtrail.v20131101...LookupEvents" */
static struct esc_str after_last_dot(struct esc_str target)
{
    size_t at = target.len;
    while (at > 0 && target.ptr[at - 1] != '.')
        at--;
    return esc_str_slice(target, at, target.len);
}

static void read_body(struct fake_request *request)
{
    struct esc_json *body = NULL;
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    if (esc_json_parse(fake_visit_body(request->visit), NULL, &body, NULL) != ESC_OK)
        return;
    while (esc_json_next(body, &position, &key, &value))
        esc_json_set(request->params, key, esc_json_ref(value));
    esc_json_free(body);
}

bool fake_request_read(struct fake_request *request, const char *service)
{
    const struct esc_http_head *head = fake_visit_head(request->visit);
    const struct esc_str target = esc_http_head_field(head, "X-Amz-Target");
    const struct esc_str type = esc_http_head_field(head, "Content-Type");
    request->params = esc_json_object();
    read_pairs(head->query, request->params);
    if (target.ptr) {
        request->operation = find_by_name(service, NULL, after_last_dot(target));
        read_body(request);
    } else if (esc_str_contains(type, ESC_STR("x-www-form-urlencoded")) ||
               esc_json_member(request->params, "Action")) {
        read_pairs(fake_visit_body(request->visit), request->params);
        request->operation = find_by_name(service, esc_json_str(request->params, "Version", NULL),
                                          esc_str_of(esc_json_str(request->params, "Action", "")));
    } else {
        request->operation = find_by_uri(request, service);
        if (request->operation)
            (void)match_uri(request->operation, head, request->params);
        read_body(request);
    }
    if (request->operation)
        request->service = fake_service_of(request->operation);
    return request->operation;
}

/* Parameters */

static const struct esc_json *by_any_case(const struct esc_json *params, const char *name)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (name && esc_json_next(params, &position, &key, &value))
        if (strcasecmp(key, name) == 0)
            return value;
    return NULL;
}

const struct esc_json *fake_param(const struct fake_request *request, const char *member)
{
    const struct esc_shape *input = request->operation->input;
    const struct esc_json *value = by_any_case(request->params, member);
    for (size_t i = 0; !value && input && i < input->member_count; i++) {
        const struct esc_member *own = &input->members[i];
        if (strcasecmp(own->name, member) != 0)
            continue;
        value = by_any_case(request->params, own->wire);
        if (!value)
            value = by_any_case(request->params, own->query);
    }
    return value;
}

struct esc_str fake_param_text(const struct fake_request *request, const char *member)
{
    const struct esc_json *value = fake_param(request, member);
    return esc_json_value(esc_json_is(value, ESC_JSON_ARRAY) ? esc_json_at(value, 0) : value);
}

size_t fake_param_count(const struct fake_request *request, const char *member)
{
    const struct esc_json *value = fake_param(request, member);
    return esc_json_is(value, ESC_JSON_ARRAY) ? esc_json_len(value) : value ? 1 : 0;
}

struct esc_str fake_param_at(const struct fake_request *request, const char *member, size_t index)
{
    const struct esc_json *value = fake_param(request, member);
    return esc_json_value(esc_json_is(value, ESC_JSON_ARRAY) ? esc_json_at(value, index) : value);
}
