/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A sync's share of permissions, shared by permission_sync.c, _look.c, _rows.c, _organisation.c. */

#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/scan/policy_reader.h"
#include "escher/work/index_walk_private.h"
#include "escher/work/permission_lane_private.h"
#include "escher/work/permission_private.h"

struct permission_book {
    struct work_permissions *owner;
    const struct esc_account *account;
    struct esc_policy_reader *reader; /* while it reads */
    struct esc_json *set;             /* what it has read, until all are ready; NULL: nothing */
    struct work_permit *permit;
    bool is_other;           /* they decide otherwise than before */
    bool is_other_key;       /* the policy of a key does */
    struct esc_map *seen;    /* ids of what the sync has brought, if these may matter to it */
    bool known_is_forgotten; /* nothing of the account counts as known (sync_known.c) */
};

struct permission_look {
    struct permission_book *book;
    struct esc_resource *resource; /* whose policy is read, or a sample */
    bool is_probe;
    struct esc_json *probe;       /* while its answer comes */
    struct permission_lane *lane; /* while it is out */
    char *key;             /* ARN of a key whose policy is read, instead of a resource; NULL */
    char *region;          /* the key's */
    struct esc_json *page; /* what is known of it so far */
    const struct esc_operation *operation; /* that is asked for it now */
    struct esc_list dependents;            /* char *: ids of what it protects */
    void *handle;
};

/* What a sync that was cut off has looked at (permission_resume.c). */
struct permission_past {
    char sync_id[ESC_UUID_TEXT]; /* "": nobody will go on with this sync */
    bool goes_on;                /* with one that was cut off */
    struct esc_map *looked;      /* then: ids that it has looked at */
    struct esc_map *brought;     /* then: ids that this part has brought, with looks of their own */
    struct esc_json *notes;      /* ids that were looked at and are not kept yet */
    unsigned note_count;         /* documents kept */
};

struct work_permissions {
    struct esc_workbench *bench;
    struct esc_aws_environment *environment;
    enum work_transport transport;
    enum work_freshness fresh;
    struct esc_list books; /* struct permission_book * */
    struct esc_list trees; /* struct permission_tree *: organisations that are read */
    bool organisations_asked;
    unsigned reading;               /* books and trees, and one while they are started */
    struct permission_lanes *lanes; /* struct permission_look *, to come */
    struct esc_list active;
    struct esc_map *probed;   /* "ACCOUNT TYPE REGION" that has its look */
    struct esc_map *keys;     /* "ACCOUNT ARN" → struct permission_look * */
    struct esc_map *heard;    /* id → struct esc_json *: its policy, as the scan was told it */
    size_t heard_bytes;       /* of these, about */
    struct esc_list again;    /* char *: ids of rows to judge again */
    struct esc_map *again_is; /* the same as a set */
    size_t again_next;
    struct work_index_walk walk; /* of rows to judge, before that of rows to look at */
    struct permission_past past;
    bool cancelled;
    work_permissions_fn *ready, *done;
    void *context;
};

enum {
    PERMISSION_CALLS = 4, /* at a time: of the policies of one account */
};

/* permission_sync.c */
/** Whether what was read @p at (text, or NULL) is taken as it is. */
bool permission_is_young(const struct esc_workbench *bench, const char *at);
/** One call for an account, in the way of the sync; its handle is for work_cloud_cancel(). */
void *permission_call(const struct work_permissions *permissions, const struct esc_scan_call *what,
                      esc_scan_answer_fn *done, void *token);
/** Starts one that counts as under way until permission_read(). @p options: account, region, members,
 *  call, done and context; the rest is the same for all. */
struct esc_policy_reader *permission_start_reader(struct work_permissions *permissions,
                                                  struct esc_policy_reader_options options);
/** A book or a tree is read; the last one goes on. */
void permission_read(struct work_permissions *permissions);
/** NULL: an account that the sync does not ask. */
struct permission_book *permission_book_of(const struct work_permissions *permissions,
                                           const char *account_id);

/* permission_rows.c */
/** The row is judged again before all is done. */
void permission_judge_later(struct work_permissions *permissions, const char *id);
/** Judges what is left turn by turn of the loop, keeps all, and ends. */
void permission_judge_rows(struct work_permissions *permissions);

/* permission_resume.c */
void permission_past_done(struct permission_past *past);
/** The policy of that resource is read and kept: whoever goes on need not read it again. */
void permission_note_looked(struct work_permissions *permissions, const char *id);
/** Keeps what is noted, for whoever goes on with a sync that is cut off now. */
void permission_keep_notes(struct work_permissions *permissions);
/** A resource is brought by the sync that is under way, and needs no look for having been brought
 *  before. */
void permission_note_brought(struct work_permissions *permissions, const char *id);
/** Notes the looks at what was brought before the cut, some rows in a turn, and goes on with
 *  permission_looked(). */
void permission_look_back(struct work_permissions *permissions);

/* permission_organisation.c */
/** Starts reading above the accounts of each management account among the books that was read now or
 *  whose tree has grown old; once. */
void permission_read_organisations(struct work_permissions *permissions);
void permission_trees_cancel(struct work_permissions *permissions);
void permission_tree_free(void *tree);
/** Puts into what the book has read what stands above its account, if somebody could read it. Of a
 *  book that has read nothing what is known becomes its set, when that is of another tree. */
void permission_add_organisation(struct permission_book *book);

/* permission_look.c */
/** Keeps the policy of a resource that is about to be judged, if the scan was told it, and tells
 *  whether it was. */
bool permission_take_heard(struct permission_book *book, const struct esc_resource *resource);
/** Notes that the policy of a resource is to be read, if it is, and tells whether. */
bool permission_want_policy(struct permission_book *book, const struct esc_resource *resource);
/** Notes what is to be looked at because of a resource that was just judged; @p has_policy: its own
 *  is not. Tells whether its own is. */
bool permission_want_looks(struct permission_book *book, const struct esc_resource *resource,
                           bool has_policy);
/** The same for one that is not judged: its own policy alone, where it @p looks for it. */
void permission_pass(struct permission_book *book, const struct esc_resource *resource, bool looks);
void permission_look_free(void *look);
/** Keeps @p page under @p name, with its time, and tells whether it is another one than @p before,
 *  which loses its time: then nothing of the account counts as known (sync_known.c). The same is
 *  written once a day. */
bool permission_keep_other(struct permission_book *book, const char *collection, const char *name,
                           struct esc_json *before, struct esc_json *page);
/** The look is over. */
void permission_end_look(struct permission_look *look);

/* permission_crypt_look.c */
/** Notes the keys over a resource that was just judged, whose policies are read then. */
void permission_want_keys(struct permission_book *book, const struct esc_resource *resource);
/** Notes those whose policies are kept, whatever the sync has brought. */
void permission_want_kept_keys(struct permission_book *book);
/** Asks what is to be asked next about look->key; nothing is left: keeps it, and ends the look. */
void permission_look_at_key(struct permission_look *look);

/* permission_look.c */
/** Starts what may start; true while one is under way, and permission_looked() follows then. */
bool permission_look(struct work_permissions *permissions);
/** permission_sync.c: one look is over. */
void permission_looked(struct work_permissions *permissions);
