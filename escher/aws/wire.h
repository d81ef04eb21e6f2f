/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The protocols of AWS, as two pure functions: the parameters of an operation become an HTTP
 * request, and its answer becomes JSON, both by the shapes of the catalog.
 *
 *     parameters ──▶ wire_form (ec2, query) · wire_rest (REST) · wire_body (JSON, XML) ──▶ request
 *     answer ──▶ wire_answer ──▶ wire_answer_xml · wire_answer_json ──▶ output
 *                     └──▶ wire_fault: what a refusal says
 *
 * The output is what the AWS CLI prints for the same answer: members by the names of the model,
 * absent ones left out, timestamps as its second version writes them, "2026-03-01T09:12:00+00:00",
 * blobs in base64, policy documents decoded. Tokens and other members of paging are in it.
 *
 * Ownership  requests own what they hold; what is read is borrowed.
 * Threads    any.
 * @source Smithy, AWS protocols: EC2 query, query, REST/XML, REST/JSON, JSON 1.0 and 1.1
 */

#include "escher/aws/call.h"
#include "escher/base/arena.h"
#include "escher/base/json.h"
#include "escher/catalog/operation.h"
#include "escher/http/client.h"

enum {
    ESC_WIRE_MAX_HEADERS = 12,
    ESC_WIRE_MAX_DEPTH = 32,            /* of an answer */
    ESC_WIRE_MAX_ELEMENTS = 600 * 1000, /* of an answer: 8,000 instances */
};

struct esc_wire_request {
    const char *method;   /* "POST"; static */
    struct esc_str path;  /* as it is sent: encoded, "/2015-03-31/tags/arn%3Aaws%3A..." */
    struct esc_str query; /* encoded, without '?'; "location" or "MaxItems=5" */
    struct esc_str body;
    struct esc_http_header headers[ESC_WIRE_MAX_HEADERS];
    size_t header_count;
    struct esc_arena arena; /* what the request is made of */
};

/**
 * Makes the request of an operation that has `wire` (asserted); *out is given back with
 * esc_wire_request_done(). @p params is an object of members, NULL: none; members that are null
 * are left out.
 * @errors ESC_INVALID naming the member: unknown, of another type, missing though the path needs
 * it, or something that would change the path; ESC_LIMIT.
 */
enum esc_status esc_wire_request_make(const struct esc_operation *operation,
                                      const struct esc_json *params, struct esc_wire_request *out,
                                      struct esc_error *err);
void esc_wire_request_done(struct esc_wire_request *request); /* twice is fine */

/**
 * Reads an answer. When it is what was asked for, *output (owned by the caller) is set. Otherwise
 * the status is that of esc_aws_fault_status() and @p fault says what the service said; its code
 * is "" when the answer is none of AWS's.
 * @errors ESC_CORRUPT: not well-formed, cut off, empty, HTML, or the answer to another question;
 * ESC_LIMIT: too deep or too large; what a refusal stands for.
 */
enum esc_status esc_wire_answer_read(const struct esc_operation *operation,
                                     const struct esc_http_response *response,
                                     struct esc_json **output, struct esc_aws_fault *fault,
                                     struct esc_error *err);
