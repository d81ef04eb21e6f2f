// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "react";
import { ofAsk } from "../logic/plan";
import { number, shellWord, typeName } from "../logic/text";
import { Icon } from "../parts/icon";
import { Age, Copy, Link } from "../parts/parts";
import { Env, State } from "../parts/state";
import { Line, Said, Text } from "../parts/text";
import { isTyping } from "../parts/use-keys";
import { estatePath } from "../route";
import type { AskBody, Choice } from "../types";
import { PlanCard } from "./plan-card";

type Act = { ask: (prompt: string, resources?: string[]) => void; edit: (prompt: string) => void };

/* A question: full readings, numbered, the last "none of these". */
function Question({ body, prompt, act, latest }: { body: AskBody; prompt?: string; act: Act; latest: boolean }) {
  const choices = (body.choices ?? []).slice(0, 4);
  const pick = (index: number) => {
    const choice = choices[index];
    if (choice && prompt) act.ask(prompt, [choice.id ?? choice.resource.id]);
    else if (prompt) act.edit(prompt);
  };
  // The numbers work from anywhere but a text that somebody is writing.
  const latestPick = useRef(pick);
  latestPick.current = pick;
  useEffect(() => {
    if (!latest || choices.length === 0) return;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target;
      const writing = target instanceof HTMLTextAreaElement ? target.value !== "" : isTyping(target);
      const index = Number(event.key) - 1;
      if (writing || event.ctrlKey || event.metaKey || event.altKey || !(index >= 0 && index <= choices.length)) return;
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      latestPick.current(index);
    };
    addEventListener("keydown", onKey, true);
    return () => removeEventListener("keydown", onKey, true);
  }, [latest, choices.length]);
  return (
    <article className="card question" aria-label="A question">
      <p className="explain">
        <Said text={body.text ?? ""} max={600} />
      </p>
      {choices.length > 0 && (
        <ol className="choices">
          {choices.map((choice, index) => (
            <li key={choice.resource.id}>
              <button
                type="button"
                disabled={!latest}
                className={`choice-row band ${choice.environment ?? ""}`}
                onClick={() => pick(index)}
              >
                <kbd>{index + 1}</kbd>
                <Reading choice={choice} />
              </button>
            </li>
          ))}
          <li>
            <button type="button" disabled={!latest} className="choice-row" onClick={() => pick(choices.length)}>
              <kbd>{choices.length + 1}</kbd>
              <span>None of these</span>
            </button>
          </li>
        </ol>
      )}
    </article>
  );
}

function Reading({ choice }: { choice: Choice }) {
  const row = choice.resource;
  return (
    <>
      <b>
        <Text text={row.name} max={80} />
      </b>
      <span className="dim">{typeName(row.resource_type)}</span>
      <span className="dim">
        <Text text={row.account_name} max={40} /> <span className="num">{row.account_id}</span>
      </span>
      <span className="dim">{row.region}</span>
      <State state={row.state} />
      <Env name={choice.environment} />
    </>
  );
}

function Rows({ hits }: { hits: Choice[] }) {
  return (
    <table className="rows">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          <th scope="col">State</th>
          <th scope="col">Account</th>
          <th scope="col">Region</th>
        </tr>
      </thead>
      <tbody>
        {hits.map(({ resource, environment }) => (
          <tr key={resource.id} className={`band ${environment ?? ""}`}>
            <td className="band-cell">
              <Link to={estatePath(`id:${JSON.stringify(resource.identifier)}`, resource.id)} className="one-line">
                <Line text={resource.name} />
              </Link>
            </td>
            <td>{typeName(resource.resource_type)}</td>
            <td>
              <State state={resource.state} />
            </td>
            <td>
              <Line text={resource.account_name} />
            </td>
            <td>{resource.region}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/* An answer: how many, which, and the filter behind it. */
function Answer({ body }: { body: AskBody }) {
  const hits = body.hits ?? [];
  const oldest = hits
    .map(({ resource }) => ("last_synced" in resource ? resource.last_synced : undefined) ?? "")
    .filter(Boolean)
    .sort()[0];
  return (
    <article className="card answer" aria-label="An answer">
      <p className={hits.length > 0 || body.filter ? "explain count-line" : "explain"}>
        <Said text={body.text ?? ""} />
        {oldest && (
          <span className="dim">
            <Age since={oldest} prefix="read " />
          </span>
        )}
      </p>
      {hits.length > 0 && <Rows hits={hits.slice(0, 10)} />}
      {hits.length > 10 && <p className="dim">Shown are the first 10 of {number(body.total ?? hits.length)}.</p>}
      {body.filter && (
        <footer className="card-foot">
          <code className="grow">
            <Line text={body.filter} max={300} />
          </code>
          <Link to={estatePath(body.filter)}>
            Open in the estate <Icon name="arrow" />
          </Link>
          <Copy label="escher find" text={`escher find --filter ${shellWord(body.filter)}`} />
        </footer>
      )}
    </article>
  );
}

function Refusal({ body }: { body: AskBody }) {
  const blocked = body.status === "blocked";
  return (
    <article className="card refusal" aria-label={blocked ? "Blocked" : "Not possible"}>
      <div className="card-title">
        <State tone={blocked ? "bad" : "off"} word={blocked ? "blocked" : "not possible"} />
        {body.reason && <span className="faint">{body.reason.replaceAll("_", " ")}</span>}
      </div>
      <p className="explain">
        <Said text={body.text ?? ""} />
      </p>
    </article>
  );
}

export function AnswerCard({
  body,
  prompt,
  run,
  act,
  latest,
}: {
  body: AskBody;
  prompt?: string;
  run?: string;
  act: Act;
  latest: boolean;
}) {
  const source = body.kind === "plan" ? ofAsk(body) : undefined;
  if (source) return <PlanCard hash={source.hash} first={{ ...source, prompt }} run={run} again={act.ask} />;
  if (body.kind === "question") return <Question body={body} prompt={prompt} act={act} latest={latest} />;
  if (body.kind === "refusal" || body.status === "blocked") return <Refusal body={body} />;
  return <Answer body={body} />;
}
