/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a key is kept between two runs: one table of five functions, three back ends.
 *
 *     secret-service   the desktop's keychain over D-Bus (libsecret)
 *     file             a file sealed under a passphrase (Argon2id), for servers and tests
 *     memory           gone with the process; tests inject its states
 *
 * A keychain that is locked looks like one without the item to whoever only asks for the item.
 * So every back end tells apart, in all of its functions:
 *
 *     ESC_NOT_FOUND    unlocked, and the item is not there
 *     ESC_LOCKED       locked, or the passphrase is wrong: nothing is known about the item
 *     ESC_UNAVAILABLE  no such service here
 *     ESC_TIMEOUT      no answer within the deadline
 *     ESC_CORRUPT      the item is there and damaged
 * Nobody may take any of these but the first for "there is no key yet".
 *
 * Ownership  who makes a keyring frees it, after everything that borrowed it. Work that may outlive
 *            its asker holds the keyring meanwhile, so that its owner can wait.
 * Threads    any; calls that meet wait for each other. All but describe may take seconds (a deadline
 *            bounds them): programs with a loop call them in a job.
 */

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/secret.h"

enum {
    ESC_KEYRING_MAX_SECRET = 4096, /* bytes of one item */
    ESC_KEYRING_DEADLINE_MS = 10000,
};

/** The five functions. Items are named by a short text without control characters. */
struct esc_keyring_table {
    const char *name; /* "secret-service", "file", "memory": recorded with what it protects */
    /** Is it there and unlocked? Asks nobody anything and changes nothing. */
    enum esc_status (*probe)(void *context, struct esc_error *err);
    enum esc_status (*get)(void *context, const char *item, struct esc_secret **out,
                           struct esc_error *err);
    /** Replaces an earlier one; durable and read back when it returns ESC_OK. */
    enum esc_status (*put)(void *context, const char *item, const struct esc_secret *secret,
                           struct esc_error *err);
    /** Deleting what is not there is fine. */
    enum esc_status (*del)(void *context, const char *item, struct esc_error *err);
    /** Appends where the item is, for people: "the Secret Service", "the file /.../key.slot". */
    void (*describe)(void *context, struct esc_buf *out);
};

struct esc_keyring;

/** @p context is handed over and freed with @p free_context (NULL: borrowed). */
ESC_RETURNS_NONNULL struct esc_keyring *esc_keyring_new(const struct esc_keyring_table *table,
                                                        void *context,
                                                        void (*free_context)(void *context));
void esc_keyring_free(struct esc_keyring *keyring);
ESC_DEFINE_CLEANUP(struct esc_keyring, esc_keyring_free)

/** One more job uses it, until it is released; the thread of its owner only. */
void esc_keyring_hold(struct esc_keyring *keyring);
void esc_keyring_release(struct esc_keyring *keyring);
/** Whether somebody holds it: then it must not be freed yet. NULL: nobody. */
bool esc_keyring_is_held(const struct esc_keyring *keyring);

const char *esc_keyring_name(const struct esc_keyring *keyring); /* borrowed */
enum esc_status esc_keyring_probe(struct esc_keyring *keyring, struct esc_error *err);
/** @errors ESC_INVALID: not a name for an item; ESC_NOT_FOUND and the others above. */
enum esc_status esc_keyring_get(struct esc_keyring *keyring, const char *item,
                                struct esc_secret **out, struct esc_error *err);
/** @errors as get; ESC_LIMIT: over ESC_KEYRING_MAX_SECRET; ESC_IO. */
enum esc_status esc_keyring_put(struct esc_keyring *keyring, const char *item,
                                const struct esc_secret *secret, struct esc_error *err);
/** Puts it and gets it back. @errors as put and get; ESC_IO: it gives back another, or nothing. */
enum esc_status esc_keyring_keep(struct esc_keyring *keyring, const char *item,
                                 const struct esc_secret *secret, struct esc_error *err);
enum esc_status esc_keyring_del(struct esc_keyring *keyring, const char *item,
                                struct esc_error *err);
void esc_keyring_describe(struct esc_keyring *keyring, struct esc_buf *out);

/** The Secret Service; @p deadline_ms bounds each call, 0 is ESC_KEYRING_DEADLINE_MS. */
ESC_RETURNS_NONNULL struct esc_keyring *esc_keyring_libsecret_new(uint64_t deadline_ms);

/**
 * Brings the passphrase in *out (handed over). @p fresh: it protects something new, so a prompt
 * asks twice. @errors any; they are passed on. ESC_LOCKED: there is nobody to ask.
 */
typedef enum esc_status esc_passphrase_fn(void *context, bool fresh, struct esc_secret **out,
                                          struct esc_error *err);

struct esc_keyring_file_options {
    const char *path; /* of the slot file, mode 0600; copied */
    esc_passphrase_fn *passphrase;
    void *context;
    struct esc_argon2 price;         /* of new slots; zero: esc_argon2_default() */
    const struct esc_random *random; /* NULL: the system's */
};
/** One file holds the items of one passphrase. */
ESC_RETURNS_NONNULL struct esc_keyring *
esc_keyring_file_new(const struct esc_keyring_file_options *options);

/** What a test decides and counts; borrowed by the keyring. */
struct esc_keyring_memory {
    enum esc_status probe, get, put, del; /* not ESC_OK: that function fails like this */
    bool forgets;                         /* put says ESC_OK and keeps nothing */
    unsigned gets, puts, dels;            /* calls so far */
};
/** @p memory NULL: all works. */
ESC_RETURNS_NONNULL struct esc_keyring *esc_keyring_memory_new(struct esc_keyring_memory *memory);
