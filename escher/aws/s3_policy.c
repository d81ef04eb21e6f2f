/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/s3_policy.h"

#include "escher/aws/s3.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"

enum {
    MAX_PREFIX = 512
};

static bool is_prefix(struct esc_str prefix)
{
    for (size_t i = 0; i < prefix.len; i++) {
        const char c = prefix.ptr[i];
        if (!esc_is_alnum(c) && !esc_str_contains(ESC_STR("-_./"), (struct esc_str){&c, 1}))
            return false;
    }
    return prefix.len <= MAX_PREFIX && !esc_str_contains(prefix, ESC_STR("//")) &&
           !esc_str_starts_with(prefix, ESC_STR("/")) && !esc_str_contains(prefix, ESC_STR(".."));
}

enum esc_status esc_s3_read_url(struct esc_str url, char **bucket, char **prefix,
                                struct esc_error *err)
{
    if (!esc_str_starts_with(url, ESC_STR("s3://")))
        return esc_fail(err, ESC_INVALID, "a place in S3 is written s3://BUCKET/PREFIX");
    struct esc_str rest = esc_str_slice(url, 5, url.len), name = {0};
    if (!esc_str_next(&rest, '/', &name) || !esc_s3_is_bucket_name(name))
        return esc_fail(err, ESC_INVALID, "`%.*s` is no name of a bucket", ESC_STR_ARG(name));
    if (!rest.ptr)
        rest = ESC_STR("");
    if (!is_prefix(rest))
        return esc_fail(err, ESC_INVALID,
                        "a prefix is of letters, digits and -_./, with single slashes");
    const bool open = rest.len > 0 && !esc_str_ends_with(rest, ESC_STR("/"));
    *bucket = esc_str_dup(name);
    *prefix = esc_sprintf("%.*s%s", ESC_STR_ARG(rest), open ? "/" : "");
    return ESC_OK;
}

/* The documents as they are read, with places to fill: $B the bucket, $P the prefix, $D the days. */

static const char writer[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Sid\":\"PutNewBackups\",\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\","
    "\"Resource\":\"arn:aws:s3:::$B/"
    "$P*\",\"Condition\":{\"Null\":{\"s3:if-none-match\":\"false\"}}},"
    "{\"Sid\":\"PutTheirParts\",\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\","
    "\"Resource\":\"arn:aws:s3:::$B/$P*\","
    "\"Condition\":{\"Bool\":{\"s3:ObjectCreationOperation\":\"false\"}}},"
    "{\"Sid\":\"GiveUpUploads\",\"Effect\":\"Allow\",\"Action\":\"s3:AbortMultipartUpload\","
    "\"Resource\":\"arn:aws:s3:::$B/$P*\"},"
    "{\"Sid\":\"ListBackups\",\"Effect\":\"Allow\",\"Action\":\"s3:ListBucket\","
    "\"Resource\":\"arn:aws:s3:::$B\",\"Condition\":{\"StringLike\":{\"s3:prefix\":\"$P*\"}}},"
    "{\"Sid\":\"SeeWhatProtectsThem\",\"Effect\":\"Allow\",\"Action\":["
    "\"s3:GetBucketVersioning\",\"s3:GetLifecycleConfiguration\","
    "\"s3:GetBucketObjectLockConfiguration\"],\"Resource\":\"arn:aws:s3:::$B\"},"
    "{\"Sid\":\"NothingElse\",\"Effect\":\"Deny\",\"NotAction\":["
    "\"s3:PutObject\",\"s3:AbortMultipartUpload\",\"s3:ListBucket\",\"s3:GetBucketVersioning\","
    "\"s3:GetLifecycleConfiguration\",\"s3:GetBucketObjectLockConfiguration\"],"
    "\"Resource\":[\"arn:aws:s3:::$B\",\"arn:aws:s3:::$B/*\"]}]}";

static const char restorer[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Sid\":\"ReadBackups\",\"Effect\":\"Allow\","
    "\"Action\":[\"s3:GetObject\",\"s3:GetObjectVersion\"],"
    "\"Resource\":\"arn:aws:s3:::$B/$P*\"},"
    "{\"Sid\":\"ListBackups\",\"Effect\":\"Allow\","
    "\"Action\":[\"s3:ListBucket\",\"s3:ListBucketVersions\"],"
    "\"Resource\":\"arn:aws:s3:::$B\",\"Condition\":{\"StringLike\":{\"s3:prefix\":\"$P*\"}}}]}";

static const char lifecycle[] =
    "{\"Rules\":["
    "{\"ID\":\"escher-backups\",\"Status\":\"Enabled\",\"Filter\":{\"Prefix\":\"$P\"},"
    "\"Expiration\":{\"Days\":$D},\"NoncurrentVersionExpiration\":{\"NoncurrentDays\":1},"
    "\"AbortIncompleteMultipartUpload\":{\"DaysAfterInitiation\":2}},"
    "{\"ID\":\"escher-markers\",\"Status\":\"Enabled\",\"Filter\":{\"Prefix\":\"$P\"},"
    "\"Expiration\":{\"ExpiredObjectDeleteMarker\":true}}]}";

static const char object_lock[] =
    "{\"ObjectLockEnabled\":\"Enabled\",\"Rule\":{\"DefaultRetention\":"
    "{\"Mode\":\"GOVERNANCE\",\"Days\":$D}}}";

/* $L: where the bucket is to be, $F: the days. The files have the documents above. */
static const char *const commands[] = {
    "aws s3api create-bucket --bucket $B --region $R --object-lock-enabled-for-bucket$L",
    "aws s3api put-public-access-block --bucket $B --region $R --public-access-block-configuration "
    "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
    "aws s3api put-object-lock-configuration --bucket $B --region $R --object-lock-configuration "
    "file://object_lock.json",
    "aws s3api put-bucket-lifecycle-configuration --bucket $B --region $R "
    "--lifecycle-configuration "
    "file://lifecycle.json",
    "aws iam create-policy --policy-name escher-backup-writer --policy-document "
    "file://writer.json",
    "aws iam create-policy --policy-name escher-backup-restorer --policy-document "
    "file://restorer.json",
};

struct filling {
    const char *bucket, *prefix, *region;
};

static void add_filling(struct esc_buf *out, char letter, const struct filling *filling)
{
    switch (letter) {
    case 'B':
        esc_buf_add_text(out, filling->bucket);
        break;
    case 'P':
        esc_buf_add_text(out, filling->prefix);
        break;
    case 'R':
        esc_buf_add_text(out, filling->region);
        break;
    case 'D':
        esc_buf_printf(out, "%d", ESC_S3_BACKUP_DAYS);
        break;
    default: /* 'L': us-east-1 is the one place that must not be named */
        if (!esc_text_equal(filling->region, "us-east-1"))
            esc_buf_printf(out, " --create-bucket-configuration LocationConstraint=%s",
                           filling->region);
        break;
    }
}

static char *fill(const char *text, const struct filling *filling)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    for (; *text; text++)
        if (*text == '$')
            add_filling(&out, *++text, filling);
        else
            esc_buf_add_char(&out, *text);
    return esc_buf_take(&out);
}

static void set(struct esc_json *page, const char *name, const char *text,
                const struct filling *filling)
{
    ESC_CLEANUP(esc_freep) char *filled = fill(text, filling);
    struct esc_json *json = NULL;
    ESC_ASSERT(esc_json_parse(esc_str_of(filled), NULL, &json, NULL) == ESC_OK);
    esc_json_set(page, name, json);
}

struct esc_json *esc_s3_backup_policy(const char *bucket, const char *prefix, const char *region)
{
    const struct filling filling = {bucket, prefix, region ? region : "us-east-1"};
    struct esc_json *page = esc_json_object(), *list = esc_json_array();
    set(page, "writer", writer, &filling);
    set(page, "restorer", restorer, &filling);
    set(page, "lifecycle", lifecycle, &filling);
    set(page, "object_lock", object_lock, &filling);
    for (size_t i = 0; i < ESC_COUNT(commands); i++) {
        ESC_CLEANUP(esc_freep) char *command = fill(commands[i], &filling);
        esc_json_push(list, esc_json_text(command));
    }
    esc_json_set(page, "commands", list);
    return page;
}
