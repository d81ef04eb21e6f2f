/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/s3_private.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

enum {
    MAX_COUNT = 100 * 1000,
    MAX_ETAG = 256,
    MAX_EMPTY = 16, /* pages in a row that say there is more and bring nothing */
};

struct list {
    struct esc_s3_call call;
    char *prefix; /* encoded for a query */
    char *token;  /* where the next page goes on, encoded; NULL: the first page */
    size_t max_count;
    unsigned page, empty;
    struct esc_list found; /* struct entry */
    esc_s3_list_fn *done;
    void *context;
};

struct entry {
    struct esc_s3_object object;
    char *key, *etag;
};

static void entry_free(void *item)
{
    struct entry *entry = item;
    free(entry->key);
    free(entry->etag);
    free(entry);
}

/* With encoding-type=url a space comes as a plus sign. */
static char *decode(const char *text)
{
    ESC_CLEANUP(esc_freep) char *spaced = esc_strdup(text);
    for (char *c = spaced; *c; c++)
        if (*c == '+')
            *c = ' ';
    return esc_percent_decode(esc_str_of(spaced));
}

static enum esc_status add_entry(struct list *list, const struct esc_xml *xml, bool encoded,
                                 struct esc_error *err)
{
    const char *key = esc_xml_str(xml, "Key", ""), *etag = esc_xml_str(xml, "ETag", "");
    char *plain = encoded ? decode(key) : esc_strdup(key);
    if (!plain || !*plain || strlen(plain) > ESC_S3_MAX_KEY || strlen(etag) > MAX_ETAG) {
        free(plain);
        return esc_fail(err, ESC_CORRUPT, "s3://%s: the answer is none of S3's", list->call.bucket);
    }
    if (list->found.count == list->max_count) {
        free(plain);
        return esc_fail(err, ESC_LIMIT, "s3://%s: more than %zu objects", list->call.bucket,
                        list->max_count);
    }
    struct entry *entry = esc_alloc_zero(sizeof *entry);
    entry->key = plain;
    entry->etag = esc_strdup(etag);
    entry->object.key = entry->key;
    entry->object.etag = entry->etag;
    (void)esc_num_u64(esc_str_of(esc_xml_str(xml, "Size", "")), &entry->object.size_bytes);
    (void)esc_time_parse(esc_str_of(esc_xml_str(xml, "LastModified", "")),
                         &entry->object.modified_ms);
    esc_list_push(&list->found, entry);
    return ESC_OK;
}

static void ask(struct esc_s3_call *op);

static enum esc_status add_page(struct list *list, const struct esc_xml *xml, struct esc_error *err)
{
    bool encoded = esc_text_equal(esc_xml_str(xml, "EncodingType", ""), "url");
    if (!esc_text_equal(xml ? esc_xml_name(xml) : "", "ListBucketResult"))
        return esc_fail(err, ESC_CORRUPT, "s3://%s: the answer is none of S3's", list->call.bucket);
    for (const struct esc_xml *at = esc_xml_first(xml); at; at = esc_xml_next(at))
        if (esc_text_equal(esc_xml_name(at), "Contents") &&
            add_entry(list, at, encoded, err) != ESC_OK)
            return err->status;
    return ESC_OK;
}

static void listed(struct esc_s3_call *op, const struct s3_answer *answer,
                   const struct esc_error *failure)
{
    struct list *list = (struct list *)op;
    const size_t count = list->found.count;
    struct esc_error err;
    if (failure || add_page(list, answer->xml, &err) != ESC_OK) {
        s3_end(op, failure ? failure : &err);
        return;
    }
    ESC_CLEANUP(esc_freep) char *before = ESC_STEAL(list->token);
    const char *next = esc_xml_str(answer->xml, "NextContinuationToken", "");
    list->token = esc_percent_encode(esc_str_of(next));
    list->empty = list->found.count > count ? 0 : list->empty + 1;
    if (!esc_text_equal(esc_xml_str(answer->xml, "IsTruncated", "false"), "true")) {
        s3_end(op, NULL);
    } else if (!*next || esc_text_equal(before, list->token) || list->empty > MAX_EMPTY) {
        (void)esc_fail(&err, ESC_CORRUPT, "s3://%s: the list does not go on", op->bucket);
        s3_end(op, &err);
    } else {
        ask(op);
    }
}

static void ask(struct esc_s3_call *op)
{
    struct list *list = (struct list *)op;
    struct esc_buf query;
    esc_buf_init(&query, ESC_MAX_LINE);
    esc_buf_add_text(&query, "list-type=2&encoding-type=url");
    if (*list->prefix)
        esc_buf_printf(&query, "&prefix=%s", list->prefix);
    if (list->page)
        esc_buf_printf(&query, "&max-keys=%u", list->page);
    if (list->token)
        esc_buf_printf(&query, "&continuation-token=%s", list->token);
    const struct s3_request request = {.method = "GET", .query = esc_buf_text(&query)};
    s3_send(op, &request, listed);
    esc_buf_done(&query);
}

static void finish(struct esc_s3_call *op, const struct esc_error *failure)
{
    struct list *list = (struct list *)op;
    size_t count = failure ? 0 : list->found.count;
    ESC_CLEANUP(esc_freep)
    struct esc_s3_object *objects = esc_alloc_array(count + 1, sizeof *objects);
    for (size_t i = 0; i < count; i++)
        objects[i] = ((const struct entry *)list->found.items[i])->object;
    list->done(list->context, failure ? NULL : objects, count, failure);
    esc_list_done(&list->found);
    free(list->prefix);
    free(list->token);
}

struct esc_s3_call *esc_s3_list(struct esc_aws *aws, const struct esc_s3_bucket *bucket,
                                const struct esc_s3_list *given, esc_s3_list_fn *done,
                                void *context)
{
    static const struct s3_kind kind = {.first = ask, .finish = finish};
    struct list *list = esc_alloc_zero(sizeof *list);
    s3_begin(&list->call, &kind, aws, bucket);
    list->prefix = esc_percent_encode(esc_str_of(given->prefix));
    list->max_count = given->max_count ? given->max_count : MAX_COUNT;
    list->page = given->page;
    esc_list_init(&list->found, entry_free);
    list->done = done;
    list->context = context;
    return &list->call;
}
