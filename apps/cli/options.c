/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/options.h"

#include "apps/cli/cli.h"
#include "escher/base/str.h"

const struct cli_option cli_global_options[] = {
    {"json", NULL, "one JSON document on stdout; JSON lines while something streams"},
    {"profile", "NAME", "the Escher profile, with a store of its own (default: default)"},
    {"inline", NULL, "take the store's lock instead of talking to a core"},
    {"quiet", NULL, "no progress on stderr"},
    {"passphrase-fd", "N", "read the passphrase of a file keyring from this descriptor"},
    {"mfa-code-fd", "N", "read the code of an MFA device from this descriptor"},
    {"help", NULL, "what a verb does and takes"},
    {"version", NULL, "the version"},
    {NULL, NULL, NULL},
};

static const struct cli_option no_options[] = {{NULL, NULL, NULL}};

static const struct cli_option init_options[] = {
    {"keyring", "KIND", "auto: the desktop's keychain; file: a passphrase, for servers and tests"},
    {"mix-passphrase", NULL,
     "beside the desktop's keychain a passphrase opens it, and only both do"},
    {"show-code", NULL, "print a recovery code also where stdout is no terminal"},
    {NULL, NULL, NULL},
};

static const struct cli_option key_options[] = {
    {"restore", NULL, "with recovery: puts the lost key back into the keyring, by the code"},
    {"code-fd", "N", "with --restore: read the recovery code from this descriptor"},
    {"new-passphrase-fd", "N", "with passphrase and migrate: read the new one from there"},
    {NULL, NULL, NULL},
};

static const struct cli_option audit_options[] = {
    {"with-key", NULL, "with export: the key too, to check that each record has its own"},
    {NULL, NULL, NULL},
};

static const struct cli_option accounts_options[] = {
    {"discover", NULL, "with add: every account the AWS configuration already has"},
    {"name", "NAME", "with add: what you call the account"},
    {"aws-profile", "NAME", "with add: the AWS profile that reaches it"},
    {"role", "ARN", "with add: the role to assume; its name with --organization"},
    {"external-id", "ID", "with --role: the external id that the role wants"},
    {"mfa-serial", "ARN", "with --role: the MFA device that the role wants"},
    {"duration", "S", "with --role: how many seconds its sessions last (3600)"},
    {"sso-session", "NAME", "with add: the session of AWS SSO that reaches it"},
    {"sso-role", "NAME", "with --sso-session: the role there"},
    {"keychain", NULL, "with add: copy the keys into the keychain and take them from there"},
    {"organization", NULL,
     "with add: every account of the organisation, by --role or --sso-role; with policy: for its "
     "management account"},
    {"regions", "A,B", "with add: the regions to scan; `enabled`: whichever are"},
    {"emulator", "URL", "with add: the account is an emulator at this address"},
    {"service", "S", "with policy: only what a scan of this service needs"},
    {NULL, NULL, NULL},
};

static const struct cli_option can_options[] = {
    {"simulate", NULL, "ask AWS's simulator as well, for comparison; it takes a call"},
    {"dry-run", NULL, "let EC2 itself decide, by a dry run, which does nothing; it takes a call"},
    {NULL, NULL, NULL},
};

static const struct cli_option sync_options[] = {
    {"full", NULL, "everything; so it is when nothing is said"},
    {"incremental", NULL, "only what changes by itself: instances, volumes, databases"},
    {"account", "A", "only this account, by id or name; may be given several times"},
    {"region", "R", "only this region; may be given several times"},
    {"service", "S",
     "only this one: rds, ec2, s3, vpc, lambda, ecs, iam and so on; may be given several times"},
    {"transport", "native|cli", "who asks the cloud: Escher itself, or the AWS CLI"},
    {"events", NULL, "only where the messages say that wait in the queue of events"},
    {"watch", NULL, "afterwards again, incrementally, every 15 minutes, until it is stopped"},
    {NULL, NULL, NULL},
};

static const struct cli_option schedule_options[] = {
    {"account", "A", "with events and rule: the account that has the queue"},
    {"region", "R", "with events and rule: the region of the queue"},
    {NULL, NULL, NULL},
};

static const struct cli_option changes_options[] = {
    {"since", "TIME", "found then or later: 2026-11-21, or 3d for days ago (m h d w)"},
    {"n", "N", "at most so many, each by itself"},
    {"all", NULL, "each by itself, up to a thousand"},
    {NULL, NULL, NULL},
};

static const struct cli_option find_options[] = {
    {"n", "N", "at most so many (default 20)"},
    {"filter", "EXPR", "only what this lets through: 'env=prod AND type:rds_instance'"},
    {"type", "T", "only this type"},
    {"account", "A", "only this account, by id or name"},
    {"region", "R", "only this region"},
    {"view", "NAME", "within a saved view; `escher views` lists them"},
    {"explain", NULL, "say for each line why it was found"},
    {NULL, NULL, NULL},
};

static const struct cli_option views_options[] = {
    {"filter", "EXPR", "with save: what it lets through: 'env=prod AND type:rds_instance'"},
    {"text", "WORDS", "with save: a name or words that are searched for"},
    {"group", "FIELD",
     "with save: its rows stand together by resource_type, environment, state, account or region"},
    {NULL, NULL, NULL},
};

static const struct cli_option complete_options[] = {
    {"n", "N", "at most so many (default 10)"},
    {NULL, NULL, NULL},
};

static const struct cli_option show_options[] = {
    {"relations", NULL, "what it is connected with"},
    {"history", NULL, "what syncs have found changed about it, the newest first"},
    {NULL, NULL, NULL},
};

static const struct cli_option ask_options[] = {
    {"resource", "ID", "this resource is meant; may be given several times"},
    {"planner", "URL", "ask a planner there instead of the one built in; needs --mode full"},
    {"planner-token-file", "FILE", "the bearer token for that planner; needed on another machine"},
    {"mode", "MODE", "local (default): nothing leaves; full: names and tags go to the planner"},
    {"approve", "HASH", "approve the plan shown under this hash and run it"},
    {"confirm", "NAME", "the resource's name, where the plan demands that it be typed"},
    {"yes-demo", NULL, "approve by itself; only for accounts of an emulator"},
    {"conversation", "ID", "continue this conversation, or `new`"},
    {"batch", "FILE", "answer each line {id, prompt, resources}; nothing is stored or run"},
    {NULL, NULL, NULL},
};

static const struct cli_option plan_options[] = {
    {"confirm", "NAME", "with approve: the resource's name, where it must be typed"},
    {NULL, NULL, NULL},
};

static const struct cli_option run_options[] = {
    {"background", NULL, "print the run's id and return at once"},
    {"confirm", "NAME", "the resource's name, where it must be typed"},
    {NULL, NULL, NULL},
};

static const struct cli_option chat_options[] = {
    {"user", "NAME", "with list and export: only conversations of this user"},
    {"since", "TIME",
     "with list and export: changed then or later: 2026-11-21, or 3d for days ago"},
    {"before", "TIME", "with list and export: last changed before then"},
    {"all", NULL, "with export: all of them, or all that --user, --since and --before leave"},
    {NULL, NULL, NULL},
};

static const struct cli_option backup_options[] = {
    {"code-fd", "N", "with restore and drill: read the recovery code from this descriptor"},
    {"keyring", "KIND", "with restore, where there is no store: auto or file"},
    {"account", "A", "with to: the account whose keys are used, by id or name"},
    {"region", "R", "of the bucket, wherever one is named"},
    {"role", "ARN", "the role to assume: with to one that may only write, else one that may read"},
    {"aws-profile", "NAME", "with list, restore and drill of s3://…: the AWS profile to use"},
    {"emulator", "URL", "with list, restore and drill of s3://…: the emulator that has the bucket"},
    {"owner", "ID", "with to: the account the bucket belongs to, where it is another one"},
    {NULL, NULL, NULL},
};

static const struct cli_option core_options[] = {
    {"ready-fd", "N",
     "for programs: tells them there in one JSON line that it is ready, or why not"},
    {NULL, NULL, NULL},
};

static const struct cli_option serve_options[] = {
    {"port", "P", "listen there instead of on any free port"},
    {"no-open", NULL, "print the link only; at a terminal with a display a browser is opened"},
    {NULL, NULL, NULL},
};

static const struct cli_option demo_options[] = {
    {"world", "NAME", "full (default), small, or denied"},
    {NULL, NULL, NULL},
};

const struct cli_verb cli_verbs[] = {
    {"ask", "PROMPT", "say what should happen; see the plan; approve it",
     "Finds what is meant in the estate, plans, reads the live state, and shows the plan. Nothing "
     "changes until it is approved: at the terminal, or by a second call with --approve HASH. A "
     "near match is offered as a choice and never acted on.",
     ask_options, 0, 1, cmd_ask},
    {"find", "TEXT", "search the estate",
     "Exact matches first, then near ones, then by meaning. MATCH says which it is; `feature`: by "
     "the type, environment or state that the words name.",
     find_options, 0, 1, cmd_find},
    {"views", "[list|save|delete] [NAME]", "what is asked for often, under a name",
     "A view is a query with a name, sealed in the store and the same in the workbench. `save` "
     "replaces one of that name. `escher find --view NAME` searches within it.",
     views_options, 0, 2, cmd_views},
    {"show", "ID|NAME|ARN", "one resource", NULL, show_options, 1, 1, cmd_show},
    {"impact", "ID|NAME|ARN", "what else breaks when a resource stops or goes away",
     "Follows what the estate knows of relations: load balancers to targets, databases to their "
     "replicas, machines to their disks and networks, names to what they lead to. Grouped by the "
     "relation each rests on, with when that was seen; what could not be looked at stands below.",
     no_options, 1, 1, cmd_impact},
    {"can", "[ACTION] ID|NAME|ARN", "whether you may do that, and the statement that decides",
     "Answers from the policies that the last sync has read: yours, your groups', the boundary. An "
     "ACTION is written rds:StopDBInstance, StopDBInstance or stop; without one all that matter "
     "are listed. `allowed` is no promise: the cloud decides when it is asked. `conditional` names "
     "the keys that only the call will have, such as MFA; `unknown` says what could not be read. "
     "The exit code is 0 whatever the answer is; --json has the verdict.",
     can_options, 1, 2, cmd_can},
    {"complete", "PREFIX", "names that begin so", NULL, complete_options, 1, 1, cmd_complete},
    {"sync", "", "scan the accounts into the estate",
     "Prints how much could be seen, and why the rest could not; exit code 7 when some of it could "
     "not. A cell is one question to the cloud, such as the list of databases of one region of one "
     "account. A sync that was cut off leaves whole places, and the next of its kind goes on with "
     "the others. A core makes them by itself: see `escher schedule`.",
     sync_options, 0, 0, cmd_sync},
    {"schedule", "[show|full|incremental|history|events|emulators|rule] [VALUE]",
     "when syncs are made by themselves",
     "A core that stays makes a full one every 6 hours and an incremental one every 15 minutes, of "
     "the accounts whose credentials need no person. `full 12h` and `incremental off` set it, "
     "`history 30d` how long changes are kept. `events URL --account A --region R` reads a queue "
     "of EventBridge events, which only say where to look again; `rule` prints the commands that "
     "make one. Accounts of emulators take part after `emulators on`.",
     schedule_options, 0, 2, cmd_schedule},
    {"changes", "", "what syncs have found changed",
     "The newest first: what is gone, of what has changed each field before and after, and what "
     "was seen for the first time. Of the latter, what one sync has found in a region is one line; "
     "-n and --all show each.",
     changes_options, 0, 0, cmd_changes},
    {"status", "", "what is known and how old it is",
     "First the store, then what was seen of each place and each kind of thing. A cell is one "
     "question to the cloud, such as the list of databases of one region of one account. What "
     "could not be seen stands at the end, with the reason and the cure; 0 means that there is "
     "none, – that nobody could look.",
     no_options, 0, 0, cmd_status},
    {"accounts", "[list|add|remove|test|policy] [ACCOUNT]", "the cloud accounts Escher may look at",
     "Credentials stay where the AWS tools keep them; only how to reach an account is stored. "
     "Profiles with keys, roles, AWS SSO, a program or a web identity are understood, as are the "
     "roles of a container or a machine. A role that wants an MFA code asks for it at the "
     "terminal, once in twelve hours. `list` tells until when the keys of each are good, or why "
     "there are none. `test` tries them. With --organization what could not be reached is said "
     "account by account; exit code 7. `policy` prints the least IAM policy that a scan needs, "
     "reads only; where one would be too long for IAM it is an array of several. With "
     "--organization it is that of a management account, or of a delegated administrator's, which "
     "may also read the policies that decide in the members.",
     accounts_options, 0, 2, cmd_accounts},
    {"plan", "show|approve|discard HASH", "a plan that was made",
     "The hash is what `escher ask` shows. A plan can be approved once, for 15 minutes "
     "(5 for what destroys), and while the live state is the one it was shown with.",
     plan_options, 2, 2, cmd_plan},
    {"run", "HASH", "approve a plan and run it",
     "Reads the live state again, records the approval, runs each step with the AWS CLI, and "
     "checks the result in the cloud. Exit code 1 when it failed or the outcome is unknown.",
     run_options, 1, 1, cmd_run},
    {"runs", "[list|show|logs|wait|cancel] [RUN]", "what was run",
     "Without a word it lists the runs. `logs` prints what the AWS CLI printed, `wait` follows a "
     "run to its end, `cancel` ends one and leaves no process.",
     no_options, 0, 2, cmd_runs},
    {"chat", "[list|show|delete|export|keep] [CONVERSATION|DAYS]", "conversations",
     "Without a word it lists them. `delete` destroys the conversation's key and forgets the plans "
     "of it that nobody ran; what was run stays on record. `export` prints JSON lines, or text at "
     "a terminal. `keep DAYS` deletes what was not changed for so long, `keep forever` (the "
     "default) nothing. Backups keep what was deleted until they expire.",
     chat_options, 0, 2, cmd_chat},
    {"playbooks", "[list|show|lint] [ID|FILE]", "what Escher knows how to do", NULL, no_options, 0,
     2, cmd_playbooks},
    {"audit", "[list|verify|export|accept] [FILE]", "the record of what was approved and done",
     "With `verify` the first record that is not as it was written is named. `export` writes all "
     "for tools/audit-check, one line each. `accept` takes a store that is older than the last one "
     "seen, when you have put the copy there yourself.",
     audit_options, 0, 2, cmd_audit},
    {"backup", "[now|list|verify|restore|drill|to|policy] [BACKUP|PLACE]",
     "copies of the store, each restored on trial",
     "A core makes one on every day it runs on, beside the store. A backup counts once it was read "
     "back, opened and compared row by row. What is older than seven days goes, but never the "
     "newest three, and nothing goes after a failure. `restore` puts the newest, or BACKUP (a "
     "name, a part of one, a file, s3://BUCKET/PREFIX), in the place of the store, which is moved "
     "aside; on an empty machine it needs the recovery code. `drill` tries all of that and leaves "
     "nothing. `to s3://BUCKET/PREFIX` puts each into a bucket as well, `to nowhere` ends that; "
     "`list s3` tells which are there. `policy s3://BUCKET/PREFIX` prints a script that sets up "
     "such a bucket: who may write, who may restore, when backups expire, what keeps them from "
     "being deleted before.",
     backup_options, 0, 2, cmd_backup},
    {"salvage", "", "a new store of what still opens of a damaged one",
     "The damaged store is read and never written, and kept beside the new one. Rows come back as "
     "they were written or not at all; exit code 7 says that some did not.",
     no_options, 0, 0, cmd_salvage},
    {"estate", "import|export FILE", "resources as JSON lines; FILE may be - for a pipe", NULL,
     no_options, 2, 2, cmd_estate},
    {"init", "", "create the store and its key", NULL, init_options, 0, 0, cmd_init},
    {"key", "[status|recovery|rotate|passphrase|migrate] [set|remove|KIND]",
     "what opens the store, and how to change it",
     "Without a word it tells where the key is, what opens it and how often each key was used. "
     "`recovery` prints a new recovery code, once; where the one before may be in wrong hands, "
     "rotate too. `recovery --restore` brings a lost key back by the code. `rotate` makes new keys "
     "and seals everything anew; the old ones go after the next verified backup. `passphrase set` "
     "makes the desktop's keychain only half of the key, `passphrase remove` all of it. `migrate "
     "file` and `migrate auto` move the key to the other kind of keyring. The last three, and "
     "--restore, need the store for themselves: `escher core stop` first.",
     key_options, 0, 2, cmd_key},
    {"doctor", "", "what works here, each line with its cure", NULL, no_options, 0, 0, cmd_doctor},
    {"core", "[stop]", "the process that holds the store; started by itself when needed", NULL,
     core_options, 0, 1, cmd_core},
    {"serve", "", "the workbench for a browser on this machine",
     "Prints a link that works once, within a minute, and opens a browser on it where there is a "
     "display. The workbench listens on 127.0.0.1 alone and ends with Ctrl-C; runs go on.",
     serve_options, 0, 0, cmd_serve},
    {"demo", "up|down|status", "a cloud to try things on, on this machine", NULL, demo_options, 1,
     1, cmd_demo},
    {"help", "[VERB]", "this list, or what a verb does and takes", NULL, no_options, 0, 1,
     cmd_help},
    {"completions", "bash|zsh|fish", "completions for a shell", NULL, no_options, 1, 1,
     cmd_completions},
    {"man", "", "the manual page as scdoc source", NULL, no_options, 0, 0, cmd_man},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};

const struct cli_verb *cli_verb_find(const char *name)
{
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (esc_text_equal(verb->name, name))
            return verb;
    }
    return NULL;
}

static const struct cli_option *option_in(const struct cli_option *table, struct esc_str name)
{
    for (; table && table->name; table++) {
        if (esc_str_is(name, table->name))
            return table;
    }
    return NULL;
}

/* The verb is the first word that is no option, wherever it stands. */
static const struct cli_option *option_of(const struct cli_verb *verb, struct esc_str name)
{
    const struct cli_option *option = option_in(cli_global_options, name);
    return option ? option : option_in(verb ? verb->options : NULL, name);
}

static enum esc_status take_option(struct cli_arguments *arguments, int argc, char **argv,
                                   int *index, struct esc_error *err)
{
    const char *word = argv[*index];
    const bool is_long = word[1] == '-';
    const struct esc_str body = esc_str_of(word + (is_long ? 2 : 1));
    const size_t equals = esc_str_find(body, ESC_STR("="), 0);
    const struct esc_str name = esc_str_slice(body, 0, equals);
    const struct cli_option *option = option_of(arguments->verb, name);
    if (!option || (!is_long && name.len != 1))
        return esc_fail(err, ESC_INVALID, "unknown option `%s`%s; `escher %s%s--help` lists them",
                        word, arguments->verb ? "" : " before the verb",
                        arguments->verb ? arguments->verb->name : "", arguments->verb ? " " : "");
    const char *value = NULL;
    if (equals != SIZE_MAX)
        value = body.ptr + equals + 1;
    if (!option->argument && value)
        return esc_fail(err, ESC_INVALID, "`--%s` takes no value", option->name);
    if (option->argument && !value) {
        if (*index + 1 >= argc)
            return esc_fail(err, ESC_INVALID, "`--%s` needs %s", option->name, option->argument);
        value = argv[++*index];
    }
    esc_list_push(&arguments->names, (void *)(uintptr_t)option->name);
    esc_list_push(&arguments->values, (void *)(uintptr_t)value);
    return ESC_OK;
}

static enum esc_status take_word(struct cli_arguments *arguments, char *word, struct esc_error *err)
{
    if (arguments->verb) {
        esc_list_push(&arguments->positional, word);
        return ESC_OK;
    }
    arguments->verb = cli_verb_find(word);
    if (!arguments->verb)
        return esc_fail(err, ESC_INVALID, "unknown verb `%s`; `escher --help` lists them", word);
    return ESC_OK;
}

static enum esc_status check_count(const struct cli_arguments *arguments, struct esc_error *err)
{
    const struct cli_verb *verb = arguments->verb;
    if (!verb || cli_has(arguments, "help"))
        return ESC_OK;
    const size_t count = arguments->positional.count;
    if (count < verb->min_arguments || count > verb->max_arguments)
        return esc_fail(err, ESC_INVALID, "usage: escher %s%s%s; `escher %s --help` says more",
                        verb->name, *verb->arguments ? " " : "", verb->arguments, verb->name);
    return ESC_OK;
}

enum esc_status cli_arguments_parse(int argc, char **argv, struct cli_arguments *out,
                                    struct esc_error *err)
{
    *out = (struct cli_arguments){0};
    bool options_over = false;
    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        enum esc_status status = ESC_OK;
        if (!options_over && esc_text_equal(word, "--"))
            options_over = true;
        else if (!options_over && word[0] == '-' && word[1] != '\0')
            status = take_option(out, argc, argv, &i, err);
        else
            status = take_word(out, word, err);
        if (status != ESC_OK)
            return status;
    }
    return check_count(out, err);
}

void cli_arguments_done(struct cli_arguments *arguments)
{
    esc_list_done(&arguments->positional);
    esc_list_done(&arguments->names);
    esc_list_done(&arguments->values);
}

bool cli_has(const struct cli_arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->names.count; i++) {
        if (esc_text_equal(arguments->names.items[i], name))
            return true;
    }
    return false;
}

const char *cli_value(const struct cli_arguments *arguments, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < arguments->names.count; i++) {
        if (esc_text_equal(arguments->names.items[i], name))
            value = arguments->values.items[i];
    }
    return value;
}

const char *cli_value_at(const struct cli_arguments *arguments, const char *name, size_t index)
{
    for (size_t i = 0; i < arguments->names.count; i++) {
        if (esc_text_equal(arguments->names.items[i], name) && index-- == 0)
            return arguments->values.items[i];
    }
    return NULL;
}

const char *cli_argument(const struct cli_arguments *arguments, size_t index)
{
    return index < arguments->positional.count ? arguments->positional.items[index] : NULL;
}
