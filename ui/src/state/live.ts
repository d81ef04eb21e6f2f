// SPDX-License-Identifier: Apache-2.0
import type { CoreEvent, RunPage, Verification } from "../types";

// What the stream tells of runs under way, as a pure reducer. Output may come in bursts; of it
// only the last lines are kept here, for the card. The whole log is read from the core.

export type LiveStep = { step: string; title?: string; state: string; message?: string; at?: number; endedAt?: number };

export type LiveRun = {
  id: string;
  state: string;
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

function fresh(id: string): LiveRun {
  return { id, state: "queued", steps: [], ends: {}, tail: [], open: "", received: 0, verification: [] };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function withStep(run: LiveRun, event: CoreEvent): LiveRun {
  const data = event.data ?? {};
  const name = text(data.step);
  if (!name) return run;
  const at = event.at ? Date.parse(event.at) : undefined;
  const known = run.steps.find((step) => step.step === name);
  const state = text(data.state) || known?.state || "running";
  const over = event.kind === "step.ended" || /^(succeeded|noop|failed|cancelled|skipped|unknown)$/.test(state);
  const next: LiveStep = {
    step: name,
    title: text(data.title) || known?.title,
    state: event.kind === "step.waiting" && !data.state ? "waiting" : state,
    message: text(data.message) || (over ? "" : known?.message),
    at: known?.at ?? at,
    endedAt: over ? (known?.endedAt ?? at) : undefined,
  };
  return {
    ...run,
    steps: known ? run.steps.map((step) => (step === known ? next : step)) : [...run.steps, next],
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function withOutput(run: LiveRun, event: CoreEvent): LiveRun {
  const data = event.data ?? {};
  const stream = `${text(data.step)}/${text(data.stream)}`;
  const offset = typeof data.offset === "number" ? data.offset : 0;
  let piece = text(data.text);
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

function withRun(run: LiveRun, event: CoreEvent): LiveRun {
  const data = event.data ?? {};
  if (event.kind === "run.done") {
    const page = data as unknown as RunPage;
    return {
      ...run,
      state: page.state ?? run.state,
      verification: page.verification ?? run.verification,
      page: Array.isArray(page.steps) ? page : run.page,
    };
  }
  if (event.kind === "run.verified") {
    const said = Array.isArray(data.verification)
      ? (data.verification as Verification[])
      : typeof data.id === "string"
        ? [...run.verification.filter((one) => one.id !== data.id), data as unknown as Verification]
        : run.verification;
    return { ...run, verification: said };
  }
  const word = text(data.state) || event.kind.slice("run.".length);
  const state = { started: "running", ended: run.state, changed: run.state }[word] ?? word;
  return { ...run, state };
}

export function live(runs: Live, event: CoreEvent): Live {
  const id = event.subject;
  if (!id) return runs;
  const isRun = event.kind.startsWith("run.");
  const isStep = event.kind.startsWith("step.");
  if (!isRun && !isStep && event.kind !== "output") return runs;
  const run = runs[id] ?? fresh(id);
  const next = isRun ? withRun(run, event) : isStep ? withStep(run, event) : withOutput(run, event);
  return next === runs[id] ? runs : { ...runs, [id]: next };
}

/** Many events at once, as they come in one frame. */
export function liveAll(runs: Live, events: CoreEvent[]): Live {
  return events.reduce(live, runs);
}
