/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Route 53 hosted zones, once per account: DNS has no regions. Of a zone's records those are taken
 * over that lead to the cloud, as texts "NAME TYPE WHERE", and no more than a few hundred: what
 * breaks when something else goes (work/impact_names.c). Texts of other records (TXT, MX) stay out.
 */

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"record_count", "ResourceRecordSetCount"},
    {"private", "Config.PrivateZone"},
    {"comment", "Config.Comment"},
    {"owned_by", "LinkedService.ServicePrincipal"},
};

/* Every zone has its NS and SOA records, which go with it. */
enum {
    OWN_RECORDS = 2,
    MOST_READ = 10'000, /* records of a zone, AWS's own quota: 34 calls at five a second */
    MOST_HOSTS = 300,   /* records that lead to a host of the cloud, and */
    MOST_ADDRESSES = 100,
};

static void constrain(struct esc_resource *zone, const struct esc_json *item)
{
    const int64_t records = esc_json_num(item, "ResourceRecordSetCount", -1);
    const char *owner = esc_json_str(item, "LinkedService.ServicePrincipal", NULL);
    if (owner)
        scan_constrain(zone, ESC_CAN_DELETE, ESC_NO, "LinkedService", "it belongs to %s", owner);
    else if (records > OWN_RECORDS)
        scan_constrain(zone, ESC_CAN_DELETE, ESC_NO, "ResourceRecordSetCount",
                       "it has %lld records besides its own two",
                       (long long)(records - OWN_RECORDS));
    else if (records >= 0)
        scan_say(zone, ESC_CAN_DELETE, ESC_YES);
}

static void read_zone(struct scan_page *page, const struct esc_json *item)
{
    const char *id = scan_last_piece(esc_json_str(item, "Id", NULL), '/'); /* "/hostedzone/Z1" */
    struct esc_resource *zone = scan_add(page, "hosted_zone", id, NULL, NULL);
    if (!zone)
        return;
    struct esc_str name = esc_str_of(esc_json_str(item, "Name", ""));
    if (esc_str_ends_with(name, ESC_STR(".")))
        name.len--;
    ESC_CLEANUP(esc_freep) char *domain = esc_str_dup(name);
    scan_locate(zone, SCAN_GLOBAL);
    scan_set_name(zone, domain);
    scan_take_fields(zone, item, fields, ESC_COUNT(fields));
    constrain(zone, item);
    if (esc_json_num(item, "ResourceRecordSetCount", 0) > MOST_READ)
        esc_json_set_bool(zone->metadata, "records_unread", true);
}

/* Records */

static bool has_records(const struct esc_resource *zone, bool tags_seen)
{
    (void)tags_seen;
    return esc_json_num(zone->metadata, "record_count", OWN_RECORDS + 1) > OWN_RECORDS &&
           !esc_json_member(zone->metadata, "records_unread");
}

static struct esc_json *name_zone(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "HostedZoneId", batch[0]->identifier);
    return params;
}

static bool is_octal(char c, char most)
{
    return c >= '0' && c <= most;
}

/* "\052.example.com." is "*.example.com". What is no plain letter stays as the cloud wrote it.
 * @source Route 53 guide, "DNS domain name format": octal codes behind a backslash */
static char *plain_name(const char *text)
{
    struct esc_str name = esc_str_of(text);
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    if (esc_str_ends_with(name, ESC_STR(".")) && name.len > 1)
        name.len--;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '\\' && i + 3 < name.len && is_octal(name.ptr[i + 1], '1') &&
            is_octal(name.ptr[i + 2], '7') && is_octal(name.ptr[i + 3], '7')) {
            const int code = (name.ptr[i + 1] - '0') * 64 + (name.ptr[i + 2] - '0') * 8 +
                             (name.ptr[i + 3] - '0');
            if (code > ' ' && code < 127 && code != '\\') {
                c = (char)code;
                i += 3;
            }
        }
        esc_buf_add_char(&out, c);
    }
    return esc_buf_take(&out);
}

static bool is_host_of_cloud(struct esc_str host)
{
    static const char *const ends[] = {".amazonaws.com", ".amazonaws.com.cn", ".cloudfront.net",
                                       ".awsglobalaccelerator.com"};
    for (size_t i = 0; i < ESC_COUNT(ends); i++)
        if (esc_str_ends_with(host, esc_str_of(ends[i])))
            return true;
    return false;
}

/* Addresses of networks of one's own mean another thing in each. @source RFC 1918, RFC 4193 */
static bool is_private(struct esc_str address)
{
    static const char *const begins[] = {"10.", "192.168.", "fc", "fd"};
    for (size_t i = 0; i < ESC_COUNT(begins); i++)
        if (esc_str_starts_with(address, esc_str_of(begins[i])))
            return true;
    struct esc_str rest = address, first, second;
    return esc_str_next(&rest, '.', &first) && esc_str_is(first, "172") &&
           esc_str_next(&rest, '.', &second) && second.len == 2 &&
           ((second.ptr[0] == '1' && second.ptr[1] >= '6') || second.ptr[0] == '2' ||
            esc_str_is(second, "30") || esc_str_is(second, "31"));
}

/* One more text of the list, unless it is there (weighted and other sets say the same several
 * times, and so does a list that is read again) or there are too many. */
static void note_record(struct esc_resource *zone, const char *list, size_t most, const char *name,
                        const char *type, const char *where)
{
    struct esc_json *texts = esc_json_get_mutable(zone->metadata, list);
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%s %s %s", name, type, where);
    for (size_t i = 0; i < esc_json_len(texts); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(texts, i), "", NULL), text))
            return;
    if (esc_json_len(texts) >= most) {
        esc_json_set_bool(zone->metadata, "records_cut", true);
        return;
    }
    if (!texts) {
        esc_json_set(zone->metadata, list, esc_json_array());
        texts = esc_json_get_mutable(zone->metadata, list);
    }
    esc_json_push_text(texts, text);
}

static void read_record(struct scan_page *page, const struct esc_json *item)
{
    const char *type = esc_json_str(item, "Type", "");
    const char *alias = esc_json_str(item, "AliasTarget.DNSName", NULL);
    const struct esc_json *values = esc_json_member(item, "ResourceRecords");
    const bool is_address = esc_text_equal(type, "A") || esc_text_equal(type, "AAAA");
    const bool is_name = esc_text_equal(type, "CNAME");
    ESC_CLEANUP(esc_freep) char *name = plain_name(esc_json_str(item, "Name", ""));
    if (!*name || !*type) {
        page->unread_count++;
        return;
    }
    if (alias) {
        ESC_CLEANUP(esc_freep) char *host = plain_name(alias);
        note_record(page->of, "leads_to", MOST_HOSTS, name, type, host);
        return;
    }
    for (size_t i = 0; (is_address || is_name) && i < esc_json_len(values); i++) {
        ESC_CLEANUP(esc_freep)
        char *value = plain_name(esc_json_str(esc_json_at(values, i), "Value", ""));
        if (is_address && *value && !is_private(esc_str_of(value)))
            note_record(page->of, "leads_to_address", MOST_ADDRESSES, name, type, value);
        if (is_name && is_host_of_cloud(esc_str_of(value)))
            note_record(page->of, "leads_to", MOST_HOSTS, name, type, value);
    }
}

static const struct scan_step steps[] = {
    {
        .operation = "ListHostedZones",
        .type = "hosted_zone",
        .list = "HostedZones",
        .read = read_zone,
        .tags_elsewhere = true,
    },
    {
        .operation = "ListResourceRecordSets",
        .list = "ResourceRecordSets",
        .read = read_record,
        .stage = 1,
        .of_type = "hosted_zone",
        .batch = 1,
        .wants = has_records,
        .make_params = name_zone,
        .gone_codes = "NoSuchHostedZone",
    },
};

const struct esc_scanner scan_service_route53 = {.name = "route53",
                                                 .service = "route53",
                                                 .global = true,
                                                 .needs_tags = true,
                                                 .steps = steps,
                                                 .step_count = ESC_COUNT(steps)};
