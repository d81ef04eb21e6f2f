/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every test includes: cmocka with what it needs before it, and checks for esc_status. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "escher/base/alloc.h"
#include "escher/base/error.h"
#include "escher/base/json.h"

/* On failure both show the message of the test's `err` (a struct esc_error in scope). */
#define expect_ok(call) test_expect_status(ESC_OK, (call), &err, #call, __FILE__, __LINE__)
#define expect_status(expected, call)                                                              \
    test_expect_status((expected), (call), &err, #call, __FILE__, __LINE__)

void test_expect_status(enum esc_status expected, enum esc_status actual,
                        const struct esc_error *err, const char *call, const char *file, int line);

/** Fails unless @p text contains @p part, showing both. */
#define expect_contains(part, text) test_expect_contains((part), (text), __FILE__, __LINE__)
void test_expect_contains(const char *part, const char *text, const char *file, int line);

/** A fresh folder that is removed at exit of the program; owned by the caller. */
char *test_folder(void);
/** The corpus folder ESCHER_TEST_DATA/name, or a skipped test when it is not there; owned. */
char *test_data(const char *name);
/**
 * How long a test with chance in it goes on: @p usual times ESCHER_TEST_SOAK (default 1). Its seed
 * is the usual one, moved by ESCHER_TEST_SEED; make soak sets both, and says them on failure.
 */
int test_rounds(int usual);
uint64_t test_seed(uint64_t usual);
/** @p piece, @p count times; owned. */
char *test_repeated(const char *piece, size_t count);
/** JSON written with single quotes, for reading; owned. */
struct esc_json *test_json(const char *text);
/** A file of the project by its path from the root, read whole; owned. */
char *test_source(const char *path);
