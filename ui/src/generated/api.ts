// SPDX-License-Identifier: Apache-2.0
// Made by tools/api-generate from escher/work/api_routes.c and docs/formats: `make api`.

/** A cloud account and how it is reached; it holds no credential. */
export type Account = {
  id: string;
  name: string;
  alias?: string;
  profile?: string;
  role_arn?: string;
  source_profile?: string;
  /** That the role wants. */
  external_id?: string;
  /** Of the MFA device that the role wants. */
  mfa_serial?: string;
  /** Of the role's sessions; an hour when not said. */
  duration_s?: number;
  /** A session of AWS SSO, by its name in the AWS configuration. */
  sso_session?: string;
  /** The role there. */
  sso_role?: string;
  /** The item of the keychain that holds its keys. */
  keychain?: string;
  /** Of an emulator: the folder whose files config and credentials have its profile. */
  profile_folder?: string;
  endpoint_url?: string;
  emulator?: boolean;
  default?: boolean;
  /** Those to scan; those that are enabled when not said. */
  regions?: string[];
  environment?: "production" | "staging" | "development" | "test" | "sandbox" | "shared";
  /** That its keys belong to, as far as somebody has looked. */
  partition?: "aws" | "aws-cn" | "aws-us-gov";
};

/** The accounts Escher may look at: accounts list, add and remove. */
export type Accounts = {
  accounts: Account[];
  /** What was last known of the keys of each, since the core is up: accounts list. */
  credentials?: CredentialsState[];
};

/** What may be asked for of a resource, and why not. */
export type Action = {
  playbook: string;
  title: string;
  label: string;
  prompt: string;
  possible: boolean;
  why: string;
};

/** How many prompts of a batch were answered; the answers are events. */
export type Answered = {
  answered: number;
};

/** What `escher ask --json` prints, and POST /api/ask gives. */
export type Ask = {
  kind: "plan" | "question" | "answer" | "query" | "refusal";
  status: "ok" | "ambiguous" | "not_found" | "blocked" | "stale";
  text?: string;
  reason?: string;
  choices?: Choice[];
  hits?: Choice[];
  filter?: string;
  /** Of a query: how many there are; `hits` are the first of them. */
  total?: number;
  plan?: Plan;
  plan_hash?: string;
  emulator?: boolean;
  confirm?: string;
  confirm_because?: "production" | "destructive";
  expires_at?: string;
  conversation: string;
  response?: PlannerResponse;
};

/** The audit trail's end, and whether an older copy of the store would be noticed. */
export type AuditNow = {
  records?: number;
  head?: string;
  anchored: boolean;
  anchor: string;
  has_room: boolean;
  room: string;
};

/** One record of the audit trail: audit. */
export type AuditRecord = {
  seq: number;
  at: string;
  record: {
    kind: string;
    text: string;
  };
  hash: string;
};

/** A backup was made and restored on trial; the subject is its name. */
export type BackupDone = Record<string, never>;

/** A backup that came to nothing. */
export type BackupFailed = {
  message: string;
};

/** A backup that was made, and restored on trial: backup now. */
export type BackupMade = {
  name: string;
  path: string;
  at: string;
  age?: string;
  size: number;
  store_id: string;
  kek: number;
  verified: boolean;
  rows: number;
  records: number;
  sha256: string;
  took_ms: number;
  /** Older ones that were removed. */
  gone: string[];
  places: BackupPlaceResult[];
  message?: string;
};

/** Whether another place has it now. */
export type BackupPlaceResult = {
  name: string;
  ok: boolean;
  message?: string;
};

/** How far a backup has come. */
export type BackupProgress = {
  phase: "copy" | "seal" | "check" | "open" | "upload";
  done: number;
  total: number;
  /** While it is uploaded. */
  place?: string;
};

/** A file in the folder of backups. It is a backup that counts when it was restored on trial. */
export type BackupRow = {
  name: string;
  at: string;
  age?: string;
  size: number;
  store_id: string;
  /** Number of the key it opens with. */
  kek: number;
  verified: boolean;
  rows?: number;
  /** Of the audit trail. */
  records?: number;
  sha256?: string;
  verified_at?: string;
  /** Since when other places have it. */
  places?: Record<string, string>;
  /** What is wrong with it. */
  message?: string;
};

/** Where backups go in S3, and what the bucket does to protect them: backup to. */
export type BackupS3 = {
  /** Empty: nowhere. */
  s3: {
    url?: string;
    region?: string;
    account?: string;
    role?: string;
    owner?: string;
  };
  protection?: {
    versions: YesNoUnknown;
    expires: YesNoUnknown;
    expires_days?: number;
    aborts: YesNoUnknown;
    locked: YesNoUnknown;
    lock_days?: number;
    lock_mode?: "governance" | "compliance";
    warnings: string[];
  };
};

/** A backup has begun. */
export type BackupStarted = Record<string, never>;

/** How well the store is backed up. */
export type BackupState = {
  /** How many backups count. */
  verified: number;
  name?: string;
  at?: string;
  age?: string;
  due_at: string;
  warning?: string;
  /** The other places that are set up: whether they have the newest. */
  places?: BackupPlaceResult[];
};

/** Which other places have the newest backup now. */
export type BackupUploaded = {
  places: BackupPlaceResult[];
  message?: string;
};

/** What restoring a backup on trial came to. */
export type BackupVerified = {
  name: string;
  ok: boolean;
  rows?: number;
  records?: number;
  message?: string;
};

/** The backups here, the newest first: backup list. */
export type Backups = {
  backups: BackupRow[];
  folder: string;
  backup: BackupState;
};

/** Backups in S3, the oldest first: backup list s3. */
export type BackupsInS3 = {
  backups: {
    name: string;
    size: number;
    at: string;
    sha256: string;
    store: string;
  }[];
};

/** What restoring backups on trial came to: backup verify. */
export type BackupsVerified = {
  backups: BackupVerified[];
};

/** The answer to one line of ask --batch. */
export type Batch = {
  id: string | number;
  kind: "plan" | "question" | "answer" | "query" | "refusal" | "error";
  classification?: {
    intent: string;
    confidence: number;
    system: string;
    service?: string;
    operation?: string;
    route: string;
  };
  playbook?: {
    id: string;
    version: string;
    sha256: string;
  };
  parameters?: {
    name: string;
    value: string | number | boolean;
    source: string;
  }[];
  choices?: Record<string, unknown>[];
  filter?: string;
  text?: string;
  reason?: string;
  steps?: string[][];
};

export type BatchAnswer = Batch;

/** How a call ended that brought a name along. */
export type CallDone = {
  status: string;
  message: string;
};

/** What the caller may do with a resource: can. */
export type Can = {
  resource: Resource;
  environment: Environment;
  /** Whose permissions these are, as the cloud names the caller; absent when the policies were never read. */
  principal?: string;
  /** Whether service control policies apply to the account. */
  organisation?: "none" | "billing" | "management" | "member" | "unread";
  read_at?: string;
  age?: string;
  actions: Permitted[];
};

/** One kind of thing in one account and region: how much of it was seen. */
export type Cell = {
  account_id: string;
  account_name: string;
  region: string;
  all_regions: boolean;
  service: string;
  operation: string;
  resource_type?: string;
  state: "ok" | "partial" | "denied" | "scp" | "disabled" | "throttled" | "error" | "skipped";
  resources: number;
  unread: number;
  pages?: number;
  calls: number;
  failed: number;
  at: string;
  took_ms: number;
  category?: ErrorCategory;
  code?: string;
  message?: string;
  whole_at?: string;
  whole_since?: string;
  cure?: string;
  age?: string;
};

/** A cell, and how long ago it was looked at. */
export type CellNow = Cell & Required<Pick<Cell, "age">>;

/** What a sync found changed about one resource. */
export type Change = {
  id?: string;
  name?: string;
  what: "added" | "changed" | "removed";
  fields?: FieldChange[];
  at: string;
  age?: string;
  account_name?: string;
  region?: string;
  resource_type?: string;
  /** So many were seen for the first time, and none of them is named. */
  count?: number;
  sync_id: string;
  kind: "full" | "incremental" | "partial" | "events";
};

/** Something is other than before. */
export type Changed = {
  what: "estate" | "runs" | "plans" | "chat" | "accounts" | "settings" | "views" | "backups" | "keys";
};

/** What syncs have found changed, the newest first: changes. */
export type Changes = {
  total: number;
  changes: Change[];
};

/** One message of a conversation. */
export type ChatMessage = {
  id: string;
  conversation: string;
  role: "user" | "assistant";
  text: string;
  at: string;
  plan_hash?: string;
  run_id?: string;
  /** How that run ended, or running; with run_id. */
  run_outcome?: string;
  /** The answer as it was shown, without what the planner sent and with the first rows only. */
  card?: Ask;
};

/** One thing that must work here, with its cure when it does not. */
export type Check = {
  name: string;
  ok: boolean;
  says: string;
  cure?: string;
};

/** A resource that may be meant, or that answers. */
export type Choice = {
  id?: string;
  resource: Resource;
  environment: Environment;
  tier?: string;
  close?: boolean;
};

/** What a resource allows at the moment, and why; an answer that is not there is unknown. */
export type Constraint = {
  can_stop?: boolean;
  can_start?: boolean;
  can_delete?: boolean;
  has_backups?: boolean;
  has_dependencies?: boolean;
  protected?: boolean;
  reasons?: {
    constraint: "can_stop" | "can_start" | "can_delete" | "has_backups" | "has_dependencies" | "protected";
    because: string;
    /** The field of the cloud's answer that decided. */
    field?: string;
  }[];
};

/** The messages of a conversation: chat show. */
export type Conversation = {
  id: string;
  messages: ChatMessage[];
};

/** A conversation in a list. */
export type ConversationRow = {
  id: string;
  title: string;
  last: string;
  messages: number;
  /** Whose it is. */
  user?: string;
  created?: string;
};

/** The conversations: chat. */
export type Conversations = {
  conversations: ConversationRow[];
  /** 0: they stay for ever. */
  retention_days?: number;
};

/** One line of a verb that streams, where the answer is the last line; one event of the stream of everything. */
export type CoreEvent = {
  kind: string;
  subject?: string;
  data?: Record<string, unknown>;
  at: string;
  /** What the caller named its call, in the stream of everything. */
  call?: string;
};

/** When an account's keys expire, or why there are none; no part of them. */
export type CredentialsState = {
  account_id: string;
  /** Where they come from. */
  source?: string;
  checked_at: string;
  /** When not there: never. */
  expires_at?: string;
  /** When a person is needed for others: of AWS SSO, of an MFA session; when not there: never, or not known. */
  login_ends_at?: string;
  /** Until then, within a quarter of an hour. */
  minutes?: number;
  /** The same for people, with the cure. */
  says?: string;
  /** Why there are none, with the cure. */
  message?: string;
};

/** Data keys of a collection; each conversation has one of its own. */
export type DataKeys = {
  collection: string;
  keys: number;
  /** Of the newest. */
  epoch: number;
  /** Of the most used one. */
  seals: number;
};

/** The id of a conversation that was deleted: chat delete. */
export type Deleted = {
  deleted: string;
};

/** The hash of a plan that was discarded: plan discard. */
export type Discarded = {
  discarded: string;
};

/** The accounts that the AWS configuration leads to: accounts add --discover. */
export type Discovered = {
  accounts: Account[];
  found: Account[];
  skipped: {
    profile: string;
    why: string;
  }[];
  /** Why there are none. */
  message?: string;
};

/** What works here: doctor. */
export type Doctor = {
  checks: Check[];
};

/** What happens to a resource, and the relation from which that follows. */
export type Effect = {
  resource: Row;
  /** Breaks: it stops working or goes too; loses: it goes on with less. */
  effect: "breaks" | "loses";
  because: string;
  kind: string;
  /** The resource whose answer told of the relation. */
  holder: string;
  target: string;
  /** 1: related to the resource itself. */
  depth: number;
  /** When the relation was seen. */
  at: string;
  age?: string;
};

/** The class of a resource's environment, by its tags, else by its account's name; empty when neither tells. */
export type Environment = "" | "production" | "staging" | "development" | "test" | "sandbox" | "shared";

/** Why something failed. */
export type ErrorCategory = "none" | "validation" | "auth" | "permission" | "not_found" | "conflict_state" | "throttle" | "quota" | "network" | "service" | "timeout" | "cancelled" | "signal" | "spawn" | "output_limit" | "unknown";

/** A window of the estate. */
export type EstatePage = {
  total: number;
  estate: number;
  offset: number;
  rows: Row[];
  /** All groups of the list, when it is grouped. */
  groups?: Group[];
  facets?: {
    resource_type: Facet[];
    environment: Facet[];
    state: Facet[];
    account: Facet[];
    region: Facet[];
  };
  /** Cells that were not seen whole and may hold something the filter asks for. */
  gaps: CellNow[];
};

/** All resources of the estate. */
export type Exported = {
  resources: Resource[];
  /** Rows that could not be read. */
  message?: string;
};

/** How many resources have a value. */
export type Facet = {
  value: string;
  /** What people call it. */
  label?: string;
  count: number;
};

/** What every verb and route gives when it cannot do what was asked; status and category are those of status.md. */
export type Failure = {
  status: string;
  category: ErrorCategory;
  message: string;
  choices?: Hit[];
  first_bad?: number;
  /** Records of the audit trail. */
  count?: number;
  /** Of the audit trail, as far as it is whole. */
  head?: string;
  /** What a page may bring along the next time, under this name. */
  wants?: "mfa_code";
  /** The MFA device whose code is wanted. */
  device?: string;
};

/** One field of a resource, before and after; from is absent for what is new, to for what is gone. */
export type FieldChange = {
  field: string;
  from?: string;
  to?: string;
};

/** Rows of one value, and where they begin in the list. */
export type Group = {
  /** Empty: those that have none. */
  value: string;
  label?: string;
  count: number;
  offset: number;
};

/** The first event of a new stream; nothing was missed. */
export type Hello = {
  /** Of the core: the first part of every event's id. */
  boot: string;
};

/** One thing that was found, by which tier and why. */
export type Hit = {
  resource: Resource;
  environment: Environment;
  tier: string;
  score: number;
  why: string;
};

/** What was found: find. */
export type Hits = {
  hits: Hit[];
  total: number;
  semantic: boolean;
  estate: number;
  /** Why there are none. */
  message?: string;
  /** Rows of the estate that do not open. */
  unreadable?: string;
};

/** What a start page shows. */
export type Home = {
  profile: string;
  resources: number;
  accounts: number;
  /** Whether an account is an emulator's. */
  demo: boolean;
  /** A demo cloud that runs here and has accounts that are not known yet. */
  demo_cloud?: {
    world: string;
    endpoint: string;
    accounts: number;
  };
  syncing: boolean;
  last_sync?: LastSync;
  last_sync_age?: string;
  examples: string[];
  running: RunPage[];
  waiting: WaitingPlan[];
  gaps: CellNow[];
};

/** What needs a resource, the nearest first: impact. */
export type Impact = {
  resource: Row;
  /** The nearest thousand. */
  effects: Effect[];
  /** How many stop working, shown or not. */
  breaks: number;
  /** How many go on with less, shown or not. */
  loses: number;
  /** Cells of the account that were not seen whole and may hold something that needs it. */
  gaps: CellNow[];
};

/** What an import came to: estate import; an export is lines of resources. */
export type Imported = {
  imported: number;
  added: number;
  changed: number;
};

/** A plan as it is kept: plan show. */
export type KeptPlan = {
  state: string;
  prompt: string;
  planned_at_ms: number;
  conversation: string;
  plan: Plan;
  plan_hash: string;
  /** The text that an approval must bring. */
  confirm?: string;
  confirm_because?: "production" | "destructive";
  expires_at?: string;
  /** The run it became. */
  run?: string;
  /** Every target is in an emulator's account. */
  emulator: boolean;
};

/** The keys of the store: key, and in status. */
export type Keys = {
  /** In one line, for people. */
  says: string;
  /** The command that mends what is missing. */
  cure?: string;
  /** Number of the key-encryption key. */
  kek: number;
  since?: string;
  /** The kind of keyring that has it. */
  keyring: string;
  /** Its name there. */
  item: string;
  /** A passphrase is the other half of it. */
  passphrase: boolean;
  /** There is a recovery code. */
  recovery: boolean;
  recovery_since?: string;
  /** Seals of one data key. */
  budget: number;
  data_keys: DataKeys[];
  rotation?: Rotation;
};

/** What the sync before came to. */
export type LastSync = {
  sync_id: string;
  resources: number;
  added: number;
  changed: number;
  removed: number;
  cells_ok: number;
  calls: number;
  took_ms: number;
  message?: string;
  at: string;
  age?: string;
  kind?: "full" | "incremental" | "partial" | "events";
  places_resumed?: number;
  places_known?: number;
  wordless?: number;
};

/** A line of what a run printed. */
export type LogLine = {
  n: number;
  /** When its first byte came, in milliseconds since 1970; not there where it was not kept. */
  at_ms?: number;
  step: string;
  stream: "stdout" | "stderr";
  text: string;
};

/** A window of what a run printed; all that is counted is counted over all lines. */
export type LogPage = {
  total_lines: number;
  from_line: number;
  lines: LogLine[];
  /** The first line that tells of one. */
  first_error?: number;
  matches?: {
    total: number;
    /** The numbers of the first 1000. */
    lines: number[];
  };
  finished: boolean;
};

/** What one attempt of a step printed to one stream. */
export type LogStream = {
  step: string;
  attempt: number;
  stream: "stdout" | "stderr";
  finished: boolean;
  text: string;
};

/** All that a run printed: runs logs. */
export type Logs = {
  id: string;
  streams: LogStream[];
};

/** Words of a prompt and what they name: those that the prompt's action can be done with, if there are any; `count` is of all that have the name. */
export type Mention = {
  start: number;
  end: number;
  text: string;
  resources: Row[];
  count: number;
};

/** Names that begin so: complete. */
export type Names = {
  names: string[];
  resources: Row[];
};

/** Words of a prompt that name nothing, and what is near them. */
export type NearMention = {
  start: number;
  end: number;
  text: string;
  resources: Row[];
};

/** An answer that says no more than that it was done. */
export type Nothing = Record<string, never>;

/** The accounts of an organisation: accounts add --organization. */
export type Organization = {
  accounts: Account[];
  found: Account[];
  skipped: {
    account_id: string;
    name: string;
    why: string;
  }[];
  /** What is missing. */
  message?: string;
};

/** What a step printed. */
export type Output = {
  step: string;
  stream: "stdout" | "stderr";
  /** Of its first byte in the stream. */
  offset: number;
  text: string;
};

/** What the operator may do with one resource, as far as it is known; an action in no list is unknown. */
export type Permission = {
  allowed_actions: string[];
  denied_actions: string[];
  conditional_actions?: {
    action: string;
    keys: string[];
  }[];
  source: "local" | "simulate" | "dry_run" | "learned";
  checked_at?: string;
  user_context?: UserContext;
};

/** The same of one account, and what of its policies could not be read. */
export type PermissionsOf = {
  account_id: string;
  account_name: string;
  principal: string;
  read_at: string;
  age?: string;
  allowed: number;
  denied: number;
  conditional: number;
  unknown: number;
  unread: string[];
};

/** How much of what matters is decided: resources times actions. */
export type PermissionsState = {
  allowed: number;
  denied: number;
  conditional: number;
  unknown: number;
  accounts: PermissionsOf[];
};

/** One action: whether it is allowed, and what decides. */
export type Permitted = {
  action: string;
  verdict: "allowed" | "denied" | "conditional" | "unknown";
  /** Whether a statement denies it. */
  explicit: boolean;
  source: "local" | "simulate" | "dry_run" | "learned";
  sentence: string;
  /** Scp, rcp, resource, identity, boundary, session or none. */
  layer?: string;
  /** The ARN that was asked about. */
  asked?: string;
  /** Which policy decides. */
  policy?: string;
  /** The statement that decides, as it is written. */
  statement?: {
    number: number;
    sid?: string;
    json: Record<string, unknown>;
  };
  /** Context keys that only the call will have. */
  keys?: string[];
  /** What could not be read. */
  why?: string;
  /** What it needs of a key of KMS besides, and what has decided. */
  needs?: {
    /** Kms:CreateGrant. */
    action: string;
    /** Its ARN. */
    key?: string;
    /** What is encrypted under it. */
    of: string;
  };
  /** What EC2 said to a dry run. */
  dry_run?: {
    message: string;
  };
  /** A run was refused it. */
  learned?: {
    at: string;
    message: string;
  };
  /** What AWS's simulator says. */
  simulated?: {
    verdict: "allowed" | "denied";
    explicit: boolean;
    sentence: string;
    organisation?: boolean;
    /** Context keys that only the call will have. */
    keys?: string[];
    policies?: string[];
  };
  /** Whether the simulator says the same. */
  agrees?: boolean;
};

/** How far a question has come. */
export type Phase = {
  number: number;
  text: string;
};

/** A plan as it is approved and run (escher.plan/1); its hash covers all of it. */
export type Plan = {
  v: 1;
  targets: Target[];
  playbook: {
    id: string;
    version: string;
    sha256: string;
  };
  parameters: {
    name: string;
    value: string | number | boolean;
    source: string;
  }[];
  bound?: {
    at_ms: number;
    nonce: string;
  };
  captures: {
    service: string;
    operation: string;
    params: Record<string, unknown>;
    region: string;
    account: string;
    select: string;
    missing?: string[];
    name: string;
  }[];
  steps: PlanStep[];
  verification: {
    service: string;
    operation: string;
    params: Record<string, unknown>;
    region: string;
    account: string;
    select: string;
    missing?: string[];
    id: string;
    title: string;
    expect: string;
    timeout_s: number;
  }[];
  planner_level: "low" | "medium" | "high";
  risk_assessment?: Risk;
  explain_plan?: string;
  warnings?: string[];
  notes: string[];
  observed?: Record<string, unknown>;
  approval: {
    required: boolean;
    typed?: string;
    typed_because?: "production" | "destructive";
    ttl_s: number;
  };
  cli_version?: string;
};

/** One step of a plan. */
export type PlanStep = {
  step_id: string;
  kind: "aws";
  title: string;
  mutates: boolean;
  idempotent: boolean;
  timeout_s: number;
  needs: string[];
  service: string;
  operation: string;
  params: Record<string, unknown>;
  region: string;
  account: string;
  retry: RetryPolicy;
  command: string;
  args: string[];
  done_when?: {
    service: string;
    operation: string;
    params: Record<string, unknown>;
    region: string;
    account: string;
    select: string;
    missing?: string[];
    expect: string;
  };
} | {
  step_id: string;
  kind: "wait";
  title: string;
  mutates: boolean;
  idempotent: boolean;
  timeout_s: number;
  needs: string[];
  probe: {
    service: string;
    operation: string;
    params: Record<string, unknown>;
    region: string;
    account: string;
    select: string;
    missing?: string[];
  };
  until: string;
  every_s: number;
  fail_if?: string;
} | {
  step_id: string;
  kind: "probe";
  title: string;
  mutates: boolean;
  idempotent: boolean;
  timeout_s: number;
  needs: string[];
  probe: {
    service: string;
    operation: string;
    params: Record<string, unknown>;
    region: string;
    account: string;
    select: string;
    missing?: string[];
  };
  expect: string;
} | {
  step_id: string;
  kind: "approve";
  title: string;
  mutates: boolean;
  idempotent: boolean;
  timeout_s: number;
  needs: string[];
  message: string;
};

/** What a planner answers; equal requests give equal bytes. */
export type PlannerResponse = {
  v: 1;
  classification: {
    intent: string;
    confidence: number;
    system: string;
    service?: string;
    operation?: string;
    route: string;
  };
  kind: "plan";
  playbook: {
    id: string;
    version: string;
    sha256: string;
  };
  alternatives?: {
    id: string;
    score: number;
    title?: string;
  }[];
  targets?: string[];
  explain_plan: string;
  parameters: {
    name: string;
    value: string | number | boolean;
    source: string;
  }[];
  script: {
    steps: {
      step_id: string;
      command: string;
      args: string[];
      mutates: boolean;
      timeout_s: number;
    }[];
  };
  risk_assessment: {
    level: "low" | "medium" | "high";
    reasons: string[];
    impact: string;
    reversible: "full" | "partial" | "none";
    undo?: string;
    downtime?: {
      typical_s: number;
      max_s: number;
    };
  };
  approval_required: boolean;
} | {
  v: 1;
  classification: {
    intent: string;
    confidence: number;
    system: string;
    service?: string;
    operation?: string;
    route: string;
  };
  kind: "question";
  reason: string;
  text: string;
  choices?: Record<string, unknown>[];
  missing?: Record<string, unknown>;
  unresolved?: string[];
  playbook?: {
    id: string;
    version: string;
    sha256: string;
  };
  alternatives?: {
    id: string;
    score: number;
    title?: string;
  }[];
} | {
  v: 1;
  classification: {
    intent: string;
    confidence: number;
    system: string;
    service?: string;
    operation?: string;
    route: string;
  };
  kind: "answer";
  text: string;
  reason?: string;
  facts?: Record<string, unknown>[];
  playbook?: {
    id: string;
    version: string;
    sha256: string;
  };
  alternatives?: {
    id: string;
    score: number;
    title?: string;
  }[];
} | {
  v: 1;
  classification: {
    intent: string;
    confidence: number;
    system: string;
    service?: string;
    operation?: string;
    route: string;
  };
  kind: "query";
  filter: string;
  verb: string;
  cap: number;
  text?: string;
} | {
  v: 1;
  classification: {
    intent: string;
    confidence: number;
    system: string;
    service?: string;
    operation?: string;
    route: string;
  };
  kind: "refusal";
  text: string;
  reason?: string;
  playbook?: {
    id: string;
    version: string;
    sha256: string;
  };
  alternatives?: {
    id: string;
    score: number;
    title?: string;
  }[];
};

/** A playbook with its text: playbooks show. */
export type Playbook = {
  id: string;
  version: string;
  title: string;
  sha256: string;
  resource_type: string;
  mutates: boolean;
  text: string;
};

/** A playbook in a list. */
export type PlaybookRow = {
  id: string;
  version: string;
  title: string;
  sha256: string;
  resource_type: string;
  mutates: boolean;
};

/** What Escher knows how to do: playbooks. */
export type Playbooks = {
  playbooks: PlaybookRow[];
};

/** That the core is there. */
export type Pong = {
  status: "ok";
};

/** A question to whoever made the call, who alone is told; its subject goes into the path of the answer, POST /api/prompts/{}. */
export type Prompt = {
  wants: "mfa_code";
  /** ARN or number of the MFA device. */
  device: string;
  /** That it is for. */
  account?: string;
  /** The answer before was wrong. */
  again: boolean;
};

/** What the messages of the queue came to: sync --events. */
export type QueueLooked = {
  messages: number;
  ignored: number;
  outdated: number;
  cells: string[];
};

/** The audit trail: audit. */
export type Records = {
  records: AuditRecord[];
  damaged: number;
};

/** What a door says that does not let a call in: no session, not this page, a body that is no JSON. */
export type Refused = {
  error: Failure;
};

/** How a resource is connected with another; `name` and `resource` where the estate has that one. */
export type Relation = {
  kind: string;
  target: string;
  name?: string;
  resource?: Row;
};

/** The first event of a stream that cannot be resumed: all must be asked for anew. */
export type Reset = {
  boot: string;
};

/** What the words of a prompt name so far. */
export type Resolved = {
  mentions: Mention[];
  near: NearMention[];
};

/** A resource of the estate, escher.resource/1. */
export type Resource = {
  /** {account_id}-{region}-{resource_type}-{identifier}. */
  id: string;
  provider: "aws" | "azure" | "gcp";
  resource_type: string;
  identifier: string;
  arn: string;
  name: string;
  account_id: string;
  account_name: string;
  region: string;
  state?: string;
  created_at?: string;
  tags: Record<string, string>;
  metadata: Record<string, unknown>;
  iam?: Permission;
  constraints: Constraint;
  relations: {
    kind: string;
    target: string;
  }[];
  last_synced?: string;
  seen_in?: string;
  content_hash?: string;
  embedded_hash?: string;
};

/** How long a conversation stays after its last change: chat keep. */
export type Retention = {
  /** 0: for ever. */
  days: number;
  from?: string;
};

/** How often and how long to try again; a member that is not there has its default. */
export type RetryPolicy = {
  /** The first one counts. */
  max_attempts?: number;
  base_ms?: number;
  factor?: number;
  cap_ms?: number;
  jitter?: "full" | "none";
  on?: ErrorCategory[];
};

/** What a plan may do to its targets. */
export type Risk = {
  level: "low" | "medium" | "high";
  reasons: string[];
  impact: string;
  reversible: "full" | "partial" | "none";
  undo?: string;
  downtime?: {
    typical_s: number;
    max_s: number;
  };
};

/** How far a change of all keys has come. */
export type Rotation = {
  /** Sealed: done, the old keys wait for a verified backup; over: they are gone. */
  state: "sealing" | "sealed" | "over";
  began?: string;
  /** When the last row was sealed. */
  done?: string;
  /** Rows. */
  sealed: number;
  /** All there were. */
  rows: number;
  /** Rows that are damaged and stay under their old keys. */
  unreadable: number;
};

/** A resource in a list. */
export type Row = {
  id: string;
  name: string;
  identifier: string;
  arn: string;
  resource_type: string;
  account_id: string;
  account_name: string;
  region: string;
  state: string;
  environment: Environment;
  created_at?: string;
  synced_at?: string;
  age_ms: number;
  tags: Record<string, string>;
  constraints: Constraint;
};

/** A run: the steps of one approved plan and how far each has come; what has not happened yet is not there. */
export type Run = {
  schema: "escher.run/1";
  run_id: string;
  plan_hash?: string;
  strategy: "serial" | "parallel" | "graph";
  /** Steps at a time. */
  width: number;
  /** Follows from the steps. */
  state: "queued" | "running" | "cancelling" | "interrupted" | "succeeded" | "failed" | "cancelled" | "unknown";
  /** Somebody asked for it. */
  cancelled: boolean;
  created_at?: string;
  ended_at?: string;
  steps: RunStep[];
};

export type RunDone = RunPage;

/** The last step of a run is over; the cloud is asked for the result now. */
export type RunEnded = Record<string, never>;

/** A run with what it was for and how it ended: run, ask --approve, plan approve, runs show and wait. */
export type RunPage = {
  schema: "escher.run/1";
  run_id: string;
  plan_hash?: string;
  strategy: "serial" | "parallel" | "graph";
  width: number;
  state: "queued" | "running" | "cancelling" | "interrupted" | "succeeded" | "failed" | "cancelled" | "unknown";
  cancelled: boolean;
  created_at?: string;
  ended_at?: string;
  steps: RunStep[];
  prompt: string;
  targets: Target[];
  verification: Verification[];
  outcome?: "succeeded" | "failed" | "cancelled" | "unknown" | "interrupted" | "stale" | "unverified";
  message?: string;
  category?: ErrorCategory;
};

/** A run begins; its id is the subject. */
export type RunStarted = Record<string, never>;

/** One step of a run, and how far it has come. */
export type RunStep = {
  step_id: string;
  kind: "aws" | "wait" | "probe" | "approve" | "playbook";
  mutates: boolean;
  /** May be repeated without harm although it mutates. */
  idempotent: boolean;
  /** When it fails the other steps go on. */
  keep_going: boolean;
  needs: string[];
  /** Of one attempt; 0: none. */
  timeout_ms: number;
  retry: RetryPolicy;
  /** What it does, for the record. */
  call?: {
    title?: string;
    command?: string;
    args?: string[];
  };
  state: "queued" | "awaiting_approval" | "running" | "waiting" | "interrupted" | "unknown" | "succeeded" | "noop" | "failed" | "cancelling" | "cancelled" | "skipped" | "rolling_back" | "rolled_back";
  /** 0: none yet. */
  attempt: number;
  /** Of the last attempt. */
  ending: "exited" | "signalled" | "timed_out" | "cancelled" | "lost" | "failed_to_start";
  /** -1: there was none. */
  exit_code: number;
  /** That ended it; 0: none. */
  signal: number;
  category: ErrorCategory;
  /** Of the cloud. */
  error_code?: string;
  /** One line for people. */
  message?: string;
  /** Its end was found by a look at the cloud, not seen. */
  reconciled: boolean;
  started_at?: string;
  ended_at?: string;
  out_bytes: number;
  err_bytes: number;
};

export type RunVerified = Verification;

/** What was run: runs. */
export type Runs = {
  runs: RunPage[];
};

/** When syncs were and will be, and which accounts were left out the last time: schedule. */
export type Schedule = {
  runs: boolean;
  full: Turn;
  incremental: Turn;
  failures: number;
  history_days: number;
  missed: {
    account_name: string;
    message: string;
  }[];
  queue_url?: string;
  queue_problem?: string;
  queue_trouble?: string;
  emulators: boolean;
};

/** What pages like to remember; the core gives it no meaning. */
export type Settings = {
  settings: Record<string, unknown>;
};

/** A resource with all around it: show --relations; without that, the resource alone. */
export type Shown = {
  resource: Resource;
  environment: Environment;
  relations: Relation[];
  actions: Action[];
  runs: Touching[];
  /** How long ago a sync saw it. */
  age?: string;
  history?: Change[];
};

/** Sync in the background: the events tell the rest. */
export type Started = {
  started: true;
};

/** What is known, and how old it is: status. */
export type Status = {
  profile: string;
  resources: number;
  accounts: number;
  runs_under_way: number;
  syncing: boolean;
  key?: Keys;
  audit: AuditNow;
  last_sync_age?: string;
  last_sync?: LastSync;
  cells: CellNow[];
  unreadable?: string;
  backup: BackupState;
  /** Accounts for which a person is needed within a quarter of an hour. */
  logins_ending?: CredentialsState[];
  schedule?: Schedule;
  permissions?: PermissionsState;
};

export type StepChanged = StepEvent;

export type StepEnded = StepEvent;

/** What a step has come to. */
export type StepEvent = {
  step: string;
  title: string;
  state: "queued" | "awaiting_approval" | "running" | "waiting" | "interrupted" | "unknown" | "succeeded" | "noop" | "failed" | "cancelling" | "cancelled" | "skipped" | "rolling_back" | "rolled_back";
  message: string;
};

export type StepRetry = StepEvent;

export type StepStarted = StepEvent;

/** A step waits for the cloud to get there. */
export type StepWaiting = {
  step: string;
  message: string;
};

/** What a sync came to: sync. */
export type Sync = {
  sync_id: string;
  resources: number;
  added: number;
  changed: number;
  removed: number;
  cells_ok: number;
  calls: number;
  took_ms: number;
  cells: Cell[];
  message?: string;
  kind: "full" | "incremental" | "partial" | "events";
  places_resumed?: number;
  places_known?: number;
  wordless?: number;
};

export type SyncCell = Cell;

/** A sync is over. */
export type SyncDone = Record<string, never>;

/** How far a sync has come, in calls of the cloud. */
export type SyncProgress = {
  done: number;
  known: number;
  resources: number;
  account_name: string;
  region: string;
  service: string;
  took_ms?: number;
  rest_ms?: number;
};

/** A sync begins; its id is the subject. */
export type SyncStarted = Record<string, never>;

/** What a plan is about, as it was when the plan was made. */
export type Target = {
  id: string;
  arn?: string;
  resource_type: string;
  name: string;
  identifier: string;
  account_id: string;
  account_name?: string;
  region: string;
  environment?: string;
  observed_state?: string;
};

/** Whether an account's keys are valid: accounts test. */
export type Tested = {
  account: string;
  result: string;
};

/** A run that touched a resource. */
export type Touching = {
  id: string;
  prompt: string;
  state: string;
  outcome: string;
  created_at: string;
};

/** One kind of sync that is made by itself; 0 minutes: never. */
export type Turn = {
  every_minutes: number;
  at?: string;
  age?: string;
  due_at?: string;
};

/** Who is asking, and for which accounts. */
export type UserContext = {
  user_id?: string;
  username?: string;
  role_arn?: string;
  session_expires?: string;
  default_region?: string;
  aws_accounts?: string[];
};

/** What a look at the cloud says of a run's result. */
export type Verification = {
  id: string;
  title: string;
  ok: boolean;
  says: string;
};

/** That the audit trail is whole: audit verify. */
export type Verified = {
  count: number;
  head: string;
};

/** A view of the estate: a query with the order and the columns of its list. */
export type View = {
  name: string;
  /** Words, as of a search. */
  text: string;
  filter: string;
  group?: "resource_type" | "environment" | "state" | "account" | "region";
  sort?: string;
  /** As a page has named them; none: its own choice. */
  columns: string[];
  saved_at: string;
  /** Why its filter does not parse any more. */
  problem?: string;
};

/** What is asked for often, in the order of the names it was saved under. */
export type Views = {
  views: View[];
  /** How many there are besides that do not open. */
  damaged: number;
};

/** A plan that waits for its approval. */
export type WaitingPlan = {
  plan_hash: string;
  prompt: string;
  conversation: string;
  targets: Target[];
  expires_at: string;
};

/** Unknown: the keys may not ask. */
export type YesNoUnknown = "yes" | "no" | "unknown";

/** What `data` holds in an event of each kind. */
export type Events = {
  "backup.done": BackupDone;
  "backup.failed": BackupFailed;
  "backup.progress": BackupProgress;
  "backup.started": BackupStarted;
  "batch.answer": BatchAnswer;
  "call.done": CallDone;
  "changed": Changed;
  "hello": Hello;
  "output": Output;
  "phase": Phase;
  "prompt": Prompt;
  "reset": Reset;
  "run.done": RunDone;
  "run.ended": RunEnded;
  "run.started": RunStarted;
  "run.verified": RunVerified;
  "step.changed": StepChanged;
  "step.ended": StepEnded;
  "step.retry": StepRetry;
  "step.started": StepStarted;
  "step.waiting": StepWaiting;
  "sync.cell": SyncCell;
  "sync.done": SyncDone;
  "sync.progress": SyncProgress;
  "sync.started": SyncStarted;
};

export const eventKinds: (keyof Events)[] = [
  "backup.done",
  "backup.failed",
  "backup.progress",
  "backup.started",
  "batch.answer",
  "call.done",
  "changed",
  "hello",
  "output",
  "phase",
  "prompt",
  "reset",
  "run.done",
  "run.ended",
  "run.started",
  "run.verified",
  "step.changed",
  "step.ended",
  "step.retry",
  "step.started",
  "step.waiting",
  "sync.cell",
  "sync.done",
  "sync.progress",
  "sync.started",
];

/** What each route that a page may call takes, and what it gives when it ends well. */
export type Routes = {
  /** Whether the core is there. */
  "GET /api/ping": {
    takes: Record<string, never>;
    gives: Pong;
  };
  /** What is known, and how old it is. */
  "GET /api/status": {
    takes: Record<string, never>;
    gives: Status;
  };
  /** What works here, each thing with its cure. */
  "POST /api/doctor": {
    takes: { call?: string };
    gives: Doctor;
  };
  /** The accounts Escher may look at. */
  "GET /api/accounts": {
    takes: Record<string, never>;
    gives: Accounts;
  };
  /** Adds an account, or changes how it is reached. */
  "POST /api/accounts": {
    takes: { id: string; name?: string; profile?: string; role_arn?: string; external_id?: string; mfa_serial?: string; duration_s?: number; sso_session?: string; sso_role?: string; keychain?: boolean; regions?: string[]; endpoint_url?: string; call?: string };
    gives: Accounts;
  };
  /** Adds every account that the AWS configuration leads to. */
  "POST /api/accounts/discover": {
    takes: { endpoint_url?: string; regions?: string[]; demo?: boolean; call?: string };
    gives: Discovered;
  };
  /** Adds every account of an organisation that can be reached. */
  "POST /api/accounts/organization": {
    takes: { role?: string; profile?: string; external_id?: string; mfa_serial?: string; sso_session?: string; sso_role?: string; regions?: string[]; endpoint_url?: string; call?: string };
    gives: Organization;
  };
  /** Forgets an account and what it had in the estate. */
  "DELETE /api/accounts/{}": {
    takes: { call?: string };
    gives: Accounts;
  };
  /** Whether its keys are valid. */
  "POST /api/accounts/{}/test": {
    takes: { mfa_code?: string; device?: string; call?: string };
    gives: Tested;
  };
  /** Scans the accounts into the estate. */
  "POST /api/sync": {
    takes: { account?: string; region?: string; service?: string; accounts?: string[]; regions?: string[]; services?: string[]; cells?: string[]; kind?: string; transport?: string; background?: boolean; call?: string };
    gives: Sync | Started;
  };
  /** Looks where the messages say that wait in the queue of events. */
  "POST /api/sync/events": {
    takes: { call?: string };
    gives: QueueLooked;
  };
  /** When syncs were and will be. */
  "GET /api/schedule": {
    takes: Record<string, never>;
    gives: Schedule;
  };
  /** What syncs have found changed, the newest first. */
  "POST /api/changes": {
    takes: { since?: string; n?: number; groups?: boolean; call?: string };
    gives: Changes;
  };
  /** What a text and a filter find, the best first. */
  "POST /api/find": {
    takes: { text?: string; n?: number; filter?: string; type?: string; account?: string; region?: string; view?: string; call?: string };
    gives: Hits;
  };
  /** Names that begin so. */
  "POST /api/complete": {
    takes: { prefix?: string; n?: number; call?: string };
    gives: Names;
  };
  /** One resource, what may be asked for, and the runs that touched it. */
  "POST /api/show": {
    takes: { text: string; history?: boolean; call?: string };
    gives: Shown;
  };
  /** What else stops working, or goes on with less, when a resource stops or goes away. */
  "POST /api/impact": {
    takes: { text: string; call?: string };
    gives: Impact;
  };
  /** What the caller may do with the resource of this id, and what decides it. */
  "GET /api/permissions/{}": {
    takes: Record<string, never>;
    gives: Can;
  };
  /** A window of the estate: filtered, sorted, counted by facet. */
  "POST /api/estate/query": {
    takes: { text?: string; filter?: string; sort?: string; group?: string; offset?: number; limit?: number; facets?: boolean; call?: string };
    gives: EstatePage;
  };
  /** What the words of a prompt name so far. */
  "POST /api/resolve": {
    takes: { prompt?: string; call?: string };
    gives: Resolved;
  };
  /** What a start page shows. */
  "GET /api/home": {
    takes: Record<string, never>;
    gives: Home;
  };
  /** What pages like to remember. */
  "GET /api/settings": {
    takes: Record<string, never>;
    gives: Settings;
  };
  /** Remembers it; at most 16 KiB. */
  "PUT /api/settings": {
    takes: { settings: Record<string, unknown>; call?: string };
    gives: Settings;
  };
  /** What is asked for often, by the names it was saved under. */
  "GET /api/views": {
    takes: Record<string, never>;
    gives: Views;
  };
  /** Saves a view, in place of one of that name. */
  "PUT /api/views/{}": {
    takes: { text?: string; filter?: string; group?: string; sort?: string; columns?: string[]; was?: string; call?: string };
    gives: Views;
  };
  /** Forgets a view. */
  "DELETE /api/views/{}": {
    takes: { call?: string };
    gives: Views;
  };
  /** Takes resources in, all of them or none. */
  "POST /api/estate/import": {
    takes: { lines: string; call?: string };
    gives: Imported;
  };
  /** All resources. */
  "POST /api/estate/export": {
    takes: { call?: string };
    gives: Exported;
  };
  /** What a prompt comes to: a plan that waits, or another answer. */
  "POST /api/ask": {
    takes: { prompt: string; resources?: string[]; mode?: string; planner?: string; planner_token?: string; conversation?: string; call?: string };
    gives: Ask;
  };
  /** The planner's answers to many prompts; nothing is stored or run. */
  "POST /api/ask/batch": {
    takes: { lines: string; call?: string };
    gives: Answered;
  };
  /** A plan, by its hash. */
  "GET /api/plans/{}": {
    takes: Record<string, never>;
    gives: KeptPlan;
  };
  /** Approves a plan and runs it. */
  "POST /api/plans/{}/approve": {
    takes: { confirm?: string; by?: string; background?: boolean; call?: string };
    gives: RunPage;
  };
  /** A plan that nobody wants any more. */
  "POST /api/plans/{}/discard": {
    takes: { call?: string };
    gives: Discarded;
  };
  /** What was run, the newest first. */
  "GET /api/runs": {
    takes: Record<string, never>;
    gives: Runs;
  };
  /** A run with what it was for and how it ended. */
  "GET /api/runs/{}": {
    takes: Record<string, never>;
    gives: RunPage;
  };
  /** All that it printed. */
  "GET /api/runs/{}/logs": {
    takes: Record<string, never>;
    gives: Logs;
  };
  /** A window of what it printed, line by line. */
  "POST /api/runs/{}/log": {
    takes: { step?: string; attempt?: number; from_line?: number; count?: number; tail?: boolean; regex?: boolean; search?: string; call?: string };
    gives: LogPage;
  };
  /** Stops a run; no process is left. */
  "POST /api/runs/{}/cancel": {
    takes: { call?: string };
    gives: RunPage;
  };
  /** Follows a run to its end. */
  "POST /api/runs/{}/wait": {
    takes: { call?: string };
    gives: RunPage;
  };
  /** The conversations, the newest first. */
  "GET /api/chat": {
    takes: Record<string, never>;
    gives: Conversations;
  };
  /** Some of them, the newest first. */
  "POST /api/chat/query": {
    takes: { user?: string; since?: string; before?: string; call?: string };
    gives: Conversations;
  };
  /** How long conversations stay. */
  "GET /api/chat/retention": {
    takes: Record<string, never>;
    gives: Retention;
  };
  /** The messages of one. */
  "GET /api/chat/{}": {
    takes: Record<string, never>;
    gives: Conversation;
  };
  /** Forgets one, its key, and the plans of it that nobody ran. */
  "DELETE /api/chat/{}": {
    takes: { call?: string };
    gives: Deleted;
  };
  /** The record of what was approved and done. */
  "GET /api/audit": {
    takes: Record<string, never>;
    gives: Records;
  };
  /** Whether that record is whole. */
  "POST /api/audit/verify": {
    takes: { call?: string };
    gives: Verified;
  };
  /** What Escher knows how to do. */
  "GET /api/playbooks": {
    takes: Record<string, never>;
    gives: Playbooks;
  };
  /** A playbook with its text. */
  "GET /api/playbooks/{}": {
    takes: Record<string, never>;
    gives: Playbook;
  };
  /** Where backups go in S3. */
  "GET /api/backup/s3": {
    takes: Record<string, never>;
    gives: BackupS3;
  };
  /** The backups of this store in S3. */
  "POST /api/backup/s3/list": {
    takes: { call?: string };
    gives: BackupsInS3;
  };
  /** The backups here, the newest first. */
  "GET /api/backups": {
    takes: Record<string, never>;
    gives: Backups;
  };
  /** Makes one, and restores it on trial before it counts. */
  "POST /api/backups": {
    takes: { call?: string };
    gives: BackupMade | Started;
  };
  /** Restores those that are here on trial. */
  "POST /api/backups/verify": {
    takes: { name?: string; call?: string };
    gives: BackupsVerified;
  };
  /** Puts the newest where it is missing, beside the local folder. */
  "POST /api/backups/upload": {
    takes: { call?: string };
    gives: BackupUploaded;
  };
  /** Lets a browser in; the answer brings its cookie. */
  "POST /api/session": {
    takes: { code: string };
    gives: Nothing;
  };
};
