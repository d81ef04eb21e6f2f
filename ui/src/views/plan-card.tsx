// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "react";
import { Failure, api } from "../api";
import {
  type CardSource,
  type CardState,
  argv,
  cardState,
  change,
  engineOf,
  environmentOf,
  mayApprove,
  ofPage,
  planTitle,
} from "../logic/plan";
import { spelt, typeName } from "../logic/text";
import { exact, span } from "../logic/time";
import { Icon } from "../parts/icon";
import { Copy, Left, Link, Menu, Skeleton, Trouble, useNow } from "../parts/parts";
import { Env, RiskMark, State, type Tone } from "../parts/state";
import { Long, Text } from "../parts/text";
import { estatePath, planPath, runPath } from "../route";
import { announce, runs as liveRuns, touchRuns } from "../state/core";
import { touch, useData } from "../state/data";
import { approvals, setApproval } from "../state/drafts";
import { useStorePart } from "../state/store";
import type { Plan, PlanStep, RunPage } from "../types";
import { RunInCard } from "./run-in-card";

const spoken: Record<CardState, { word: string; tone: Tone }> = {
  waiting: { word: "waits for your approval", tone: "busy" },
  expired: { word: "expired", tone: "off" },
  stale: { word: "out of date", tone: "busy" },
  discarded: { word: "discarded", tone: "off" },
  starting: { word: "starting", tone: "busy" },
  running: { word: "running", tone: "busy" },
  cancelling: { word: "being cancelled", tone: "busy" },
  done: { word: "done and verified", tone: "ok" },
  unverified: { word: "ran, not confirmed", tone: "bad" },
  failed: { word: "failed", tone: "bad" },
  cancelled: { word: "cancelled", tone: "off" },
  unknown: { word: "outcome unknown", tone: "unknown" },
};

export function Argv({ words }: { words: string[] }) {
  return (
    <span className="argv">
      {words.map((word, index) => (
        <span
          key={index}
          className={index < 3 && !word.startsWith("-") ? "program" : word.startsWith("-") ? "" : "value"}
        >
          <Text text={word === "" ? "''" : word} max={400} />
        </span>
      ))}
    </span>
  );
}

function Step({ step, number }: { step: PlanStep; number: number }) {
  const words = "command" in step ? argv(step.command, step.args) : [];
  return (
    <li>
      <span className="step-mark num" aria-hidden="true">
        {step.mutates ? number : "✓"}
      </span>
      <div className="grow">
        {words.length > 0 ? (
          <>
            <span className="hidden-text">{step.title}: </span>
            <Argv words={words} />
          </>
        ) : (
          <span className="dim">
            {step.kind === "wait" ? "then " : ""}
            <Text text={step.kind === "wait" ? step.title.charAt(0).toLowerCase() + step.title.slice(1) : step.title} />
            {step.kind === "wait" && <span className="faint"> (at most {span(step.timeout_s * 1000)})</span>}
          </span>
        )}
      </div>
      {words.length > 0 && <Copy quiet label="Copy this command" text={shell(words)} />}
    </li>
  );
}

function shell(words: string[]): string {
  return words.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

function Head({ source, state }: { source: CardSource; state: CardState }) {
  const { plan } = source;
  const target = plan.targets[0];
  const environment = environmentOf(plan.targets);
  return (
    <header>
      <div className="card-title">
        <h2 className="grow">
          <Long text={planTitle(plan)} max={120} />
        </h2>
        <Env name={environment} />
        {plan.risk_assessment && <RiskMark level={plan.risk_assessment.level} />}
      </div>
      {plan.targets.slice(0, 5).map((one) => (
        <p className="card-target" key={one.id}>
          <span>
            {typeName(one.resource_type)}
            {one === target && engineOf(plan) ? ` (${spelt(engineOf(plan) ?? "")})` : ""}
          </span>
          <Link to={estatePath(`id:${one.identifier}`, one.id)} className="mono">
            <Text text={one.name} max={80} />
          </Link>
          <span>{one.region}</span>
          <span>
            <Text text={`${one.account_id} ${one.account_name ?? ""}`} max={80} />
          </span>
          {one.observed_state && (
            <span>
              <State state={one.observed_state} />
              <PlannedAge source={source} state={state} />
            </span>
          )}
        </p>
      ))}
      {plan.targets.length > 5 && <p className="dim">and {plan.targets.length - 5} more</p>}
    </header>
  );
}

/* The live state was read when the plan was made; its age is that of the plan. */
function PlannedAge({ source, state }: { source: CardSource; state: CardState }) {
  const now = useNow();
  if (state !== "waiting" || source.expiresAt === undefined) return null;
  const made = source.expiresAt - source.plan.approval.ttl_s * 1000;
  return (
    <span className="faint num" title={exact(made)}>
      {" "}
      (read {span(now - made)} ago)
    </span>
  );
}

function After({ plan }: { plan: Plan }) {
  const { from, to } = change(plan);
  const downtime = plan.risk_assessment?.downtime;
  return (
    <>
      {from && to && (
        <span className="change">
          {from} <span aria-hidden="true">→</span>
          <span className="hidden-text">becomes</span> <b>{to}</b>
          {downtime ? `, about ${span(downtime.typical_s * 1000)}` : ""}
        </span>
      )}
      <ul className="plain">
        {plan.risk_assessment?.impact && <li><Text text={plan.risk_assessment.impact} max={300} /></li>}
        {plan.notes.map((note, index) => (
          <li key={index} className="dim">
            <Text text={note} max={300} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Undo({ plan }: { plan: Plan }) {
  const risk = plan.risk_assessment;
  if (!risk) return <span className="dim">not known</span>;
  if (risk.undo)
    return (
      <span className="undo">
        <Argv words={risk.undo.split(" ")} />
        <Copy quiet label="Copy the command that undoes this" text={risk.undo} />
      </span>
    );
  return (
    <span className={risk.reversible === "none" ? "strong bad-text" : "dim"}>
      {risk.reversible === "none" ? "This cannot be undone." : `Reversible: ${risk.reversible}.`}
    </span>
  );
}

function Approve({ source, state }: { source: CardSource; state: CardState }) {
  const approval = useStorePart(approvals, (all) => all[source.hash]);
  const typed = approval?.typed ?? "";
  const field = useRef<HTMLInputElement>(null);
  const ready = mayApprove(state, source.typed, typed) && !approval?.sending;
  const wrong = source.typed && typed !== "" && !source.typed.startsWith(typed);

  const approve = async () => {
    if (!ready) return;
    setApproval(source.hash, { sending: true, failure: undefined });
    try {
      const run = await api.approve(source.hash, source.typed ? typed : undefined);
      setApproval(source.hash, { sending: false, run: run.run_id });
      touchRuns();
      announce("Approved. The run starts.");
    } catch (error) {
      if (error instanceof Failure) setApproval(source.hash, { sending: false, failure: error });
      touch("plans");
    }
  };
  const discard = async () => {
    try {
      await api.discard(source.hash);
      announce("Discarded.");
    } catch (error) {
      if (error instanceof Failure) setApproval(source.hash, { failure: error });
    }
    touch("plans");
  };

  return (
    <form
      className="approve"
      onSubmit={(event) => {
        event.preventDefault();
        void approve();
      }}
    >
      {source.typed && (
        <label>
          Type <b className="mono"><Text text={source.typed} max={200} /></b> to approve
          <span className="hidden-text">
            , because this is {source.typedBecause === "destructive" ? "destructive" : "production"}
          </span>
          <input
            ref={field}
            className={`field mono ${wrong ? "wrong" : ""}`}
            value={typed}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-invalid={wrong ? true : undefined}
            onChange={(event) => setApproval(source.hash, { typed: event.target.value })}
          />
        </label>
      )}
      <span className="approve-buttons">
        <button type="submit" className="button primary" disabled={!ready}>
          {approval?.sending ? "Approving…" : "Approve and run"}
        </button>
        <button type="button" className="button quiet" onClick={discard}>
          Discard
        </button>
      </span>
      {approval?.failure && <Trouble failure={approval.failure} />}
    </form>
  );
}

function Foot({ source, state }: { source: CardSource; state: CardState }) {
  const short = `${source.hash.slice(0, 4)}…${source.hash.slice(-4)}`;
  return (
    <footer className="card-foot">
      <span className="mono" title={`${source.plan.playbook.id} ${source.plan.playbook.version}`}>
        {source.plan.playbook.id} {source.plan.playbook.version}
      </span>
      <Link to={planPath(source.hash)} title={source.hash}>
        plan <span className="mono">{short}</span>
      </Link>
      {state === "waiting" && source.expiresAt !== undefined && (
        <span>
          valid <Left until={source.expiresAt} />
        </span>
      )}
      <span className="grow" />
      <Menu label="Details" className="button quiet small">
        {() => <Details source={source} />}
      </Menu>
      <Copy label={`escher plan show ${source.hash.slice(0, 4)}`} text={`escher plan show ${source.hash}`} />
    </footer>
  );
}

function Details({ source }: { source: CardSource }) {
  const { plan } = source;
  return (
    <div className="details">
      <h3>Filled in</h3>
      <table className="pairs">
        <tbody>
          {plan.parameters.map((one) => (
            <tr key={one.name}>
              <th scope="row" className="mono">{one.name}</th>
              <td className="mono"><Text text={String(one.value)} /></td>
              <td className="faint">{one.source}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>Checked afterwards</h3>
      <ul className="plain">
        {plan.verification.map((one) => (
          <li key={one.id}>
            <Text text={one.title} /> <code className="faint"><Text text={one.expect} /></code>
          </li>
        ))}
      </ul>
      <h3>Bound to</h3>
      <p className="mono">{source.hash}</p>
      <p className="faint">
        AWS CLI {plan.cli_version ?? "?"} · playbook <span className="mono">{plan.playbook.sha256.slice(0, 12)}</span>
      </p>
    </div>
  );
}

/** What became of a plan that no longer waits, in words. */
function Ending({ state, run, again }: { state: CardState; run?: RunPage; again?: () => void }) {
  const said: Partial<Record<CardState, string>> = {
    expired: "The approval's time has passed, and the state may have changed. Nothing was done.",
    discarded: "Discarded. Nothing was done.",
    stale: "The live state is no longer what this plan was made for. Nothing was done.",
  };
  const text = said[state];
  if (!text && !(state === "failed" && again)) return null;
  return (
    <div className="ending">
      {text && (
        <p>
          {text} {run?.message && <Text text={run.message} max={300} />}
        </p>
      )}
      {again && state !== "discarded" && (
        <button type="button" className="button" onClick={again}>
          Plan again
        </button>
      )}
    </div>
  );
}

/**
 * A plan, as it is approved: the same card waits, runs and ends. `first` is what the answer to
 * the question said; the state of the plan is asked from the core.
 */
export function PlanCard({
  hash,
  first,
  run: begun,
  again,
  alone = false,
}: {
  hash: string;
  first?: CardSource;
  run?: string;
  again?: (prompt: string) => void;
  alone?: boolean;
}) {
  const page = useData(`plan:${hash}`, (signal) => api.plan(hash, signal), ["plans", "runs"]);
  const approval = useStorePart(approvals, (all) => all[hash]);
  const runList = useData("runs", (signal) => api.runs(signal), ["runs"]);
  const now = useNow();
  const source = page.value ? { ...first, ...ofPage(page.value), emulator: page.value.emulator ?? first?.emulator } : first;
  const runId =
    approval?.run ?? page.value?.run ?? begun ?? runList.value?.runs.find((run) => run.plan_hash === hash)?.run_id;
  const known = runList.value?.runs.find((run) => run.run_id === runId);
  const live = useStorePart(liveRuns, (all) => all[runId ?? ""]);
  const run = live?.page ?? (known?.outcome ? known : live ? { state: live.state } : known);
  const state = cardState({
    kept: page.value?.state,
    expiresAt: source?.expiresAt,
    now,
    run,
    approving: approval?.sending,
  });

  // The clock that expires a plan is the core's; ask it when ours says so.
  const asked = useRef(false);
  useEffect(() => {
    if (state === "expired" && !asked.current) {
      asked.current = true;
      page.again();
    }
  }, [state, page]);

  if (!source)
    return (
      <article className="card band">
        {page.failure ? <Trouble failure={page.failure} again={page.again} /> : <Skeleton lines={6} />}
      </article>
    );
  const { plan } = source;
  const risk = plan.risk_assessment;
  const prompt = page.value?.prompt ?? first?.prompt;
  const title = planTitle(plan);
  const full = run && "steps" in run ? (run as RunPage) : known;
  return (
    <article className={`card plan band ${environmentOf(plan.targets) ?? ""}`} aria-label={`Plan: ${spelt(title)}`}>
      <Head source={source} state={state} />
      {alone && prompt && <p className="dim">Asked: <Text text={prompt} max={300} /></p>}
      {plan.explain_plan && (
        <p className="explain">
          <Long text={plan.explain_plan} max={800} block />
        </p>
      )}
      <dl className="facts">
        {risk && (
          <>
            <dt>Why {risk.level}</dt>
            <dd>
              {risk.reasons.map((reason, index) => (
                <span key={index} className="reason">
                  <Text text={reason} max={200} />
                </span>
              ))}
            </dd>
          </>
        )}
        <dt>After</dt>
        <dd>
          <After plan={plan} />
        </dd>
        <dt>Undo</dt>
        <dd>
          <Undo plan={plan} />
        </dd>
        {(plan.warnings?.length ?? 0) > 0 && (
          <>
            <dt>Not known</dt>
            <dd>
              <ul className="plain">
                {plan.warnings?.map((warning, index) => (
                  <li key={index}>
                    <Text text={warning.charAt(0).toUpperCase() + warning.slice(1)} max={300} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
      {runId ? (
        <RunInCard id={runId} plan={plan} known={full} state={state} />
      ) : (
        <ol className="steps">
          {plan.steps.map((step, index) => (
            <Step key={step.step_id} step={step} number={index + 1} />
          ))}
          {plan.steps[plan.steps.length - 1]?.kind !== "probe" && plan.verification.length > 0 && (
            <li>
              <span className="step-mark" aria-hidden="true">✓</span>
              <span className="dim">
                and check that{" "}
                <Text text={plan.verification.map((one) => one.title).join("; ")} max={200} />
              </span>
            </li>
          )}
        </ol>
      )}
      {state === "waiting" && <Approve source={source} state={state} />}
      {state !== "waiting" && (
        <div className="card-state">
          <State tone={spoken[state].tone} word={spoken[state].word} />
          {source.emulator && <span className="demo-mark">demo cloud</span>}
          {runId && (
            <Link to={runPath(runId)}>
              The record of this run <Icon name="arrow" />
            </Link>
          )}
        </div>
      )}
      <Ending state={state} run={full} again={again && prompt ? () => again(prompt) : undefined} />
      <Foot source={source} state={state} />
    </article>
  );
}

