// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { ansi, inkClass } from "../logic/ansi";
import { type CardState, argv, isOver } from "../logic/plan";
import { at, took } from "../logic/time";
import { Elapsed } from "../parts/parts";
import { State, StepState } from "../parts/state";
import { Text } from "../parts/text";
import { type LiveRun } from "../state/live";
import { runs as liveRuns } from "../state/core";
import { useStorePart } from "../state/store";
import type { Plan, RunPage, RunStep, Verification } from "../types";
import { Argv } from "./plan-card";

export type ShownStep = {
  id: string;
  title: string;
  state: string;
  message?: string;
  startedAt?: number;
  endedAt?: number;
  words: string[];
};

/** The steps of a plan with what is known of each: from the record, and from the stream. */
export function shownSteps(plan: Plan | undefined, record: RunPage | undefined, live: LiveRun | undefined): ShownStep[] {
  const ids = plan?.steps.map((step) => step.step_id) ?? record?.steps.map((step) => step.step_id) ?? [];
  return ids.map((id) => {
    const planned = plan?.steps.find((step) => step.step_id === id);
    const kept: RunStep | undefined = (live?.page ?? record)?.steps?.find((step) => step.step_id === id);
    const said = live?.steps.find((step) => step.step === id);
    const call = planned && "command" in planned ? planned : kept?.call;
    const over = kept && /^(succeeded|noop|failed|cancelled|skipped|unknown)$/.test(kept.state);
    const from = over ? undefined : said;
    return {
      id,
      title: planned?.title ?? kept?.call?.title ?? said?.title ?? id,
      state: from?.state ?? kept?.state ?? "queued",
      message: (from?.message || kept?.message) ?? undefined,
      startedAt: at(kept?.started_at) ?? said?.at,
      endedAt: over ? at(kept?.ended_at) : said?.endedAt,
      words: argv(call?.command, call?.args),
    };
  });
}

export function StepTime({ step }: { step: ShownStep }) {
  if (step.startedAt === undefined) return null;
  if (step.endedAt !== undefined)
    return <span className="num faint">{took(step.endedAt - step.startedAt)}</span>;
  return (
    <span className="dim">
      <Elapsed since={step.startedAt} />
    </span>
  );
}

export function Verified({ all }: { all: Verification[] }) {
  return (
    <ul className="plain verified">
      {all.map((one) => (
        <li key={one.id}>
          <State tone={one.ok ? "ok" : "bad"} word={one.ok ? "verified" : "not confirmed"} />
          <span>
            <Text text={one.title} max={200} />
            {!one.ok && one.says && (
              <>
                : <Text text={one.says} max={300} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Tail({ live, open }: { live: LiveRun; open: boolean }) {
  const lines = (live.open ? [...live.tail, live.open] : live.tail).slice(open ? -tailMost : -6);
  return (
    <pre className={`tail ${open ? "open" : ""}`} tabIndex={open ? 0 : undefined} aria-label="Last lines of the output">
      {lines.map((line, index) => (
        <span className="tail-line" key={index}>
          {ansi(line).spans.map((span, place) => (
            <span key={place} className={inkClass(span)}>
              <Text text={span.text} max={2000} />
            </span>
          ))}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

const tailMost = 200;

/** The run inside its plan's card: steps with times, the last lines of output, the verified end. */
export function RunInCard({ id, plan, known, state }: { id: string; plan: Plan; known?: RunPage; state: CardState }) {
  const live = useStorePart(liveRuns, (all) => all[id]);
  const [open, setOpen] = useState(false);
  const steps = shownSteps(plan, known, live);
  const record = live?.page ?? known;
  const verification = record?.verification ?? live?.verification ?? [];
  const hasOutput = live && (live.tail.length > 0 || live.open);
  return (
    <section className="run-in-card" aria-label="The run">
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.id}>
            <StepState state={step.state} />
            <div className="grow">
              {step.words.length > 0 ? (
                <Argv words={step.words} />
              ) : (
                <Text text={step.title} max={200} />
              )}
              {step.message && (
                <div className={step.state === "failed" ? "bad-text" : "dim"}>
                  <Text text={step.message} max={600} />
                </div>
              )}
            </div>
            <StepTime step={step} />
          </li>
        ))}
      </ol>
      {hasOutput && (
        <div className="output">
          <button
            type="button"
            className="button quiet small"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? "Fewer lines" : "More of the output"}
          </button>
          <Tail live={live} open={open} />
        </div>
      )}
      {verification.length > 0 && <Verified all={verification} />}
      {isOver(state) && record?.message && state !== "stale" && (
        <p className={state === "failed" || state === "unverified" ? "bad-text" : "dim"}>
          <Text text={record.message} max={600} />
        </p>
      )}
    </section>
  );
}
