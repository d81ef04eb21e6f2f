/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/page/asset.h"
#include "escher/page/security.h"
#include "tests/support/test.h"

static const struct esc_page_asset *find(const char *path)
{
    return esc_page_find(esc_str_of(path));
}

static void the_root_is_the_index(void **)
{
    const struct esc_page_asset *index = find("/index.html");
    assert_non_null(index);
    assert_ptr_equal(index, find("/"));
    assert_string_equal("text/html; charset=utf-8", index->mime);
    assert_true(index->len > 100);
    assert_non_null(memmem(index->bytes, index->len, "<title>Escher</title>", 21));
}

static void each_file_is_found_by_its_own_path(void **)
{
    size_t count = 0;
    for (const struct esc_page_asset *asset; (asset = esc_page_at(count)); count++) {
        assert_ptr_equal(asset, find(asset->path));
        assert_int_equal('"', asset->etag[0]);
        assert_true(strlen(asset->etag) > 10);
    }
    assert_true(count >= 3);
}

static void a_place_within_the_page_is_the_index(void **)
{
    static const char *const places[] = {"/runs", "/runs/3f2a", "/resource/my.db.js",
                                         "/..",   "",           "/../../etc/passwd",
                                         "/apis", "/assetsome"};
    for (size_t i = 0; i < ESC_COUNT(places); i++)
        assert_ptr_equal(find("/index.html"), find(places[i]));
}

static void an_unknown_name_below_api_or_assets_is_nothing(void **)
{
    static const char *const names[] = {"/api",    "/api/",           "/api/ping",
                                        "/assets", "/assets/none.js", "/assets/../index.html"};
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        assert_null(find(names[i]));
}

static void the_policy_trusts_nothing_but_the_own_origin(void **)
{
    assert_string_equal(esc_page_csp, esc_page_headers[0].value);
    assert_ptr_equal(esc_page_csp, strstr(esc_page_csp, "default-src 'none'; "));
    static const char *const never[] = {"unsafe", "http", "*", "blob", "wasm"};
    for (size_t i = 0; i < ESC_COUNT(never); i++)
        assert_null(strstr(esc_page_csp, never[i]));
    static const char *const always[] = {"frame-src 'none'", "frame-ancestors 'none'",
                                         "require-trusted-types-for 'script'", "base-uri 'none'"};
    for (size_t i = 0; i < ESC_COUNT(always); i++)
        assert_non_null(strstr(esc_page_csp, always[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_the_index),
        cmocka_unit_test(each_file_is_found_by_its_own_path),
        cmocka_unit_test(a_place_within_the_page_is_the_index),
        cmocka_unit_test(an_unknown_name_below_api_or_assets_is_nothing),
        cmocka_unit_test(the_policy_trusts_nothing_but_the_own_origin),
    };
    return cmocka_run_group_tests_name("page/asset", tests, NULL, NULL);
}
