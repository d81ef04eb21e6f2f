// SPDX-License-Identifier: Apache-2.0

// The shapes that the core's API gives, as docs/internals/api.md and docs/formats/ describe them.
// Whatever may be missing in an answer is optional here; the page never assumes more.

export type Row = {
  id: string;
  name: string;
  identifier: string;
  arn: string;
  resource_type: string;
  account_id: string;
  account_name: string;
  region: string;
  state?: string;
  environment?: string;
  created_at?: string;
  synced_at?: string;
  age_ms?: number;
  tags: Record<string, string>;
  constraints?: Constraints;
};

export type Reason = { constraint: string; because: string; field?: string };

/** An answer that is not there is unknown. */
export type Constraints = {
  can_stop?: boolean;
  can_start?: boolean;
  can_delete?: boolean;
  has_backups?: boolean;
  has_dependencies?: boolean;
  reasons?: Reason[];
};

export type Resource = {
  id: string;
  provider: string;
  resource_type: string;
  identifier: string;
  arn: string;
  name: string;
  account_id: string;
  account_name: string;
  region: string;
  state?: string;
  environment?: string;
  created_at?: string;
  tags: Record<string, string>;
  metadata: Record<string, unknown>;
  constraints: Constraints;
  relations: { kind: string; target: string }[];
  last_synced?: string;
};

export type Cell = {
  account_id: string;
  account_name: string;
  region: string;
  all_regions?: boolean;
  service: string;
  operation: string;
  resource_type: string;
  state: string;
  resources?: number;
  at?: string;
  age?: string;
  message?: string;
  code?: string; // of the cloud
};

export type Facet = { value: string; label?: string; count: number };
export type Facets = Record<string, Facet[]>;

export type EstatePage = {
  total: number;
  estate: number;
  offset: number;
  rows: Row[];
  facets?: Facets;
  gaps?: Cell[];
  took_us?: number;
};

export type Action = {
  playbook: string;
  label: string;
  title?: string;
  prompt: string;
  possible: boolean;
  why?: string;
};

export type Relation = {
  kind: string;
  target: string;
  direction?: string;
  resource?: Row;
  name?: string;
  resource_type?: string;
};

export type TouchingRun = { id: string; prompt: string; state: string; outcome?: string; created_at?: string };

export type Shown = {
  resource?: Resource;
  relations?: Relation[];
  runs?: TouchingRun[];
  actions?: Action[];
};

export type Probe = {
  service: string;
  operation: string;
  params: Record<string, unknown>;
  region: string;
  account: string;
};

export type PlanStep = {
  step_id: string;
  kind: string;
  title: string;
  mutates: boolean;
  idempotent: boolean;
  timeout_s: number;
  needs: string[];
  command?: string;
  args?: string[];
  region?: string;
  account?: string;
  until?: string;
  every_s?: number;
  expect?: string;
  message?: string;
};

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

export type Risk = {
  level: "low" | "medium" | "high";
  reasons: string[];
  impact: string;
  reversible: "full" | "partial" | "none";
  undo?: string;
  downtime?: { typical_s: number; max_s: number };
};

export type Plan = {
  v: number;
  targets: Target[];
  playbook: { id: string; version: string; sha256: string };
  parameters: { name: string; value: string | number | boolean; source: string }[];
  captures: (Probe & { name: string })[];
  steps: PlanStep[];
  verification: { id: string; title: string; expect: string; timeout_s: number }[];
  planner_level: string;
  risk_assessment?: Risk;
  explain_plan?: string;
  warnings?: string[];
  notes: string[];
  observed?: Record<string, unknown>;
  approval: { required: boolean; typed?: string; typed_because?: string; ttl_s: number };
  cli_version?: string;
};

export type Choice = { id?: string; resource: Resource | Row; tier?: string; close?: boolean };

export type AskBody = {
  kind: "plan" | "question" | "answer" | "query" | "refusal";
  status: string;
  text?: string;
  reason?: string;
  choices?: Choice[];
  hits?: Choice[];
  filter?: string;
  plan?: Plan;
  plan_hash?: string;
  emulator?: boolean;
  confirm?: string;
  confirm_because?: string;
  expires_at?: string;
  conversation: string;
  response?: Record<string, unknown>;
};

export type PlanPage = {
  plan: Plan;
  prompt: string;
  state: string;
  plan_hash: string;
  planned_at_ms?: number;
  expires_at?: string;
  confirm?: string;
  confirm_because?: string;
  conversation?: string;
  emulator?: boolean;
  run?: string;
  message?: string;
};

export type RunStep = {
  step_id: string;
  kind: string;
  mutates: boolean;
  state: string;
  attempt: number;
  ending?: string;
  exit_code?: number;
  category?: string;
  error_code?: string;
  message?: string;
  reconciled?: boolean;
  started_at?: string;
  ended_at?: string;
  out_bytes?: number;
  err_bytes?: number;
  timeout_ms?: number;
  call?: { title?: string; command?: string; args?: string[] };
};

export type Verification = { id: string; title: string; ok: boolean; says?: string };

export type RunPage = {
  run_id: string;
  plan_hash?: string;
  state: string;
  cancelled: boolean;
  created_at?: string;
  ended_at?: string;
  steps: RunStep[];
  prompt?: string;
  targets?: Target[];
  verification?: Verification[];
  outcome?: string;
  message?: string;
  category?: string;
};

export type LogLine = { n: number; at_ms?: number; stream: string; text: string };

export type LogPage = {
  steps: { step: string; attempt: number; lines: number }[];
  total_lines: number;
  from_line: number;
  lines: LogLine[];
  matches?: { total: number; lines: number[] };
  first_error?: number;
  finished: boolean;
};

export type Waiting = { plan_hash: string; prompt: string; targets: Target[]; conversation?: string };

export type Home = {
  profile: string;
  user?: string;
  examples: string[];
  running: RunPage[];
  waiting: Waiting[];
  gaps: Cell[];
  accounts: number;
  resources: number;
  last_sync?: { at?: string; took_ms?: number; cells_ok?: number; calls?: number };
  last_sync_age?: string;
  demo: boolean;
  syncing?: boolean;
};

export type Account = {
  id: string;
  name: string;
  alias?: string;
  profile?: string;
  role_arn?: string;
  endpoint_url?: string;
  emulator?: boolean;
  regions?: string[];
  environment?: string;
};

export type Discovery = {
  accounts: Account[];
  found?: Account[];
  skipped?: { profile: string; why: string }[];
};

export type Check = { name: string; ok: boolean; says: string; cure?: string };

export type Status = {
  profile: string;
  resources: number;
  accounts: number;
  runs_under_way: number;
  syncing: boolean;
  key?: string;
  unreadable?: string;
  last_sync?: { at?: string };
  last_sync_age?: string;
  cells: Cell[];
};

export type Mention = { start: number; end: number; text: string; resources: Row[] };
export type Resolved = { mentions: Mention[]; near: { text: string; resources: Row[] }[] };

export type Conversation = { id: string; title: string; at?: string; created_at?: string; updated_at?: string };

export type ChatMessage = {
  id: string;
  role: "user" | "assistant";
  text: string;
  at: string;
  plan_hash?: string;
  run?: string | RunPage;
  run_id?: string;
  card?: AskBody;
};

export type Settings = {
  theme?: "system" | "dark" | "light";
  density?: "compact" | "comfortable";
  columns?: string[];
  [more: string]: unknown;
};

export type Playbook = { id: string; title?: string; version?: string; summary?: string; text?: string };

/** One event of the stream, and of the answers of a call. */
export type CoreEvent = {
  kind: string;
  subject?: string;
  at?: string;
  call?: string;
  data?: Record<string, unknown>;
};
