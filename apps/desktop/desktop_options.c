/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/desktop_options.h"

#include <stddef.h>
#include <stdint.h>

static const struct option {
    const char *name, *argument; /* argument NULL: a flag */
    size_t offset;
    const char *choices[3]; /* what the argument may be; none: anything */
    const char *help;
} options[] = {
    {"profile", "NAME", offsetof(struct desktop_options, profile), {0}, "another profile"},
    {"graphics",
     "HOW",
     offsetof(struct desktop_options, graphics),
     {"software", "gpu"},
     "who draws: software (the default) or gpu; remembered"},
    {"size", "WxH", offsetof(struct desktop_options, size), {0}, "the window's size in pixels"},
    {"theme",
     "NAME",
     offsetof(struct desktop_options, theme),
     {"dark", "light"},
     "dark or light, instead of what the system says"},
    {"screenshot",
     "FILE",
     offsetof(struct desktop_options, screenshot),
     {0},
     "draws the page into a PNG file and ends"},
    {"automation",
     NULL,
     offsetof(struct desktop_options, automation),
     {0},
     "lets a WebDriver steer the window; for tests"},
    {"help", NULL, offsetof(struct desktop_options, help), {0}, "this text"},
    {"version", NULL, offsetof(struct desktop_options, version), {0}, "the version"},
};

static const char **text_of(struct desktop_options *out, const struct option *option)
{
    return (const char **)(void *)((char *)out + option->offset);
}

static const struct option *find_option(struct esc_str name)
{
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        if (esc_str_is(name, options[i].name))
            return &options[i];
    }
    return NULL;
}

static bool is_choice(const struct option *option, const char *text)
{
    bool found = !option->choices[0];
    for (size_t i = 0; option->choices[i]; i++)
        found = found || esc_text_equal(option->choices[i], text);
    return found;
}

/* Reads the option at argv[*at]; *at moves on to its value when that stands by itself. */
static enum esc_status parse_one(char **argv, int *at, struct desktop_options *out,
                                 struct esc_error *err)
{
    const struct esc_str word = esc_str_of(argv[*at]);
    const size_t equals = esc_str_find(word, ESC_STR("="), 0);
    const struct option *option = find_option(esc_str_slice(word, 2, equals));
    if (!option)
        return esc_fail(err, ESC_INVALID, "there is no option `%s`; see --help", argv[*at]);
    if (!option->argument && equals != SIZE_MAX)
        return esc_fail(err, ESC_INVALID, "--%s takes no value", option->name);
    if (!option->argument) {
        *(bool *)(void *)((char *)out + option->offset) = true;
        return ESC_OK;
    }
    const char *value = equals != SIZE_MAX ? argv[*at] + equals + 1 : argv[*at + 1];
    if (!value)
        return esc_fail(err, ESC_INVALID, "--%s needs a value: %s", option->name, option->argument);
    if (!is_choice(option, value))
        return esc_fail(err, ESC_INVALID, "--%s is %s or %s, not `%s`", option->name,
                        option->choices[0], option->choices[1], value);
    *at += equals == SIZE_MAX;
    *text_of(out, option) = value;
    return ESC_OK;
}

enum esc_status desktop_options_parse(int argc, char **argv, struct desktop_options *out,
                                      struct esc_error *err)
{
    struct desktop_options parsed = {0};
    for (int at = 1; at < argc; at++) {
        enum esc_status status = ESC_OK;
        if (esc_str_starts_with(esc_str_of(argv[at]), ESC_STR("--")))
            status = parse_one(argv, &at, &parsed, err);
        else if (parsed.link)
            status = esc_fail(err, ESC_INVALID, "one link at a time, please");
        else
            parsed.link = argv[at];
        if (status != ESC_OK)
            return status;
    }
    *out = parsed;
    return ESC_OK;
}

void desktop_options_help(struct esc_buf *out)
{
    esc_buf_add_text(out, "usage: escher-desktop [OPTION]... [escher://open/PLACE]\n\n"
                          "The workbench in a window. A second start raises the first one's "
                          "window. Closing it ends\nneither the core nor a run.\n\n");
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        const struct option *option = &options[i];
        esc_buf_printf(out, "  --%s%s%s\n        %s\n", option->name, option->argument ? " " : "",
                       option->argument ? option->argument : "", option->help);
    }
}
