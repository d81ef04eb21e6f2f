/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/source_private.h"
#include "tests/fuzz/fuzz.h"

static void expect_plain(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        ESC_ASSERT(text.ptr[i] > 0x20 && text.ptr[i] < 0x7F); /* fits into a header */
}

/* Whatever a program, a portal or a machine says, credentials are whole and fit into a header. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct aws_document_names kinds[] = {
        {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", false, false},
        {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", true, false},
        {"roleCredentials.accessKeyId", "roleCredentials.secretAccessKey",
         "roleCredentials.sessionToken", "roleCredentials.expiration", false, true},
    };
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        ESC_CLEANUP(esc_credentials_freep) struct esc_credentials *credentials = NULL;
        if (aws_document_read((struct esc_str){(const char *)bytes, len}, &kinds[i], "it",
                              &credentials, NULL) != ESC_OK) {
            ESC_ASSERT(!credentials);
            continue;
        }
        ESC_ASSERT(*credentials->access_key_id && esc_secret_len(credentials->secret_access_key));
        ESC_ASSERT(credentials->session_token || kinds[i].token_is_optional);
        expect_plain(esc_str_of(credentials->access_key_id));
        expect_plain(esc_secret_view(credentials->secret_access_key));
        if (credentials->session_token)
            expect_plain(esc_secret_view(credentials->session_token));
    }
    return 0;
}
