/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/backup_progress.h"

#include <stdio.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"

enum {
    BAR = 24
};

static const char *words_of(const char *phase)
{
    static const char *const words[][2] = {
        {"copy", "copying the store"}, {"seal", "sealing"},     {"check", "reading it back"},
        {"open", "opening every row"}, {"upload", "uploading"}, {"fetch", "fetching it"},
    };
    for (size_t i = 0; i < ESC_COUNT(words); i++) {
        if (esc_text_equal(words[i][0], phase))
            return words[i][1];
    }
    return phase;
}

static void draw(const char *words, int64_t done, int64_t total)
{
    struct esc_buf line;
    const int64_t full = total > 0 ? done * BAR / total : 0;
    esc_buf_init(&line, ESC_MAX_LINE);
    esc_buf_printf(&line, "\r\033[K%-18s ", words);
    for (int64_t i = 0; i < BAR; i++)
        esc_buf_add_text(&line, i < full ? "█" : "░");
    esc_buf_printf(&line, " %3lld %%", (long long)(total > 0 ? done * 100 / total : 0));
    (void)esc_file_write_fd(STDERR_FILENO, esc_buf_str(&line), NULL); /* only progress */
    esc_buf_done(&line);
}

void cli_backup_show(const struct cli *cli, struct cli_backup_bar *bar, const char *phase,
                     int64_t done, int64_t total)
{
    if (cli->quiet || cli->json)
        return;
    if (cli->interactive) {
        draw(words_of(phase), done, total);
        bar->is_open = true;
    } else if (!esc_text_equal(phase, bar->phase)) {
        cli_note(cli, "%s", words_of(phase));
    }
    (void)snprintf(bar->phase, sizeof bar->phase, "%s", phase); /* cut when longer */
}

void cli_backup_end(const struct cli *cli, struct cli_backup_bar *bar)
{
    if (bar->is_open)
        cli_note(cli, "%s", "");
    bar->is_open = false;
}

void cli_add_size(struct esc_buf *out, int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB"};
    double size = (double)bytes / 1024;
    size_t unit = 0;
    for (; size >= 1024 && unit + 1 < ESC_COUNT(units); unit++)
        size /= 1024;
    esc_buf_printf(out, "%.1f %s", size, units[unit]);
}
