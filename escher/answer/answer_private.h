/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a request is thought about, step by step. Each step reads what the earlier ones wrote and
 * can be tested alone:
 *
 *     asked      the request as structs: prompt, resources, picks           (asked.c)
 *     text       the prompt with one spelling for each thing                (normalise_prompt.c)
 *     tokens     words, literals, resources as boxes                        (tokens.c, literals.c)
 *     classes    what the lexicon knows of each word                        (lexicon.c)
 *     mood       command, question, negated, conditional, timed, chat      (mood.c)
 *     reading    verb, target, values; which words were used                (reading.c)
 *     intent     verb × type → playbooks of the shelf                       (intent.c)
 *     response   compose.c, facts.c, estate_query.c
 *
 * Ownership  everything of one request lives in its arena.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/answer/answer.h"
#include "escher/base/arena.h"
#include "escher/base/list.h"
#include "escher/catalog/resource_type.h"
#include "escher/playbook/shelf.h"

/* ---- normalise_prompt.c ---- */

struct clean_text {
    struct esc_str text; /* valid UTF-8, no invisible characters, blanks are spaces */
    size_t *origin; /* origin[i]: byte of the prompt that text[i] came from; one more at the end */
    bool had_invisible; /* something that cannot be seen was dropped */
    bool had_control;   /* a control character other than blanks stood in it */
};

/** Compatibility forms to plain ones (full width, ligatures, curly quotes, dashes), invisible
 *  characters dropped. Letters of other scripts stay as they are. */
void clean_prompt(struct esc_arena *arena, struct esc_str prompt, struct clean_text *out);

/* ---- asked.c ---- */

struct asked_resource {
    const struct esc_json *facts; /* the entry, with "identifier" added */
    const char *id, *name, *identifier, *account_id, *account_name, *region, *state;
    const char *environment;
    const struct esc_resource_type *type; /* NULL: unknown to the catalog */
    bool has_mention, picked;
    size_t start, end; /* of the mention */
};

struct asked {
    struct esc_arena *arena;
    struct esc_str prompt;
    struct asked_resource *resources;
    size_t resource_count;
    const struct esc_json *context; /* user_context, or NULL */
};

/** Reads the request. What it makes lives in @p arena, JSON it adds is pushed onto @p owned.
 *  @errors ESC_INVALID naming the member. */
enum esc_status asked_read(const struct esc_json *request, struct esc_arena *arena,
                           struct esc_list *owned, struct asked *out, struct esc_error *err);
/** "orders-db (RDS database instance, us-east-1, account production 123456789012, available)" */
const char *resource_label(const struct asked_resource *resource, struct esc_arena *arena);

/* ---- tokens.c, literals.c ---- */

enum token_kind {
    TOKEN_WORD,
    TOKEN_RESOURCE,   /* a mention: what it says is never read */
    TOKEN_NUMBER,     /* 512 */
    TOKEN_QUANTITY,   /* 512MB, or a number and the unit after it */
    TOKEN_TIME,       /* a date, a time of day, a duration */
    TOKEN_ACCOUNT,    /* twelve digits */
    TOKEN_REGION,     /* us-west-2 */
    TOKEN_PAIR,       /* key=value */
    TOKEN_IDENTIFIER, /* looks like a name and is none we were told of */
    TOKEN_QUOTED,     /* quoted text that is no resource */
    TOKEN_MARK,       /* punctuation */
    TOKEN_POSSESSIVE, /* 's */
};

enum {
    MAX_TOKENS = 512
};

struct token {
    enum token_kind kind;
    struct esc_str text, lower; /* empty for resources */
    size_t start, end;          /* bytes of the prompt */
    size_t mention;             /* RESOURCE: index in sentence.mentions */
    bool used;
    bool describes; /* used as a word for a type, a place, a state */
};

/** A span of the prompt that names resources. */
struct mention {
    size_t start, end;
    bool quoted;
    struct asked_resource **resources; /* those with this span */
    size_t resource_count;
};

struct sentence {
    struct asked *asked;
    struct esc_arena *arena;
    struct clean_text clean;
    struct mention *mentions; /* in the order of the prompt, not overlapping */
    size_t mention_count;
    struct token *tokens;
    size_t count;
    bool too_long; /* more tokens than MAX_TOKENS */
};

/** Cuts the prompt. @p as_word has a bit for each mention that is to be read as plain words. */
void sentence_cut(struct asked *asked, uint64_t as_word, struct sentence *out);
/** What kind of thing a word with digits or joints is; TOKEN_WORD when it is just a word. */
enum token_kind literal_kind(struct esc_str text);
