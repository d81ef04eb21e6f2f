// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Failure, api } from "../api";
import { environmentOf } from "../logic/plan";
import { typeName } from "../logic/text";
import { at, exact, short, took } from "../logic/time";
import { Icon } from "../parts/icon";
import { Copy, Elapsed, Link, Skeleton, Trouble } from "../parts/parts";
import { Env, StepState, toneOf } from "../parts/state";
import { Line, Long, Text } from "../parts/text";
import { estatePath, planPath, setParams } from "../route";
import { announce, runs as liveRuns } from "../state/core";
import { touch, useData } from "../state/data";
import { useStorePart } from "../state/store";
import type { RunPage } from "../types";
import { Log } from "./log";
import { Argv } from "./plan-card";
import { type ShownStep, StepTime, Verified, shownSteps } from "./run-in-card";
import { outcomeWord } from "./runs";

/* An outcome that is not known, in three lines: sent, came back, what the probe says. */
function Unknown({ run }: { run: RunPage }) {
  const step = run.steps.find((one) => one.state === "unknown");
  if (!step) return null;
  const probe = (run.verification ?? []).map((one) => `${one.title}: ${one.says ?? (one.ok ? "yes" : "no")}`).join("; ");
  return (
    <dl className="unknown-outcome">
      <dt>Sent</dt>
      <dd>
        <Argv words={[...(step.call?.command ?? "").split(" ").filter(Boolean), ...(step.call?.args ?? [])]} />
      </dd>
      <dt>Came back</dt>
      <dd>
        <Text text={step.message || "nothing: the end of the command was not seen"} max={400} />
      </dd>
      <dt>The cloud says</dt>
      <dd>
        <Text text={probe || "it was not asked, or did not answer"} max={400} />
      </dd>
    </dl>
  );
}

/* Cancel goes through stages, each said: asked → stopping → gone. */
function Cancel({ run, over }: { run: RunPage; over: boolean }) {
  const [asked, setAsked] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  if (over) return null;
  const stopping = run.cancelled || run.state === "cancelling";
  const cancel = async () => {
    setAsked(true);
    announce("Cancel asked.");
    try {
      await api.cancel(run.run_id);
    } catch (error) {
      if (error instanceof Failure) {
        setFailure(error);
        setAsked(false);
      }
    }
    touch("runs");
  };
  const stage = stopping ? 2 : asked ? 1 : 0;
  return (
    <span className="cancel">
      {stage > 0 ? (
        <ol className="stages" aria-label="Cancel">
          {["asked", "stopping", "gone"].map((word, index) => (
            <li key={word} className={index < stage ? "past" : "faint"}>
              {word}
            </li>
          ))}
        </ol>
      ) : (
        <button type="button" className="button danger" onClick={cancel}>
          <Icon name="stop" /> Cancel the run
        </button>
      )}
      {failure && <Text text={failure.message} max={200} />}
    </span>
  );
}

function Timeline({ steps, chosen, choose }: { steps: ShownStep[]; chosen?: string; choose: (id?: string) => void }) {
  const begin = Math.min(...steps.map((step) => step.startedAt ?? Infinity));
  const end = Math.max(...steps.map((step) => step.endedAt ?? step.startedAt ?? -Infinity));
  const whole = Math.max(1, end - begin);
  return (
    <ol className="timeline" aria-label="Steps">
      {steps.map((step, index) => (
        <li key={step.id}>
          <button type="button" aria-pressed={chosen === step.id} onClick={() => choose(chosen === step.id ? undefined : step.id)}>
            <span className="timeline-line">
              <span className="num faint">{index + 1}</span>
              <span className="grow">
                <Line text={step.title} />
              </span>
              <StepTime step={step} />
            </span>
            <span className="timeline-line">
              <StepState state={step.state} />
              {step.startedAt !== undefined && Number.isFinite(begin) && (
                <span className="span-bar" aria-hidden="true">
                  <i
                    className={step.state === "running" ? "busy" : toneOf(step.state)}
                    style={{
                      left: `${Math.min(98, ((step.startedAt - begin) / whole) * 100)}%`,
                      width: `${Math.max(2, (((step.endedAt ?? end) - step.startedAt) / whole) * 100)}%`,
                    }}
                  />
                </span>
              )}
            </span>
            {step.message && (
              <span className={step.state === "failed" ? "bad-text" : "dim"}>
                <Text text={step.message} max={240} />
              </span>
            )}
          </button>
        </li>
      ))}
    </ol>
  );
}

export function RunView({ id, params }: { id: string; params: URLSearchParams }) {
  const data = useData(`run:${id}`, (signal) => api.run(id, signal), ["runs"]);
  const live = useStorePart(liveRuns, (all) => all[id]);
  const record = live?.page ?? data.value;
  const run = record ? { ...record, state: record.outcome ? record.state : (live?.state ?? record.state) } : undefined;
  if (!run)
    return (
      <div className="view">
        <div className="place">
          {data.failure ? (
            <>
              <h2>{data.failure.status === "not_found" ? "There is no such run" : "This run could not be read"}</h2>
              <Trouble failure={data.failure} again={data.again} />
              <Link to="/runs" className="button">All runs</Link>
            </>
          ) : (
            <Skeleton lines={6} />
          )}
        </div>
      </div>
    );
  const over = Boolean(run.outcome);
  const steps = shownSteps(undefined, run, live);
  const target = run.targets?.[0];
  const started = at(run.created_at);
  const ended = at(run.ended_at);
  const step = params.get("step") ?? undefined;
  const verification = run.verification?.length ? run.verification : (live?.verification ?? []);
  return (
    <div className="run-view">
      <header className={`run-head band ${environmentOf(run.targets) ?? ""}`}>
        <div className="card-title">
          <h2 className="grow">
            <Long text={run.prompt || id} max={140} />
          </h2>
          <Env name={environmentOf(run.targets)} />
          <Cancel run={run} over={over} />
        </div>
        <p className="card-target">
          <StepState state={run.outcome ?? run.state} word={outcomeWord(run)} />
          {target && (
            <>
              <span>{typeName(target.resource_type)}</span>
              <Link to={estatePath("", target.id)} className="mono">
                <Text text={target.name} max={80} />
              </Link>
              <span>{target.region}</span>
              <span>
                <Text text={`${target.account_name ?? ""} ${target.account_id}`} max={80} />
              </span>
            </>
          )}
          <span className="dim" title={exact(run.created_at)}>
            started {short(run.created_at)}
          </span>
          {started !== undefined && (
            <span className="num dim">{ended !== undefined ? `took ${took(ended - started)}` : <Elapsed since={started} />}</span>
          )}
        </p>
        {verification.length > 0 && <Verified all={verification} />}
        {run.message && (
          <p className={run.outcome === "succeeded" ? "dim" : "bad-text"}>
            <Text text={run.message} max={400} />
          </p>
        )}
        <Unknown run={run} />
      </header>
      <div className="run-body">
        <aside className="run-side">
          <Timeline steps={steps} chosen={step} choose={(next) => setParams({ step: next, line: undefined })} />
          <div className="run-links">
            {run.plan_hash && (
              <Link to={planPath(run.plan_hash)}>
                The approved plan <span className="mono">{run.plan_hash.slice(0, 4)}…{run.plan_hash.slice(-4)}</span>
              </Link>
            )}
            <Copy label={`escher runs show ${id.slice(0, 8)}`} text={`escher runs show ${id}`} />
          </div>
        </aside>
        <Log run={id} step={step} over={over} params={params} received={live?.received ?? 0} />
      </div>
    </div>
  );
}
