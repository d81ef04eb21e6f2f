/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_query.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

static void a_form_escapes_all_but_the_unreserved(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 1000);
    esc_query_begin(&buf, "AssumeRole", "2011-06-15");
    esc_query_add(&buf, "RoleArn", "arn:aws:iam::1:role/a b+c&d=~\xC3\xA4");
    esc_query_add(&buf, "Policy", NULL);
    esc_query_add(&buf, "ExternalId", "");
    esc_query_add_number(&buf, "DurationSeconds", 900);
    assert_string_equal("Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"
                        "role%2Fa%20b%2Bc%26d%3D~%C3%A4&DurationSeconds=900",
                        esc_buf_text(&buf));
    esc_buf_done(&buf);
}

static void an_answer_becomes_a_tree(void **)
{
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *root = NULL;
    expect_ok(
        esc_xml_parse(ESC_STR("<?xml version=\"1.0\"?>\n<a:Response xmlns:a=\"urn:x\" b='c'>\n"
                              "  <Result><Name>x &amp; <![CDATA[<y>]]></Name><Empty/></Result>\n"
                              "  <Item>1</Item><!-- no --><Item>2</Item>\n</a:Response>"),
                      &root, &err));
    assert_string_equal("Response", esc_xml_name(root));
    assert_string_equal("x & <y>", esc_xml_str(root, "Result.Name", "?"));
    assert_string_equal("", esc_xml_str(root, "Result.Empty", "?"));
    assert_string_equal("?", esc_xml_str(root, "Result.Absent.Deeper", "?"));
    assert_string_equal("", esc_xml_text(root));
    const struct esc_xml *item = esc_xml_child(root, "Item");
    assert_string_equal("1", esc_xml_text(item));
    assert_string_equal("2", esc_xml_text(esc_xml_next(item)));
    assert_null(esc_xml_next(esc_xml_next(item)));
    assert_null(esc_xml_first(item));
    assert_string_equal("", esc_xml_text(NULL));
}

static void what_is_no_xml_is_corrupt(void **)
{
    static const char *const cases[] = {
        "",
        "no",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&unknown;</a>",
        "<a b=c/>",
        "{\"json\": true}",
        "<!DOCTYPE html><html><body>oops</body></html>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_xml *root = NULL;
        expect_status(ESC_CORRUPT, esc_xml_parse(esc_str_of(cases[i]), &root, &err));
        assert_null(root);
    }
}

/* `depth` elements around `count` empty ones. */
static enum esc_status parse_nested(int depth, int count)
{
    struct esc_buf buf;
    struct esc_xml *root = NULL;
    esc_buf_init(&buf, ESC_MAX_RESPONSE);
    for (int i = 0; i < depth; i++)
        esc_buf_add_text(&buf, "<a>");
    for (int i = 0; i < count; i++)
        esc_buf_add_text(&buf, "<b/>");
    for (int i = 0; i < depth; i++)
        esc_buf_add_text(&buf, "</a>");
    enum esc_status status = esc_xml_parse(esc_buf_str(&buf), &root, &err);
    esc_xml_free(root);
    esc_buf_done(&buf);
    return status;
}

static void trees_have_ceilings(void **)
{
    expect_ok(parse_nested(ESC_XML_MAX_DEPTH, 0));
    expect_status(ESC_LIMIT, parse_nested(ESC_XML_MAX_DEPTH, 1));
    expect_status(ESC_LIMIT, parse_nested(100 * 1000, 0));
    expect_ok(parse_nested(1, ESC_XML_MAX_ELEMENTS - 1));
    expect_status(ESC_LIMIT, parse_nested(1, ESC_XML_MAX_ELEMENTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_escapes_all_but_the_unreserved),
        cmocka_unit_test(an_answer_becomes_a_tree),
        cmocka_unit_test(what_is_no_xml_is_corrupt),
        cmocka_unit_test(trees_have_ceilings),
    };
    return cmocka_run_group_tests_name("aws/wire", tests, NULL, NULL);
}
