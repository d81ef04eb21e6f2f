/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/scan/event.h"
#include "escher/scan/scanner.h"
#include "tests/fuzz/fuzz.h"

static bool is_plain(const char *word)
{
    const size_t allowed = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return *word && word[allowed] == '\0';
}

/* Whoever writes into the queue of events leads to a place that can be looked at, or nowhere. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct esc_event_place place;
    if (esc_event_read((struct esc_str){(const char *)bytes, len}, &place) != ESC_EVENT_PLACE)
        return 0;
    ESC_ASSERT(len <= ESC_EVENT_MESSAGE);
    ESC_ASSERT(strlen(place.account_id) == 12 && is_plain(place.account_id));
    ESC_ASSERT(is_plain(place.region));
    ESC_ASSERT(place.scanner_count > 0 && place.scanner_count <= ESC_EVENT_SCANNERS);
    for (size_t i = 0; i < place.scanner_count; i++)
        ESC_ASSERT(esc_scanner_find(esc_str_of(place.scanners[i])));
    return 0;
}
