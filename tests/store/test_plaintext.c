/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Nothing that is stored can be read on disk: two hundred names, tags, ARNs and texts go into every
 * collection, ordinary words among them, and are looked for in all files of the store, open and
 * shut, as they are, in base64, in hex and in UTF-16, and vectors as their bytes.
 */

#include "escher/store/audit.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "escher/store/runs.h"
#include "tests/store/support.h"

enum {
    CANARIES = 200, /* five times as many in a soak */
    CANARY_SIZE = 64,
};

static const char *const words[] = {
    "production", "staging",  "development", "billing",   "orders-db", "payments",  "customer",
    "database",   "postgres", "available",   "stopped",   "us-west-2", "eu-west-1", "backup",
    "secret-app", "invoice",  "analytics",   "warehouse", "frontend",  "terraform"};

struct canaries {
    size_t count;
    char (*texts)[CANARY_SIZE];
};

static struct canaries make_canaries(void)
{
    const size_t most = 5;
    const size_t factor = (size_t)test_rounds(1) < most ? (size_t)test_rounds(1) : most;
    struct canaries canaries = {CANARIES * factor, esc_alloc_zero(CANARIES * factor * CANARY_SIZE)};
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, 99);
    for (size_t i = 0; i < canaries.count; i++) {
        if (i < ESC_COUNT(words))
            (void)snprintf(canaries.texts[i], CANARY_SIZE, "%s", words[i]);
        else if (i % 2)
            (void)snprintf(canaries.texts[i], CANARY_SIZE, "arn:aws:rds:%s:db:%s-%zu",
                           words[i % ESC_COUNT(words)], words[(i / 2) % ESC_COUNT(words)], i);
        else
            (void)snprintf(canaries.texts[i], CANARY_SIZE, "canary%llu",
                           (unsigned long long)esc_random_below(&random.random, UINT64_MAX));
    }
    return canaries;
}

/* The ways a text may hide */

static void add_base64(struct esc_str bytes, struct esc_buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i + 3 <= bytes.len; i += 3) {
        uint32_t three = (uint32_t)(unsigned char)bytes.ptr[i] << 16 |
                         (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8 |
                         (unsigned char)bytes.ptr[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            esc_buf_add_char(out, digits[three >> shift & 63]);
    }
}

static bool has_utf16(struct esc_str bytes, struct esc_str text)
{
    struct esc_buf wide;
    esc_buf_init(&wide, ESC_MAX_LINE);
    for (size_t i = 0; i < text.len; i++) {
        esc_buf_add_char(&wide, text.ptr[i]);
        if (i + 1 < text.len)
            esc_buf_add_char(&wide, '\0');
    }
    bool found = esc_str_contains(bytes, esc_buf_str(&wide)); /* both byte orders */
    esc_buf_done(&wide);
    return found;
}

static bool has_hex(struct esc_str bytes, struct esc_str text)
{
    char hex[2 * CANARY_SIZE + 1];
    esc_hex(text.ptr, text.len, hex);
    return esc_str_contains(bytes, esc_str_of(hex));
}

/* Inside a longer text base64 may begin at any of three places. */
static bool has_base64(struct esc_str bytes, struct esc_str text)
{
    bool found = false;
    for (size_t skipped = 0; skipped < 3 && !found; skipped++) {
        struct esc_buf code;
        esc_buf_init(&code, ESC_MAX_LINE);
        add_base64(esc_str_slice(text, skipped, text.len), &code);
        found = code.len >= 8 && esc_str_contains(bytes, esc_buf_str(&code));
        esc_buf_done(&code);
    }
    return found;
}

static bool has_text(struct esc_str bytes, struct esc_str text)
{
    return esc_str_contains(bytes, text) || has_hex(bytes, text) || has_base64(bytes, text) ||
           has_utf16(bytes, text);
}

static bool is_in(const struct picture *picture, struct esc_str text)
{
    bool found = false;
    for (size_t i = 0; i < ESC_COUNT(picture_ends); i++)
        found |= has_text(esc_buf_str(&picture->files[i]), text);
    return found;
}

/* Storing the canaries in every place there is */

static void store_resource(struct box *box, const char *canary, const float *vector)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of(canary, canary);
    resource->seen_in = esc_strdup(canary);
    esc_json_set_text(resource->tags, canary, canary);
    esc_json_set_text(resource->metadata, "note", canary);
    const struct esc_resource *const batch[] = {resource};
    const float *const vectors[] = {vector};
    expect_ok(esc_store_estate_put(box->store, batch, vectors, 1, NULL, &err));
    const struct esc_estate_cell cell = {
        resource->account_id, canary, resource->resource_type, canary, NOW_MS, false};
    expect_ok(esc_store_cell_done(box->store, &cell, NULL, &err));
}

static void store_documents(struct box *box, const char *canary)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    char id[ESC_UUID_TEXT];
    esc_json_set_text(json, canary, canary);
    expect_ok(esc_store_doc_put(box->store, "accounts", canary, json, &err));
    expect_ok(esc_store_plan_put(box->store, canary, json, &err));
    expect_ok(esc_store_run_put(box->store, canary, json, &err));
    expect_ok(esc_store_audit_append(box->store, json, NULL, &err));
    const struct esc_store_approval approval = {canary, NOW_MS, NOW_MS + 1, json};
    expect_ok(esc_store_approval_put(box->store, &approval, id, &err));
}

static void store_message(struct box *box, const char *canary)
{
    char conversation[ESC_UUID_TEXT], id[ESC_UUID_TEXT];
    expect_ok(esc_store_conversation_new(box->store, canary, canary, conversation, &err));
    esc_uuid_format(esc_uuid_v4(esc_random_system()), id);
    struct esc_chat_message message = {
        .id = id, .conversation = conversation, .role = (char[]){"user"}, .at_ms = NOW_MS};
    message.text = esc_strdup(canary);
    expect_ok(esc_store_message_add(box->store, &message, &err));
    free(message.text);
}

static void store_all(struct box *box, const struct canaries *canaries, const float *vector)
{
    expect_ok(esc_store_begin(box->store, &err));
    for (size_t i = 0; i < canaries->count; i++) {
        store_resource(box, canaries->texts[i], vector);
        store_documents(box, canaries->texts[i]);
        store_message(box, canaries->texts[i]);
    }
    expect_ok(esc_store_commit(box->store, &err));
}

static void expect_hidden(const struct box *box, const struct canaries *canaries,
                          const float *vector)
{
    struct picture picture = picture_take(box);
    for (size_t i = 0; i < canaries->count; i++)
        if (is_in(&picture, esc_str_of(canaries->texts[i])))
            fail_msg("`%s` can be read on disk", canaries->texts[i]);
    for (size_t i = 0; i + 2 < ESC_STORE_DIMENSIONS; i++)
        if (is_in(&picture, (struct esc_str){(const char *)(vector + i), 2 * sizeof *vector}))
            fail_msg("a part of the vector can be read on disk");
    assert_false(is_in(&picture, ESC_STR("cloud_estate")));
    assert_false(is_in(&picture, ESC_STR("chat_history")));
    picture_done(&picture);
}

static void nothing_stored_can_be_read_on_disk(void **)
{
    struct box box;
    const struct canaries canaries = make_canaries();
    float vector[ESC_STORE_DIMENSIONS];
    for (int i = 0; i < ESC_STORE_DIMENSIONS; i++)
        vector[i] = 0.123456F + (float)i / 777;
    box_open(&box);
    store_all(&box, &canaries, vector);
    struct esc_buf log = file_bytes(&box, "-wal");
    assert_true(log.len > 100 * 1024); /* there is something to search */
    esc_buf_done(&log);
    expect_hidden(&box, &canaries, vector);
    box_shut(&box);
    expect_hidden(&box, &canaries, vector);
    box_done(&box);
    free(canaries.texts);
}

/* The search finds what is there: words of the file's own, and each way of hiding. */
static void the_search_finds_what_is_not_hidden(void **)
{
    struct box box;
    box_open(&box);
    struct picture picture = picture_take(&box);
    assert_true(is_in(&picture, ESC_STR("CREATE TABLE rows")));
    picture_done(&picture);
    box_done(&box);
    const struct esc_str text = ESC_STR("production");
    assert_true(has_text(ESC_STR("..production.."), text));
    assert_true(has_text(ESC_STR("..70726f64756374696f6e.."), text));
    assert_true(has_text(ESC_STR("..cHJvZHVjdGlvbg==.."), text));
    assert_true(has_text(ESC_STR("..LXByb2R1Y3Rpb24t.."), text));     /* of "-production-" */
    assert_true(has_text(ESC_STR("..LS1wcm9kdWN0aW9uLQ==.."), text)); /* of "--production-" */
    assert_true(has_text(ESC_STR("p\0r\0o\0d\0u\0c\0t\0i\0o\0n\0"), text));
    assert_true(has_text(ESC_STR("\0p\0r\0o\0d\0u\0c\0t\0i\0o\0n"), text));
    assert_false(has_text(ESC_STR("producti0n cHJvZHVjdGxvbg=="), text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stored_can_be_read_on_disk),
        cmocka_unit_test(the_search_finds_what_is_not_hidden),
    };
    return cmocka_run_group_tests_name("store/plaintext", tests, NULL, NULL);
}
