/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of wire.h share. */

#include "escher/aws/aws_private.h"
#include "escher/aws/wire.h"
#include "escher/base/buf.h"

enum {
    WIRE_TIME_TEXT = 48
};

/* wire_time.c */

/** A time as the AWS CLI prints it, out of RFC 3339, an HTTP date or seconds since 1970; false
 *  when the text is none of these. */
bool wire_time_read(struct esc_str text, char out[WIRE_TIME_TEXT]);
/** The same of a number of seconds; false before 1970 and after 9999. */
bool wire_time_of_seconds(double seconds, char out[WIRE_TIME_TEXT]);
/** A parameter, RFC 3339 text or seconds since 1970, as @p format has it; false when it is no
 *  time. */
bool wire_time_write(const struct esc_json *value, enum esc_time_format format,
                     char out[WIRE_TIME_TEXT]);

/* wire_scalar.c */

/** A value that stands as text in XML or a header. *out is owned by the caller, NULL when the text
 *  is empty and its shape knows no empty value. False: no number where one must be. */
bool wire_scalar_read(const struct esc_shape *shape, struct esc_str text, struct esc_json **out);
/**
 * A parameter as text of the arena: numbers, booleans, times and strings. @p format is how times
 * are written where it stands, unless the shape says otherwise.
 * @errors ESC_INVALID naming @p name.
 */
enum esc_status wire_scalar_write(struct esc_arena *arena, const struct esc_shape *shape,
                                  const char *name, const struct esc_json *value,
                                  enum esc_time_format format, struct esc_str *out,
                                  struct esc_error *err);

/* The makers of requests, each for its protocols. */

/** The body of EC2 query and query. */
enum esc_status wire_form_make(const struct esc_operation *operation, const struct esc_json *params,
                               struct esc_wire_request *out, struct esc_error *err);
/** Path, query, headers and body of REST. */
enum esc_status wire_rest_make(const struct esc_operation *operation, const struct esc_json *params,
                               struct esc_wire_request *out, struct esc_error *err);
/** A structure's members that stand in the body, as JSON or as XML. */
enum esc_status wire_json_body(const struct esc_shape *shape, const struct esc_json *params,
                               struct esc_wire_request *out, struct esc_error *err);
enum esc_status wire_xml_body(const struct esc_operation *operation, const struct esc_json *params,
                              struct esc_wire_request *out, struct esc_error *err);
/** Both texts live as long as the request. @errors ESC_LIMIT. */
enum esc_status wire_add_header(struct esc_wire_request *request, const char *name,
                                const char *value, struct esc_error *err);
/** The member of that name; NULL when the shape has none. */
const struct esc_member *wire_member(const struct esc_shape *shape, const char *name);
const char *wire_name(const struct esc_member *member);

/* The readers of answers. */

/**
 * XML by the operation's shapes into the members of @p output, an object. *is_error: it is S3's
 * refusal under a good status. @errors ESC_CORRUPT, ESC_LIMIT.
 */
enum esc_status wire_xml_read(const struct esc_operation *operation, struct esc_str body,
                              struct esc_json *output, bool *is_error, struct esc_error *err);
/** The same of JSON. */
enum esc_status wire_json_read(const struct esc_operation *operation, struct esc_str body,
                               struct esc_json *output, struct esc_error *err);
/** What a refusal says about itself; the code stays "" when the answer is none of AWS's. */
void wire_fault_read(const struct esc_operation *operation,
                     const struct esc_http_response *response, struct esc_aws_fault *fault);
