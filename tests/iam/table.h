/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tables of cases that a person reads with pleasure (tests/cases/iam/README.md): policies in a
 * shorthand, questions in a line each. Every line with an arrow becomes a question of question.h.
 *
 *     let main = arn:aws:rds:eu-west-1:111122223333:db:main
 *
 *     A denial counts more than any number of allows.
 *         identity   Allow rds:* on *
 *         scp 2      NoStops: Deny rds:Stop* on * if Bool aws:MultiFactorAuthPresent false
 *         with aws:MultiFactorAuthPresent false   → explicit deny by scp
 *         says statement `NoStops` of `scp level 2` (service control policy) denies …
 */

#include "escher/base/json.h"
#include "escher/base/str.h"

struct table_case {
    const char *file;
    unsigned line;
    const char *title;
    const struct esc_json *question; /* of question.h */
    struct esc_str expect;           /* "explicit deny by scp" */
    struct esc_str says;             /* empty: any sentence will do */
};

/** Gives every case of @p text to @p take, and returns how many there were; @p file is for messages.
 *  What cannot be read fails the test that calls. */
unsigned table_read(const char *file, struct esc_str text,
                    void (*take)(const struct table_case *one));
