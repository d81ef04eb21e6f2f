/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is left in memory when a store is shut: no key. Everything 32 bytes long that the store drew
 * at random is taken for a key and looked for in all of the process that can be written to.
 */

#include "escher/crypt/seal.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "tests/store/support.h"

enum {
    KEYS_MOST = 64,
    COVER = 0xA5, /* what is noted may not be found itself */
};

static unsigned char noted[KEYS_MOST][ESC_SEAL_KEY];
static size_t noted_count;

/* The system's randomness; what may be a key is noted, covered. */
static void fill_and_note(void *, void *bytes, size_t len)
{
    esc_random_fill(esc_random_system(), bytes, len);
    if (len != ESC_SEAL_KEY || noted_count == KEYS_MOST)
        return;
    for (size_t i = 0; i < len; i++)
        noted[noted_count][i] = ((const unsigned char *)bytes)[i] ^ COVER;
    noted_count++;
}

/* Compares without ever uncovering. */
static bool is_noted(const unsigned char *at, const unsigned char *key)
{
    for (size_t i = 0; i < ESC_SEAL_KEY; i++)
        if ((at[i] ^ COVER) != key[i])
            return false;
    return true;
}

static size_t count_in(const unsigned char *from, const unsigned char *to)
{
    size_t found = 0;
    for (; from + ESC_SEAL_KEY <= to; from++)
        for (size_t i = 0; i < noted_count; i++)
            found += is_noted(from, noted[i]);
    return found;
}

/* Reads a mapping through /proc/self/mem: guard pages and what is gone again fail to be read. */
static size_t count_in_mapping(FILE *memory, uint64_t from, uint64_t to)
{
    static unsigned char window[1 << 20];
    size_t found = 0;
    for (uint64_t at = from; at < to; at += sizeof window - ESC_SEAL_KEY) {
        const uint64_t left = to - at;
        if (fseek(memory, (long)at, SEEK_SET) != 0)
            return found;
        size_t got = fread(window, 1, left < sizeof window ? (size_t)left : sizeof window, memory);
        found += count_in(window, window + got);
    }
    esc_wipe(window, sizeof window); /* or the next mapping is this one */
    return found;
}

static size_t count_keys_in_memory(void)
{
    char line[512];
    unsigned long long from, to;
    char may[5];
    size_t found = 0;
    FILE *maps = fopen("/proc/self/maps", "re"), *memory = fopen("/proc/self/mem", "rbe");
    assert_non_null(maps);
    assert_non_null(memory);
    assert_int_equal(0, setvbuf(memory, NULL, _IONBF, 0));
    while (fgets(line, sizeof line, maps))
        if (sscanf(line, "%llx-%llx %4s", &from, &to, may) == 3 && may[0] == 'r' && may[1] == 'w')
            found += count_in_mapping(memory, from, to);
    (void)fclose(maps);
    (void)fclose(memory);
    return found;
}

static void use(struct box *box)
{
    char conversation[ESC_UUID_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *word = esc_json_object();
    esc_json_set_text(word, "says", "something");
    expect_ok(esc_store_doc_put(box->store, "settings", "word", word, &err));
    expect_ok(esc_store_conversation_new(box->store, "somebody", "a title", conversation, &err));
    (void)put_resource(box, "pg-main", "available", NULL);
}

static void no_key_is_left_when_a_store_is_shut(void **)
{
    struct box box;
    static const struct esc_random noting = {fill_and_note, NULL};
    box_init(&box);
    box.options.random = &noting;
    expect_ok(box_try(&box));
    use(&box);
    box_reopen(&box);
    use(&box);
    assert_in_range(noted_count, 5, KEYS_MOST - 1);
    assert_in_range(count_keys_in_memory(), 1, 1000); /* the search does find what is there */
    box_done(&box);                                   /* the keyring, too, is in this memory */
    assert_int_equal(0, count_keys_in_memory());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_key_is_left_when_a_store_is_shut),
    };
    return cmocka_run_group_tests_name("store/memory", tests, NULL, NULL);
}
