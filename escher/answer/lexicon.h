/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words the planner knows, as tables: to understand more ways of saying things, add a row.
 *
 * A row is a phrase in lower case, its class, and what it stands for. Verbs have a table of their
 * own, with the forms of English made by rule ("stop, stops, stopping, stopped") and particles
 * that may stand apart ("shut it down"). A word may have several classes; what it is in a
 * sentence is decided by reading.c.
 *
 * A word that is in no table is a content word the planner does not know; it keeps a command from
 * becoming a plan.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/str.h"

enum word_class {
    WORD_POLITE,  /* "please": no meaning for what is to be done */
    WORD_ASK,     /* "can you": a command in the clothes of a question or a wish */
    WORD_ARTICLE, /* "the", "my" */
    WORD_IN,      /* before a place: account, region, environment */
    WORD_OF,      /* before the resource */
    WORD_TO,      /* before a value */
    WORD_WITH,    /* before something done along with it */
    WORD_WITHOUT,
    WORD_AND,   /* joins */
    WORD_THEN,  /* joins, and says in which order */
    WORD_FIRST, /* "first", "beforehand" */
    WORD_BEFORE,
    WORD_AFTER,
    WORD_NOT,
    WORD_IF,        /* conditions */
    WORD_TIME,      /* later, or repeatedly */
    WORD_WH,        /* "how", "what" */
    WORD_AUXILIARY, /* "is", "does", "can" */
    WORD_SELF,      /* "I", "we" */
    WORD_YOU,
    WORD_IT,     /* "it", "that one" */
    WORD_ALL,    /* "every", "both": more than one */
    WORD_SUPPLY, /* adjectives that change nothing: "a new snapshot" */
    WORD_OBJECT, /* a part or setting of a resource: enum object */
    WORD_ON,     /* "enabled", "on" */
    WORD_OFF,
    WORD_PLACE,   /* "account", "region", "environment" */
    WORD_NAMING,  /* "named", "with the id" */
    WORD_UNIT,    /* "MB" */
    WORD_ENGINE,  /* "postgres" */
    WORD_READ,    /* "show", "list" as the verb of a request */
    WORD_COUNT,   /* "how many" */
    WORD_SAFE,    /* "safe", "ok": asks for a judgement */
    WORD_MAY,     /* "allowed", "possible", "permission" */
    WORD_WHAT_IF, /* "what happens", "what if" */
    WORD_ASPECT,  /* a fact one can ask for: enum aspect */
    WORD_CHAT,    /* "hello", "yes" */
    WORD_CLASS_COUNT,
};

enum object {
    OBJECT_NONE,
    OBJECT_VERSIONING,
    OBJECT_PUBLIC_ACCESS,
    OBJECT_ACCESS_BLOCK,
    OBJECT_MEMORY,
    OBJECT_PRIVATE, /* "make it private" */
    OBJECT_PUBLIC,  /* "make it public" */
    OBJECT_OTHER,   /* known words of the trade that no verb here works on */
};

enum aspect {
    ASPECT_NONE,
    ASPECT_STATE,
    ASPECT_REGION,
    ASPECT_ACCOUNT,
    ASPECT_ENVIRONMENT,
    ASPECT_TYPE,
    ASPECT_ARN,
    ASPECT_ID,
    ASPECT_TAGS,
    ASPECT_ENGINE,
    ASPECT_VERSION,
    ASPECT_SIZE,
    ASPECT_MEMORY,
    ASPECT_BACKUPS,
    ASPECT_PERMISSIONS,
    ASPECT_ALL,
};

enum verb {
    VERB_NONE,
    VERB_STOP,
    VERB_START,
    VERB_REBOOT,
    VERB_SNAPSHOT,
    VERB_OFF, /* "turn off": stop, or disable a part */
    VERB_ON,
    VERB_ENABLE,
    VERB_DISABLE,
    VERB_BLOCK,
    VERB_ALLOW,
    VERB_MAKE,
    VERB_SET,
    VERB_RAISE,
    VERB_LOWER,
    VERB_GIVE,
    VERB_RESIZE, /* sets a size that is named, else something of its own: "scale up" */
    VERB_KEEP,   /* "and keep a snapshot" */
    VERB_DELETE,
    VERB_CREATE,
    VERB_VAGUE, /* may mean several things: "kill", "reset" */
    VERB_OTHER, /* plain English for something nobody wrote a playbook for */
};

enum verb_form {
    FORM_NONE,
    FORM_BASE,  /* stop */
    FORM_THIRD, /* stops */
    FORM_ING,   /* stopping */
    FORM_PAST,  /* stopped: also the participle */
};

struct lexicon_verb {
    const char *phrase; /* "shut down"; only the first word is inflected */
    enum verb verb;
    bool is_noun; /* "a restart", "the shutdown" */
};

/** Words of a sentence as the lexicon sees them: lower case, in order. */
struct lexicon_words {
    struct esc_str (*at)(const void *context, size_t index); /* empty beyond the end, or no word */
    const void *context;
};

/** How many words from @p at are a phrase of @p class, the longest; 0 when none. *value may be
 *  NULL. */
size_t lexicon_match(const struct lexicon_words *words, size_t at, enum word_class class,
                     unsigned *value);
/** The longest verb phrase that stands unbroken at @p at; 0 when none. */
size_t lexicon_verb(const struct lexicon_words *words, size_t at, const struct lexicon_verb **verb,
                    enum verb_form *form);
/** The same for a verb that needs a noun to say what is done: "take" a snapshot. */
size_t lexicon_light(const struct lexicon_words *words, size_t at, const char **light,
                     enum verb_form *form);
/** The verb whose first word stands at @p at and whose other words stand together at @p particle:
 *  "shut ... down". NULL when none. *len is the length of the particle. */
const struct lexicon_verb *lexicon_split_verb(const struct lexicon_words *words, size_t at,
                                              size_t particle, enum verb_form *form, size_t *len);
/** Whether some verb may begin with the word at @p at, its other words standing further on. */
bool lexicon_begins_verb(const struct lexicon_words *words, size_t at);
/** Whether some phrase is exactly this text, words with single spaces between. */
bool lexicon_has(struct esc_str phrase);
/** The form in which @p word is @p base; FORM_NONE when it is another word. */
enum verb_form verb_form_of(struct esc_str word, struct esc_str base);
