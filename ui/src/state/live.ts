// SPDX-License-Identifier: Apache-2.0
import type { CoreEvent, RunPage, Verification } from "../types";

// What the stream tells of runs under way, as a pure reducer. Output may come in bursts; of it
// only the last lines are kept here, for the card. The whole log is read from the core.

export type LiveStep = { step: string; title?: string; state: string; message?: string; at?: number; endedAt?: number };

export type LiveRun = {
  id: string;
  state: RunPage["state"];
  steps: LiveStep[];
  ends: Record<string, number>; // by step and stream: how many bytes have been seen
  tail: string[]; // whole lines
  open: string; // the last line, while it has no end
  received: number; // bytes of output since the page listens
  verification: Verification[];
  page?: RunPage; // when it is over
};

export type Live = Record<string, LiveRun>;

export const tailLines = 200;

type Of<Kinds extends string> = Extract<CoreEvent, { kind: Kinds }>;
type OfRun = Of<`run.${string}`>;
type OfStep = Of<`step.${string}`>;

function fresh(id: string): LiveRun {
  return { id, state: "queued", steps: [], ends: {}, tail: [], open: "", received: 0, verification: [] };
}

function withStep(run: LiveRun, event: OfStep): LiveRun {
  const { data } = event;
  if (!data) return run;
  const at = event.at ? Date.parse(event.at) : undefined;
  const known = run.steps.find((step) => step.step === data.step);
  const said = "state" in data ? data : undefined; // what waits says only that
  const state = said?.state ?? known?.state ?? "running";
  const over = event.kind === "step.ended" || /^(succeeded|noop|failed|cancelled|skipped|unknown)$/.test(state);
  const next: LiveStep = {
    step: data.step,
    title: said?.title || known?.title,
    state: event.kind === "step.waiting" ? "waiting" : state,
    message: data.message || (over ? "" : known?.message),
    at: known?.at ?? at,
    endedAt: over ? (known?.endedAt ?? at) : undefined,
  };
  return {
    ...run,
    state: state === "cancelling" ? "cancelling" : run.state,
    steps: known ? run.steps.map((step) => (step === known ? next : step)) : [...run.steps, next],
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function withOutput(run: LiveRun, event: Of<"output">): LiveRun {
  if (!event.data) return run;
  const { step, offset, text } = event.data;
  const stream = `${step}/${event.data.stream}`;
  let piece = text;
  const size = encoder.encode(piece).length;
  const seen = run.ends[stream] ?? 0;
  if (offset + size <= seen) return run; // said before
  if (offset < seen) piece = decoder.decode(encoder.encode(piece).slice(seen - offset));
  const lines = (run.open + piece).split("\n");
  const open = lines.pop() ?? "";
  return {
    ...run,
    ends: { ...run.ends, [stream]: offset + size },
    tail: [...run.tail, ...lines].slice(-tailLines),
    open: open.slice(-4096),
    received: run.received + offset + size - Math.max(seen, offset),
  };
}

function withRun(run: LiveRun, event: OfRun): LiveRun {
  if (event.kind === "run.started") return { ...run, state: "running" };
  if (event.kind === "run.done" && event.data)
    return { ...run, state: event.data.state, verification: event.data.verification, page: event.data };
  const said = event.kind === "run.verified" ? event.data : undefined;
  return said ? { ...run, verification: [...run.verification.filter((one) => one.id !== said.id), said] } : run;
}

const isOfRun = (event: CoreEvent): event is OfRun => event.kind.startsWith("run.");
const isOfStep = (event: CoreEvent): event is OfStep => event.kind.startsWith("step.");

export function live(runs: Live, event: CoreEvent): Live {
  const id = event.subject;
  if (!id) return runs;
  const run = runs[id] ?? fresh(id);
  const next = isOfRun(event)
    ? withRun(run, event)
    : isOfStep(event)
      ? withStep(run, event)
      : event.kind === "output"
        ? withOutput(run, event)
        : undefined;
  return !next || next === runs[id] ? runs : { ...runs, [id]: next };
}

/** Many events at once, as they come in one frame. */
export function liveAll(runs: Live, events: CoreEvent[]): Live {
  return events.reduce(live, runs);
}
