/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/catalog/operation.h"

#include "escher/base/assert.h"
#include "escher/catalog/catalog_private.h"

static bool is_called(const struct esc_operation *row, const char *service, const char *operation)
{
    return (esc_text_equal(row->service, service) || esc_text_equal(row->cli_service, service)) &&
           (esc_text_equal(row->operation, operation) || esc_text_equal(row->cli_verb, operation));
}

const struct esc_operation *esc_operation_find(const char *service, const char *operation)
{
    for (size_t i = 0; i < catalog_operation_count; i++)
        if (is_called(&catalog_operations[i], service, operation))
            return &catalog_operations[i];
    return NULL;
}

const struct esc_operation *esc_operation_at(size_t index)
{
    ESC_ASSERT(index < catalog_operation_count);
    return &catalog_operations[index];
}

size_t esc_operation_count(void)
{
    return catalog_operation_count;
}

const struct esc_operation_option *esc_operation_option(const struct esc_operation *operation,
                                                        const char *option_or_member)
{
    for (size_t i = 0; i < operation->option_count; i++) {
        const struct esc_operation_option *option = &operation->options[i];
        if (esc_text_equal(option->option, option_or_member) ||
            esc_text_equal(option->member, option_or_member) ||
            (option->negation && esc_text_equal(option->negation, option_or_member)))
            return option;
    }
    return NULL;
}

const char *esc_operation_risk_text(enum esc_operation_risk risk)
{
    static const char *const texts[] = {
        [ESC_RISK_READ] = "read",       [ESC_RISK_SENSITIVE_READ] = "sensitive_read",
        [ESC_RISK_WRITE] = "write",     [ESC_RISK_DISRUPT] = "disrupt",
        [ESC_RISK_DESTROY] = "destroy", [ESC_RISK_PRIVILEGE] = "privilege",
    };
    ESC_ASSERT(risk < ESC_COUNT(texts));
    return texts[risk];
}
