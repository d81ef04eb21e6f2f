/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/xml_plain_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

/*
 * The quick reader and expat, side by side: whatever the first takes for plain, the second reads,
 * and tells the same of.
 */

static const struct esc_xml_limits limits = {8, 40};

/* What was told, text pieces joined, as one line. */
struct told {
    struct esc_buf line;
    bool in_text;
    size_t count, stop_at; /* events; the one that is refused, from 1; 0: none */
};

static const char *count_one(struct told *told)
{
    return ++told->count == told->stop_at ? "enough" : NULL;
}

static const char *on_start(void *context, struct esc_str name, const char *const *attributes)
{
    struct told *told = context;
    esc_buf_printf(&told->line, "<%.*s", ESC_STR_ARG(name));
    for (size_t i = 0; attributes[i]; i += 2)
        esc_buf_printf(&told->line, " %s=%s", attributes[i], attributes[i + 1]);
    told->in_text = false;
    return count_one(told);
}

static const char *on_text(void *context, struct esc_str bytes)
{
    struct told *told = context;
    if (!told->in_text)
        esc_buf_add_char(&told->line, '|');
    told->in_text = true;
    esc_buf_add(&told->line, bytes);
    return NULL; /* in how many pieces it comes is nobody's affair */
}

static const char *on_end(void *context)
{
    struct told *told = context;
    esc_buf_add_char(&told->line, '>');
    told->in_text = false;
    return count_one(told);
}

static void on_restart(void *context)
{
    struct told *told = context;
    esc_buf_reset(&told->line);
    told->in_text = false;
    told->count = 0;
}

static const struct esc_xml_events events = {on_start, on_text, on_end, on_restart};

/* Whether the quick reader takes it; what it tells is nobody's affair. */
static bool is_plain(struct esc_str document)
{
    struct told told = {0};
    const char *message;
    unsigned long line;
    esc_buf_init(&told.line, ESC_MAX_LINE);
    const enum xml_plain found = xml_plain_tell(document, &limits, &events, &told, &message, &line);
    esc_buf_done(&told.line);
    return found == XML_PLAIN_TOLD;
}

/* Both ways, and whether it is plain. What is not was told in part before, and all of it again. */
static bool compare(struct esc_str given, size_t stop_at)
{
    ESC_CLEANUP(esc_freep) char *bytes = esc_alloc(given.len); /* without a NUL behind them */
    memcpy(bytes, given.ptr, given.len);
    const struct esc_str document = {bytes, given.len};
    struct told quick = {.stop_at = stop_at}, whole = {.stop_at = stop_at};
    struct esc_error quick_err = {0}, whole_err = {0};
    esc_buf_init(&quick.line, ESC_MAX_LINE);
    esc_buf_init(&whole.line, ESC_MAX_LINE);
    const enum esc_status status = esc_xml_read(document, &limits, &events, &quick, &quick_err);
    const enum esc_status expected = xml_read_any(document, &limits, &events, &whole, &whole_err);
    if (status != expected || !esc_str_equal(esc_buf_str(&quick.line), esc_buf_str(&whole.line)) ||
        strcmp(quick_err.message, whole_err.message) != 0)
        fail_msg("%.*s:\n%d %s %s\n%d %s %s", ESC_STR_ARG(document), (int)status,
                 esc_buf_text(&quick.line), quick_err.message, (int)expected,
                 esc_buf_text(&whole.line), whole_err.message);
    esc_buf_done(&quick.line);
    esc_buf_done(&whole.line);
    return is_plain(document);
}

static const char *const plain[] = {
    "<a/>",
    "<a></a>",
    "<a\n b=\"c\"><b\n/></a\n>",
    "<a b=\"c\" d=\"\"  e=\"x'y>z\" />",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>\n  <b>c</b>\n</a>\n",
    "<?xml version=\"1.0\"?><a>t</a >",
    "<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x42;&#x1F600;&#13;&#xA;</a>",
    "<a>x]y] z [0]</a>",
    "<a>gr\303\274n \360\237\230\200 \177</a>",
    "<s3:a xmlns:s3=\"u\"><s3:b>1</s3:b><:c/><d:/></s3:a>",
    "<a>one<b/>two<b>three</b>four</a>",
    "<a><b><c><d><e><f><g><h>8</h></g></f></e></d></c></b></a>",
};

static void what_services_write_is_plain(void **)
{
    for (size_t i = 0; i < ESC_COUNT(plain); i++) {
        if (!compare(esc_str_of(plain[i]), 0))
            fail_msg("%s: not taken for plain", plain[i]);
        for (size_t stop_at = 1; stop_at < 18; stop_at++)
            assert_true(compare(esc_str_of(plain[i]), stop_at));
    }
}

static const char *const others[] = {
    "",
    " ",
    "a",
    "<",
    "<a",
    "<a>",
    "<a><b></a></b>",
    "<a></a><b/>",
    "<a/>x",
    "x<a/>",
    "<a><!-- c --></a>",
    "<a><![CDATA[x]]></a>",
    "<a><?p q?></a>",
    "<!DOCTYPE a><a/>",
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>",
    " <?xml version=\"1.0\"?><a/>",
    "<a>]]></a>",
    "<a>\r\n</a>",
    "<a>\001</a>",
    "<a>\377</a>",
    "<a>\355\240\200</a>",
    "<a>\357\277\276</a>",
    "<a>\300\200</a>",
    "<a>&b;</a>",
    "<a>&#0;</a>",
    "<a>&#xFFFE;</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<a>&#;</a>",
    "<a>&#x;</a>",
    "<a>&lt</a>",
    "<a>&#99999999999;</a>",
    "<a b=\"&lt;\"/>",
    "<a b=\"<\"/>",
    "<a b=\"1\" b=\"2\"/>",
    "<a b=\"1\"c=\"2\"/>",
    "<a b='1'/>",
    "<a b/>",
    "<a b=1/>",
    "<a / >",
    "<a/ >",
    "<1/>",
    "<-a/>",
    "< a/>",
    "</a>",
    "<a>< /a>",
    "<a></a",
    "<a></a b>",
    "\357\273\277<a/>",
    "<a><b><c><d><e><f><g><h><i/></h></g></f></e></d></c></b></a>",
    "<a b=\"1\" c=\"2\" d=\"3\" e=\"4\" f=\"5\"/>",
};

static void everything_else_is_left_to_expat(void **)
{
    for (size_t i = 0; i < ESC_COUNT(others); i++)
        if (compare(esc_str_of(others[i]), 0))
            fail_msg("%s: taken for plain", others[i]);
    assert_false(compare(ESC_STR("<a>\0</a>"), 0));
    struct esc_buf many, long_name;
    esc_buf_init(&many, ESC_MAX_LINE);
    esc_buf_init(&long_name, ESC_MAX_LINE);
    esc_buf_add_text(&many, "<a>");
    for (size_t i = 0; i < limits.max_elements; i++)
        esc_buf_add_text(&many, "<b/>");
    esc_buf_add_text(&many, "</a>");
    assert_false(compare(esc_buf_str(&many), 0));
    esc_buf_printf(&long_name, "<a%01100d/>", 0);
    assert_false(compare(esc_buf_str(&long_name), 0));
    esc_buf_done(&many);
    esc_buf_done(&long_name);
}

/* A small generator of numbers, the same in each run. */
static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33) % below;
}

/* One of the documents with some of its bytes replaced, taken away, said twice or taken from
 * another. */
static void change(struct esc_buf *out, uint64_t *state)
{
    static const char bytes[] = "<>/&;#x=\"' \n\t\r]!?-:ab1[\303\274\377\001";
    const char *from = plain[draw(state, ESC_COUNT(plain))];
    const char *other = plain[draw(state, ESC_COUNT(plain))];
    const size_t len = strlen(from);
    for (size_t i = 0; i < len; i++) {
        const uint32_t what = draw(state, 60);
        if (what == 0)
            esc_buf_add_char(out, bytes[draw(state, sizeof bytes)]);
        else if (what == 1)
            esc_buf_append(out, (const char[]){from[i], from[i]}, 2);
        else if (what == 2)
            esc_buf_add_char(out, other[draw(state, (uint32_t)strlen(other))]);
        else if (what != 3)
            esc_buf_add_char(out, from[i]);
    }
}

static void what_is_taken_for_plain_expat_reads_the_same(void **)
{
    enum {
        ROUNDS = 60'000
    };
    uint64_t state = 7;
    size_t taken = 0;
    struct esc_buf document;
    esc_buf_init(&document, ESC_MAX_LINE);
    for (size_t i = 0; i < ROUNDS; i++) {
        esc_buf_reset(&document);
        change(&document, &state);
        taken += compare(esc_buf_str(&document), draw(&state, 12));
    }
    assert_in_range(taken, ROUNDS / 10, ROUNDS * 9 / 10); /* else it shows little */
    esc_buf_done(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_services_write_is_plain),
        cmocka_unit_test(everything_else_is_left_to_expat),
        cmocka_unit_test(what_is_taken_for_plain_expat_reads_the_same),
    };
    return cmocka_run_group_tests_name("aws/xml_plain", tests, NULL, NULL);
}
