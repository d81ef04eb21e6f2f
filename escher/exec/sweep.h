/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finding and ending what a process has started: its descendants, whatever group or session they
 * fled to. Read from /proc; each is signalled through a descriptor that is checked against its
 * start time, so a reused pid is never hit.
 *
 *     look ─▶ signal TERM ─▶ (grace) ─▶ look again: what those have started meanwhile ─▶ signal KILL
 *
 * A descendant whose parent has died is a child of the nearest subreaper. Only a program that
 * is one itself (escher-run) therefore finds them all; elsewhere those that left both the tree
 * and the session are out of sight.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct esc_brood_member {
    pid_t pid;
    uint64_t start; /* clock ticks since boot: with the pid, an identity */
};

/** Who @p pid is now; false when it does not live. */
bool esc_brood_identify(pid_t pid, struct esc_brood_member *out);

/** Starts zeroed. What was found once stays in it, so that it is found again as an orphan. */
struct esc_brood {
    struct esc_brood_member *members;
    size_t count, capacity;
};

void esc_brood_done(struct esc_brood *brood); /* twice is fine */
/**
 * Adds every living process that descends from @p root or from a member, or whose session is
 * @p session (0: none); never @p root itself nor this process.
 */
void esc_brood_look(struct esc_brood *brood, pid_t root, pid_t session);
/** Signals those that still live, and returns how many they are. */
size_t esc_brood_signal(const struct esc_brood *brood, int signal);
