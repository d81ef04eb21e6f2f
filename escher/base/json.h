/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON: parsed with limits, asked by path, written by one writer. json.c is the only file that
 * includes jansson.
 *
 * Values are counted references: who makes or parses a value owns one reference and gives it
 * back with esc_json_free(); putting a value into an object or array hands it over. Everything a
 * getter returns is borrowed and lives as long as its root. Values are not shared across threads.
 *
 * Paths: "State.Name", "DBInstances[0].Endpoint.Port", "tags". A member whose own name holds a
 * dot is asked with esc_json_member().
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_json;

enum esc_json_type {
    ESC_JSON_NULL,
    ESC_JSON_BOOL,
    ESC_JSON_INT,
    ESC_JSON_REAL,
    ESC_JSON_STRING,
    ESC_JSON_ARRAY,
    ESC_JSON_OBJECT,
};

struct esc_json_limits {
    size_t max_bytes; /* of text */
    unsigned max_depth;
};

/**
 * Parses one document. @p limits NULL: ESC_MAX_JSON and depth 64. Duplicate keys, trailing
 * text, invalid UTF-8 and U+0000 in strings are refused.
 * @errors ESC_INVALID with line and column; ESC_LIMIT.
 */
enum esc_status esc_json_parse(struct esc_str text, const struct esc_json_limits *limits,
                               struct esc_json **out, struct esc_error *err);
void esc_json_free(struct esc_json *json); /* gives one reference back; NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_json, esc_json_free)
/** The same, for a list or map that owns its values: an esc_free_fn. */
void esc_json_free_item(void *json);
/** The same for what holds a secret: texts that nobody else refers to are overwritten first. What
 *  the parser used beside them is not ours to wipe; programs with keys have base/wiped_heap.c. */
void esc_json_wipe_free(struct esc_json *json);
ESC_DEFINE_CLEANUP(struct esc_json, esc_json_wipe_free)
/** Another reference to the same value. */
struct esc_json *esc_json_ref(const struct esc_json *json);
struct esc_json *esc_json_copy(const struct esc_json *json); /* deep */

/* Making values; each result is owned by the caller. */
struct esc_json *esc_json_object(void);
struct esc_json *esc_json_array(void);
struct esc_json *
esc_json_string(struct esc_str text);             /* invalid UTF-8 becomes U+FFFD, U+0000 too */
struct esc_json *esc_json_text(const char *text); /* NULL makes null */
struct esc_json *esc_json_int(int64_t value);
struct esc_json *esc_json_real(double value); /* not finite makes null */
struct esc_json *esc_json_bool(bool value);
struct esc_json *esc_json_null(void);

/* Filling them; @p value is handed over, also when NULL (then nothing is set). */
void esc_json_set(struct esc_json *object, const char *key, struct esc_json *value);
void esc_json_set_key(struct esc_json *object, struct esc_str key, struct esc_json *value);
void esc_json_set_text(struct esc_json *object, const char *key, const char *text);
/** The same, and what was there before is wiped. */
void esc_json_set_secret(struct esc_json *object, const char *key, const char *text);
void esc_json_set_str(struct esc_json *object, const char *key, struct esc_str text);
void esc_json_set_int(struct esc_json *object, const char *key, int64_t value);
void esc_json_set_bool(struct esc_json *object, const char *key, bool value);
/** Wall-clock milliseconds as RFC 3339 text; 0 is no time, and sets nothing. */
void esc_json_set_time(struct esc_json *object, const char *key, uint64_t wall_ms);
void esc_json_remove(struct esc_json *object, const char *key);
/** Puts the members behind the first @p kept in bytewise order of their names. */
void esc_json_sort_members(struct esc_json *object, size_t kept);
void esc_json_push(struct esc_json *array, struct esc_json *value);
void esc_json_push_text(struct esc_json *array, const char *text);
/** Replaces the element at @p index (< length); @p value is handed over. */
void esc_json_replace(struct esc_json *array, size_t index, struct esc_json *value);

/* Asking. NULL json is allowed everywhere below and behaves like a missing value. */
enum esc_json_type esc_json_type(const struct esc_json *json);
bool esc_json_is(const struct esc_json *json, enum esc_json_type type);
const char *esc_json_type_text(enum esc_json_type type);
const struct esc_json *esc_json_get(const struct esc_json *root, const char *path);
const struct esc_json *esc_json_member(const struct esc_json *object, const char *key);
struct esc_json *esc_json_get_mutable(struct esc_json *root, const char *path);
/** Elements of an array or members of an object; 0 for anything else. */
size_t esc_json_len(const struct esc_json *json);
const struct esc_json *esc_json_at(const struct esc_json *array, size_t index);

/** The value at @p path, or @p missing when absent or of another type. "" is the root itself. */
const char *esc_json_str(const struct esc_json *root, const char *path, const char *missing);
int64_t esc_json_num(const struct esc_json *root, const char *path, int64_t missing);
double esc_json_dbl(const struct esc_json *root, const char *path, double missing);
bool esc_json_flag(const struct esc_json *root, const char *path, bool missing);
/** The bytes of a string value itself; empty for anything else. */
struct esc_str esc_json_value(const struct esc_json *string);

/** @errors ESC_INVALID naming the path when absent or of another type. */
enum esc_status esc_json_need_str(const struct esc_json *root, const char *path, const char **out,
                                  struct esc_error *err);
enum esc_status esc_json_need_num(const struct esc_json *root, const char *path, int64_t *out,
                                  struct esc_error *err);
enum esc_status esc_json_need(const struct esc_json *root, const char *path,
                              enum esc_json_type type, const struct esc_json **out,
                              struct esc_error *err);

/** Walks an object in order of insertion: start with *position = NULL; false at the end. */
bool esc_json_next(const struct esc_json *object, void **position, const char **key,
                   const struct esc_json **value);
bool esc_json_equal(const struct esc_json *a, const struct esc_json *b);
/**
 * @errors ESC_INVALID naming the first member of @p object that is not in @p allowed (ends with
 * NULL); for documents from an untrusted side.
 */
enum esc_status esc_json_only(const struct esc_json *object, const char *const *allowed,
                              struct esc_error *err);

enum esc_json_style {
    ESC_JSON_COMPACT, /* members in order of insertion */
    ESC_JSON_PRETTY,  /* two spaces, for people */
    ESC_JSON_SORTED,  /* compact, members sorted bytewise: equal values give equal bytes */
    ESC_JSON_SHOWN,   /* compact; what could steer a terminal stands as \\u202e: the same value */
};
/** Appends the text; a buf over its ceiling remembers ESC_LIMIT. */
void esc_json_write(const struct esc_json *json, enum esc_json_style style, struct esc_buf *buf);
/** The compact text, owned by the caller. */
ESC_RETURNS_NONNULL char *esc_json_print(const struct esc_json *json, enum esc_json_style style);
