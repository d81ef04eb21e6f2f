/* SPDX-License-Identifier: Apache-2.0 */

/* Reads of one account share their credentials: each secret has guarded memory of its own, which
 * would cost a call more than its parsing does. What nobody uses is wiped. */

#include "escher/aws/read_private.h"

#include "escher/base/alloc.h"
#include "escher/crypt/digest.h"

struct read_keys {
    struct read_keys *next, **link; /* of aws->keys */
    struct esc_credentials *credentials;
    unsigned users;
};

static bool are_equal(const struct esc_secret *a, const struct esc_secret *b)
{
    return (!a && !b) ||
           (a && b && esc_str_equal_constant_time(esc_secret_view(a), esc_secret_view(b)));
}

static bool are_same(const struct esc_credentials *a, const struct esc_credentials *b)
{
    return esc_text_equal(a->access_key_id, b->access_key_id) &&
           are_equal(a->secret_access_key, b->secret_access_key) &&
           are_equal(a->session_token, b->session_token);
}

struct read_keys *read_keys_take(struct read_keys **all, const struct esc_credentials *credentials)
{
    struct read_keys *keys = *all;
    while (keys && !are_same(keys->credentials, credentials))
        keys = keys->next;
    if (!keys) {
        keys = esc_alloc_zero(sizeof *keys);
        keys->credentials = esc_credentials_copy(credentials);
        keys->link = all;
        keys->next = *all;
        if (keys->next)
            keys->next->link = &keys->next;
        *all = keys;
    }
    keys->users++;
    return keys;
}

const struct esc_credentials *read_keys_credentials(const struct read_keys *keys)
{
    return keys ? keys->credentials : NULL;
}

void read_keys_drop(struct read_keys *keys)
{
    if (!keys || --keys->users > 0)
        return;
    *keys->link = keys->next;
    if (keys->next)
        keys->next->link = keys->link;
    esc_credentials_free(keys->credentials);
    free(keys);
}
