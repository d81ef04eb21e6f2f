/* SPDX-License-Identifier: Apache-2.0 */

/* Prints the table of the API's routes, for tools/api-generate. Of use to the build alone. */

#include <stdio.h>
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/work/api.h"

int main(void)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *table = esc_api_describe();
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(table, ESC_JSON_PRETTY);
    return puts(text) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
