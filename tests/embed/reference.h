/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What other implementations made of texts: files of lines {text, token_ids, vector}. A test
 * that asks for something this machine does not have is skipped.
 */

#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/embed/vocab.h"

/** The real vocabulary of build/weights as a trie in @p nodes, which the caller ends. */
void reference_vocab(struct esc_buf *nodes, struct esc_vocab *vocab);
/** The real weights, ESCHER_WEIGHTS or build/share/minilm.escemb; the path is the caller's. */
char *reference_weights(void);

/** The lines (struct esc_json) of a .jsonl file of the project; the caller ends the list. */
void reference_sample(const char *path, struct esc_list *lines);
/** The lines of a .jsonl.gz file of the test data. */
void reference_corpus(const char *name, struct esc_list *lines);

/** The text of @p line, appended to @p out and borrowed from it; U+0000 in it is a NUL. */
struct esc_str reference_text(const struct esc_json *line, struct esc_buf *out);
/** Fails unless @p ids are those of @p line. */
void expect_token_ids(const struct esc_json *line, const int32_t *ids, size_t count);
/** The cosine of @p vector and the one in @p line. */
double reference_cosine(const struct esc_json *line, const float *vector);
