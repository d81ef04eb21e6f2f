/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this room share: the workbench's members, and how a route answers. */

#include "escher/answer/answer.h"
#include "escher/aws/resolve.h"
#include "escher/base/list.h"
#include "escher/embed/encoder.h"
#include "escher/exec/command_aws.h"
#include "escher/find/filter.h"
#include "escher/find/index.h"
#include "escher/find/query.h"
#include "escher/model/account.h"
#include "escher/playbook/shelf.h"
#include "escher/store/store.h"
#include "escher/work/api.h"
#include "escher/work/feed.h"
#include "escher/work/vault_private.h"

/** The vector of what a resource says about itself; for a worker, with an encoder of its own. */
typedef enum esc_status work_embed_resource_fn(struct esc_encoder *encoder,
                                               const struct esc_resource *resource, float *out,
                                               struct esc_error *err);

struct esc_workbench {
    struct esc_loop *loop;
    const struct esc_clock *clock;
    const struct esc_random *random;
    struct work_vault vault; /* owns the next four */
    struct esc_paths paths;
    struct esc_keyring *keyring;
    const struct esc_secret *passphrase; /* NULL: none was given */
    struct esc_store *store;
    struct esc_index *index;
    struct esc_encoder *encoder;
    struct esc_shelf *shelf;
    struct esc_planner *planner;
    struct esc_timer *warming; /* the planner (embedding.c); NULL: done */
    struct esc_aws *aws;
    struct esc_http_client *http;
    struct esc_feed *feed;
    struct esc_list accounts;        /* struct esc_account *, in the order of their names */
    struct esc_list calls;           /* struct esc_api_call *, under way */
    struct esc_list prompts;         /* struct work_prompt *: questions that wait (prompt.c) */
    struct esc_list runs;            /* struct work_run *, under way (act.c) */
    char *aws_path, *aws_version;    /* of the AWS CLI, once found */
    char *expired_key;               /* id of the key that was last dropped as expired, or NULL */
    uint64_t expired_ms;             /* monotonic: when */
    char *helper_program;            /* escher-run */
    struct esc_page_door *page_door; /* NULL: closed (serve.c) */
    unsigned page_guests;            /* calls that hold it open */
    uint16_t page_port;
    bool syncing;
    bool refreshing;                     /* the sync under way is one that a run has asked for */
    struct esc_list waiting_sync;        /* struct esc_api_call *, until that one is over */
    struct esc_api_call *scheduled_sync; /* the sync under way when the schedule has begun it */
    struct work_schedule *schedule;      /* schedule.c; NULL: there is none */
    struct work_events *events;          /* taken from a queue (sync_events.c); NULL: none yet */
    struct work_embedding *embedding;    /* what goes without a vector (embed_later.c); or NULL */
    work_embed_resource_fn *embed_resource;   /* how resources get vectors; tests let it fail */
    const struct backup_place *const *places; /* where backups go beside here; ends with NULL */
    struct esc_api_call *backup;              /* the one that makes one; NULL: none is under way */
    struct esc_api_call *backup_verify;       /* the one that tries them again; NULL: none */
    struct esc_timer *backup_timer;           /* of the schedule; NULL: there is none */
    uint64_t backup_upload_after_ms;          /* monotonic: not tried again before */
    struct esc_list waiting_keys; /* struct esc_api_call *, until a rotation is through */
    unsigned key_jobs;            /* under way (key_book.c) */
    bool sealing;                 /* rows are being sealed anew */
    bool leaving;                 /* the workbench is being closed */
    struct esc_timer *chat_timer; /* of chat_retention.c */
    uint64_t started_at_ms;
    struct work_anchor *anchor; /* anchor_keep.c */
    char *unreadable;           /* how many rows did not open, and the first; NULL: none */
    bool index_is_whole;
    struct work_index_keeping *keeping;   /* what the index wants kept (estate_index.c); or NULL */
    struct work_index_checking *checking; /* rows that the start did not open; NULL: all were */
};

struct esc_api_call {
    struct esc_workbench *bench;
    struct esc_api_sink sink;
    const struct route *route;
    struct esc_json *args;                     /* an object, never NULL */
    bool page;                                 /* from a window or a browser */
    char *subject;                             /* what {} in the path stood for, or NULL */
    struct esc_aws_environment *environment;   /* of the caller */
    void *state;                               /* the route's own */
    void (*cancel)(struct esc_api_call *call); /* NULL: nothing to cancel */
    bool cancelled;
    bool declined;       /* asks its caller no more (prompt.c) */
    unsigned questions;  /* that it has asked */
    char *wanted_device; /* whose code a page would have to bring; NULL: none (prompt.c) */
    bool refreshes;      /* a sync that a run has asked for: nobody waits for its answer */
    bool scheduled;      /* a sync that the schedule has asked for: gives way to a person's */
};

/* Answering; each call once. @p body is handed over. */
void work_done(struct esc_api_call *call, enum esc_status status, struct esc_json *body);
void work_ok(struct esc_api_call *call, struct esc_json *body);
void work_fail(struct esc_api_call *call, const struct esc_error *err);
/** Tells the caller and, with the caller's "call", everybody. @p event is handed over; "at" is
 *  added. */
void work_event(struct esc_api_call *call, struct esc_json *event);
void work_tell(struct esc_api_call *call, struct esc_json *event);      /* the caller alone */
void work_publish(struct esc_workbench *bench, struct esc_json *event); /* everybody */
/** Tells everybody that estate, runs, plans, chat, accounts, settings or views are other than before. */
void work_changed(struct esc_workbench *bench, const char *what);
/** A call whose answer nobody waits for; it ends by itself, or with the workbench. */
struct esc_api_call *work_call_detached(struct esc_workbench *bench,
                                        const struct esc_api_request *request);
struct esc_json *work_event_new(const char *kind, const char *subject);

/** The failure document; for adding members before work_done(). */
struct esc_json *work_failure(const struct esc_error *err);

const char *work_text(const struct esc_api_call *call, const char *name); /* an argument or NULL */

/* lookup_place.c */
/** Whether the call names an account or a region of which the estate has none; @p err says which
 *  there are. */
bool work_lacks_place(const struct esc_api_call *call, struct esc_error *err);

/* The routes, each in the file of its subject. */
typedef void work_route_fn(struct esc_api_call *call);
work_route_fn work_ping, work_status, work_doctor;                         /* status_page.c */
work_route_fn work_accounts_list, work_accounts_add, work_accounts_remove, /* account_book.c */
    work_accounts_test;
work_route_fn work_accounts_organization;                            /* organization.c */
work_route_fn work_prompts_answer;                                   /* prompt.c */
work_route_fn work_accounts_discover;                                /* discovery.c */
work_route_fn work_sync;                                             /* sync.c */
work_route_fn work_events_take;                                      /* sync_events.c */
work_route_fn work_changes;                                          /* history.c */
work_route_fn work_schedule_show, work_schedule_put;                 /* schedule_page.c */
work_route_fn work_find, work_complete, work_show;                   /* lookup.c */
work_route_fn work_impact;                                           /* impact_page.c */
work_route_fn work_can, work_permissions_show, work_accounts_policy; /* can_page.c */
work_route_fn work_can_simulate, work_can_dry_run;                   /* can_cloud.c */
work_route_fn work_estate_query, work_resolve;                       /* explore.c */
work_route_fn work_home, work_settings_show, work_settings_put;      /* home_page.c */
work_route_fn work_views_list, work_views_put, work_views_delete;    /* view_book.c */
work_route_fn work_runs_log;                                         /* run_log.c */
work_route_fn work_estate_import, work_estate_export;                /* estate_file.c */
work_route_fn work_ask;                                              /* converse.c */
work_route_fn work_ask_batch;                                        /* ask_batch.c */
work_route_fn work_plan_show, work_plan_approve, work_plan_discard;  /* act.c */
work_route_fn work_runs_list, work_runs_show, work_runs_logs, work_runs_cancel,
    work_runs_wait;                                                              /* run_book.c */
work_route_fn work_chat_list, work_chat_query, work_chat_show, work_chat_delete; /* chat_book.c */
work_route_fn work_chat_retention, work_chat_retention_put;          /* chat_retention.c */
work_route_fn work_audit_list, work_audit_verify, work_audit_export; /* record_book.c */
work_route_fn work_backup_s3_show, work_backup_s3_put, work_backup_s3_remove,
    work_backup_s3_list;                                            /* backup_to.c */
work_route_fn work_keys_show, work_keys_rotate, work_keys_recovery; /* key_book.c */
work_route_fn work_serve;                                           /* serve.c */
work_route_fn work_playbooks_list, work_playbooks_show;             /* playbook_page.c */
work_route_fn work_backups_make;                                    /* backup.c */
work_route_fn work_backups_list;                                    /* backup_book.c */
work_route_fn work_backups_upload;                                  /* backup_upload.c */
work_route_fn work_backups_verify;                                  /* backup_verify.c */

/** What a walk over the rows could not open. */
void work_note_unreadable(struct esc_workbench *bench, const struct esc_store_tally *tally);

/* index_mend.c */
struct work_index_mending;
typedef void work_index_mended_fn(void *context);
/** After what may have written rows anew: takes out of the index what the store has no more, since a
 *  damaged row goes without telling whose it was, and counts the damaged ones that are left. Some
 *  rows in each turn of the loop, none where nothing is damaged and the two have as many. @p done
 *  fires once, never before this has returned, and it is gone then. */
struct work_index_mending *work_index_mend(struct esc_workbench *bench, work_index_mended_fn *done,
                                           void *context);
/** The rest is left as it is; done still comes. */
void work_index_mend_stop(struct work_index_mending *mending);

/* estate_index.c */
/** Makes the index of what was kept, and of the rows where nothing was. */
enum esc_status work_index_fill(struct esc_workbench *bench, struct esc_error *err);
/** The index learns when scans have seen its rows. */
void work_index_see(struct esc_workbench *bench);
/** A sync that was cut off is begun anew by whoever comes next (sync_journal.c). */
enum esc_status work_sync_forget(struct esc_workbench *bench, struct esc_error *err);
/** Nothing of an account counts as known any more: the next sync looks at all of it (sync_known.c).
 * @errors ESC_IO */
enum esc_status work_known_forget(struct esc_workbench *bench, const char *account_id,
                                  struct esc_error *err);
/** The estate was written: keeps the index of it, once there is time. */
void work_index_keep_later(struct esc_workbench *bench);
/** Opens the rows that the start has not opened, unless they are many: then they are opened bit by
 *  bit. What is damaged among them is noted. */
void work_index_check(struct esc_workbench *bench);
void work_index_check_end(struct esc_workbench *bench);
/** The same now, if anything is still to be kept. */
void work_index_keep_now(struct esc_workbench *bench);

/* stored.c */
/** The whole resource, owned by the caller. @errors ESC_NOT_FOUND; ESC_CORRUPT: its row is damaged. */
enum esc_status work_resource(struct esc_workbench *bench, const char *id,
                              struct esc_resource **out, struct esc_error *err);
/** The same to be shown: of a damaged row there is what the card knows. The card has an id. */
ESC_RETURNS_NONNULL struct esc_resource *work_resource_of(struct esc_workbench *bench,
                                                          const struct esc_card *card);

/** Sets "resource", and "environment" beside it: its class, empty when nothing tells. */
void work_set_resource(struct esc_json *page, const struct esc_resource *resource);

/** The same of the resource of a card, which has an id. */
void work_set_card(struct esc_workbench *bench, struct esc_json *page, const struct esc_card *card);

/* lookup.c */
/** The id, owned by the caller, of the one resource that the request's "text" names exactly. NULL:
 *  it names several or none, and the call is answered with the choices or with what is wrong. */
char *work_named(struct esc_api_call *call);
/** What else the text may be when nothing is called so; true: it has answered the call. */
typedef bool work_otherwise_fn(struct esc_api_call *call);
/** The same; where no name is the text or begins so, @p otherwise is asked first (NULL: nobody). */
char *work_named_or(struct esc_api_call *call, work_otherwise_fn *otherwise);
/** One of a list of hits, or of the choices that a name leaves; owned by the caller. */
struct esc_json *work_hit(struct esc_workbench *bench, const struct esc_find_hit *hit);

/* What several pages show of one thing; owned by the caller. */
struct esc_json *work_row(struct esc_workbench *bench, const struct esc_card *card);
/** Cells that were not seen well, where something that @p scope asks for may lie; NULL: all. */
struct esc_json *work_gaps(const struct esc_workbench *bench, const struct esc_filter *scope);
/** Sets "last_sync" and "last_sync_age", when there was one. */
void work_add_last_sync(const struct esc_workbench *bench, struct esc_json *body);
/** Sets "age" when @p at is a time. */
void work_add_age(const struct esc_workbench *bench, struct esc_json *page, const char *at);

/* account_book.c */
enum esc_status work_accounts_load(struct esc_workbench *bench, struct esc_error *err);
/** Until when the account's keys are good, as far as that is known, to a user context (NULL: there is
 *  none). It is of the session that is there now and not stored. */
void work_account_add_session(const struct esc_workbench *bench, const char *account_id,
                              struct esc_json *user_context);
/** Whether it is known of each (struct esc_account *) which partition it lies in. */
bool work_accounts_are_placed(const struct esc_list *accounts);
typedef void work_accounts_placed_fn(void *context);
struct work_placing; /* borrowed until done */
/** Looks whose keys those are of which it is not known, and keeps what they tell; @p accounts are
 *  borrowed until done, which comes later. Keys that cannot be had, or not soon where there are other
 *  accounts, are left to whoever uses them. */
struct work_placing *work_accounts_place(struct esc_workbench *bench, struct esc_list *accounts,
                                         const struct esc_aws_environment *environment,
                                         work_accounts_placed_fn *done, void *context);
/** Waits for no keys any more: done comes in one of the next turns. */
void work_accounts_place_cancel(struct work_placing *placing);
/** Those whose login ends within a quarter of an hour, or has ended: what was last known of their
 *  keys, with `says` and `minutes`. Owned by the caller. */
struct esc_json *work_accounts_ending(const struct esc_workbench *bench);
/** By id, name or alias; NULL when there is none. Twelve digits are an id and nothing else, so
 *  that no name can stand in for an account. Borrowed. */
const struct esc_account *work_account_find(const struct esc_workbench *bench, const char *text);

/* anchor_keep.c */
void work_anchor_start(struct esc_workbench *bench);
/** Puts the anchor as soon as the keyring can, when something was written since it was put. */
void work_anchor_put(struct esc_workbench *bench);
/** Puts it for the last time; turns the loop until that is over. */
void work_anchor_close(struct esc_workbench *bench);
/** Says how it is, for people. */
void work_anchor_describe(const struct esc_workbench *bench, struct esc_buf *out, bool *is_well);
/** The same of the room that is kept on the disk (ballast_page.c). */
void work_ballast_describe(const struct esc_workbench *bench, struct esc_buf *out, bool *is_well);

/* chat_retention.c */
/** Looks a minute from now, and then each hour, which conversations have had their time. */
void work_chat_schedule(struct esc_workbench *bench);
/** Looks now; true: there may be more that go. */
bool work_chat_look(struct esc_workbench *bench);

/* demo_cloud.c */
/** A demo cloud that runs and has accounts that are not in the book: {world, endpoint, accounts}.
 *  NULL: none. Owned by the caller. */
struct esc_json *work_demo_page(const struct esc_workbench *bench);

/* embedding.c */
/** esc_embed_fn over the workbench's encoder. */
enum esc_status work_embed(void *bench, struct esc_str text, float *out, struct esc_error *err);
/** Makes the planner, which gets its vectors bit by bit once there is time. */
void work_planner_open(struct esc_workbench *bench);
work_embed_resource_fn work_embed_resource;

/* embed_later.c */
/** Gives vectors to what has none, once there is time. */
void work_embed_later(struct esc_workbench *bench);
/** The same at the start of a core, when there is any. */
void work_embed_start(struct esc_workbench *bench);
/** Begins nothing more. */
void work_embed_rest(struct esc_workbench *bench);
/** Whether a job of it is under way. */
bool work_embed_is_busy(const struct esc_workbench *bench);
/** Frees it, when it is not busy. */
void work_embed_stop(struct esc_workbench *bench);

/* act.c */
/** Until when a kept plan may be approved; 0: not any more, it is of an earlier version. */
uint64_t work_plan_expires_ms(const struct esc_json *kept);
/** Whether every target of the plan is in an account of an emulator. */
bool work_plan_is_emulated(const struct esc_workbench *bench, const struct esc_json *plan);

/* backup_book.c */
/** How well the store is backed up, for status and doctor: {"verified", "due_at", "name"?, "at"?,
 *  "age"?, "warning"?}. Owned by the caller. */
struct esc_json *work_backup_page(struct esc_workbench *bench);

/* backup_schedule.c */
/** From now on backups are made when they are due, until backup_timer is stopped. */
void work_backup_schedule(struct esc_workbench *bench);
/** Begins what is due now. */
void work_backup_look(struct esc_workbench *bench);

/* run_take_up.c */
/** Settles and verifies what an earlier life of this program left under way; nothing is begun that
 *  would change something. */
enum esc_status work_runs_take_up(struct esc_workbench *bench, struct esc_error *err);
/** Turns away from the runs under way; their helpers finish by themselves. Each is gone from
 *  bench->runs once the looks at the cloud it had open have ended. */
void work_runs_leave(struct esc_workbench *bench);

/* cloud.c: one call of an account's cloud. */

/** Who makes a read: our own HTTP, or the AWS CLI. What changes something is always the CLI's, and
 *  so is what the catalog cannot say how to speak. */
enum work_transport {
    WORK_TRANSPORT_USUAL, /* what the settings say */
    WORK_TRANSPORT_NATIVE,
    WORK_TRANSPORT_CLI,
};
/** "native", "cli", or NULL, which is the usual. @errors ESC_INVALID: another word. */
enum esc_status work_transport_of_text(const char *text, enum work_transport *out,
                                       struct esc_error *err);
/** NATIVE or CLI: ESCHER_TRANSPORT, or else the setting `transport`, or else NATIVE. */
enum work_transport work_transport_usual(struct esc_workbench *bench);

struct work_cloud_call {
    const struct esc_account *account;
    const struct esc_aws_environment *environment;
    const struct esc_operation *operation;
    const struct esc_json *params; /* NULL: {} */
    const char *region;
    const char *session_name;
    uint64_t timeout_ms; /* 0: two minutes */
    enum work_transport transport;
    bool needs_cli; /* it is no use without the AWS CLI, whose version is known afterwards */
    /** It may change something, is never sent again, and takes no turn from the account's reads.
     *  What a run does is none of these: its helper makes the calls. */
    bool once;
    bool marked; /* the result has the mark of aws/read.h, where our own transport reads */
    /** Takes each page but the last, should they come one by one; NULL: they come as one. */
    void (*on_page)(void *context, const struct esc_json *output);
}; /* borrowed during the call that takes it */

/** What came back; borrowed during the callback. */
struct work_cloud_result {
    enum esc_error_category category; /* NONE: it worked */
    const char *error_code;           /* "AccessDenied", or NULL */
    const char *error_message;        /* one clean line, or NULL when it worked */
    const struct esc_json *output;    /* NULL when there was none or it failed */
    bool final;                       /* it was tried again already, as often as helps */
    unsigned page_count, call_count;  /* 0: not known, one at least */
    const char *caller_arn;           /* whose keys were used; NULL: not known */
    const uint8_t *mark;              /* of `marked`; NULL: there is none */
};

struct work_cloud;
/** @p result is NULL when the call could not be made; then @p err says why. */
typedef void work_cloud_fn(void *context, const struct work_cloud_result *result,
                           const struct esc_error *err);
/** Reads: makes the call and hands over what came back. Gone after @p done. */
struct work_cloud *work_cloud_send(struct esc_workbench *bench, const struct work_cloud_call *call,
                                   work_cloud_fn *done, void *context);
/** Mutations of a run: resolves everything and hands over the command, which is not started. */
typedef void work_command_fn(void *context, struct esc_command *command,
                             const struct esc_error *err);
struct work_cloud *work_cloud_prepare(struct esc_workbench *bench,
                                      const struct work_cloud_call *call, work_command_fn *done,
                                      void *context);
/** `done` follows with ESC_CANCELLED. Only before it has fired. */
void work_cloud_cancel(struct work_cloud *cloud);
