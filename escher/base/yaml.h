/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * YAML read into JSON values, with the place of each value kept for error messages. Plain
 * scalars follow the JSON schema of YAML 1.2 (true false null, numbers), all else is a string.
 * Anchors, aliases, tags and several documents are refused, duplicate keys too.
 * yaml.c is the only file that includes libfyaml.
 */

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

struct esc_yaml;

/** @p name stands in messages: "name:3:7: ...". @errors ESC_INVALID, ESC_LIMIT (ESC_MAX_YAML, depth 64). */
enum esc_status esc_yaml_parse(struct esc_str text, const char *name, struct esc_yaml **out,
                               struct esc_error *err);
void esc_yaml_free(struct esc_yaml *yaml);
ESC_DEFINE_CLEANUP(struct esc_yaml, esc_yaml_free)

const struct esc_json *esc_yaml_root(const struct esc_yaml *yaml); /* borrowed */
/** Fails with ESC_INVALID and "name:line:column: message", the place being that of @p path's value,
 *  or of its nearest parent that exists. */
enum esc_status esc_yaml_fail(const struct esc_yaml *yaml, const char *path, struct esc_error *err,
                              const char *format, ...) ESC_PRINTF(4, 5);
