/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/xml_plain_private.h"
#include "escher/base/attr.h"

/* @source Extensible Markup Language (XML) 1.0, fifth edition: sections 2.2, 4.1 and 4.6 */

/* The character of "&#10;" or "&#xA;", from behind the "#". */
static bool numbered(struct esc_str digits, uint32_t *out)
{
    const bool is_hex = digits.len > 0 && digits.ptr[0] == 'x';
    const uint32_t base = is_hex ? 16 : 10;
    uint32_t value = 0;
    digits = esc_str_slice(digits, is_hex, digits.len);
    if (digits.len == 0 || digits.len > 7)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        const char c = digits.ptr[i];
        const bool is_letter = is_hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
        if (!is_letter && (c < '0' || c > '9'))
            return false;
        value =
            value * base + (is_letter ? (uint32_t)((c | 0x20) - 'a' + 10) : (uint32_t)(c - '0'));
    }
    *out = value;
    return (value >= 0x20 || value == '\t' || value == '\n' || value == '\r') &&
           value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF) && value != 0xFFFE &&
           value != 0xFFFF;
}

static bool named(struct esc_str name, uint32_t *out)
{
    static const struct {
        const char *name;
        char stands_for;
    } entities[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"apos", '\''}, {"quot", '"'}};
    for (size_t i = 0; i < ESC_COUNT(entities); i++)
        if (esc_str_is(name, entities[i].name)) {
            *out = (unsigned char)entities[i].stands_for;
            return true;
        }
    return false;
}

bool xml_reference_read(struct esc_str name, uint32_t *out)
{
    if (esc_str_starts_with(name, ESC_STR("#")))
        return numbered(esc_str_slice(name, 1, name.len), out);
    return named(name, out);
}
