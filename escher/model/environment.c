/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/environment.h"

#include <stddef.h>

#include "escher/base/attr.h"

static const struct {
    const char *word, *environment;
} words[] = {
    {"production", "production"},
    {"prod", "production"},
    {"prd", "production"},
    {"live", "production"},
    {"staging", "staging"},
    {"stage", "staging"},
    {"stg", "staging"},
    {"preprod", "staging"},
    {"preproduction", "staging"},
    {"pre-prod", "staging"},
    {"pre-production", "staging"},
    {"uat", "staging"},
    {"development", "development"},
    {"dev", "development"},
    {"devel", "development"},
    {"develop", "development"},
    {"test", "test"},
    {"testing", "test"},
    {"qa", "test"},
    {"tst", "test"},
    {"sandbox", "sandbox"},
    {"sbx", "sandbox"},
    {"playground", "sandbox"},
    {"shared", "shared"},
};

const char *esc_environment_of_word(struct esc_str word)
{
    for (size_t i = 0; i < ESC_COUNT(words); i++)
        if (esc_str_equal_nocase(word, esc_str_of(words[i].word)))
            return words[i].environment;
    return NULL;
}

/* "pre-prod" is no production, and of "non-prod" only that is known. */
static const char *after(struct esc_str before, const char *environment)
{
    if (!environment || !esc_str_is(esc_str_of(environment), "production"))
        return environment;
    if (esc_str_equal_nocase(before, ESC_STR("pre")))
        return "staging";
    const bool negated = esc_str_equal_nocase(before, ESC_STR("non")) ||
                         esc_str_equal_nocase(before, ESC_STR("not")) ||
                         esc_str_equal_nocase(before, ESC_STR("no"));
    return negated ? NULL : environment;
}

const char *esc_environment_of_text(struct esc_str text)
{
    struct esc_str before = {0};
    for (size_t from = 0; from < text.len;) {
        size_t to = from;
        while (to < text.len && esc_is_alnum(text.ptr[to]))
            to++;
        const struct esc_str word = esc_str_slice(text, from, to);
        const char *environment = after(before, esc_environment_of_word(word));
        if (environment)
            return environment;
        if (word.len > 0)
            before = word;
        from = to + 1;
    }
    return NULL;
}

static const char *of_tag(const struct esc_json *tags, const char *wanted)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(tags, &position, &key, &value)) {
        if (!esc_str_equal_nocase(esc_str_of(key), esc_str_of(wanted)))
            continue;
        const char *environment = esc_environment_of_text(esc_json_value(value));
        if (environment)
            return environment;
    }
    return NULL;
}

const char *esc_environment_of_tags(const struct esc_json *tags)
{
    static const char *const keys[] = {"env", "environment", "stage"};
    for (size_t i = 0; tags && i < ESC_COUNT(keys); i++) {
        const char *environment = of_tag(tags, keys[i]);
        if (environment)
            return environment;
    }
    return NULL;
}
