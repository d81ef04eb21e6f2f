/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/work/route_private.h"

/*
 * The routes of the API, one row each: what it does, takes and gives, and what it says on the way.
 * The dispatcher (api.c) checks every call against its row, and from the rows `make api` writes
 * docs/formats/openapi.json, the table of docs/internals/api.md and the types of the page.
 *
 * Beside what its row lists any route takes "call", a word of the caller's that its events in the
 * feed carry, and a CLOUD route "environment". A CLOUD route may ask its caller with "prompt".
 */

#define TAKES(...)                                                                                 \
    (const struct work_argument[])                                                                 \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define TEXT ESC_JSON_STRING
#define TEXTS ESC_JSON_ARRAY
#define NUMBER ESC_JSON_INT
#define YES_NO ESC_JSON_BOOL
#define OBJECT ESC_JSON_OBJECT
#define MUST(name, type, says)                                                                     \
    {                                                                                              \
        name, type, says, true                                                                     \
    }
#define MAY(name, type, says)                                                                      \
    {                                                                                              \
        name, type, says, false                                                                    \
    }

#define CLOUD WORK_ROUTE_CLOUD
#define SOCKET WORK_ROUTE_SOCKET
#define DETACHES WORK_ROUTE_DETACHES
#define TELLS WORK_ROUTE_TELLS

#define FILTER "such as env=production AND type:rds_instance"
#define RUN_EVENTS                                                                                 \
    "run.started run.ended run.verified run.done step.started step.changed step.retry "            \
    "step.waiting step.ended output"

const struct route work_routes[] = {
    {"GET", "/api/ping", work_ping, "whether the core is there", .gives = "answers/pong"},
    {"GET", "/api/status", work_status, "what is known, and how old it is",
     .gives = "answers/status"},
    {"POST", "/api/doctor", work_doctor, "what works here, each thing with its cure",
     .gives = "answers/doctor", .flags = CLOUD},

    {"GET", "/api/accounts", work_accounts_list, "the accounts Escher may look at",
     .gives = "answers/accounts"},
    {"POST", "/api/accounts", work_accounts_add, "adds an account, or changes how it is reached",
     .takes = TAKES(MUST("id", TEXT, "twelve digits"), MAY("name", TEXT, "what you call it"),
                    MAY("profile", TEXT, "the AWS profile that reaches it"),
                    MAY("role_arn", TEXT, "the role to assume"),
                    MAY("external_id", TEXT, "that the role wants"),
                    MAY("mfa_serial", TEXT, "of the MFA device that the role wants"),
                    MAY("duration_s", NUMBER, "of the role's sessions; an hour when not said"),
                    MAY("sso_session", TEXT, "of AWS SSO, by its name in the AWS configuration"),
                    MAY("sso_role", TEXT, "the role there"),
                    MAY("keychain", YES_NO, "the keys are copied there and taken from there"),
                    MAY("regions", TEXTS, "those to scan; `enabled` alone: whichever are"),
                    MAY("endpoint_url", TEXT, "of an emulator")),
     .gives = "answers/accounts", .flags = CLOUD, .changes = "accounts"},
    {"POST", "/api/accounts/discover", work_accounts_discover,
     "adds every account that the AWS configuration leads to",
     .takes =
         TAKES(MAY("endpoint_url", TEXT, "of an emulator"), MAY("regions", TEXTS, "those to scan"),
               MAY("demo", YES_NO, "those of the demo cloud that runs here")),
     .gives = "answers/discovered", .flags = CLOUD | TELLS, .changes = "accounts"},
    {"POST", "/api/accounts/organization", work_accounts_organization,
     "adds every account of an organisation that can be reached",
     .takes = TAKES(MAY("role", TEXT, "the name of the role to assume in each"),
                    MAY("profile", TEXT, "the AWS profile that lists them and assumes the role"),
                    MAY("external_id", TEXT, "that the role wants"),
                    MAY("mfa_serial", TEXT, "of the MFA device that the role wants"),
                    MAY("sso_session", TEXT, "of AWS SSO, instead of a role"),
                    MAY("sso_role", TEXT, "the role there"),
                    MAY("regions", TEXTS, "those to scan; those that are enabled when not said"),
                    MAY("endpoint_url", TEXT, "of an emulator")),
     .gives = "answers/organization", .flags = CLOUD | TELLS, .changes = "accounts"},
    {"DELETE", "/api/accounts/{}", work_accounts_remove,
     "forgets an account and what it had in the estate", .gives = "answers/accounts",
     .changes = "accounts"},
    {"POST", "/api/accounts/policy", work_accounts_policy, "the least policy that a scan needs",
     .takes = TAKES(MAY("service", TEXT, "only this one"),
                    MAY("organization", YES_NO, "with what only a management account has to read")),
     .gives = "answers/read_policies", .flags = SOCKET},
    {"POST", "/api/accounts/{}/test", work_accounts_test, "whether its keys are valid",
     .takes =
         TAKES(MAY("mfa_code", TEXT, "of the device, where a page was told that one is wanted"),
               MAY("device", TEXT, "that shows the code")),
     .gives = "answers/tested", .flags = CLOUD},

    {"POST", "/api/prompts/{}", work_prompts_answer, "answers the question of a call (`prompt`)",
     .takes = TAKES(MAY("answer", TEXT, "the code; none: there is no answer")),
     .gives = "answers/nothing", .flags = SOCKET},

    {"POST", "/api/sync", work_sync, "scans the accounts into the estate",
     .takes = TAKES(MAY("account", TEXT, "only this one, by id or name"),
                    MAY("region", TEXT, "only this one"), MAY("service", TEXT, "only this one"),
                    MAY("accounts", TEXTS, "only these"), MAY("regions", TEXTS, "only these"),
                    MAY("services", TEXTS, "only these"),
                    MAY("cells", TEXTS, "only these: account, region and service, with spaces"),
                    MAY("kind", TEXT, "full, or incremental: what changes by itself"),
                    MAY("transport", TEXT, "native, or cli for the AWS CLI"),
                    MAY("background", YES_NO, "answer at once; the events tell the rest")),
     .gives = "answers/sync", .events = "sync.started sync.progress sync.cell sync.done",
     .flags = CLOUD | DETACHES | TELLS},
    {"POST", "/api/sync/events", work_events_take,
     "looks where the messages say that wait in the queue of events",
     .gives = "answers/queue_looked", .flags = CLOUD},
    {"GET", "/api/schedule", work_schedule_show, "when syncs were and will be",
     .gives = "answers/schedule"},
    {"PUT", "/api/schedule", work_schedule_put, "sets when; what is not said stays as it is",
     .takes = TAKES(MAY("full_minutes", NUMBER, "between two of everything; 0: never"),
                    MAY("incremental_minutes", NUMBER, "of what changes by itself; 0: never"),
                    MAY("history_days", NUMBER, "how long changes are kept"),
                    MAY("emulators", YES_NO, "accounts of emulators too"),
                    MAY("queue_url", TEXT, "of events; empty: none"),
                    MAY("queue_account", TEXT, "whose keys read it"),
                    MAY("queue_region", TEXT, "where it is")),
     .gives = "answers/schedule", .flags = SOCKET, .changes = "settings"},
    {"POST", "/api/changes", work_changes, "what syncs have found changed, the newest first",
     .takes =
         TAKES(MAY("since", TEXT, "then or later: a time, a day, or 3d ago (m h d w)"),
               MAY("n", NUMBER, "at most so many"),
               MAY("groups", YES_NO, "what a sync saw first in a region, as one with a count")),
     .gives = "answers/changes"},
    {"POST", "/api/find", work_find, "what a text and a filter find, the best first",
     .takes =
         TAKES(MAY("text", TEXT, "a name, words, a meaning"), MAY("n", NUMBER, "at most so many"),
               MAY("filter", TEXT, FILTER), MAY("type", TEXT, "only this one"),
               MAY("account", TEXT, "only this one"), MAY("region", TEXT, "only this one"),
               MAY("view", TEXT, "the name of a saved one: within what it asks for")),
     .gives = "answers/hits", .flags = TELLS},
    {"POST", "/api/complete", work_complete, "names that begin so",
     .takes = TAKES(MAY("prefix", TEXT, "of a name"), MAY("n", NUMBER, "at most so many")),
     .gives = "answers/names"},
    {"POST", "/api/show", work_show,
     "one resource, what may be asked for, and the runs that touched it",
     .takes = TAKES(MUST("text", TEXT, "an id, name or ARN"),
                    MAY("history", YES_NO, "with what syncs have found changed")),
     .gives = "answers/shown"},
    {"POST", "/api/impact", work_impact,
     "what else stops working, or goes on with less, when a resource stops or goes away",
     .takes = TAKES(MUST("text", TEXT, "an id, name or ARN")), .gives = "answers/impact"},
    {"POST", "/api/can", work_can, "what the caller may do with a resource, and what decides it",
     .takes = TAKES(MUST("text", TEXT, "an id, name or ARN"),
                    MAY("action", TEXT, "only this one: rds:StopDBInstance, or stop")),
     .gives = "answers/can", .flags = SOCKET},
    {"POST", "/api/can/simulate", work_can_simulate,
     "the same beside what AWS's simulator answers now",
     .takes = TAKES(MUST("text", TEXT, "an id, name or ARN"), MAY("action", TEXT, "only this one")),
     .gives = "answers/can", .flags = CLOUD | SOCKET},
    {"POST", "/api/can/dry-run", work_can_dry_run,
     "the same of one action of EC2, decided by a dry run, which does nothing",
     .takes = TAKES(MUST("text", TEXT, "an id, name or ARN"),
                    MUST("action", TEXT, "ec2:StopInstances, or stop")),
     .gives = "answers/can", .flags = CLOUD | SOCKET},
    {"GET", "/api/permissions/{}", work_permissions_show,
     "what the caller may do with the resource of this id, and what decides it",
     .gives = "answers/can"},
    {"POST", "/api/estate/query", work_estate_query,
     "a window of the estate: filtered, sorted, counted by facet",
     .takes = TAKES(MAY("text", TEXT, "a name or words"), MAY("filter", TEXT, FILTER),
                    MAY("sort", TEXT,
                        "name, type, account, region, state, environment, created or "
                        "synced; -state from the end"),
                    MAY("group", TEXT,
                        "resource_type, environment, state, account or region: its rows stand "
                        "together, sorted inside"),
                    MAY("offset", NUMBER, "of the window"), MAY("limit", NUMBER, "at most 500"),
                    MAY("facets", YES_NO, "count them")),
     .gives = "answers/estate_page"},
    {"POST", "/api/resolve", work_resolve, "what the words of a prompt name so far",
     .takes = TAKES(MAY("prompt", TEXT, "as far as it is typed")), .gives = "answers/resolved"},
    {"GET", "/api/home", work_home, "what a start page shows", .gives = "answers/home"},
    {"GET", "/api/settings", work_settings_show, "what pages like to remember",
     .gives = "answers/settings"},
    {"PUT", "/api/settings", work_settings_put, "remembers it; at most 16 KiB",
     .takes = TAKES(MUST("settings", OBJECT, "whatever the pages like")),
     .gives = "answers/settings", .changes = "settings"},
    {"GET", "/api/views", work_views_list,
     "what is asked for often, by the names it was saved under", .gives = "answers/views"},
    {"PUT", "/api/views/{}", work_views_put, "saves a view, in place of one of that name",
     .takes =
         TAKES(MAY("text", TEXT, "a name or words"), MAY("filter", TEXT, FILTER),
               MAY("group", TEXT, "as of estate/query"), MAY("sort", TEXT, "as of estate/query"),
               MAY("columns", TEXTS, "that a page shows; the core gives them no meaning"),
               MAY("was", TEXT, "the name it had: it is renamed")),
     .gives = "answers/views", .changes = "views"},
    {"DELETE", "/api/views/{}", work_views_delete, "forgets a view", .gives = "answers/views",
     .changes = "views"},
    {"POST", "/api/estate/import", work_estate_import, "takes resources in, all of them or none",
     .takes = TAKES(MUST("lines", TEXT, "a resource as JSON on each")), .gives = "answers/imported",
     .changes = "estate"},
    {"POST", "/api/estate/export", work_estate_export, "all resources", .gives = "answers/exported",
     .flags = TELLS},

    {"POST", "/api/ask", work_ask, "what a prompt comes to: a plan that waits, or another answer",
     .takes = TAKES(
         MUST("prompt", TEXT, "what should happen"),
         MAY("resources", TEXTS, "ids of those that are meant"), MAY("mode", TEXT, "local or full"),
         MAY("planner", TEXT, "the URL of another one"), MAY("planner_token", TEXT, "for that one"),
         MAY("conversation", TEXT, "its id, or new")),
     .gives = "ask", .events = "phase", .flags = CLOUD, .changes = "chat"},
    {"POST", "/api/ask/batch", work_ask_batch,
     "the planner's answers to many prompts; nothing is stored or run",
     .takes = TAKES(MUST("lines", TEXT, "{id, prompt, resources} as JSON on each")),
     .gives = "answers/answered", .events = "batch.answer", .flags = TELLS},

    {"GET", "/api/plans/{}", work_plan_show, "a plan, by its hash", .gives = "answers/kept_plan"},
    {"POST", "/api/plans/{}/approve", work_plan_approve, "approves a plan and runs it",
     .takes = TAKES(MAY("confirm", TEXT, "the text that the plan wants typed"),
                    MAY("by", TEXT, "who approves, for the record"),
                    MAY("background", YES_NO, "answer once it runs; the events tell the rest")),
     .gives = "answers/run_page", .events = RUN_EVENTS, .flags = CLOUD | TELLS, .changes = "plans"},
    {"POST", "/api/plans/{}/discard", work_plan_discard, "a plan that nobody wants any more",
     .gives = "answers/discarded", .changes = "plans"},

    {"GET", "/api/runs", work_runs_list, "what was run, the newest first", .gives = "answers/runs"},
    {"GET", "/api/runs/{}", work_runs_show, "a run with what it was for and how it ended",
     .gives = "answers/run_page"},
    {"GET", "/api/runs/{}/logs", work_runs_logs, "all that it printed", .gives = "answers/logs"},
    {"POST", "/api/runs/{}/log", work_runs_log, "a window of what it printed, line by line",
     .takes =
         TAKES(MAY("step", TEXT, "only this one"), MAY("attempt", NUMBER, "only this one"),
               MAY("from_line", NUMBER, "where the window begins; the first is 1"),
               MAY("count", NUMBER, "lines in it, at most 2000"),
               MAY("tail", YES_NO, "the window at the end"),
               MAY("regex", YES_NO, "search is a regular expression (escher/playbook/pattern.h)"),
               MAY("search", TEXT, "count the lines that hold it, and list 1000 of them")),
     .gives = "answers/log_page"},
    {"POST", "/api/runs/{}/cancel", work_runs_cancel, "stops a run; no process is left",
     .gives = "answers/run_page", .events = RUN_EVENTS, .flags = TELLS},
    {"POST", "/api/runs/{}/wait", work_runs_wait, "follows a run to its end",
     .gives = "answers/run_page", .events = RUN_EVENTS, .flags = TELLS},

    {"GET", "/api/chat", work_chat_list, "the conversations, the newest first",
     .gives = "answers/conversations"},
    {"POST", "/api/chat/query", work_chat_query, "some of them, the newest first",
     .takes = TAKES(MAY("user", TEXT, "only those of this one"),
                    MAY("since", TEXT, "changed then or later: a time, a day, or 3d ago (m h d w)"),
                    MAY("before", TEXT, "last changed before then")),
     .gives = "answers/conversations"},
    {"GET", "/api/chat/retention", work_chat_retention, "how long conversations stay",
     .gives = "answers/retention"},
    {"PUT", "/api/chat/retention", work_chat_retention_put,
     "from a day later on, conversations unchanged for so long are deleted",
     .takes = TAKES(MUST("days", NUMBER, "0: they stay for ever")), .gives = "answers/retention",
     .flags = SOCKET, .changes = "settings"},
    {"GET", "/api/chat/{}", work_chat_show, "the messages of one", .gives = "answers/conversation"},
    {"DELETE", "/api/chat/{}", work_chat_delete,
     "forgets one, its key, and the plans of it that nobody ran", .gives = "answers/deleted",
     .changes = "chat"},
    {"GET", "/api/audit", work_audit_list, "the record of what was approved and done",
     .gives = "answers/records"},
    {"POST", "/api/audit/verify", work_audit_verify, "whether that record is whole",
     .gives = "answers/verified"},
    {"POST", "/api/audit/export", work_audit_export, "that record, for checking it elsewhere",
     .takes = TAKES(MAY("from", NUMBER, "the first number; 1 when not said"),
                    MAY("with_key", YES_NO, "with the key the chain of MACs starts from")),
     .gives = "answers/audit_page", .flags = SOCKET},

    {"GET", "/api/keys", work_keys_show, "where the key is, what opens it, how much it sealed",
     .gives = "answers/keys", .flags = SOCKET},
    {"POST", "/api/keys/rotate", work_keys_rotate, "new keys for all there is",
     .gives = "answers/keys", .events = "key.progress", .flags = SOCKET},
    {"POST", "/api/keys/recovery", work_keys_recovery,
     "a new recovery code, told this once; the one before is in no slot any more",
     .gives = "answers/recovery_code", .flags = SOCKET},

    {"GET", "/api/playbooks", work_playbooks_list, "what Escher knows how to do",
     .gives = "answers/playbooks"},
    {"GET", "/api/playbooks/{}", work_playbooks_show, "a playbook with its text",
     .gives = "answers/playbook"},
    {"GET", "/api/backup/s3", work_backup_s3_show, "where backups go in S3",
     .gives = "answers/backup_s3"},
    {"PUT", "/api/backup/s3", work_backup_s3_put,
     "backups go there from now on, too; looks at the bucket first",
     .takes = TAKES(MUST("url", TEXT, "s3://BUCKET/PREFIX"),
                    MAY("account", TEXT, "whose keys are used, by id or name"),
                    MAY("region", TEXT, "of the bucket"),
                    MAY("role", TEXT, "the ARN of the role to assume, one that may only write"),
                    MAY("owner", TEXT, "the account the bucket belongs to, else the one above")),
     .gives = "answers/backup_s3", .flags = CLOUD | SOCKET, .changes = "settings"},
    {"DELETE", "/api/backup/s3", work_backup_s3_remove,
     "no backups go to S3 any more; those that are there stay", .gives = "answers/backup_s3",
     .flags = SOCKET, .changes = "settings"},
    {"POST", "/api/backup/s3/list", work_backup_s3_list, "the backups of this store in S3",
     .gives = "answers/backups_in_s3", .flags = CLOUD},
    {"GET", "/api/backups", work_backups_list, "the backups here, the newest first",
     .gives = "answers/backups"},
    {"POST", "/api/backups", work_backups_make,
     "makes one, and restores it on trial before it counts", .gives = "answers/backup_made",
     .events = "backup.started backup.progress backup.done backup.failed",
     .flags = CLOUD | DETACHES | TELLS, .changes = "backups"},
    {"POST", "/api/backups/verify", work_backups_verify, "restores those that are here on trial",
     .takes = TAKES(MAY("name", TEXT, "only this one")), .gives = "answers/backups_verified",
     .events = "backup.progress", .flags = TELLS, .changes = "backups"},
    {"POST", "/api/backups/upload", work_backups_upload,
     "puts the newest where it is missing, beside the local folder",
     .gives = "answers/backup_uploaded", .events = "backup.progress", .flags = CLOUD | TELLS,
     .changes = "backups"},

    {"POST", "/api/serve", work_serve, "opens the browser's door, and holds it open",
     .takes = TAKES(MAY("port", NUMBER, "else any free one")), .events = "serve.ready",
     .flags = CLOUD | SOCKET},

    {"POST", "/api/stop", NULL, "ends the core", .gives = "answers/pong", .flags = SOCKET},
    {"POST", "/api/session", NULL, "lets a browser in; the answer brings its cookie",
     .takes = TAKES(MUST("code", TEXT, "of a link that `escher serve` gave")),
     .gives = "answers/nothing"},
    {"GET", "/api/events", NULL, "everything that happens; resumes after Last-Event-ID",
     .events = "hello reset changed call.done *"},
};
const size_t work_route_count = ESC_COUNT(work_routes);

static struct esc_json *words_page(const char *words)
{
    struct esc_json *page = esc_json_array();
    struct esc_str rest = esc_str_of(words), word;
    while (words && esc_str_next(&rest, ' ', &word))
        esc_json_push(page, esc_json_string(word));
    return page;
}

/* As JSON Schema calls it. */
static const char *type_word(enum esc_json_type type)
{
    static const char *const words[] = {
        [ESC_JSON_BOOL] = "boolean", [ESC_JSON_INT] = "integer",   [ESC_JSON_STRING] = "string",
        [ESC_JSON_ARRAY] = "array",  [ESC_JSON_OBJECT] = "object",
    };
    return words[type];
}

static struct esc_json *takes_page(const struct work_argument *takes)
{
    struct esc_json *page = esc_json_array();
    for (const struct work_argument *one = takes; one && one->name; one++) {
        struct esc_json *entry = esc_json_object();
        esc_json_set_text(entry, "name", one->name);
        esc_json_set_text(entry, "type", type_word(one->type));
        esc_json_set_text(entry, "says", one->says);
        esc_json_set_bool(entry, "must", one->must);
        esc_json_push(page, entry);
    }
    return page;
}

static struct esc_json *route_page(const struct route *route)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "method", route->method);
    esc_json_set_text(page, "path", route->path);
    esc_json_set_text(page, "says", route->says);
    esc_json_set(page, "takes", takes_page(route->takes));
    if (route->gives)
        esc_json_set_text(page, "gives", route->gives);
    struct esc_json *events = words_page(route->events);
    if (route->flags & CLOUD)
        esc_json_push_text(events, "prompt");
    esc_json_set(page, "events", events);
    if (route->changes)
        esc_json_set_text(page, "changes", route->changes);
    esc_json_set_bool(page, "cloud", route->flags & CLOUD);
    esc_json_set_bool(page, "page", !(route->flags & SOCKET));
    esc_json_set_bool(page, "detaches", route->flags & DETACHES);
    esc_json_set_bool(page, "tells", route->flags & TELLS);
    esc_json_set_bool(page, "door", !route->run);
    return page;
}

static struct esc_json *status_page(enum esc_status status)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "status", esc_status_text(status));
    esc_json_set_int(page, "http", esc_status_http(status));
    esc_json_set_text(page, "says", esc_status_meaning(status));
    return page;
}

struct esc_json *esc_api_describe(void)
{
    struct esc_json *routes = esc_json_array(), *statuses = esc_json_array();
    for (size_t i = 0; i < work_route_count; i++)
        esc_json_push(routes, route_page(&work_routes[i]));
    for (int status = ESC_OK; status < ESC_STATUS_COUNT; status++)
        esc_json_push(statuses, status_page((enum esc_status)status));
    struct esc_json *page = esc_json_object();
    esc_json_set(page, "routes", routes);
    esc_json_set(page, "statuses", statuses);
    return page;
}
