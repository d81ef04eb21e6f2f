/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"

void cli_out(const struct esc_buf *text)
{
    (void)esc_file_write_fd(STDOUT_FILENO, esc_buf_str(text), NULL); /* a closed pipe: no reader */
}

void cli_note(const struct cli *cli, const char *format, ...)
{
    if (cli->quiet)
        return;
    struct esc_buf line;
    esc_buf_init(&line, ESC_MAX_LINE);
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut when longer */
    va_end(arguments);
    esc_utf8_append_display(&line, esc_str_of(text), false);
    esc_buf_add_char(&line, '\n');
    (void)esc_file_write_fd(STDERR_FILENO, esc_buf_str(&line), NULL); /* only progress */
    esc_buf_done(&line);
}

int cli_fail(const struct cli *cli, enum esc_status status, const char *message)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "status", esc_status_text(status));
    esc_json_set_text(body, "category", esc_status_category(status));
    esc_json_set_text(body, "message", message);
    return cli_fail_body(cli, status, body);
}

int cli_fail_body(const struct cli *cli, enum esc_status status, const struct esc_json *body)
{
    if (cli->json) {
        cli_print_json(body);
        return esc_status_exit_code(status);
    }
    struct esc_buf line;
    esc_buf_init(&line, ESC_MAX_LINE);
    esc_buf_add_text(&line, "escher: ");
    const char *message = esc_json_str(body, "message", esc_status_meaning(status));
    esc_utf8_append_display(&line, esc_str_of(message), false); /* it is one line, always */
    esc_buf_add_char(&line, '\n');
    (void)esc_file_write_fd(STDERR_FILENO, esc_buf_str(&line), NULL); /* nowhere else to say it */
    esc_buf_done(&line);
    return esc_status_exit_code(status);
}

void cli_print_json(const struct esc_json *json)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_json_write(json, ESC_JSON_SHOWN, &text);
    esc_buf_add_char(&text, '\n');
    cli_out(&text);
    esc_buf_done(&text);
}

int cli_answer(const struct cli *cli, enum esc_status status, const struct esc_json *body,
               cli_print_fn *print)
{
    struct esc_buf out;
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    esc_buf_init(&out, ESC_MAX_FILE);
    if (cli->json)
        cli_print_json(body);
    else
        print(cli, body, &out);
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}

char *cli_prompt(const char *question)
{
    (void)esc_file_write_fd(STDERR_FILENO, esc_str_of(question),
                            NULL); /* then the answer is NULL */
    struct esc_buf line;
    esc_buf_init(&line, ESC_MAX_LINE);
    char c = '\0';
    ssize_t got = 0;
    while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
        esc_buf_add_char(&line, c);
    if (got != 1 && line.len == 0) {
        esc_buf_done(&line);
        return NULL;
    }
    return esc_buf_take(&line);
}

void cli_add(const struct cli *cli, struct esc_buf *out, enum cli_style style, const char *text)
{
    static const char *const codes[] = {
        [CLI_PLAIN] = "",        [CLI_BOLD] = "\033[1m",  [CLI_DIM] = "\033[2m",
        [CLI_GOOD] = "\033[32m", [CLI_WARN] = "\033[33m", [CLI_BAD] = "\033[31m",
    };
    const bool coloured = cli->colour && style != CLI_PLAIN;
    if (coloured)
        esc_buf_add_text(out, codes[style]);
    esc_utf8_append_display(out, esc_str_of(text), false);
    if (coloured)
        esc_buf_add_text(out, "\033[0m");
}
