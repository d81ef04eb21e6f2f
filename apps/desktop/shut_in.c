/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/desktop.h"
#include "escher/launch/sandbox.h"

/* The trial of launch/sandbox.h, beside the rest of the start. */
static struct esc_sandbox_system around;
static GSubprocess *trial;

void sandbox_ask(void)
{
    const char *argv[16] = {"bwrap"};
    esc_sandbox_look(&around);
    for (size_t i = 0; esc_sandbox_trial[i] && i < ESC_COUNT(argv) - 2; i++)
        argv[i + 1] = esc_sandbox_trial[i];
    trial = g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDERR_PIPE, NULL);
}

struct esc_sandbox_verdict sandbox_answer(void)
{
    struct esc_sandbox_verdict verdict;
    g_autofree char *said = NULL;
    const bool worked = trial &&
                        g_subprocess_communicate_utf8(trial, NULL, NULL, NULL, &said, NULL) &&
                        g_subprocess_get_successful(trial);
    esc_sandbox_judge(&around, worked, esc_str_of(said), &verdict);
    esc_sandbox_system_done(&around);
    g_clear_object(&trial);
    return verdict;
}
