/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What passes between a caller and escher-run (apps/run): the job, its secrets, and the messages
 * on the socket between them. Both sides are built from this file.
 *
 *     fd 3   the job, JSON in a sealed memfd
 *     fd 4   the secrets in a sealed memfd: the keys of the four files, then variables
 *     fd 5   the socket (packets): output and a last word to the caller, cancel to the helper
 *     fd 6   the live file, open and locked by the caller; the lock goes with the descriptor, and
 *            the command has it too, as its descriptor 10
 *     fd 7 … what the command is passed
 *
 * Nothing here is kept or sent further: caller and helper are of one version.
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/crypt/secret.h"
#include "escher/exec/command.h"
#include "escher/exec/process.h"
#include "escher/exec/record.h"

enum {
    ESC_HANDOVER_JOB_FD = 3,
    ESC_HANDOVER_SECRETS_FD = 4,
    ESC_HANDOVER_LIVE_FD = 5,
    ESC_HANDOVER_LOCK_FD = 6,
    ESC_HANDOVER_FIRST_FD = 7,
    ESC_HANDOVER_HELD_FD = 10, /* of the command; what it is passed lies below */
    ESC_HANDOVER_PASSED_COUNT = ESC_COMMAND_FDS_COUNT - 4,
};

enum esc_attempt_file {
    ESC_FILE_OUT,
    ESC_FILE_ERR,
    ESC_FILE_EXIT,
    ESC_FILE_TIMES,
    ESC_FILE_COUNT,
};

/** Owns what is in it. */
struct esc_handover {
    char *folder, *step;
    unsigned attempt;
    struct esc_secret *keys[ESC_FILE_COUNT];
    uint64_t timeout_ms, grace_ms, max_output;
};

void esc_handover_done(struct esc_handover *handover); /* twice is fine */
/** Its place, borrowed from it. */
struct esc_attempt esc_handover_attempt(const struct esc_handover *handover);

/** "out", "err", "exit" or "times". */
const char *esc_attempt_file_end(enum esc_attempt_file file);

/**
 * The two texts for descriptors 3 and 4; the secrets are owned by the caller. The command's
 * descriptors will be 7 and up, in their order.
 * @errors ESC_INVALID: text that is no UTF-8, or too many descriptors.
 */
enum esc_status esc_handover_write(const struct esc_handover *handover,
                                   const struct esc_command *command, struct esc_buf *job,
                                   struct esc_secret **secrets, struct esc_error *err);
/** Reads them back. @p command takes descriptors 7 and up. @errors ESC_INVALID. */
enum esc_status esc_handover_read(struct esc_str job, const struct esc_secret *secrets,
                                  struct esc_handover *handover, struct esc_command *command,
                                  struct esc_error *err);
/* One packet on the socket. */
enum esc_message_kind {
    ESC_MESSAGE_OUTPUT = 1, /* stream, number = offset, bytes */
    ESC_MESSAGE_FAILED,     /* bytes: why there will be no record */
    ESC_MESSAGE_CANCEL,     /* to the helper; number = grace in ms */
};

struct esc_message {
    uint32_t kind;
    uint32_t stream;
    uint64_t number;
}; /* followed by up to ESC_MESSAGE_MAX bytes */

enum {
    ESC_MESSAGE_MAX = 64 * 1024,
};
