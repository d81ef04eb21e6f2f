/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/event.h"

#include <string.h>

#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

/* "account region scanner scanner …", or "" when it names no place. */
static char *place_of(const char *message)
{
    struct esc_event_place place;
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    if (esc_event_read(esc_str_of(message), &place) == ESC_EVENT_PLACE) {
        esc_buf_printf(&out, "%s %s", place.account_id, place.region);
        for (size_t i = 0; i < place.scanner_count; i++)
            esc_buf_printf(&out, " %s", place.scanners[i]);
    }
    char *text = esc_strdup(esc_buf_text(&out));
    esc_buf_done(&out);
    return text;
}

static void an_event_names_the_place_to_look_at(void **)
{
    static const struct {
        const char *message, *place;
    } cases[] = {
        {"{\"source\":\"aws.rds\",\"account\":\"123456789012\",\"region\":\"us-west-2\","
         "\"detail-type\":\"RDS DB Instance Event\",\"detail\":{}}",
         "123456789012 us-west-2 rds"},
        {"{\"source\":\"aws.ec2\",\"account\":\"123456789012\",\"region\":\"eu-west-1\","
         "\"detail-type\":\"EC2 Instance State-change Notification\","
         "\"detail\":{\"instance-id\":\"i-1\",\"state\":\"stopped\"}}",
         "123456789012 eu-west-1 ec2"},
        {"{\"source\":\"aws.rds\",\"account\":\"123456789012\",\"region\":\"us-west-2\","
         "\"detail-type\":\"AWS API Call via CloudTrail\","
         "\"detail\":{\"eventSource\":\"rds.amazonaws.com\",\"eventName\":\"StopDBInstance\"}}",
         "123456789012 us-west-2 rds"},
        {"{\"source\":\"aws.tag\",\"account\":\"123456789012\",\"region\":\"us-west-2\","
         "\"detail-type\":\"Tag Change on Resource\",\"detail\":{\"service\":\"rds\"}}",
         "123456789012 us-west-2 rds"},
        {"{\"source\":\"aws.s3\",\"account\":\"123456789012\",\"region\":\"us-west-2\","
         "\"detail-type\":\"Object Created\"}",
         ""}, /* a bucket may send thousands, and none changes the bucket */
        {"{\"source\":\"aws.s3\",\"account\":\"123456789012\",\"region\":\"us-west-2\","
         "\"detail-type\":\"AWS API Call via CloudTrail\","
         "\"detail\":{\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"PutBucketPolicy\"}}",
         "123456789012 us-west-2 s3"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *place = place_of(cases[i].message);
        assert_string_equal(cases[i].place, place);
    }
}

static void one_service_may_have_several_scanners(void **)
{
    ESC_CLEANUP(esc_freep)
    char *place = place_of("{\"source\":\"aws.ec2\",\"account\":\"123456789012\","
                           "\"region\":\"us-west-2\",\"detail-type\":\"something new\"}");
    expect_contains(" ec2", place);
    expect_contains(" ebs", place);
    expect_contains(" vpc", place);
    assert_null(strstr(place, "protection"));
}

static void termination_protection_is_asked_after_what_can_change_it(void **)
{
    static const struct {
        const char *name;
        bool asks;
    } cases[] = {{"ModifyInstanceAttribute", true},
                 {"RunInstances", true},
                 {"CreateTags", false},
                 {"AuthorizeSecurityGroupIngress", false}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *event = esc_sprintf("{\"source\":\"aws.ec2\",\"account\":\"123456789012\",\"region\":"
                                  "\"us-west-2\",\"detail-type\":\"AWS API Call via CloudTrail\","
                                  "\"detail\":{\"eventSource\":\"ec2.amazonaws.com\",\"eventName\":"
                                  "\"%s\"}}",
                                  cases[i].name);
        ESC_CLEANUP(esc_freep) char *place = place_of(event);
        expect_contains(" ec2", place);
        assert_true(cases[i].asks == (strstr(place, " protection") != NULL));
    }
}

static void an_event_tells_whose_protection_it_may_have_changed(void **)
{
    static const struct {
        const char *name, *params, *id;
    } cases[] = {
        {"ModifyInstanceAttribute",
         "{\"instanceId\":\"i-0123456789abcdef0\",\"disableApiTermination\":{\"value\":true}}",
         "i-0123456789abcdef0"},
        {"StopInstances", "{\"instanceId\":\"i-0123456789abcdef0\"}", ""},
        {"ModifyInstanceAttribute", "null", ""},
        {"ModifyInstanceAttribute", "{\"instanceId\":[\"i-1\"]}", ""},
        {"ModifyInstanceAttribute", "{\"instanceId\":\"i-0123456789abcdef0123456789abcdef\"}", ""},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_event_place place;
        ESC_CLEANUP(esc_freep)
        char *event = esc_sprintf("{\"source\":\"aws.ec2\",\"account\":\"123456789012\",\"region\":"
                                  "\"us-west-2\",\"detail-type\":\"AWS API Call via CloudTrail\","
                                  "\"detail\":{\"eventSource\":\"ec2.amazonaws.com\",\"eventName\":"
                                  "\"%s\",\"requestParameters\":%s}}",
                                  cases[i].name, cases[i].params);
        assert_int_equal(ESC_EVENT_PLACE, esc_event_read(esc_str_of(event), &place));
        assert_string_equal(cases[i].id, place.instance_id);
    }
}

/* The first two as CloudTrail has recorded them: the value of a named attribute is hidden. */
static void what_else_is_modified_leaves_termination_protection_undoubted(void **)
{
    static const struct {
        const char *params, *code;
        bool doubts;
    } cases[] = {
        {"\"attribute\":\"disableApiTermination\",\"value\":\"<sensitiveDataRemoved>\"", "", true},
        {"\"userData\":\"<sensitiveDataRemoved>\"", "", false},
        {"\"attribute\":\"userData\",\"value\":\"x\"", "", false},
        {"\"instanceType\":{\"value\":\"t3.micro\"}", "", false},
        {"\"groupSet\":{\"items\":[{\"groupId\":\"sg-1\"}]}", "", false},
        {"\"disableApiStop\":{\"value\":true}", "", false},
        {"\"disableApiTermination\":{\"value\":false}", "", true},
        {"\"instanceType\":{\"value\":\"a\"},\"disableApiTermination\":{\"value\":true}", "", true},
        {"\"disableApiTermination\":{\"value\":true}", "Client.DryRunOperation", false},
        {"\"disableApiTermination\":{\"value\":true}", "Client.UnauthorizedOperation", false},
        {"\"disableApiTermination\":{\"value\":true}", "Server.InternalError", true},
        {"\"DisableApiTermination\":{\"value\":true}", "", true}, /* spelled as nobody does */
        {"\"somethingNew\":{\"value\":true}", "", true},
        {"\"attribute\":\"somethingNew\"", "", true},
        {"\"attribute\":[\"userData\"]", "", true},
        {"\"value\":\"true\"", "", true},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_event_place place;
        ESC_CLEANUP(esc_freep)
        char *event = esc_sprintf("{\"source\":\"aws.ec2\",\"account\":\"123456789012\",\"region\":"
                                  "\"us-west-2\",\"detail-type\":\"AWS API Call via CloudTrail\","
                                  "\"detail\":{\"eventSource\":\"ec2.amazonaws.com\",\"eventName\":"
                                  "\"ModifyInstanceAttribute\",\"errorCode\":\"%s\","
                                  "\"requestParameters\":{\"instanceId\":\"i-1\",%s}}}",
                                  cases[i].code, cases[i].params);
        assert_int_equal(ESC_EVENT_PLACE, esc_event_read(esc_str_of(event), &place));
        if (cases[i].doubts != (place.instance_id[0] != '\0'))
            fail_msg("%s %s: \"%s\"", cases[i].params, cases[i].code, place.instance_id);
        ESC_CLEANUP(esc_freep) char *scanners = place_of(event);
        expect_contains(" ec2", scanners);
        assert_true(cases[i].doubts == (strstr(scanners, " protection") != NULL));
    }
}

static enum esc_event_kind kind_of(const char *message)
{
    struct esc_event_place place;
    return esc_event_read(esc_str_of(message), &place);
}

#define TYPE ",\"detail-type\":\"x\""

static void what_is_no_event_is_told_apart(void **)
{
    static const char *const messages[] = {
        "",
        "no JSON",
        "[]",
        "{}",
        "{\"order\":4711,\"items\":[\"cup\"]}",
        "{\"source\":\"aws.rds\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"account\":\"123456789012\",\"region\":\"us-west-2\"}",
        "{\"account\":\"123456789012\",\"region\":\"us-west-2\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"region\":\"us-west-2\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"account\":\"123456789012\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"account\":\"12345678901\",\"region\":\"us-west-2\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"account\":123456789012,\"region\":\"us-west-2\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"account\":\"123456789012\",\"region\":\"../../etc\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"account\":\"123456789012\",\"region\":\"-endpoint-url\\n\"" TYPE
        "}",
        "{\"source\":{\"a\":1},\"account\":\"123456789012\",\"region\":\"us-west-2\"" TYPE "}",
    };
    for (size_t i = 0; i < ESC_COUNT(messages); i++)
        assert_int_equal(ESC_EVENT_NONE, kind_of(messages[i]));
}

static void an_event_of_what_no_scanner_knows_names_nothing(void **)
{
    static const char *const messages[] = {
        "{\"source\":\"aws.nothing\",\"account\":\"123456789012\",\"region\":\"us-west-2\"" TYPE
        "}",
        "{\"source\":\"com.shop\",\"account\":\"123456789012\",\"region\":\"us-west-2\"" TYPE "}",
        "{\"source\":\"aws.rds\",\"account\":\"123456789012\",\"region\":\"us-west-2\"" TYPE
        ",\"detail\":{\"eventSource\":\"....\"}}",
    };
    for (size_t i = 0; i < ESC_COUNT(messages); i++)
        assert_int_equal(ESC_EVENT_ELSEWHERE, kind_of(messages[i]));
}

static void a_message_that_is_too_long_or_too_deep_is_no_event(void **)
{
    struct esc_buf text;
    struct esc_event_place place;
    esc_buf_init(&text, ESC_MAX_FILE);
    for (int i = 0; i < 1000; i++)
        esc_buf_add_char(&text, '[');
    assert_int_equal(ESC_EVENT_NONE, esc_event_read(esc_buf_str(&text), &place));
    esc_buf_reset(&text);
    esc_buf_add_text(&text, "{\"source\":\"aws.rds\",\"account\":\"123456789012\","
                            "\"region\":\"us-west-2\"" TYPE ",\"detail\":\"");
    while (esc_buf_str(&text).len < ESC_EVENT_MESSAGE)
        esc_buf_add_char(&text, 'x');
    esc_buf_add_text(&text, "\"}");
    assert_int_equal(ESC_EVENT_NONE, esc_event_read(esc_buf_str(&text), &place));
    esc_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_names_the_place_to_look_at),
        cmocka_unit_test(one_service_may_have_several_scanners),
        cmocka_unit_test(termination_protection_is_asked_after_what_can_change_it),
        cmocka_unit_test(an_event_tells_whose_protection_it_may_have_changed),
        cmocka_unit_test(what_else_is_modified_leaves_termination_protection_undoubted),
        cmocka_unit_test(what_is_no_event_is_told_apart),
        cmocka_unit_test(an_event_of_what_no_scanner_knows_names_nothing),
        cmocka_unit_test(a_message_that_is_too_long_or_too_deep_is_no_event),
    };
    return cmocka_run_group_tests_name("scan/event", tests, NULL, NULL);
}
