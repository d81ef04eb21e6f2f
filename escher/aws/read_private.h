/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parts of a read that know no network: tokens from an answer into the parameters, pages into one,
 * and credentials that reads have in common. */

#include "escher/aws/credentials.h"
#include "escher/base/json.h"
#include "escher/base/map.h"
#include "escher/catalog/operation.h"
#include "escher/crypt/digest.h"
#include "escher/http/client.h"

/** Asks for the largest page, unless the parameters already say how large or name what they want,
 *  which services refuse together. */
void page_set_size(const struct esc_operation *operation, struct esc_json *params);

enum page_next {
    PAGE_LAST,
    PAGE_MORE,     /* the parameters now ask for the next */
    PAGE_REPEATED, /* its token was given before: the list would never end */
    PAGE_LOST,     /* more follow, it says, but not where */
};
/** @p seen holds the tokens of earlier pages, and gets this one's. */
enum page_next page_next(const struct esc_operation *operation, const struct esc_json *output,
                         struct esc_json *params, struct esc_map *seen);
/** The parameters ask for the first page again. */
void page_restart(const struct esc_operation *operation, struct esc_json *params);

/** Appends the lists of @p page to those of @p all; what is no list stays the first page's. */
void page_join(struct esc_json *all, const struct esc_json *page);
/** Without what only says how to go on. */
void page_strip(const struct esc_operation *operation, struct esc_json *output);

/** read_mark.c: adds a page that became @p output to the mark of its read. */
void read_mark_page(struct esc_digest *digest, const struct esc_operation *operation,
                    const struct esc_http_response *response, const struct esc_json *output);

/* Credentials in use, each once however many reads have them. */
struct read_keys;
/** Those in the list that are equal, or a copy that joins it; dropped by each who took them. */
struct read_keys *read_keys_take(struct read_keys **all, const struct esc_credentials *credentials);
const struct esc_credentials *read_keys_credentials(const struct read_keys *keys); /* NULL: NULL */
void read_keys_drop(struct read_keys *keys); /* NULL does nothing */
