// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { CoreEvent, RunPage } from "../types";
import { live, liveAll, tailLines } from "./live";

const output = (offset: number, text: string, step = "stop"): CoreEvent => ({
  kind: "output",
  subject: "r",
  data: { step, stream: "stdout", offset, text },
});

test("output is put together by its offsets, and what is repeated is shown once", () => {
  const events = [output(0, "one\ntw"), output(3, "\ntwo\n"), output(0, "one\n"), output(8, "three\n")];
  expect(liveAll({}, events).r).toMatchObject({ tail: ["one", "two", "three"], open: "", received: 14 });
});

test("offsets count bytes, not letters", () => {
  const events = [output(0, "é✓"), output(2, "✓\n"), output(5, "\nend\n")];
  expect(liveAll({}, events).r?.tail).toEqual(["é✓", "end"]);
});

test("only the last lines are kept", () => {
  let offset = 0;
  const events = Array.from({ length: 10_000 }, (_, index) => {
    const text = `${index}\n`;
    const event = output(offset, text);
    offset += text.length;
    return event;
  });
  const run = liveAll({}, events).r!;
  expect(run.tail).toHaveLength(tailLines);
  expect(run.tail[tailLines - 1]).toBe("9999");
  expect(run.received).toBe(offset);
});

test("steps keep their place, their start and their end", () => {
  const said = (kind: "step.started" | "step.ended", step: string, state: "running" | "succeeded", at: string): CoreEvent => ({ kind, subject: "r", at, data: { step, title: step, state, message: "" } });
  const run = liveAll({}, [
    said("step.started", "a", "running", "2026-01-01T00:00:00Z"),
    said("step.ended", "a", "succeeded", "2026-01-01T00:00:02Z"),
    said("step.started", "b", "running", "2026-01-01T00:00:02Z"),
    { kind: "step.waiting", subject: "r", data: { step: "b", message: "not yet" } },
  ]).r!;
  expect(run.steps.map((step) => step.step)).toEqual(["a", "b"]);
  expect(run.steps[0]).toMatchObject({ state: "succeeded", endedAt: Date.parse("2026-01-01T00:00:02Z") });
  expect(run.steps[1]).toMatchObject({ state: "waiting", message: "not yet" });
});

test("an event of nobody's run changes nothing", () => {
  const runs = {};
  expect(live(runs, { kind: "changed", data: { what: "runs" } })).toBe(runs);
  expect(live(runs, { kind: "phase", subject: "r" })).toBe(runs);
});

test("the end brings the record", () => {
  const page = { run_id: "r", state: "succeeded", outcome: "succeeded", steps: [], verification: [{ id: "v", title: "t", ok: true }] };
  const run = liveAll({}, [{ kind: "run.started", subject: "r" }, { kind: "run.done", subject: "r", data: page as unknown as RunPage }]).r!;
  expect(run.state).toBe("succeeded");
  expect(run.page).toMatchObject({ outcome: "succeeded" });
});
