/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/read_policy.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/catalog/operation.h"
#include "escher/scan/key_policy.h"
#include "escher/scan/key_use.h"
#include "escher/scan/policy_reader.h"
#include "escher/scan/resource_policy.h"
#include "escher/scan/scan_private.h"

/* Actions by service, each list sorted when it is written. */

static void free_list(void *list)
{
    esc_list_done(list);
    free(list);
}

static struct esc_str service_of(const char *action)
{
    const struct esc_str text = esc_str_of(action);
    return esc_str_slice(text, 0, esc_str_find(text, ESC_STR(":"), 0));
}

static void add_action(struct esc_map *services, const char *action)
{
    const struct esc_str service = service_of(action);
    struct esc_list *actions = esc_map_get(services, service);
    if (!actions) {
        actions = esc_alloc_zero(sizeof *actions);
        esc_list_init(actions, NULL);
        esc_map_set(services, service, actions);
    }
    for (size_t i = 0; i < actions->count; i++)
        if (esc_text_equal(esc_list_at(actions, i), action))
            return;
    esc_list_push(actions, (void *)(uintptr_t)action);
}

static void add_operation(struct esc_map *services, const char *service, const char *name)
{
    const struct esc_operation *operation = esc_operation_find(service, name);
    if (operation && !operation->mutates)
        add_action(services, operation->iam_action);
}

static void add_scanner(struct esc_map *services, const struct esc_scanner *scanner)
{
    for (size_t i = 0; i < scanner->step_count; i++)
        add_operation(services, scanner->service, scanner->steps[i].operation);
    if (scanner->needs_tags)
        add_scanner(services, &scan_service_tags);
    if (scanner->needs)
        add_scanner(services, esc_scanner_find(esc_str_of(scanner->needs)));
}

static enum esc_status add_asked(struct esc_map *services, const char *const *asked,
                                 struct esc_error *err)
{
    for (size_t i = 0; !asked && i < esc_scanner_count(); i++)
        add_scanner(services, esc_scanner_at(i));
    for (size_t i = 0; asked && asked[i]; i++) {
        const struct esc_scanner *scanner;
        const enum esc_status status = esc_scanner_named(asked[i], &scanner, err);
        if (status != ESC_OK)
            return status;
        add_scanner(services, scanner);
    }
    return ESC_OK;
}

/* Statements. */

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* "Ec2": letters and digits, as a Sid wants them. */
static char *sid_of(struct esc_str service)
{
    struct esc_buf sid;
    esc_buf_init(&sid, ESC_MAX_LINE);
    for (size_t i = 0; i < service.len; i++) {
        const char c = service.ptr[i];
        const bool first = i == 0 && esc_is_lower(c);
        if (esc_is_alnum(c))
            esc_buf_add_char(&sid, first ? (char)(c - 'a' + 'A') : c);
    }
    return esc_buf_take(&sid);
}

static struct esc_json *statement_new(struct esc_str service)
{
    ESC_CLEANUP(esc_freep) char *sid = sid_of(service);
    struct esc_json *statement = esc_json_object();
    esc_json_set_text(statement, "Sid", sid);
    esc_json_set_text(statement, "Effect", "Allow");
    esc_json_set(statement, "Action", esc_json_array());
    esc_json_set_text(statement, "Resource", "*");
    return statement;
}

static struct esc_json *document_new(void)
{
    struct esc_json *document = esc_json_object();
    esc_json_set_text(document, "Version", "2012-10-17");
    esc_json_set(document, "Statement", esc_json_array());
    return document;
}

static size_t size_of(const struct esc_json *json)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    return strlen(text);
}

/* Puts the actions of a service behind what is there, and begins another document where one more
 * would be too much. */
static void write_service(struct esc_json *documents, struct esc_str service,
                          struct esc_list *actions, size_t limit)
{
    struct esc_json *document = esc_json_get_mutable(documents, "[0]");
    size_t last = esc_json_len(documents) - 1;
    struct esc_json *statement = NULL, *list = NULL;
    esc_list_sort(actions, by_text);
    for (size_t i = 0; i < actions->count; i++) {
        const char *action = esc_list_at(actions, i);
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("[%zu]", last);
        document = esc_json_get_mutable(documents, path);
        const size_t more = strlen(action) + 3 + (statement ? 0 : service.len + 64);
        if (size_of(document) + more > limit &&
            esc_json_len(esc_json_member(document, "Statement"))) {
            esc_json_push(documents, document_new());
            statement = NULL;
            last++;
            i--;
            continue;
        }
        if (!statement) {
            statement = statement_new(service);
            list = esc_json_get_mutable(statement, "Action");
            esc_json_push(esc_json_get_mutable(document, "Statement"), statement);
        }
        esc_json_push_text(list, action);
    }
}

static struct esc_json *write_documents(struct esc_map *services, size_t limit)
{
    struct esc_json *documents = esc_json_array();
    struct esc_str service;
    void *actions;
    esc_json_push(documents, document_new());
    for (size_t at = 0; esc_map_next(services, &at, &service, &actions);)
        write_service(documents, service, actions, limit);
    return documents;
}

static void add_actions(struct esc_map *services, const char *const *actions)
{
    for (size_t i = 0; actions[i]; i++)
        add_action(services, actions[i]);
}

static bool uses_keys(const struct esc_map *services)
{
    struct esc_str service;
    void *actions;
    for (size_t at = 0; esc_map_next(services, &at, &service, &actions);)
        if (esc_key_use_is_in(service))
            return true;
    return false;
}

enum esc_status esc_read_policies(const char *const *services, enum esc_read_extent extent,
                                  size_t limit, struct esc_json **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_map_freep) struct esc_map *actions = esc_map_new(free_list);
    add_action(actions, "sts:GetCallerIdentity");
    add_operation(actions, "ec2", "DescribeRegions");
    const enum esc_status status = add_asked(actions, services, err);
    if (status != ESC_OK)
        return status;
    if (extent >= ESC_READ_PERMISSIONS)
        add_actions(actions, esc_policy_reader_actions);
    if (extent >= ESC_READ_ORGANIZATION)
        add_actions(actions, esc_policy_tree_actions);
    for (size_t i = 0; extent >= ESC_READ_PERMISSIONS && esc_resource_policy_actions[i]; i++)
        if (esc_map_has(actions, service_of(esc_resource_policy_actions[i])))
            add_action(actions, esc_resource_policy_actions[i]);
    if (extent >= ESC_READ_PERMISSIONS && uses_keys(actions))
        add_actions(actions, esc_key_policy_actions);
    *out = write_documents(actions, limit);
    return ESC_OK;
}
