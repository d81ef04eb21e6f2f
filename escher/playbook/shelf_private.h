/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The compiled-in list of playbooks, and opening a shelf against any list. */

#include "escher/playbook/shelf.h"

struct shelf_pin {
    const char *file;   /* "aws_rds_stop_instance.yaml" */
    const char *sha256; /* lower-case hex */
};

/* Sorted by name; written at build time by tools/pin-playbooks. */
extern const struct shelf_pin shelf_pins[];
extern const size_t shelf_pin_count;

enum esc_status shelf_open_pinned(const char *folder, const struct shelf_pin *pins,
                                  size_t pin_count, struct esc_shelf **out, struct esc_error *err);
