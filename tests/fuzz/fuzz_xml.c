/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_xml.h"
#include "tests/fuzz/fuzz.h"

static size_t count(const struct esc_xml *element)
{
    size_t total = 1;
    ESC_ASSERT(*esc_xml_name(element));
    ESC_ASSERT(!esc_xml_first(element) || !*esc_xml_text(element));
    for (const struct esc_xml *child = esc_xml_first(element); child; child = esc_xml_next(child))
        total += count(child);
    return total;
}

/* A tree keeps to its ceilings, and only leaves hold text. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *root = NULL;
    if (esc_xml_parse((struct esc_str){(const char *)bytes, len}, &root, NULL) == ESC_OK)
        ESC_ASSERT(count(root) <= ESC_XML_MAX_ELEMENTS);
    return 0;
}
