/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Backups in a bucket as seen from a machine that need not have a store: which there are, and one
 * of them as a file, whose bytes are those that its key names by their hash.
 *
 *     list ─▶ the one that is meant ─▶ FOLDER/NAME.part ─▶ compared ─▶ FOLDER/NAME
 *
 * Threads    one, without a loop that turns meanwhile: a program that does nothing else.
 */

#include "escher/aws/credentials_env.h"
#include "escher/base/error.h"
#include "escher/base/json.h"

struct esc_fetch_task {
    const char *url;     /* s3://BUCKET/PREFIX: the newest there; or the whole of one's address */
    const char *profile; /* of the AWS tools; NULL: the environment's keys or profile */
    const char *role;    /* to assume, one that may read; NULL: none */
    const char *region;  /* of the bucket; NULL: us-east-1 */
    const char *endpoint_url;                      /* of an emulator; NULL: the cloud's */
    const struct esc_aws_environment *environment; /* NULL: that of this process */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* NULL: nobody looks */
    void *context;
};

/** {"backups": [{"url", "name", "at", "size", "sha256", "store"}]}, the newest first; owned by the
 *  caller. @errors those of aws/s3.h and aws/resolve.h. */
enum esc_status esc_fetch_list(const struct esc_fetch_task *task, struct esc_json **out,
                               struct esc_error *err);
/** The file is FOLDER/NAME, *path owned by the caller; one that is there with the same bytes is
 *  taken. @errors ESC_AMBIGUOUS: backups of several stores are there; ESC_NOT_FOUND; ESC_IO. */
enum esc_status esc_fetch_backup(const struct esc_fetch_task *task, const char *folder, char **path,
                                 struct esc_error *err);
