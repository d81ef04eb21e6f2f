/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/sigv4.h"

#include <string.h>

#include "escher/base/arena.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

/* One folder of the public test suite. */
struct example {
    char *folder;
    struct esc_arena arena;
    struct esc_credentials *credentials;
    struct esc_json *context;
    struct esc_sigv4_options options;
    struct esc_sigv4_request request;
    struct esc_http_header headers[16];
    char *text;
};

static char *read_text(const struct example *example, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(example->folder, name);
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_LINE);
    expect_ok(esc_file_read(path, &buf, &err));
    while (buf.len > 0 && (buf.ptr[buf.len - 1] == '\n' || buf.ptr[buf.len - 1] == '\r'))
        buf.ptr[--buf.len] = '\0';
    return esc_buf_take(&buf);
}

static void read_context(struct example *example)
{
    ESC_CLEANUP(esc_freep) char *text = read_text(example, "context.json");
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &example->context, &err));
    const struct esc_json *json = example->context;
    uint64_t now_ms = 0;
    assert_true(esc_time_parse(esc_str_of(esc_json_str(json, "timestamp", "")), &now_ms));
    example->credentials =
        esc_credentials_new(esc_json_str(json, "credentials.access_key_id", NULL),
                            esc_json_str(json, "credentials.secret_access_key", NULL),
                            esc_json_str(json, "credentials.token", NULL), 0);
    example->options = (struct esc_sigv4_options){
        .credentials = example->credentials,
        .region = esc_json_str(json, "region", NULL),
        .service = esc_json_str(json, "service", NULL),
        .now_ms = now_ms,
        .keep_dots = !esc_json_flag(json, "normalize", true),
        .sign_body = esc_json_flag(json, "sign_body", false),
        .token_after_signing = esc_json_flag(json, "omit_session_token", false),
        .expires_s = (uint64_t)esc_json_num(json, "expiration_in_seconds", 0),
    };
}

/* The request line, then headers of which some go on in a second line, then the body. */
static void read_request(struct example *example)
{
    example->text = read_text(example, "request.txt");
    struct esc_str rest = esc_str_of(example->text), line, target;
    struct esc_sigv4_request *request = &example->request;
    assert_true(esc_str_next(&rest, '\n', &line));
    assert_true(esc_str_next(&line, ' ', &request->method));
    target = esc_str_slice(line, 0, line.len - strlen(" HTTP/1.1"));
    assert_true(esc_str_next(&target, '?', &request->path));
    request->query = target;
    while (rest.len > 0 && esc_str_next(&rest, '\n', &line) && line.len > 0) {
        struct esc_http_header *header = &example->headers[request->header_count];
        if (line.ptr[0] == ' ') {
            header--;
            header->value = esc_arena_printf(&example->arena, "%s %.*s", header->value,
                                             ESC_STR_ARG(esc_str_trim(line)));
            continue;
        }
        struct esc_str name;
        assert_true(esc_str_next(&line, ':', &name));
        header->name = esc_arena_dup(&example->arena, name);
        header->value = esc_arena_dup(&example->arena, line);
        request->header_count++;
    }
    request->headers = example->headers;
    request->body = rest;
}

static void begin(struct example *example, const char *root, const char *name)
{
    *example = (struct example){.folder = esc_path_join(root, name)};
    esc_arena_init(&example->arena);
    read_context(example);
    read_request(example);
}

static void end(struct example *example)
{
    esc_credentials_free(example->credentials);
    esc_json_free(example->context);
    esc_arena_done(&example->arena);
    free(example->text);
    free(example->folder);
}

/* Calls `check` for every folder of the suite. */
static void for_each_example(void (*check)(struct example *))
{
    ESC_CLEANUP(esc_freep) char *root = test_data("sigv4");
    struct esc_list names;
    size_t count = 0;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(root, &names, &err));
    for (size_t i = 0; i < names.count; i++) {
        ESC_CLEANUP(esc_freep) char *folder = esc_path_join(root, names.items[i]);
        ESC_CLEANUP(esc_freep) char *context = esc_path_join(folder, "context.json");
        if (!esc_file_exists(context))
            continue;
        struct example example;
        begin(&example, root, names.items[i]);
        check(&example);
        end(&example);
        count++;
    }
    esc_list_done(&names);
    assert_int_equal(38, count);
}

static void expect_file(const struct example *example, const char *name, const char *actual)
{
    ESC_CLEANUP(esc_freep) char *expected = read_text(example, name);
    if (strcmp(expected, actual) != 0)
        fail_msg("%s/%s:\n%s\ninstead of\n%s", example->folder, name, actual, expected);
}

/* The request with the headers that signing adds. */
static struct esc_sigv4_request completed(struct example *example,
                                          const struct esc_sigv4_headers *made)
{
    struct esc_sigv4_request full = example->request;
    struct esc_http_header *headers = example->headers;
    headers[full.header_count++] = (struct esc_http_header){"X-Amz-Date", made->amz_date};
    if (made->security_token && !example->options.token_after_signing)
        headers[full.header_count++] =
            (struct esc_http_header){"X-Amz-Security-Token", made->security_token};
    if (*made->content_sha256)
        headers[full.header_count++] =
            (struct esc_http_header){"x-amz-content-sha256", made->content_sha256};
    return full;
}

static void check_header_signing(struct example *example)
{
    struct esc_sigv4_headers made;
    struct esc_buf canonical, to_sign;
    char hash[ESC_SHA256_TEXT], signature[ESC_SHA256_TEXT];
    expect_ok(esc_sigv4_sign(&example->options, &example->request, &made, &err));
    struct esc_sigv4_request full = completed(example, &made);
    esc_buf_init(&canonical, ESC_MAX_LINE);
    esc_buf_init(&to_sign, ESC_MAX_LINE);
    esc_sha256_hex(full.body, hash);
    expect_ok(
        esc_sigv4_canonical_request(&example->options, &full, esc_str_of(hash), &canonical, &err));
    expect_file(example, "header-canonical-request.txt", esc_buf_text(&canonical));
    esc_sigv4_string_to_sign(&example->options, esc_buf_str(&canonical), &to_sign);
    expect_file(example, "header-string-to-sign.txt", esc_buf_text(&to_sign));
    esc_sigv4_signature(&example->options, esc_buf_str(&to_sign), signature);
    expect_file(example, "header-signature.txt", signature);
    ESC_CLEANUP(esc_freep) char *signed_request = read_text(example, "header-signed-request.txt");
    expect_contains(made.authorization, signed_request);
    expect_contains(made.amz_date, signed_request);
    esc_buf_done(&canonical);
    esc_buf_done(&to_sign);
    esc_sigv4_headers_done(&made);
}

static void the_public_suite_is_signed_with_headers_step_by_step(void **)
{
    for_each_example(check_header_signing);
}

static void check_query_signing(struct example *example)
{
    struct esc_buf query;
    esc_buf_init(&query, ESC_MAX_LINE);
    expect_ok(esc_sigv4_presign(&example->options, &example->request, &query, &err));
    ESC_CLEANUP(esc_freep) char *signature = read_text(example, "query-signature.txt");
    ESC_CLEANUP(esc_freep) char *expected = esc_sprintf("&X-Amz-Signature=%s", signature);
    assert_true(esc_str_ends_with(esc_buf_str(&query), esc_str_of(expected)));
    ESC_CLEANUP(esc_freep) char *signed_request = read_text(example, "query-signed-request.txt");
    expect_contains(esc_buf_text(&query), signed_request);
    esc_buf_done(&query);
}

static void the_public_suite_is_signed_with_the_query(void **)
{
    for_each_example(check_query_signing);
}

static struct esc_credentials *documentation_keys(void)
{
    return esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                               NULL, 0);
}

static char *canonical_of(const struct esc_sigv4_options *options, const char *path,
                          const char *query)
{
    static const struct esc_http_header host = {"Host", "h"};
    const struct esc_sigv4_request request = {
        .method = ESC_STR("GET"),
        .path = esc_str_of(path),
        .query = esc_str_of(query),
        .headers = &host,
        .header_count = 1,
    };
    struct esc_buf canonical;
    esc_buf_init(&canonical, ESC_MAX_LINE);
    expect_ok(esc_sigv4_canonical_request(options, &request, ESC_STR("hash"), &canonical, &err));
    return esc_buf_take(&canonical);
}

static void expect_canonical(bool is_s3, const char *path, const char *query, const char *lines)
{
    const struct esc_sigv4_options options = {.is_s3 = is_s3};
    ESC_CLEANUP(esc_freep) char *actual = canonical_of(&options, path, query);
    ESC_CLEANUP(esc_freep) char *expected = esc_sprintf("GET\n%s\nhost:h\n\nhost\nhash", lines);
    assert_string_equal(expected, actual);
}

static void paths_are_encoded_once_for_s3_and_twice_elsewhere(void **)
{
    expect_canonical(false, "/2015-03-31/tags/arn%3Aaws%3Alambda%3Ax", "",
                     "/2015-03-31/tags/arn%253Aaws%253Alambda%253Ax\n");
    expect_canonical(false, "/tags/arn:aws:x", "", "/tags/arn%3Aaws%3Ax\n");
    expect_canonical(true, "/bucket/a%20b%2fc+d", "", "/bucket/a%20b%2Fc%2Bd\n");
    expect_canonical(true, "/bucket//a/../b/./", "", "/bucket//a/../b/./\n");
    expect_canonical(true, "/bucket/100%", "", "/bucket/100%25\n");
    expect_canonical(false, "", "", "/\n");
    expect_canonical(false, "/a/b/../../../c/", "", "/c/\n");
    expect_canonical(false, "/..", "", "/\n");
}

static void queries_are_sorted_and_a_bare_name_gets_an_equals_sign(void **)
{
    expect_canonical(true, "/b", "location", "/b\nlocation=");
    expect_canonical(true, "/b", "versioning&b=2&b=1&a=%7e&A=%2f",
                     "/b\nA=%2F&a=~&b=1&b=2&versioning=");
    expect_canonical(true, "/b", "&&a=b=c&", "/b\na=b%3Dc");
}

static void what_reads_two_ways_is_not_signed(void **)
{
    static const struct esc_http_header host = {"Host", "h"};
    static const char *const queries[] = {"a=b+c", "a=%", "a=%2", "a=%zz", "+"};
    ESC_CLEANUP(esc_credentials_freep) struct esc_credentials *keys = documentation_keys();
    const struct esc_sigv4_options options = {.credentials = keys, .region = "r", .service = "s"};
    struct esc_sigv4_request request = {
        .method = ESC_STR("GET"), .headers = &host, .header_count = 1};
    struct esc_sigv4_headers made;
    for (size_t i = 0; i < ESC_COUNT(queries); i++) {
        request.query = esc_str_of(queries[i]);
        expect_status(ESC_INVALID, esc_sigv4_sign(&options, &request, &made, &err));
    }
    request.query = (struct esc_str){0};
    request.header_count = 0;
    expect_status(ESC_INVALID, esc_sigv4_sign(&options, &request, &made, &err));
}

/** @source S3 API reference, "Signature calculations: transferring payload in a single chunk" */
static void the_examples_of_the_s3_documentation_come_out(void **)
{
    static const struct esc_http_header get[] = {{"Host", "examplebucket.s3.amazonaws.com"},
                                                 {"Range", "bytes=0-9"}};
    static const struct esc_http_header put[] = {{"Host", "examplebucket.s3.amazonaws.com"},
                                                 {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                                 {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    static const struct {
        const char *method, *path, *query, *body, *signature;
        const struct esc_http_header *headers;
        size_t header_count;
    } examples[] = {
        {"GET", "/test.txt", "", "",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", get, 2},
        {"PUT", "/test$file.text", "", "Welcome to Amazon S3.",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", put, 3},
        {"GET", "/", "lifecycle", "",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", get, 1},
        {"GET", "/", "max-keys=2&prefix=J", "",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", get, 1},
    };
    ESC_CLEANUP(esc_credentials_freep) struct esc_credentials *keys = documentation_keys();
    struct esc_sigv4_options options = {
        .credentials = keys, .region = "us-east-1", .service = "s3", .is_s3 = true};
    assert_true(esc_time_parse(ESC_STR("2013-05-24T00:00:00Z"), &options.now_ms));
    for (size_t i = 0; i < ESC_COUNT(examples); i++) {
        const struct esc_sigv4_request request = {
            .method = esc_str_of(examples[i].method),
            .path = esc_str_of(examples[i].path),
            .query = esc_str_of(examples[i].query),
            .body = esc_str_of(examples[i].body),
            .headers = examples[i].headers,
            .header_count = examples[i].header_count,
        };
        struct esc_sigv4_headers made;
        expect_ok(esc_sigv4_sign(&options, &request, &made, &err));
        expect_contains(examples[i].signature, made.authorization);
        esc_sigv4_headers_done(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_public_suite_is_signed_with_headers_step_by_step),
        cmocka_unit_test(the_public_suite_is_signed_with_the_query),
        cmocka_unit_test(paths_are_encoded_once_for_s3_and_twice_elsewhere),
        cmocka_unit_test(queries_are_sorted_and_a_bare_name_gets_an_equals_sign),
        cmocka_unit_test(what_reads_two_ways_is_not_signed),
        cmocka_unit_test(the_examples_of_the_s3_documentation_come_out),
    };
    return cmocka_run_group_tests_name("aws/sigv4", tests, NULL, NULL);
}
