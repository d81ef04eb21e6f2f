/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/category.h"

#include "escher/base/attr.h"

static const struct esc_str answer_begin = {"An error occurred (", 19};
static const struct esc_str answer_middle = {" when calling the ", 18};
static const struct esc_str answer_end = {" operation", 10};

/* What the CLI says when the cloud did not answer, or was never asked. */
static const struct {
    const char *phrase;
    enum esc_error_category category;
} phrases[] = {
    {"Unable to locate credentials", ESC_CATEGORY_AUTH},
    {"Partial credentials found", ESC_CATEGORY_AUTH},
    {"Could not connect to the endpoint URL", ESC_CATEGORY_NETWORK},
    {"Connection was closed before we received a valid response", ESC_CATEGORY_NETWORK},
    {"Connect timeout on endpoint URL", ESC_CATEGORY_NETWORK},
    {"Read timeout on endpoint URL", ESC_CATEGORY_NETWORK},
    {"Failed to connect to proxy URL", ESC_CATEGORY_NETWORK},
    {"SSL validation failed", ESC_CATEGORY_NETWORK},
    {"An HTTP Client raised", ESC_CATEGORY_NETWORK},
    {"Unable to parse response", ESC_CATEGORY_SERVICE}, /* answered, but not by the cloud */
    {"Parameter validation failed", ESC_CATEGORY_VALIDATION},
    {"You must specify a region", ESC_CATEGORY_VALIDATION},
    {"Error parsing parameter", ESC_CATEGORY_VALIDATION},
    {"Invalid endpoint", ESC_CATEGORY_VALIDATION},
    {"Unknown options:", ESC_CATEGORY_VALIDATION},
    {"aws: error: ", ESC_CATEGORY_VALIDATION}, /* usage */
};

/* Version 2 of the CLI; version 1 has only 2 and 255. */
static const struct {
    int exit_code;
    enum esc_error_category category;
} exit_codes[] = {
    {2, ESC_CATEGORY_VALIDATION},   {130, ESC_CATEGORY_CANCELLED}, /* it caught SIGINT */
    {252, ESC_CATEGORY_VALIDATION}, {253, ESC_CATEGORY_AUTH},
    {254, ESC_CATEGORY_SERVICE}, /* the cloud refused, in words not known here */
};

/* Some answers come as they are, XML and all; the sentence in it is what a person can read. */
static struct esc_str plain_message(struct esc_str message)
{
    static const struct esc_str begin = {"<Message>", 9}, end = {"</Message>", 10};
    const size_t from = esc_str_find(message, begin, 0);
    if (from == SIZE_MAX || !esc_str_starts_with(message, ESC_STR("<")))
        return message;
    const size_t to = esc_str_find(message, end, from);
    return to == SIZE_MAX ? message : esc_str_slice(message, from + begin.len, to);
}

/* `(reached max retries: 0)` may stand between the operation and its colon. */
static bool parse_answer(struct esc_str text, struct esc_aws_failure *out)
{
    size_t begin = esc_str_find(text, answer_begin, 0);
    if (begin == SIZE_MAX)
        return false;
    size_t code = begin + answer_begin.len;
    size_t middle = esc_str_find(text, answer_middle, code);
    if (middle == SIZE_MAX || middle == code || text.ptr[middle - 1] != ')')
        return false;
    size_t operation = middle + answer_middle.len;
    size_t end = esc_str_find(text, answer_end, operation);
    if (end == SIZE_MAX)
        return false;
    out->code = esc_str_slice(text, code, middle - 1);
    out->operation = esc_str_slice(text, operation, end);
    struct esc_str rest = esc_str_slice(text, end + answer_end.len, text.len);
    bool noted = esc_str_starts_with(rest, ESC_STR(" (reached max retries: "));
    struct esc_str colon = noted ? ESC_STR("): ") : ESC_STR(": ");
    size_t at = esc_str_find(rest, colon, 0);
    if (at != SIZE_MAX)
        out->message = plain_message(esc_str_trim(esc_str_slice(rest, at + colon.len, rest.len)));
    return true;
}

static size_t find_phrase(struct esc_str text, size_t *row)
{
    for (size_t i = 0; i < ESC_COUNT(phrases); i++) {
        size_t at = esc_str_find(text, esc_str_of(phrases[i].phrase), 0);
        if (at != SIZE_MAX) {
            *row = i;
            return at;
        }
    }
    return SIZE_MAX;
}

/* Where nothing is known, the last line says most: of usage, and of a Python traceback too. */
static struct esc_str last_line(struct esc_str text)
{
    text = esc_str_trim(text);
    size_t from = text.len;
    while (from > 0 && text.ptr[from - 1] != '\n')
        from--;
    return esc_str_slice(text, from, text.len);
}

bool esc_aws_failure_parse(struct esc_str text, struct esc_aws_failure *out)
{
    *out = (struct esc_aws_failure){0};
    if (parse_answer(text, out))
        return true;
    size_t row;
    size_t at = find_phrase(text, &row);
    out->message =
        at == SIZE_MAX ? last_line(text) : esc_str_trim(esc_str_slice(text, at, text.len));
    return false;
}

static enum esc_error_category of_exit(int exit_code, struct esc_str err_text)
{
    struct esc_aws_failure failure;
    size_t row;
    if (esc_aws_failure_parse(err_text, &failure)) {
        enum esc_error_category category = esc_error_category_of_code(failure.code);
        if (category != ESC_CATEGORY_UNKNOWN)
            return category;
    } else if (find_phrase(err_text, &row) != SIZE_MAX) {
        return phrases[row].category;
    }
    for (size_t i = 0; i < ESC_COUNT(exit_codes); i++) {
        if (exit_codes[i].exit_code == exit_code)
            return exit_codes[i].category;
    }
    return ESC_CATEGORY_UNKNOWN;
}

enum esc_error_category esc_category_of_aws(enum esc_ending ending, int exit_code,
                                            struct esc_str err_text)
{
    switch (ending) {
    case ESC_ENDING_EXITED:
        return exit_code == 0 ? ESC_CATEGORY_NONE : of_exit(exit_code, err_text);
    case ESC_ENDING_SIGNALLED:
        return ESC_CATEGORY_SIGNAL;
    case ESC_ENDING_TIMED_OUT:
        return ESC_CATEGORY_TIMEOUT;
    case ESC_ENDING_CANCELLED:
        return ESC_CATEGORY_CANCELLED;
    case ESC_ENDING_FAILED_TO_START:
        return ESC_CATEGORY_SPAWN;
    case ESC_ENDING_LOST:
    case ESC_ENDING_COUNT:
        break;
    }
    return ESC_CATEGORY_UNKNOWN;
}
