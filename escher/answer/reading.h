/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sentence asks for, and which of its words say so.
 *
 *     lead      politeness, "can you", a place in front               (lead.c)
 *     actions   what to do: verb, part, order of two of them          (action.c, clause.c)
 *     target    which resource
 *     coverage  all other words must be true of the target, or empty  (word_coverage.c)
 *
 * Every step marks the tokens it used. A token that nobody used is a word that could matter, so
 * it decides the mood: a negation, a condition, a time, several things, or simply not understood.
 */

#include "escher/answer/answer_private.h"
#include "escher/answer/lexicon.h"

enum {
    MAX_ACTIONS = 4
};

enum order {
    ORDER_ALONG,  /* "and", "with": together */
    ORDER_BEFORE, /* this one is to come first */
    ORDER_AFTER,  /* this one is to come afterwards */
};

struct action {
    enum verb verb;
    enum object object;
    const char *said; /* the phrase of the lexicon: "shut down" */
    const char *part; /* how the object was called: "deletion protection"; NULL: none */
    bool on, off;     /* "set versioning to enabled" */
    enum order order; /* of every action but the first */
    size_t at;        /* its first token */
};

enum question {
    QUESTION_NONE,    /* a command */
    QUESTION_HOW,     /* how do I stop X */
    QUESTION_MAY,     /* can I stop X */
    QUESTION_SAFE,    /* should I, is it safe to */
    QUESTION_WHAT_IF, /* what happens if */
    QUESTION_WOULD,   /* stop X? */
    QUESTION_FACTS,   /* what is, is it, show */
    QUESTION_COUNT,   /* how many */
};

enum mood {
    MOOD_COMMAND,
    MOOD_QUESTION,
    MOOD_NEGATED,
    MOOD_CONDITIONAL,
    MOOD_TIMED,
    MOOD_SET,
    MOOD_CHAT,
    MOOD_UNCLEAR, /* words are left over, or there was nothing to understand */
};

struct reading {
    struct sentence *sentence;
    struct lexicon_words words;
    struct esc_arena *arena;

    bool asked;         /* "can you", "I want to" stood in front */
    bool question_mark; /* anywhere outside names */
    enum question question;
    enum mood mood;

    struct action actions[MAX_ACTIONS];
    size_t action_count;
    struct action action; /* the actions as one; verb NONE: none, or several */
    bool several_actions; /* that are not one */
    bool with_snapshot, without_snapshot;

    const struct mention *mention; /* the one named; NULL: none, or several */
    struct asked_resource *target; /* the one meant; NULL: none, or not clear which */
    size_t mention_kinds;          /* how many different mentions */
    bool several_picked;

    bool plural;            /* "instances" beside one name */
    const char *mismatch;   /* what was said of the target and is not so; NULL: nothing */
    const char *unknown[8]; /* names and words that nothing was found for */
    size_t unknown_count;
};

/** Reads the whole sentence. The mood of a command is final only when its values have been taken
 *  (slots.c): mood_of_rest(). */
void reading_make(struct sentence *sentence, struct reading *out);

/* ---- the parts, in the order of use ---- */

void reading_init(struct sentence *sentence, struct reading *out);
/** The unused phrase of @p class at token @p at; 0 when there is none. */
size_t reading_match(const struct reading *reading, size_t at, enum word_class class,
                     unsigned *value);
void reading_use(struct reading *reading, size_t at, size_t count);
bool reading_is_mark(const struct reading *reading, size_t at, const char *marks);
/** Tokens with a resource, or a word for one ("it"). */
bool reading_is_target(const struct reading *reading, size_t at);
/** How many tokens from @p at are words for a type; *types gets them. */
size_t reading_type(const struct reading *reading, size_t at, uint64_t *types);

/** Uses up politeness and the like from the front; returns the token where the rest begins. */
size_t lead_skip(struct reading *reading);
/** Where the command's verb stands at or after @p from, when only a place or a name is in front;
 *  SIZE_MAX when there is none. */
size_t lead_find_verb(const struct reading *reading, size_t from);

/** Reads one action in @p form at token @p at into *out and uses its words. */
bool action_read(struct reading *reading, size_t at, enum verb_form form, struct action *out);
/** "I want X stopped", "get X restarted": from the lead's end at @p at. */
bool action_read_causative(struct reading *reading, size_t at, struct action *out);
/** The part or setting the action is about, and "on" or "off" for it. */
void action_read_object(struct reading *reading, struct action *action);
/** Whether a noun for an action stands at @p at, "a restart": its length. */
size_t action_noun(const struct reading *reading, size_t at, const struct lexicon_verb **verb);

/** Further actions: "and ...", "before ...", "with a snapshot". */
void clauses_read(struct reading *reading);
/** Makes one action of all, if they are one. */
void clauses_join(struct reading *reading);

/** Finds the target and uses every word that is true of it, or says nothing. */
void coverage_read(struct reading *reading);
/** The tokens nobody used, as text: "tomorrow", "the blue one"; NULL when there are none. */
const char *coverage_leftover(const struct reading *reading);

/** Whether it is a question, and which; before anything but the lead was read. */
enum question mood_question(const struct reading *reading, size_t from);
/** The mood, from what is left. */
enum mood mood_of_rest(const struct reading *reading);
