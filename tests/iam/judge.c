/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/iam/explain.h"
#include "tests/iam/question.h"

/*
 * usage: iam-judge < questions.jsonl
 *
 * One question of question.h per line in, one verdict of explain.h per line out; tools/iam-compare
 * lays them beside the verdicts of another evaluator.
 */

static bool answer(struct esc_str line)
{
    struct esc_error err;
    struct esc_iam_verdict verdict;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    ESC_CLEANUP(question_freep) struct question *question = NULL;
    enum esc_status status = esc_json_parse(line, NULL, &json, &err);
    if (status == ESC_OK)
        status = question_new(json, &question, &err);
    if (status != ESC_OK) {
        (void)fprintf(stderr, "iam-judge: %s\n", err.message);
        return false;
    }
    esc_iam_evaluate(&question->layers, &question->request, &verdict);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *said = esc_iam_verdict_to_json(&verdict, &question->request);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(said, ESC_JSON_COMPACT);
    return puts(text) >= 0;
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    bool is_fine = true;
    for (ssize_t len; is_fine && (len = getline(&line, &capacity, stdin)) > 0;)
        is_fine = answer((struct esc_str){line, (size_t)len});
    free(line);
    return is_fine ? 0 : 1;
}
