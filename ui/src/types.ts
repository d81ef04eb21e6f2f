// SPDX-License-Identifier: Apache-2.0
import type * as core from "./generated/api";

// The names that the page has for what the core gives. The shapes themselves are generated from
// docs/formats (docs/internals/api.md says how), so the page cannot assume what no answer has.

export type {
  Account,
  Action,
  Ask as AskBody,
  BackupRow,
  Cell,
  ChatMessage,
  Check,
  Choice,
  Constraint as Constraints,
  ConversationRow as Conversation,
  Discovered as Discovery,
  Effect,
  EstatePage,
  Facet,
  Group,
  Permitted,
  Home,
  KeptPlan as PlanPage,
  LogLine,
  LogPage,
  Mention,
  Plan,
  PlanStep,
  PlaybookRow,
  Relation,
  Resolved,
  Resource,
  Risk,
  Row,
  RunPage,
  RunStep,
  Shown,
  Status,
  Target,
  Touching as TouchingRun,
  Verification,
  View,
  Views,
  WaitingPlan,
} from "./generated/api";

/** By the name of the facet; what was not counted is not there. */
export type Facets = { [name: string]: core.Facet[] | undefined };

type Told<Kind extends keyof core.Events> = Omit<core.CoreEvent, "kind" | "data" | "at"> & {
  kind: Kind;
  data?: core.Events[Kind];
  at?: string; // the first of a stream, its greeting, tells no time
};

/** One event of the stream; its kind tells what its data is. */
export type CoreEvent = { [Kind in keyof core.Events]: Told<Kind> }[keyof core.Events];

/** What the pages remember; the core gives it no meaning. */
export type Settings = {
  theme?: "system" | "dark" | "light";
  density?: "compact" | "comfortable";
  columns?: string[];
  [more: string]: unknown;
};
