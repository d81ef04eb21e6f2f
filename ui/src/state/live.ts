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

/* Of ASCII, which most output is, the bytes are the letters. */
function byteLength(text: string): number {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length;
}

/* All output of one run that has come in one go: what is kept is put together once. */
function withOutput(run: LiveRun, events: Of<"output">[]): LiveRun {
  const ends = { ...run.ends };
  let { open, received } = run;
  let lines: string[] = [];
  for (const { data } of events) {
    if (!data) continue;
    const stream = `${data.step}/${data.stream}`;
    const seen = ends[stream] ?? 0;
    const end = data.offset + byteLength(data.text);
    if (end <= seen) continue; // said before
    const piece = data.offset < seen ? decoder.decode(encoder.encode(data.text).slice(seen - data.offset)) : data.text;
    const more = (open + piece).split("\n");
    open = (more.pop() ?? "").slice(-4096);
    for (const line of more) lines.push(line);
    if (lines.length > 8 * tailLines) lines = lines.slice(-tailLines);
    ends[stream] = end;
    received += end - Math.max(seen, data.offset);
  }
  if (received === run.received) return run;
  return { ...run, ends, open, received, tail: [...run.tail, ...lines].slice(-tailLines) };
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
        ? withOutput(run, [event])
        : undefined;
  return !next || next === runs[id] ? runs : { ...runs, [id]: next };
}

/** Many events at once, as they come in one frame. Output touches nothing that others do, so it is
 *  gathered by its run. */
export function liveAll(runs: Live, events: CoreEvent[]): Live {
  const output = new Map<string, Of<"output">[]>();
  let next = runs;
  for (const event of events) {
    if (event.kind !== "output") next = live(next, event);
    else if (!event.subject) continue;
    else if (output.has(event.subject)) output.get(event.subject)?.push(event);
    else output.set(event.subject, [event]);
  }
  for (const [id, said] of output) {
    const run = next[id] ?? fresh(id);
    const then = withOutput(run, said);
    if (then !== next[id]) next = { ...next, [id]: then };
  }
  return next;
}
