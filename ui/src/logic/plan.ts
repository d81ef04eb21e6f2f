// SPDX-License-Identifier: Apache-2.0
import type { AskBody, Plan, PlanPage, RunPage, Target } from "../types";
import { at } from "./time";

// What a plan's card is at the moment. A card never disappears, it changes its state:
//
//     waiting ──approve──▶ starting ──▶ running ──▶ done | unverified | failed | cancelled | unknown
//        │ └──time passes──▶ expired
//        ├──discard──▶ discarded
//        └──the world changed──▶ stale

export type CardState =
  | "waiting"
  | "expired"
  | "stale"
  | "discarded"
  | "starting"
  | "running"
  | "cancelling"
  | "done"
  | "unverified"
  | "failed"
  | "cancelled"
  | "unknown";

export type CardFacts = {
  kept?: string; // the state of the plan in the store: "awaiting_approval", …
  expiresAt?: number;
  now: number;
  run?: Pick<RunPage, "state" | "outcome">;
  approving?: boolean; // sent, not yet answered
};

const ofOutcome: Record<string, CardState> = {
  succeeded: "done",
  done: "done",
  unverified: "unverified",
  failed: "failed",
  cancelled: "cancelled",
  stale: "stale",
  unknown: "unknown",
  interrupted: "unknown",
};

export function cardState(facts: CardFacts): CardState {
  const { run, kept } = facts;
  if (run?.outcome) return ofOutcome[run.outcome] ?? "unknown";
  if (run) return run.state === "cancelling" ? "cancelling" : "running";
  if (facts.approving) return "starting";
  if (kept === "approved") return "starting";
  if (kept === "denied" || kept === "discarded") return "discarded";
  if (kept && kept !== "awaiting_approval") return ofOutcome[kept] ?? "stale";
  if (facts.expiresAt !== undefined && facts.expiresAt <= facts.now) return "expired";
  return "waiting";
}

export function isOver(state: CardState): boolean {
  return !["waiting", "starting", "running", "cancelling"].includes(state);
}

/** Whether Approve may be pressed: the name is typed exactly where one is asked for. */
export function mayApprove(state: CardState, wanted: string | undefined, typed: string): boolean {
  return state === "waiting" && (!wanted || typed === wanted);
}

export type CardSource = {
  plan: Plan;
  hash: string;
  prompt?: string;
  typed?: string;
  typedBecause?: string;
  expiresAt?: number;
  emulator?: boolean;
};

export function ofAsk(body: AskBody): CardSource | undefined {
  if (!body.plan || !body.plan_hash) return undefined;
  return {
    plan: body.plan,
    hash: body.plan_hash,
    typed: body.confirm ?? body.plan.approval.typed,
    typedBecause: body.confirm_because ?? body.plan.approval.typed_because,
    expiresAt: at(body.expires_at),
    emulator: body.emulator,
  };
}

export function ofPage(page: PlanPage): CardSource {
  return {
    plan: page.plan,
    hash: page.plan_hash,
    prompt: page.prompt,
    typed: page.confirm ?? page.plan.approval.typed,
    typedBecause: page.confirm_because ?? page.plan.approval.typed_because,
    expiresAt: at(page.expires_at),
    emulator: page.emulator,
  };
}

/** The words of a command, each its own argument. */
export function argv(command: string | undefined, args: string[] | undefined): string[] {
  return [...(command ?? "").split(" ").filter(Boolean), ...(args ?? [])];
}

/** The environment that decides the band: production if any target is. */
export function environmentOf(targets: Target[] | undefined): string | undefined {
  const rank = ["production", "staging", "development"];
  const all = (targets ?? []).map((target) => target.environment).filter(Boolean) as string[];
  return rank.find((name) => all.includes(name)) ?? all[0];
}

export function planTitle(plan: Plan): string {
  const first = plan.steps.find((step) => step.mutates) ?? plan.steps[0];
  return first?.title ?? plan.playbook.id;
}

/** "RDS PostgreSQL 14.7" is not in a plan; what the live state says of engine is. */
export function engineOf(plan: Plan): string | undefined {
  const engine = plan.observed?.["before.Engine"];
  return typeof engine === "string" ? engine : undefined;
}

const finalState = /(?:==|in)\s*\[?\s*'([a-z-]+)'/i;

/** "available → stopped": what is observed now, and what the verification expects. */
export function change(plan: Plan): { from?: string; to?: string } {
  const from = plan.targets[0]?.observed_state;
  const expects = plan.verification.map((one) => finalState.exec(one.expect)?.[1]).find(Boolean);
  return { from, to: expects };
}
