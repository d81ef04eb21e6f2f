// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useEffect, useRef, useState } from "react";
import { api } from "../api";
import { number, shellWord, typeName, words } from "../logic/text";
import { exact, short } from "../logic/time";
import { Icon } from "../parts/icon";
import { Age, Copy, Link, Skeleton, Trouble } from "../parts/parts";
import { Env, State } from "../parts/state";
import { Line, Long, Text } from "../parts/text";
import { useAction } from "../parts/use-keys";
import { estatePath, go, route, runPath, setParams } from "../route";
import { useData } from "../state/data";
import type { Constraints, Relation, Resource, Shown, TouchingRun } from "../types";
import { ask } from "./ask";
import { Impact } from "./impact";
import { Permissions } from "./permitted";

const tabs = ["overview", "relations", "impact", "rights", "runs", "json"] as const;
type Tab = (typeof tabs)[number];
const tabNames: Record<Tab, string> = { overview: "Overview", relations: "Relations", impact: "Impact", rights: "Rights", runs: "Runs", json: "JSON" };

const widthLimits: [number, number] = [320, 900];
let lastWidth = 440;

/** The column at the right: resizable by mouse and by arrow keys; Esc closes it. */
export function Drawer({ label, close, children }: { label: string; close: () => void; children: ReactNode }) {
  const [width, setWidth] = useState(lastWidth);
  const resize = (next: number) => {
    lastWidth = Math.round(Math.max(widthLimits[0], Math.min(widthLimits[1], next)));
    setWidth(lastWidth);
  };
  useAction("back", close);
  return (
    <aside className="drawer" style={{ width }} aria-label={label}>
      <div
        className="grip"
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label="Width of the drawer"
        aria-valuenow={width}
        aria-valuemin={widthLimits[0]}
        aria-valuemax={widthLimits[1]}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") resize(width + 24);
          else if (event.key === "ArrowRight") resize(width - 24);
          else return;
          event.preventDefault();
        }}
        onPointerDown={(event) => {
          const from = event.clientX + width;
          const target = event.currentTarget;
          target.setPointerCapture(event.pointerId);
          const move = (moved: PointerEvent) => resize(from - moved.clientX);
          const end = () => {
            target.removeEventListener("pointermove", move);
            target.removeEventListener("pointerup", end);
          };
          target.addEventListener("pointermove", move);
          target.addEventListener("pointerup", end);
        }}
      />
      {children}
    </aside>
  );
}

/* Values of metadata, as people read them. */
function said(value: unknown): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

type Flag = Exclude<keyof Constraints, "reasons">;
const flagWords: Record<Flag, [string, string]> = {
  can_stop: ["Can be stopped", "Cannot be stopped"],
  can_start: ["Can be started", "Cannot be started"],
  can_delete: ["Can be deleted", "Cannot be deleted"],
  has_backups: ["Has backups", "Has no backups"],
  has_dependencies: ["Others depend on it", "Nothing known depends on it"],
  protected: ["Is protected", "Is not protected"],
};

function Allows({ resource }: { resource: Resource }) {
  const reasons = resource.constraints.reasons ?? [];
  const known = (Object.keys(flagWords) as Flag[]).filter((name) => resource.constraints[name] !== undefined);
  if (known.length === 0) return <p className="dim">Nothing is known about what it allows.</p>;
  return (
    <ul className="lines constraints">
      {known.map((name) => {
        const value = resource.constraints[name] === true;
        const because = reasons.filter((reason) => reason.constraint === name);
        return (
          <li key={name} className="list-line">
            <span className={`shape ${value ? "" : "faint"}`} aria-hidden="true">
              {value ? "●" : "○"}
            </span>
            <span className="grow">
              {flagWords[name][value ? 0 : 1]}
              {because.map((reason, index) => (
                <span key={index} className="dim" title={reason.field}>
                  {": "}
                  <Text text={reason.because} max={200} />
                </span>
              ))}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Actions({ shown }: { shown: Shown }) {
  const actions = shown.actions ?? [];
  if (actions.length === 0 || !shown.resource) return null;
  const id = shown.resource.id;
  return (
    <section>
      <h3>Actions</h3>
      <p className="faint">Each makes a plan first; nothing runs before you approve it.</p>
      <div className="actions">
        {actions.map((action) => (
          <span key={action.playbook} className="action">
            <button
              type="button"
              className="button"
              disabled={!action.possible}
              aria-describedby={action.possible ? undefined : `why-${action.playbook}`}
              onClick={() => {
                go("/");
                void ask(action.prompt, undefined, [id]);
              }}
            >
              {action.label}
            </button>
          </span>
        ))}
      </div>
      <ul className="plain whys">
        {actions
          .filter((action) => !action.possible && action.why)
          .map((action) => (
            <li key={action.playbook} id={`why-${action.playbook}`} className="dim">
              {action.label.replace(/…$/, "")}: <Text text={action.why ?? ""} max={200} />
            </li>
          ))}
      </ul>
    </section>
  );
}

function Overview({ shown }: { shown: Shown }) {
  const resource = shown.resource;
  if (!resource) return null;
  const tags = Object.entries(resource.tags ?? {});
  const facts = Object.entries(resource.metadata ?? {});
  return (
    <>
      <Actions shown={shown} />
      <section>
        <h3>What it allows now</h3>
        <Allows resource={resource} />
      </section>
      {tags.length > 0 && (
        <section>
          <h3>Tags</h3>
          <table className="pairs">
            <tbody>
              {tags.map(([key, value]) => (
                <tr key={key}>
                  <th scope="row">
                    <Text text={key} max={80} />
                  </th>
                  <td>
                    <Long text={value} max={200} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {facts.length > 0 && (
        <section>
          <h3>Properties</h3>
          <table className="pairs">
            <tbody>
              {facts.map(([key, value]) => (
                <tr key={key}>
                  <th scope="row">
                    <Text text={words(key)} max={80} />
                  </th>
                  <td className={typeof value === "number" ? "num" : ""}>
                    <Long text={said(value)} max={240} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

/* Where one is, is said of what is elsewhere. */
function Relations({ all, of }: { all: Relation[]; of: Resource }) {
  if (all.length === 0) return <p className="dim">No relation to other resources is known.</p>;
  const groups = [...new Set(all.map((one) => one.kind))];
  return (
    <>
      {groups.map((kind) => (
        <section key={kind}>
          <h3>{words(kind)}</h3>
          <ul className="lines">
            {all
              .filter((one) => one.kind === kind)
              .map((one, index) => {
                const row = one.resource;
                const id = row?.id ?? one.target;
                const elsewhere = row && (row.account_id !== of.account_id || row.region !== of.region);
                return (
                  <li key={`${id}-${index}`} className={`list-line relation band ${row?.environment ?? ""}`}>
                    <Link to={estatePath(new URLSearchParams(location.search).get("q") ?? "", id)} className="grow one-line">
                      <Line text={row?.name ?? one.name ?? one.target} />
                    </Link>
                    {row && <span className="dim">{typeName(row.resource_type)}</span>}
                    {elsewhere && (
                      <span className="dim" title={`account ${row.account_id}`}>
                        <Text text={row.account_name} max={30} /> · {row.region}
                      </span>
                    )}
                    {row?.state && <State state={row.state} />}
                  </li>
                );
              })}
          </ul>
        </section>
      ))}
    </>
  );
}

function TouchedBy({ runs }: { runs: TouchingRun[] }) {
  if (runs.length === 0) return <p className="dim">No run of this machine has touched it.</p>;
  return (
    <ul className="lines">
      {runs.map((run) => (
        <li key={run.id} className="list-line">
          <State state={run.outcome || run.state} />
          <Link to={runPath(run.id)} className="grow one-line">
            <Line text={run.prompt || run.id} />
          </Link>
          <time className="faint num" dateTime={run.created_at} title={exact(run.created_at)}>
            {short(run.created_at)}
          </time>
        </li>
      ))}
    </ul>
  );
}

export function ResourceDrawer({ id, close }: { id: string; close: () => void }) {
  const data = useData(`show:${id}`, (signal) => api.show(id, signal), ["estate", "runs"]);
  const here = route();
  const tab = (tabs.find((name) => name === here.params.get("tab")) ?? "overview") as Tab;
  const choose = (next: Tab) => setParams({ tab: next === "overview" ? undefined : next });
  const title = useRef<HTMLHeadingElement>(null);
  const shown = data.value;
  const resource = shown?.resource;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.scrollTo(0, 0);
  }, [id]);

  return (
    <Drawer label="Resource" close={close}>
      <div className={`drawer-head band ${shown?.environment ?? ""}`}>
        <div className="card-title">
          <h2 ref={title} className="grow text">
            {resource ? <Long text={resource.name} max={160} /> : "…"}
          </h2>
          <button type="button" className="icon-button" onClick={close} aria-label="Close the drawer">
            <Icon name="close" />
          </button>
        </div>
        {resource && (
          <>
            <p className="card-target">
              <State state={resource.state} />
              <span>{typeName(resource.resource_type)}</span>
              <Env name={shown?.environment} />
            </p>
            <p className="card-target dim">
              <span>
                <Text text={resource.account_name} max={60} /> <span className="num">{resource.account_id}</span>
              </span>
              <span>{resource.region}</span>
              <span>
                <Age since={resource.last_synced} prefix="read " />
              </span>
            </p>
            <div className="copies">
              <Copy label="Identifier" text={resource.identifier} />
              <Copy label="ARN" text={resource.arn} />
              <Copy label="escher show" text={`escher show ${shellWord(resource.id)}`} />
            </div>
          </>
        )}
        <div className="tabs" role="tablist" aria-label="About this resource">
          {tabs.map((name, index) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={tab === name}
              aria-controls="tab-panel"
              tabIndex={tab === name ? 0 : -1}
              onClick={() => choose(name)}
              onKeyDown={(event) => {
                const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                const next = tabs[(index + step + tabs.length) % tabs.length];
                if (!step || !next) return;
                choose(next);
                document.getElementById(`tab-${next}`)?.focus();
              }}
            >
              {tabNames[name]}
              {name === "relations" && shown?.relations ? ` ${number(shown.relations.length)}` : ""}
              {name === "runs" && shown?.runs ? ` ${number(shown.runs.length)}` : ""}
            </button>
          ))}
        </div>
      </div>
      <div className="drawer-body" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0} ref={list}>
        {data.failure && !resource && <Trouble failure={data.failure} again={data.again} />}
        {!shown && !data.failure && <Skeleton lines={5} />}
        {shown && resource && tab === "overview" && <Overview shown={shown} />}
        {shown && resource && tab === "relations" && <Relations all={shown.relations ?? []} of={resource} />}
        {shown && resource && tab === "impact" && <Impact id={id} />}
        {shown && resource && tab === "rights" && <Permissions id={id} />}
        {shown && resource && tab === "runs" && <TouchedBy runs={shown.runs ?? []} />}
        {shown && resource && tab === "json" && (
          <>
            <Copy label="Copy the JSON" text={JSON.stringify(resource, null, 2)} />
            <pre className="json">
              <Text text={JSON.stringify(resource, null, 2)} max={200_000} block />
            </pre>
          </>
        )}
      </div>
    </Drawer>
  );
}
