// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { api } from "../api";
import { environmentOf } from "../logic/plan";
import { number, plural } from "../logic/text";
import { at, exact, short, took } from "../logic/time";
import { Elapsed, Link, Skeleton, Trouble } from "../parts/parts";
import { StepState } from "../parts/state";
import { Line, Text } from "../parts/text";
import { useAction } from "../parts/use-keys";
import { go, runPath, setParams } from "../route";
import { useData } from "../state/data";
import type { RunPage } from "../types";

const filters: { id: string; label: string; fits: (run: RunPage) => boolean }[] = [
  { id: "", label: "All", fits: () => true },
  { id: "now", label: "Under way", fits: (run) => !run.outcome },
  { id: "done", label: "Done", fits: (run) => run.outcome === "succeeded" },
  { id: "not", label: "Not done", fits: (run) => Boolean(run.outcome) && run.outcome !== "succeeded" },
];

const inScope = (run: RunPage, params: URLSearchParams) =>
  (["account", "region", "env"] as const).every((name) => {
    const wanted = params.get(name)?.toLowerCase();
    if (!wanted) return true;
    return (run.targets ?? []).some((target) =>
      (name === "account"
        ? [target.account_id, target.account_name]
        : [name === "region" ? target.region : target.environment]
      ).some((value) => value?.toLowerCase() === wanted),
    );
  });

export function outcomeWord(run: RunPage): string {
  if (run.outcome === "succeeded") return "done";
  if (run.outcome === "unverified") return "not confirmed";
  return run.outcome ?? run.state;
}

export function Runs({ params }: { params: URLSearchParams }) {
  const data = useData("runs", (signal) => api.runs(signal), ["runs"]);
  const [chosen, setChosen] = useState<string>(); // a run: the list grows at its beginning
  const wanted = params.get("show") ?? "";
  const text = (params.get("q") ?? "").toLowerCase();
  const all = (data.value?.runs ?? []).filter((run) => inScope(run, params));
  const filter = filters.find((one) => one.id === wanted) ?? filters[0]!;
  const runs = all.filter(
    (run) =>
      filter.fits(run) &&
      (!text ||
        [run.prompt ?? "", run.run_id, ...(run.targets ?? []).map((target) => target.name)].some((value) =>
          value.toLowerCase().includes(text),
        )),
  );
  const now = Math.max(0, runs.findIndex((run) => run.run_id === chosen));
  const choose = (index: number) => setChosen(runs[Math.max(0, Math.min(runs.length - 1, index))]?.run_id);
  useAction("row.next", () => choose(now + 1));
  useAction("row.previous", () => choose(now - 1));
  useAction("row.first", () => choose(0));
  useAction("row.last", () => choose(runs.length - 1));
  useAction("row.open", () => {
    const run = runs[now];
    if (run) go(runPath(run.run_id));
  });
  useAction("filter", () => document.querySelector<HTMLInputElement>(".runs-find")?.focus());

  return (
    <div className="view runs">
      <div className="runs-head">
        <div className="segments" role="group" aria-label="Which runs">
          {filters.map((one) => (
            <button key={one.id} type="button" aria-pressed={one === filter} onClick={() => setParams({ show: one.id })}>
              {one.label} <span className="num faint">{number(all.filter(one.fits).length)}</span>
            </button>
          ))}
        </div>
        <input
          className="field runs-find"
          type="search"
          aria-label="Find a run"
          placeholder="Find a run"
          value={params.get("q") ?? ""}
          onChange={(event) => setParams({ q: event.target.value })}
        />
      </div>
      {data.failure && !data.value && <Trouble failure={data.failure} again={data.again} />}
      {!data.value && !data.failure && <Skeleton lines={6} />}
      {data.value && runs.length === 0 && (
        <div className="place">
          <h2>{data.value.runs.length === 0 ? "Nothing has been run yet" : "No run fits"}</h2>
          <p>
            {data.value.runs.length === 0
              ? "A run begins with an approved plan. Ask for something, and approve what you agree with."
              : `None of ${plural(data.value.runs.length, "run")} fits this filter.`}
          </p>
          {data.value.runs.length === 0 ? (
            <Link to="/" className="button">Ask</Link>
          ) : (
            <button type="button" className="button" onClick={() => setParams({ q: undefined, show: undefined, account: undefined, region: undefined, env: undefined })}>
              Show all runs
            </button>
          )}
        </div>
      )}
      {runs.length > 0 && (
        <table className="rows run-rows">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">What was asked</th>
              <th scope="col">Target</th>
              <th scope="col">Where</th>
              <th scope="col">Started</th>
              <th scope="col" className="right">Took</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run, index) => {
              const target = run.targets?.[0];
              const started = at(run.created_at);
              const ended = at(run.ended_at);
              return (
                <tr key={run.run_id} className={`band ${environmentOf(run.targets) ?? ""} ${index === now ? "at" : ""}`} onClick={() => go(runPath(run.run_id))}>
                  <td className="band-cell">
                    <StepState state={run.outcome ?? run.state} word={outcomeWord(run)} />
                  </td>
                  <td>
                    <Link to={runPath(run.run_id)} className="one-line">
                      <Line text={run.prompt || run.run_id} />
                    </Link>
                  </td>
                  <td>
                    <Line text={target?.name ?? "–"} />
                    {(run.targets?.length ?? 0) > 1 && <span className="dim"> and {(run.targets?.length ?? 1) - 1} more</span>}
                  </td>
                  <td className="dim">
                    <Text text={target?.account_name ?? ""} max={40} /> {target?.region}
                  </td>
                  <td className="dim num" title={exact(run.created_at)}>
                    {short(run.created_at)}
                  </td>
                  <td className="num right">
                    {started === undefined ? "" : ended !== undefined ? took(ended - started) : <Elapsed since={started} />}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </div>
  );
}
