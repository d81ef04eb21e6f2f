/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/recovery.h"

#include "escher/crypt/digest.h"
#include "escher/crypt/sealed_box.h"
#include "escher/store/header_private.h"
#include "tests/store/support.h"

/* The cheapest price there is; what is tested here is not Argon2id. */
static const struct esc_argon2 cheap = {1, 8};

static struct esc_secret *seeded_code(uint64_t seed)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, seed);
    return esc_recovery_code_new(&random.random);
}

/* A store with a code and a row in it, shut. */
static struct esc_secret *box_with_code(struct box *box, uint64_t seed)
{
    struct esc_secret *code = seeded_code(seed);
    box_init(box);
    box->options.new_code = code;
    box->options.price = cheap;
    expect_ok(box_try(box));
    put_resource(box, "kept", "available", NULL);
    box_shut(box);
    box->options.new_code = NULL;
    box->options.create = false;
    return code;
}

static enum esc_status try_code(struct box *box, const struct esc_secret *code)
{
    box->options.code = code;
    enum esc_status status = box_try(box);
    box->options.code = NULL;
    return status;
}

static enum esc_status check(const char *typed, struct esc_secret **out)
{
    return esc_recovery_code_check(esc_str_of(typed), out, &err);
}

/* The text of a code */

static void a_code_is_read_as_people_write_it(void **)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = seeded_code(seed), *back = NULL;
        ESC_CLEANUP(esc_freep) char *text = esc_strdup(esc_secret_view(code).ptr);
        assert_int_equal(ESC_RECOVERY_CODE_LEN, strlen(text));
        for (char *at = text; *at; at++) {
            *at = *at == '-' ? ' ' : esc_to_lower(*at);
            *at = *at == '0' ? 'o' : *at == '1' ? (seed % 2 ? 'l' : 'I') : *at;
        }
        expect_ok(check(text, &back));
        assert_true(esc_secret_equal(code, back));
    }
}

static void every_single_typo_is_found_in_its_group(void **)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = seeded_code(7), *none = NULL;
    ESC_CLEANUP(esc_freep) char *text = esc_strdup(esc_secret_view(code).ptr);
    for (size_t i = 0; text[i]; i++) {
        const char kept = text[i];
        for (const char *other = alphabet; *other && kept != '-'; other++) {
            text[i] = *other;
            ESC_CLEANUP(esc_freep)
            char *says = esc_sprintf("group %zu of the recovery code has a typo", i / 6 + 1);
            if (*other == kept)
                continue;
            expect_status(ESC_INVALID, check(text, &none));
            assert_string_equal(says, err.message);
        }
        text[i] = kept;
    }
    assert_null(none);
}

static void exchanged_characters_and_groups_are_found(void **)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = seeded_code(seed), *back = NULL;
        ESC_CLEANUP(esc_freep) char *text = esc_strdup(esc_secret_view(code).ptr);
        for (size_t i = 0; i + 1 < ESC_RECOVERY_CODE_LEN; i++) {
            if (text[i] == '-' || text[i + 1] == '-' || text[i] == text[i + 1])
                continue;
            const char kept = text[i];
            text[i] = text[i + 1];
            text[i + 1] = kept;
            expect_status(ESC_INVALID, check(text, &back));
            text[i + 1] = text[i];
            text[i] = kept;
        }
        for (size_t group = 1; group < ESC_RECOVERY_GROUPS; group++) {
            ESC_CLEANUP(esc_freep) char *swapped = esc_strdup(text);
            memcpy(swapped, text + group * 6, 5);
            memcpy(swapped + group * 6, text, 5);
            expect_status(ESC_INVALID, check(swapped, &back));
        }
        expect_ok(check(text, &back));
    }
}

static void what_is_no_code_is_told(void **)
{
    struct esc_secret *none = NULL;
    expect_status(ESC_INVALID, check("", &none));
    expect_contains("these are 0 characters", err.message);
    expect_status(ESC_INVALID, check("ABCD", &none));
    expect_contains("7 groups of 5", err.message);
    expect_status(ESC_INVALID, check("ABCDE-ABCU", &none));
    expect_contains("group 2", err.message);
    assert_null(none);
}

/* Opening with one */

static void a_code_opens_what_it_was_made_for_without_the_keyring(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1);
    static const enum esc_status states[] = {ESC_OK, ESC_LOCKED, ESC_UNAVAILABLE, ESC_TIMEOUT};
    expect_ok(esc_keyring_del(box.keyring, "default", &err));
    for (size_t i = 0; i < ESC_COUNT(states); i++) {
        const unsigned gets = box.told.gets, puts = box.told.puts;
        box.told.get = states[i];
        expect_ok(try_code(&box, code));
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = get_resource(&box, "kept");
        assert_string_equal("available", resource->state);
        assert_int_equal(gets, box.told.gets);
        assert_int_equal(puts, box.told.puts);
        box_shut(&box);
    }
    box_done(&box);
}

static void another_code_opens_nothing_and_changes_no_byte(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *other = seeded_code(2);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *typo = esc_secret_of_text("ABCDE");
    struct picture before = picture_take(&box);
    expect_status(ESC_LOCKED, try_code(&box, other));
    expect_contains("the recovery code does not open this store", err.message);
    expect_unchanged(&box, &before);
    expect_status(ESC_INVALID, try_code(&box, typo));
    expect_unchanged(&box, &before);
    picture_done(&before);
    expect_ok(try_code(&box, code));
    box_done(&box);
}

static void a_store_that_was_given_no_code_says_so(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = seeded_code(1);
    box_open(&box);
    box_shut(&box);
    box.options.create = false;
    expect_status(ESC_CORRUPT, try_code(&box, code));
    expect_contains("never given a recovery code", err.message);
    box_done(&box);
}

static void a_damaged_slot_is_damage_and_not_another_code(void **)
{
    static const char *const spoils[] = {
        "UPDATE slots SET sealed = zeroblob(80) WHERE kind = 'recovery'",
        "UPDATE slots SET params = x'7b7d' WHERE kind = 'recovery'",
        "UPDATE slots SET params = x'7b' WHERE kind = 'recovery'",
        "UPDATE keks SET check_value = zeroblob(16)",
    };
    for (size_t i = 0; i < ESC_COUNT(spoils); i++) {
        struct box box;
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1);
        struct db *db = NULL;
        expect_ok(db_open(box.path, DB_OPEN, &db, &err));
        expect_ok(db_run(db, spoils[i], &err));
        db_close(db);
        expect_status(ESC_CORRUPT, try_code(&box, code));
        box_done(&box);
    }
}

/* Beside a copy */

static void slots_beside_a_copy_lead_to_the_same_keys(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1);
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL, *back = NULL, *peeked = NULL;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *kek = NULL;
    expect_ok(esc_store_peek_slots(box.path, &peeked, &err));
    expect_ok(box_try(&box));
    expect_ok(esc_store_slots(box.store, &slots, &err));
    assert_true(esc_json_equal(slots, peeked));
    assert_string_equal(esc_store_id(box.store), esc_json_str(slots, "store_id", ""));
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(slots, ESC_JSON_COMPACT);
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &back, &err));
    expect_ok(esc_slots_open_with_code(back, code, &kek, &err));
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *inside = esc_store_kek_derive(box.store, "backup", ESC_STR("one"), 32),
                      *outside = esc_kek_derive(kek, "backup", ESC_STR("one"), 32),
                      *other = esc_kek_derive(kek, "backup", ESC_STR("two"), 32);
    assert_true(esc_secret_equal(inside, outside));
    assert_false(esc_secret_equal(inside, other));
    box_done(&box);
}

static void any_changed_byte_of_the_slots_is_refused(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1);
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL;
    expect_ok(esc_store_peek_slots(box.path, &slots, &err));
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(slots, ESC_JSON_COMPACT);
    size_t opened = 0, tried = 0;
    for (size_t i = 0; text[i]; i++, tried++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *changed = NULL;
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *kek = NULL;
        const char kept = text[i];
        text[i] = kept == '0' ? '1' : '0';
        if (esc_json_parse(esc_str_of(text), NULL, &changed, NULL) == ESC_OK)
            opened += esc_slots_open_with_code(changed, code, &kek, NULL) == ESC_OK;
        text[i] = kept;
    }
    /* What says nothing may change: the slot's own "slot", "created_ms" and "kek". */
    assert_true(tried > 500);
    assert_in_range(opened, 1, 50);
    box_done(&box);
}

/* Who has seen a slot knows the public half, and can seal a key of his own for it. */
static void a_key_that_somebody_else_sealed_for_the_code_is_refused(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1), *kek = NULL;
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *foreign = esc_secret_random(esc_random_system(), 32);
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL;
    uint8_t public_half[ESC_BOX_PUBLIC], check_value[CHECK_SIZE];
    char hex[400];
    struct esc_uuid uuid;
    struct esc_buf sealed;
    expect_ok(esc_store_peek_slots(box.path, &slots, &err));
    struct esc_json *slot = esc_json_copy(esc_json_at(esc_json_member(slots, "slots"), 0));
    assert_true(esc_hex_parse(esc_json_value(esc_json_get(slot, "params.public")), public_half,
                              sizeof public_half));
    assert_true(esc_uuid_parse(esc_str_of(esc_json_str(slots, "store_id", "")), &uuid));
    esc_buf_init(&sealed, 200);
    expect_ok(esc_box_seal(public_half, foreign, &sealed, &err));
    header_check_value(foreign, uuid, check_value);
    esc_hex(sealed.ptr, sealed.len, hex);
    esc_json_set_text(slot, "sealed", hex);
    esc_hex(check_value, sizeof check_value, hex);
    esc_json_set_text(slots, "check", hex);
    struct esc_json *list = esc_json_array();
    esc_json_push(list, slot);
    esc_json_set(slots, "slots", list);
    expect_status(ESC_CORRUPT, esc_slots_open_with_code(slots, code, &kek, &err));
    expect_contains("was not made by who had the code", err.message);
    assert_null(kek);
    esc_buf_done(&sealed);
    box_done(&box);
}

static void a_page_that_asks_for_hours_is_refused_at_once(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1), *kek = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL;
    expect_ok(esc_store_peek_slots(box.path, &slots, &err));
    struct esc_json *slot = esc_json_copy(esc_json_at(esc_json_member(slots, "slots"), 0));
    esc_json_set_int(esc_json_get_mutable(slot, "params"), "memory_kib", 1024 * 1024);
    struct esc_json *list = esc_json_array();
    for (int i = 0; i < 1000; i++)
        esc_json_push(list, esc_json_copy(slot));
    esc_json_free(slot);
    esc_json_set(slots, "slots", list);
    expect_status(ESC_CORRUPT, esc_slots_open_with_code(slots, code, &kek, &err));
    box_done(&box);
}

static void no_code_stands_in_the_file(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = box_with_code(&box, 1);
    struct esc_buf bytes = file_bytes(&box, "");
    ESC_CLEANUP(esc_freep) char *joined = esc_strdup(esc_secret_view(code).ptr);
    for (size_t group = 0; group < ESC_RECOVERY_GROUPS; group++)
        assert_false(esc_str_contains(esc_buf_str(&bytes),
                                      esc_str_slice(esc_str_of(joined), group * 6, group * 6 + 5)));
    esc_buf_done(&bytes);
    box_done(&box);
}

/* A passphrase mixed in */

static void with_a_passphrase_the_keyring_has_only_a_half(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *right = esc_secret_of_text("correct horse"),
                      *wrong = esc_secret_of_text("correct horsf"), *empty = esc_secret_of_text("");
    const struct esc_secret *const others[] = {NULL, wrong, empty};
    box_init(&box);
    box.options.passphrase = right;
    box.options.price = cheap;
    expect_ok(box_try(&box));
    put_resource(&box, "kept", "available", NULL);
    box_shut(&box);
    const unsigned puts = box.told.puts;
    struct picture before = picture_take(&box);
    for (size_t i = 0; i < ESC_COUNT(others); i++) {
        box.options.passphrase = others[i];
        expect_status(ESC_LOCKED, box_try(&box));
        expect_contains("passphrase", err.message);
        expect_unchanged(&box, &before);
    }
    picture_done(&before);
    assert_int_equal(puts, box.told.puts);
    assert_int_equal(0, box.told.dels);
    struct esc_store_peek peek;
    expect_ok(esc_store_peek(box.path, &peek, &err));
    assert_true(peek.wants_passphrase);
    box.options.passphrase = right;
    expect_ok(box_try(&box));
    box_done(&box);
}

static void a_foreign_half_does_not_fit_whatever_the_passphrase(void **)
{
    struct box box;
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *right = esc_secret_of_text("correct horse"),
                      *foreign = esc_secret_of_text("another key of thirty-two bytes.");
    box_init(&box);
    box.options.passphrase = right;
    box.options.price = cheap;
    expect_ok(box_try(&box));
    box_shut(&box);
    expect_ok(esc_keyring_put(box.keyring, "default", foreign, &err));
    expect_status(ESC_CORRUPT, box_try(&box));
    expect_contains("the key does not fit", err.message);
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_is_read_as_people_write_it),
        cmocka_unit_test(every_single_typo_is_found_in_its_group),
        cmocka_unit_test(exchanged_characters_and_groups_are_found),
        cmocka_unit_test(what_is_no_code_is_told),
        cmocka_unit_test(a_code_opens_what_it_was_made_for_without_the_keyring),
        cmocka_unit_test(another_code_opens_nothing_and_changes_no_byte),
        cmocka_unit_test(a_store_that_was_given_no_code_says_so),
        cmocka_unit_test(a_damaged_slot_is_damage_and_not_another_code),
        cmocka_unit_test(slots_beside_a_copy_lead_to_the_same_keys),
        cmocka_unit_test(any_changed_byte_of_the_slots_is_refused),
        cmocka_unit_test(a_key_that_somebody_else_sealed_for_the_code_is_refused),
        cmocka_unit_test(a_page_that_asks_for_hours_is_refused_at_once),
        cmocka_unit_test(no_code_stands_in_the_file),
        cmocka_unit_test(with_a_passphrase_the_keyring_has_only_a_half),
        cmocka_unit_test(a_foreign_half_does_not_fit_whatever_the_passphrase),
    };
    return cmocka_run_group_tests_name("store/recovery", tests, NULL, NULL);
}
