// SPDX-License-Identifier: Apache-2.0
// Test support: a core in memory that keeps the contract of docs/internals/api.md, so that the
// page can be tried where no core is: unit tests, 10,000 rows, 200,000 lines, bursts of events.
import { filter } from "./filter.mjs";
import { world } from "./world.mjs";

const http = { ok: 200, invalid: 400, not_found: 404, stale: 412, conflict: 409, exists: 409, limit: 413, corrupt: 500, unavailable: 503, locked: 423, unauthorised: 401 };

export class Problem extends Error {
  constructor(status, message, more = {}) {
    super(message);
    this.status = status;
    this.more = more;
  }
}

const row = (one) => ({
  id: one.id, name: one.name, identifier: one.identifier, arn: one.arn, resource_type: one.resource_type,
  account_id: one.account_id, account_name: one.account_name, region: one.region, state: one.state ?? "",
  environment: one.environment ?? "", created_at: one.created_at, synced_at: one.last_synced,
  age_ms: Date.now() - Date.parse(one.last_synced), tags: one.tags, constraints: one.constraints,
});

/* As escher.resource/1 is: its environment is said beside it. */
const shown = ({ environment, ...resource }) => ({ resource, environment: environment ?? "" });

const groupValue = {
  resource_type: [(one) => one.resource_type], environment: [(one) => one.environment], state: [(one) => one.state],
  account: [(one) => one.account_id, (one) => one.account_name], region: [(one) => one.region],
};

/* Puts rows of one value together, in place, and says where each group begins. */
function grouped(rows, by) {
  if (!groupValue[by]) throw new Problem("invalid", `nothing is grouped by \`${by}\``);
  const [value, label] = groupValue[by];
  const name = (one) => one.label ?? one.value;
  const groups = tally(rows, value, label).sort((a, b) => (!a.value !== !b.value ? (a.value ? -1 : 1) : name(a) < name(b) ? -1 : 1));
  const place = new Map(groups.map((one, index) => [one.value, index]));
  rows.sort((a, b) => place.get(value(a) ?? "") - place.get(value(b) ?? ""));
  let offset = 0;
  for (const one of groups) {
    one.offset = offset;
    offset += one.count;
  }
  return groups;
}

/* The real core judges the whole filter; here the places named in it are enough. */
function mayHold(filter, cell) {
  const named = (field) => [...filter.matchAll(new RegExp(`\\b${field}:"?([^\\s"]+)`, "g"))].map((match) => match[1].toLowerCase());
  const fits = (field, ...values) => named(field).every((value) => values.includes(value));
  return fits("account", cell.account_id, cell.account_name) && fits("region", cell.region);
}

function tally(rows, value, label) {
  const counts = new Map();
  for (const one of rows) {
    const key = value(one) ?? "";
    const known = counts.get(key) ?? { value: key, count: 0 };
    if (label) known.label = label(one);
    known.count++;
    counts.set(key, known);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

const sortValue = {
  name: (one) => one.name, type: (one) => one.resource_type, account: (one) => one.account_name, region: (one) => one.region,
  state: (one) => one.state ?? "", environment: (one) => one.environment ?? "", created: (one) => one.created_at, synced: (one) => one.last_synced,
};

const retry = { max_attempts: 3, base_ms: 1000, factor: 2, cap_ms: 20_000, jitter: "full", on: ["throttle", "network"] };

let serial = 0;
const uuid = () => `00000000-0000-4000-8000-${String(++serial).padStart(12, "0")}`;
const hashOf = (text) => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7).toString(16).padStart(8, "0").repeat(8);

export class Core {
  constructor(options = {}) {
    this.options = { count: 300, empty: false, stepMs: 150, logLines: 24, ttlMs: 900_000, ...options };
    const made = world(this.options);
    this.accounts = this.options.empty ? [] : this.accountsOf(made);
    this.found = this.accountsOf(made);
    this.all = made.resources;
    this.resources = this.options.empty ? [] : made.resources;
    this.byName = new Map();
    for (const one of this.all) this.byName.set(one.name, [...(this.byName.get(one.name) ?? []), one]);
    this.settings = {};
    this.views = new Map();
    this.runs = new Map();
    this.plans = new Map();
    this.chats = new Map();
    this.logs = new Map();
    this.cells = this.cellsOf();
    this.boot = "fa4e000000000001";
    this.events = [];
    this.listeners = new Set();
  }

  // options.mfa: the code that the device shows, where one is wanted.
  testAccount(id, body) {
    const wants = { wants: "mfa_code", device: "arn:aws:iam::123456789012:mfa/me" };
    if (this.options.mfa && !body.mfa_code) throw new Problem("locked", "an MFA code is needed", wants);
    if (this.options.mfa && body.mfa_code !== this.options.mfa) throw new Problem("locked", "the MFA code was not taken", wants);
    return { account: id, result: "the keys are valid and belong to this account" };
  }

  accountsOf(made) {
    return made.accounts.map((one) => ({ id: one.id, name: one.name, profile: one.name, endpoint_url: "http://127.0.0.1:5000", emulator: true, regions: ["us-east-1", "us-west-2", "eu-west-1"] }));
  }

  cellsOf() {
    const at = new Date(Date.now() - 120_000).toISOString();
    const cells = [];
    for (const account of this.found)
      for (const region of account.regions)
        for (const service of ["ec2", "rds", "s3", "lambda"]) {
          const bad = account.name === "staging" && region === "eu-west-1" && service === "rds";
          cells.push({
            account_id: account.id, account_name: account.name, region, all_regions: false, service, operation: `Describe${service}`, resource_type: service,
            state: bad ? "denied" : "ok", resources: bad ? 0 : 12, unread: 0, calls: 1, failed: bad ? 1 : 0, at, took_ms: 40, age: "2 min ago",
            ...(bad ? { message: "AccessDenied for rds:DescribeDBInstances. Add the permission, or leave the region out." } : {}),
          });
        }
    return cells;
  }

  lastSync() {
    const count = this.resources.length;
    return { sync_id: "00000000-0000-4000-8000-000000000000", resources: count, added: count, changed: 0, removed: 0, cells_ok: this.cells.length - 1, calls: this.cells.length, took_ms: 2100, at: this.all[0].last_synced, age: "2 min ago" };
  }

  publish(event) {
    const full = { ...event, at: new Date().toISOString() };
    this.events.push(full);
    const id = `${this.boot}-${this.events.length}`;
    for (const listener of [...this.listeners]) listener(id, full);
  }

  changed(what) {
    this.publish({ kind: "changed", data: { what } });
  }

  /* Follows the stream from an id, as GET /api/events does. */
  follow(lastId, listener) {
    const [boot, seq] = (lastId ?? "").split("-");
    const number = Number(seq);
    const newest = `${this.boot}-${this.events.length}`;
    if (boot === this.boot && number <= this.events.length)
      for (let i = number; i < this.events.length; i++) listener(`${this.boot}-${i + 1}`, this.events[i]);
    else listener(newest, { kind: lastId ? "reset" : "hello", data: { boot: this.boot } });
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** As the window answers for a core whose key is not open; undefined opens it again. */
  lock(why) {
    this.locked = why;
  }

  answer(method, path, body) {
    try {
      if (this.locked) throw new Problem("locked", this.locked);
      if (this.options.shut) throw new Problem(this.options.shut, "the door is shut");
      return { code: 200, document: { status: "ok", body: this.handle(method, path, body ?? {}) } };
    } catch (error) {
      const status = error instanceof Problem ? error.status : "io";
      return { code: http[status] ?? 500, document: { status, body: { status, category: "unknown", message: error.message, ...error.more } } };
    }
  }

  handle(method, path, body) {
    const [, , first, second, third] = path.split("/").map(decodeURIComponent);
    const key = `${method} /${first}${second ? "/{}" : ""}${third ? `/${third}` : ""}`;
    const route = {
      "GET /ping": () => ({ status: "ok" }),
      "POST /session": () => ({}),
      "GET /home": () => this.home(),
      "GET /status": () => this.status(),
      "GET /backups": () => this.backupList(),
      "POST /audit/{}": () => this.verifyAudit(),
      "POST /doctor": () => this.doctor(),
      "GET /accounts": () => ({ accounts: this.accounts }),
      "POST /accounts/{}": () => this.discover(),
      "POST /accounts/{}/test": () => this.testAccount(second, body),
      "POST /sync": () => this.sync(),
      "POST /estate/{}": () => this.query(body),
      "POST /show": () => this.show(body.text),
      "POST /impact": () => this.impact(body.text),
      "GET /permissions/{}": () => this.permissions(second),
      "POST /complete": () => this.complete(body),
      "POST /resolve": () => this.resolve(body.prompt ?? ""),
      "POST /ask": () => this.ask(body),
      "GET /plans/{}": () => this.plan(second),
      "POST /plans/{}/approve": () => this.approve(second, body),
      "POST /plans/{}/discard": () => this.discard(second),
      "GET /runs": () => ({ runs: [...this.runs.values()].reverse() }),
      "GET /runs/{}": () => this.run(second),
      "POST /runs/{}/cancel": () => this.cancel(second),
      "POST /runs/{}/log": () => this.log(second, body),
      "GET /runs/{}/logs": () => ({ id: second, streams: [{ step: "stop", attempt: 1, stream: "stdout", text: this.lines(second).join("\n"), finished: true }] }),
      "GET /chat": () => ({ conversations: [...this.chats.values()].reverse().map(({ id, title, messages }) => ({ id, title, last: messages.at(-1)?.at ?? new Date().toISOString(), messages: messages.length })) }),
      "GET /chat/{}": () => this.chat(second),
      "GET /views": () => this.viewList(),
      "PUT /views/{}": () => this.saveView(second, body),
      "DELETE /views/{}": () => this.deleteView(second),
      "GET /settings": () => ({ settings: this.settings }),
      "PUT /settings": () => {
        this.settings = body.settings;
        this.changed("settings");
        return { settings: this.settings };
      },
    }[key];
    if (!route) throw new Problem("not_found", "no such route");
    return route();
  }

  status() {
    return {
      profile: "default", resources: this.resources.length, accounts: this.accounts.length, runs_under_way: 0, syncing: false,
      cells: this.resources.length ? this.cells : [], ...this.protection(),
    };
  }

  /* Well kept, unless the options say what is not: noRecovery, noBackup, rotation, unanchored, fullDisk, badAudit, openMemory. */
  protection() {
    const { noRecovery, noBackup, rotation, unanchored, fullDisk } = this.options;
    const hours = (count) => new Date(Date.now() + count * 3_600_000).toISOString();
    return {
      key: {
        says: `open, kept in the desktop's keychain, ${noRecovery ? "without" : "with"} a recovery code`, kek: 2, since: hours(-70), keyring: "secret-service", item: "escher-default", passphrase: false,
        recovery: !noRecovery, ...(noRecovery ? { cure: "escher key recovery" } : { recovery_since: hours(-500) }), budget: 2 ** 30, data_keys: [], ...(rotation ? { rotation } : {}),
      },
      backup: noBackup
        ? { verified: 0, due_at: hours(-1), warning: "there is no backup that was restored on trial" }
        : { verified: 3, name: this.backups()[0].name, at: this.backups()[0].at, age: "2 h ago", due_at: hours(14.5) },
      audit: { records: 23, head: "9f".repeat(32), anchored: !unanchored, anchor: unanchored ? "not there yet: an older copy of the store would not be noticed" : "an older copy of the store would be refused", has_room: !fullDisk, room: fullDisk ? "the disk was full: what was kept for the audit trail is in use" : "8 MiB are kept for the audit trail" },
    };
  }

  backups() {
    return [2, 26, 50].map((hours) => {
      const at = new Date(Date.now() - hours * 3_600_000 - 60_000).toISOString();
      return {
        name: `escher-${at.slice(0, 10)}.escb`, at, age: `${hours} h ago`, size: 8_200_000, store_id: uuid(), kek: 2, verified: true, verified_at: at, rows: 1204, records: 23, sha256: "ab".repeat(32),
        places: { "s3://ops-backups/escher": at },
      };
    });
  }

  backupList() {
    return { backups: this.options.noBackup ? [] : this.backups(), folder: "/home/john/.local/share/escher/default/backups", backup: this.protection().backup };
  }

  verifyAudit() {
    if (this.options.badAudit) throw new Problem("corrupt", "the record is damaged at entry 7: it does not follow the one before");
    return { count: 23, head: "9f".repeat(32) };
  }

  doctor() {
    const { noRecovery, noBackup, unanchored, fullDisk, openMemory } = this.options;
    const check = (name, ok, says, cure) => ({ name, ok, says, ...(ok ? {} : { cure }) });
    const { key, backup, audit } = this.protection();
    return {
      checks: [
        check("key", true, "the desktop's keychain"),
        check("anchor", !unanchored, audit.anchor, "it comes when the core stops, or after the next run: `escher core stop`"),
        check("disk", !fullDisk, audit.room, "free some space on the disk with the data folder"),
        check("recovery", !noRecovery, noRecovery ? "no recovery code: who loses the keyring loses the store" : `a recovery code since ${key.recovery_since}`, "escher key recovery"),
        check("aws cli", true, "version 1.46.2"),
        check("backup", !noBackup, backup.warning ?? "made 2 h ago, restored on trial", "escher backup now"),
        check("clock", false, "4 minutes behind", "set the clock of this machine"),
        openMemory
          ? check("memory", false, "no core files, closed to other programs; but keys may reach the swap space", "raise the limit of locked memory to 8 MiB (`ulimit -l 8192`)")
          : check("memory", true, "no core files, closed to other programs, keys on locked pages"),
      ],
    };
  }

  home() {
    const empty = this.resources.length === 0;
    return {
      profile: "default", resources: this.resources.length, accounts: this.accounts.length, demo: this.accounts.length > 0, syncing: false,
      ...(this.accounts.length === 0 ? { demo_cloud: { world: "full", endpoint: "http://127.0.0.1:5000", accounts: this.found.length } } : {}),
      ...(empty ? {} : { last_sync: this.lastSync(), last_sync_age: "2 min ago" }),
      examples: empty ? [] : ["Stop pg-instance-stage1", "Which databases are in production?", "Start orders-db"],
      running: [...this.runs.values()].filter((run) => !run.outcome),
      waiting: [...this.plans.values()].filter((plan) => plan.state === "awaiting_approval").map(({ plan_hash, prompt, conversation, plan, expires_at }) => ({ plan_hash, prompt, conversation, targets: plan.targets, expires_at })),
      gaps: empty ? [] : this.cells.filter((cell) => cell.state !== "ok"),
    };
  }

  discover() {
    this.accounts = this.found;
    this.changed("accounts");
    return { accounts: this.accounts, found: this.accounts, skipped: [{ profile: "old", why: "its keys are not valid any more" }] };
  }

  sync() {
    this.publish({ kind: "sync.started", subject: "sync-1" });
    const isFirst = this.resources.length === 0; // of its kind: nobody knows how long it takes
    let done = 0;
    const timer = setInterval(() => {
      done += 30;
      this.publish({ kind: "sync.progress", subject: "sync-1", data: { done, known: isFirst ? done + 5 : 240, ...(isFirst ? {} : { rest_ms: 240 - done }), resources: done, account_name: "production", region: "us-west-2", service: "rds" } });
      if (done < 240) return;
      clearInterval(timer);
      this.resources = this.all;
      this.publish({ kind: "sync.done", subject: "sync-1" });
      this.changed("estate");
    }, 20);
    return { started: true };
  }

  query({ text = "", filter: wanted = "", sort, group, offset = 0, limit = 100, facets }) {
    let holds;
    try {
      holds = filter(wanted);
    } catch (error) {
      throw new Problem("invalid", error.message);
    }
    const needle = text.toLowerCase();
    const rows = this.resources.filter((one) => holds(one) && (!needle || one.name.toLowerCase().includes(needle)));
    const name = (sort ?? "name").replace(/^-/, "");
    const value = sortValue[name];
    if (!value) throw new Problem("invalid", `nothing is sorted by \`${name}\``);
    const way = sort?.startsWith("-") ? -1 : 1;
    rows.sort((a, b) => (value(a) < value(b) ? -way : value(a) > value(b) ? way : a.id < b.id ? -1 : 1));
    const groups = group ? grouped(rows, group) : undefined;
    return {
      ...(groups ? { groups } : {}),
      total: rows.length, estate: this.resources.length, offset,
      rows: rows.slice(offset, offset + limit).map(row),
      ...(facets ? { facets: {
        resource_type: tally(rows, (one) => one.resource_type), environment: tally(rows, (one) => one.environment), state: tally(rows, (one) => one.state),
        account: tally(rows, (one) => one.account_id, (one) => one.account_name), region: tally(rows, (one) => one.region),
      } } : {}),
      gaps: this.resources.length ? this.cells.filter((cell) => cell.state !== "ok" && mayHold(wanted, cell)) : [],
    };
  }

  viewList() {
    const order = (name) => name.toLowerCase();
    const views = [...this.views.values()].sort((a, b) => (order(a.name) < order(b.name) ? -1 : 1));
    return { views: views.map((view) => ({ ...view, ...this.problemOf(view.filter) })), damaged: this.options.damagedViews ?? 0 };
  }

  /* `type:spaceship` stands for what an earlier version had known. */
  problemOf(wanted) {
    try {
      if (/type:spaceship/.test(wanted)) throw new Error("column 6: this is no resource type");
      filter(wanted);
      return {};
    } catch (error) {
      return { problem: `filter: ${error.message}` };
    }
  }

  saveView(name, { text = "", filter: wanted = "", group, sort, columns = [], was }) {
    const { problem } = this.problemOf(wanted);
    if ([...name].length > 60) throw new Problem("invalid", "a view's name has 1 to 60 characters");
    if (/\p{Cc}|\p{Cf}/u.test(name)) throw new Problem("invalid", "a view's name has no control or invisible characters");
    if (problem) throw new Problem("invalid", problem);
    if (was && was !== name && this.views.has(name)) throw new Problem("exists", `a view is called \`${name}\` already`);
    if (was) this.views.delete(was);
    this.views.set(name, { name, text, filter: wanted, group, sort, columns, saved_at: new Date().toISOString() });
    this.changed("views");
    return this.viewList();
  }

  deleteView(name) {
    if (!this.views.delete(name)) throw new Problem("not_found", `no view is called \`${name}\`; \`escher views\` lists them`);
    this.changed("views");
    return this.viewList();
  }

  show(text) {
    const resource = this.resources.find((one) => one.id === text || one.arn === text);
    if (!resource) throw new Problem("not_found", `nothing is called \`${text.slice(0, 80)}\``);
    const can = (name) => resource.constraints[name] === true;
    const action = (verb, flag) => ({ playbook: `aws_${verb}`, title: `${verb} it`, label: verb.charAt(0).toUpperCase() + verb.slice(1), prompt: `${verb} ${resource.name}`, possible: can(flag), why: can(flag) ? "" : `it is ${resource.state}` });
    const beside = this.resources.find((one) => one.id !== resource.id && one.account_id === resource.account_id);
    return {
      ...shown(resource),
      relations: [
        { kind: "in_vpc", target: `${resource.account_id}-${resource.region}-vpc-vpc-1` },
        ...(beside ? [{ kind: "replica_of", target: beside.id, name: beside.name, resource: row(beside) }] : []),
      ],
      actions: "can_stop" in resource.constraints ? [action("stop", "can_stop"), action("start", "can_start")] : [],
      runs: [...this.runs.values()].filter((run) => run.targets.some((target) => target.id === resource.id)).map((run) => ({ id: run.run_id, prompt: run.prompt, state: run.state, outcome: run.outcome, created_at: run.created_at })),
    };
  }

  /* The next of its account points to it; the one after that has another one like it. */
  impact(text) {
    const { resource } = this.show(text);
    const others = this.resources.filter((one) => one.id !== text && one.account_id === resource.account_id).slice(0, 2);
    const effect = (one, effect, kind, because) => ({ resource: row(one), effect, kind, because: `${one.name} ${because}`, holder: one.id, target: text, depth: 1, at: one.last_synced, age: "1 min ago" });
    return {
      resource: row(this.resources.find((one) => one.id === text)),
      effects: [
        ...(others[0] ? [effect(others[0], "breaks", "alias_of", `points to ${resource.name}`)] : []),
        ...(others[1] ? [effect(others[1], "loses", "has_target", `sends requests to ${resource.name}; it has 1 other`)] : []),
      ],
      breaks: others[0] ? 1 : 0,
      loses: others[1] ? 1 : 0,
      gaps: this.cells.filter((cell) => cell.state !== "ok"),
    };
  }

  /* One action of each verdict. */
  permissions(id) {
    const { resource, environment } = this.show(id);
    const statement = { number: 2, sid: "Keep", json: { Sid: "Keep", Effect: "Deny", Action: "rds:Delete*", Resource: "*" } };
    const page = (action, verdict, more) => ({ action, verdict, explicit: false, source: "local", sentence: `the policies say ${verdict}`, layer: "identity", asked: resource.arn, ...more });
    return {
      resource, environment, principal: "arn:aws:sts::123456789012:assumed-role/Developer/ada", organisation: "none", read_at: resource.last_synced, age: "1 min ago",
      actions: [
        page("rds:StopDBInstance", "allowed", {}),
        page("rds:DeleteDBInstance", "denied", { explicit: true, policy: "own, of the role Developer", statement }),
        page("rds:RebootDBInstance", "conditional", { keys: ["aws:MultiFactorAuthPresent"] }),
        page("rds:CreateDBSnapshot", "unknown", { why: "iam:GetRole: AccessDenied" }),
      ],
    };
  }

  complete({ prefix, n = 10 }) {
    const found = this.resources.filter((one) => one.name.toLowerCase().startsWith(prefix.toLowerCase())).slice(0, n);
    return { names: found.map((one) => one.name), resources: found.map(row) };
  }

  resolve(prompt) {
    const mentions = [];
    const near = [];
    for (const match of prompt.matchAll(/[A-Za-z0-9][\w.-]*/g)) {
      const resources = this.resources.length ? this.byName.get(match[0]) : undefined;
      const place = { start: match.index, end: match.index + match[0].length, text: match[0] };
      if (resources) mentions.push({ ...place, resources: resources.map(row), count: resources.length });
      else if (/-|\d/.test(match[0])) near.push({ ...place, resources: this.resources.filter((one) => one.name.startsWith(match[0].slice(0, 4))).slice(0, 3).map(row) });
    }
    return { mentions, near };
  }

  ask({ prompt, resources = [], conversation, call }) {
    const chat = this.chats.get(conversation) ?? { id: uuid(), title: prompt.slice(0, 80), messages: [] };
    this.chats.set(chat.id, chat);
    for (const text of ["finding what is meant", "asking the planner", "reading the live state"]) this.publish({ kind: "phase", call, data: { number: 1, text } });
    const body = { ...this.think(prompt, resources), conversation: chat.id };
    if (body.plan_hash) this.plans.get(body.plan_hash).conversation = chat.id;
    const at = new Date().toISOString();
    const message = { conversation: chat.id, at };
    chat.messages.push({ ...message, id: uuid(), role: "user", text: prompt }, { ...message, id: uuid(), role: "assistant", text: body.text ?? body.plan?.explain_plan ?? "", plan_hash: body.plan_hash, card: { ...body, hits: body.hits?.slice(0, 20) } });
    this.changed("chat");
    return body;
  }

  think(prompt, picked) {
    if (/^which|^list|^how many/i.test(prompt)) {
      const wanted = 'type:rds_instance AND env="production"';
      const hits = this.resources.filter(filter(wanted));
      return { kind: "query", status: "ok", text: `${hits.length} in the estate.`, filter: wanted, total: hits.length, hits: hits.slice(0, 200).map(shown) };
    }
    const verb = /^(stop|start|reboot)\b/i.exec(prompt)?.[1]?.toLowerCase();
    if (!verb) return { kind: "refusal", status: "ok", reason: "unsupported", text: "There is no playbook for this. Escher can stop, start and reboot databases and instances." };
    const chosen = picked.map((id) => this.resources.find((one) => one.id === id)).filter(Boolean);
    const { mentions, near } = this.resolve(prompt);
    const rows = chosen.length ? chosen : mentions.flatMap((mention) => this.byName.get(mention.text));
    if (rows.length > 1 && !chosen.length) return { kind: "question", status: "ambiguous", reason: "ambiguous_resource", text: `Which \`${mentions[0].text}\`?`, choices: rows.map((one) => ({ id: one.id, ...shown(one) })) };
    if (rows.length === 0) {
      const choices = near.flatMap((one) => one.resources.map((hit) => this.resources.find((held) => held.id === hit.id)));
      return { kind: "question", status: "ambiguous", reason: "unknown_resource", text: `Nothing is called \`${near[0]?.text ?? prompt}\`. Did you mean one of these?`, choices: choices.map((one) => ({ id: one.id, ...shown(one) })) };
    }
    return this.makePlan(prompt, verb, rows[0]);
  }

  makePlan(prompt, verb, resource) {
    const production = resource.environment === "production";
    const flag = verb === "start" ? "can_start" : "can_stop";
    if (resource.constraints[flag] === false) return { kind: "refusal", status: "blocked", reason: "precondition", text: `${resource.name} is ${resource.state} already.` };
    const to = verb === "stop" ? "stopped" : "available";
    const place = { region: resource.region, account: resource.account_id };
    const look = { service: "rds", operation: "DescribeDBInstances", params: { DBInstanceIdentifier: resource.identifier }, ...place, select: "DBInstances[0]" };
    const plan = {
      v: 1,
      targets: [{ id: resource.id, arn: resource.arn, resource_type: resource.resource_type, name: resource.name, identifier: resource.identifier, account_id: resource.account_id, account_name: resource.account_name, region: resource.region, environment: resource.environment, observed_state: resource.state }],
      playbook: { id: `aws_rds_${verb}_instance`, version: "1.0.0", sha256: "d".repeat(64) },
      parameters: [{ name: "db", value: resource.identifier, source: "resource.identifier" }],
      captures: [],
      steps: [
        { step_id: verb, kind: "aws", title: `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${resource.name}`, mutates: true, idempotent: false, timeout_s: 60, needs: [], service: "rds", operation: `${verb}-db-instance`, params: { DBInstanceIdentifier: resource.identifier }, ...place, retry, command: `aws rds ${verb}-db-instance`, args: ["--db-instance-identifier", resource.identifier, "--region", resource.region] },
        { step_id: "settle", kind: "wait", title: `Wait until ${resource.name} is ${to}`, mutates: false, idempotent: true, timeout_s: 4500, needs: [verb], probe: look, until: `after.DBInstanceStatus == '${to}'`, every_s: 20 },
      ],
      verification: [{ ...look, id: to, title: `${resource.name} is ${to}`, expect: `after.DBInstanceStatus == '${to}'`, timeout_s: 120 }],
      planner_level: production ? "medium" : "low",
      approval: { required: true, ttl_s: this.options.ttlMs / 1000, ...(production ? { typed: resource.name, typed_because: "production" } : {}) },
      notes: ["AWS starts a stopped instance again by itself after seven days.", "Storage and snapshots are still billed while it is stopped."],
      risk_assessment: { level: production ? "medium" : "low", reasons: production ? ["Production database", "Multi-AZ enabled", "No read replicas to affect"] : ["Not production"], impact: "Database will be unavailable until restarted", reversible: "full", undo: `aws rds start-db-instance --db-instance-identifier ${resource.identifier} --region ${resource.region}` },
      explain_plan: `I will ${verb} the RDS PostgreSQL instance ${resource.name} in ${resource.region}.${production ? " This is a production Multi-AZ database." : ""} The instance will be unavailable but can be restarted at any time.`,
      warnings: ["it is not known whether you are allowed this: rds:StopDBInstance"],
      observed: { "before.Engine": "postgres", "before.DBInstanceStatus": resource.state },
      cli_version: "1.46.2",
    };
    const planned = Date.now();
    const plan_hash = hashOf(`${prompt}${resource.id}${planned}`);
    const demand = { ...(production ? { confirm: resource.name, confirm_because: "production" } : {}), expires_at: new Date(planned + this.options.ttlMs).toISOString() };
    this.plans.set(plan_hash, { plan, prompt, state: "awaiting_approval", plan_hash, planned_at_ms: planned, emulator: true, ...demand });
    this.changed("plans");
    return { kind: "plan", status: "stale", plan, plan_hash, emulator: true, ...demand };
  }

  plan(hash) {
    const plan = this.plans.get(hash);
    if (!plan) throw new Problem("not_found", `no plan has the hash \`${hash.slice(0, 16)}\``);
    return plan;
  }

  discard(hash) {
    const plan = this.plan(hash);
    if (plan.state !== "awaiting_approval") throw new Problem("conflict", `this plan is ${plan.state} already`);
    plan.state = "denied";
    this.changed("plans");
    return { discarded: hash };
  }

  approve(hash, { confirm }) {
    const kept = this.plan(hash);
    if (kept.state !== "awaiting_approval") throw new Problem("stale", `this plan is ${kept.state}; ask again for a new one`);
    if (Date.now() > Date.parse(kept.expires_at)) throw new Problem("stale", "the approval has expired; ask again");
    if (kept.confirm && confirm !== kept.confirm) throw new Problem("stale", `type ${kept.confirm} to approve`);
    const id = uuid();
    kept.state = "approved";
    kept.run = id;
    const now = new Date().toISOString();
    const run = {
      schema: "escher.run/1", run_id: id, plan_hash: hash, strategy: "serial", width: 1, state: "running", cancelled: false, created_at: now, prompt: kept.prompt, targets: kept.plan.targets, verification: [],
      steps: kept.plan.steps.map((step) => ({ step_id: step.step_id, kind: step.kind, mutates: step.mutates, idempotent: step.idempotent, keep_going: false, needs: step.needs, timeout_ms: step.timeout_s * 1000, retry, state: "queued", attempt: 0, ending: "lost", exit_code: -1, signal: 0, category: "none", reconciled: false, out_bytes: 0, err_bytes: 0, call: { title: step.title, command: step.command, args: step.args } })),
    };
    this.runs.set(id, run);
    this.logs.set(id, []);
    this.changed("plans");
    this.changed("runs");
    if (this.options.stepMs >= 0) this.walk(run, kept);
    return run;
  }

  walk(run, kept) {
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    const step = (one, state, kind) => {
      one.state = state;
      one.attempt = 1;
      if (kind === "step.started") one.started_at = new Date().toISOString();
      if (kind === "step.ended") one.ended_at = new Date().toISOString();
      this.publish({ kind, subject: run.run_id, data: { step: one.step_id, title: one.call.title, state, message: "" } });
    };
    const go = async () => {
      this.publish({ kind: "run.started", subject: run.run_id, data: {} });
      for (const one of run.steps) {
        step(one, "running", "step.started");
        if (one.kind === "wait") step(one, "waiting", "step.changed");
        else this.print(run.run_id, one.step_id, this.options.logLines);
        await wait(this.options.stepMs);
        if (run.cancelled) {
          step(one, "cancelled", "step.ended");
          return this.end(run, kept, "cancelled", []);
        }
        step(one, "succeeded", "step.ended");
      }
      const resource = this.resources.find((held) => held.id === run.targets[0].id);
      resource.state = kept.plan.verification[0].id;
      resource.constraints = { ...resource.constraints, can_stop: resource.state === "available", can_start: resource.state === "stopped" };
      this.end(run, kept, "succeeded", [{ id: "v", title: kept.plan.verification[0].title, ok: true, says: "the cloud says so" }]);
    };
    void go();
  }

  end(run, kept, outcome, verification) {
    Object.assign(run, { state: outcome, outcome, verification, ended_at: new Date().toISOString() });
    kept.state = outcome === "succeeded" ? "done" : outcome;
    for (const one of verification) this.publish({ kind: "run.verified", subject: run.run_id, data: one });
    this.publish({ kind: "run.done", subject: run.run_id, data: run });
    this.changed("runs");
    this.changed("plans");
    this.changed("estate");
  }

  /* Lines of output, as events and in the log. */
  print(id, step, count) {
    const lines = this.logs.get(id);
    let offset = lines.join("\n").length + (lines.length ? 1 : 0);
    for (let i = 0; i < count; i++) {
      const number = lines.length + 1;
      const text = number % 100 === 37 ? `\u001b[31mERROR\u001b[0m ${number} could not connect, trying again` : `\u001b[32m${String(number).padStart(6, "0")}\u001b[0m {"DBInstanceStatus": "stopping"}`;
      lines.push(text);
      this.publish({ kind: "output", subject: id, data: { step, stream: "stdout", offset, text: `${text}\n` } });
      offset += new TextEncoder().encode(text).length + 1;
    }
  }

  run(id) {
    const run = this.runs.get(id);
    if (!run) throw new Problem("not_found", `no run \`${id}\`; \`escher runs\` lists them`);
    return run;
  }

  cancel(id) {
    const run = this.run(id);
    run.cancelled = true;
    run.state = "cancelling";
    const one = run.steps.find((step) => step.state === "running" || step.state === "waiting");
    if (one) this.publish({ kind: "step.changed", subject: id, data: { step: one.step_id, title: one.call.title, state: "cancelling", message: "" } });
    return run;
  }

  lines(id) {
    this.run(id);
    return this.logs.get(id) ?? [];
  }

  log(id, { from_line = 1, count = 500, search = "", regex = false, tail = false }) {
    const lines = this.lines(id);
    const from = tail ? Math.max(1, lines.length - count + 1) : Math.max(1, from_line);
    const needle = search.toLowerCase();
    const plain = (text) => text.toLowerCase();
    let holds = (text) => plain(text).includes(needle);
    if (regex && needle) {
      try {
        const pattern = new RegExp(search, "i");
        holds = (text) => pattern.test(text);
      } catch {
        throw new Problem("invalid", "search: pattern, byte 1: the group has no end");
      }
    }
    const hits = needle ? lines.flatMap((text, index) => (holds(text) ? [index + 1] : [])) : [];
    const error = lines.findIndex((text) => /error|denied|exception|failed/i.test(text));
    return {
      total_lines: lines.length, from_line: from,
      lines: lines.slice(from - 1, from - 1 + Math.min(count, 2000)).map((text, index) => ({ n: from + index, step: "stop", stream: "stdout", text })),
      ...(needle ? { matches: { total: hits.length, lines: hits.slice(0, 1000) } } : {}),
      ...(error >= 0 ? { first_error: error + 1 } : {}),
      finished: Boolean(this.run(id).outcome),
    };
  }

  chat(id) {
    const chat = this.chats.get(id);
    if (!chat) throw new Problem("not_found", "no such conversation");
    return { id, messages: chat.messages.map((message) => ({ ...message, run_id: this.plans.get(message.plan_hash)?.run })) };
  }
}
