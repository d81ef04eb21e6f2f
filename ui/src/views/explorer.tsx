// SPDX-License-Identifier: Apache-2.0
import { type CSSProperties, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Failure, api } from "../api";
import { lineOf, placeAt, rowAt } from "../logic/groups";
import { type Known, chosen, parts, term, toggle } from "../logic/query";
import { type Column, csv } from "../logic/table";
import { number, plural, shellWord, spelt, typeName } from "../logic/text";
import { Icon } from "../parts/icon";
import { Age, Copy, Menu, Trouble, copyText, download } from "../parts/parts";
import { Env, State } from "../parts/state";
import { Line, Text } from "../parts/text";
import { useAction } from "../parts/use-keys";
import { useRows } from "../parts/use-rows";
import { go, setParams } from "../route";
import { announce } from "../state/core";
import { useData } from "../state/data";
import { type Question, useWindow } from "../state/window";
import type { Facet, Group, Row } from "../types";
import { ask, Gaps, gapGroups } from "./ask";
import { chosenColumns, columns, usual } from "./columns";
import { ResourceDrawer } from "./drawer";
import { QueryBar } from "./query-bar";
import { ViewsList, ViewsMenu, useViews } from "./saved-views";

const facetFields: { facet: string; field: string; label: string }[] = [
  { facet: "environment", field: "env", label: "Environment" },
  { facet: "resource_type", field: "type", label: "Type" },
  { facet: "state", field: "state", label: "State" },
  { facet: "account", field: "account", label: "Account" },
  { facet: "region", field: "region", label: "Region" },
];

/** The terms that the scope bar stands for. */
export function scopeTerms(params: URLSearchParams): string {
  return ["account", "region", "env"]
    .map((name) => [name, params.get(name)] as const)
    .filter((pair): pair is readonly [string, string] => Boolean(pair[1]))
    .map(([name, value]) => term(name, value))
    .join(" ");
}

/* "or" binds less than the scope, so a query with one is put in parentheses. */
export function withScope(scope: string, filter: string): string {
  if (!scope || !filter) return scope || filter;
  return /\bOR\b/i.test(filter) ? `${scope} AND (${filter})` : `${scope} ${filter}`;
}

function FacetGroup({
  label,
  field,
  all,
  query,
  change,
}: {
  label: string;
  field: string;
  all: Facet[];
  query: string;
  change: (query: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const on = chosen(query, field).map((value) => value.toLowerCase());
  const isOn = (one: Facet) => on.includes(one.value.toLowerCase()) || on.includes((one.label ?? "").toLowerCase());
  // What is chosen stays in sight, also where nothing of it is left.
  const missing = chosen(query, field)
    .filter((value) => !all.some((one) => [one.value, one.label ?? ""].some((name) => name.toLowerCase() === value.toLowerCase())))
    .map((value) => ({ value, count: 0 }) as Facet);
  const shown = open ? all : all.slice(0, 7);
  if (all.length === 0 && missing.length === 0) return null;
  return (
    <section>
      <h2 className="label">{label}</h2>
      <ul>
        {[...missing, ...shown].map((one) => (
          <li key={one.value}>
            {one.value === "" ? (
              <span className="facet none">
                <span className="grow faint">none</span>
                <span className="num faint">{number(one.count)}</span>
              </span>
            ) : (
            <label className={`facet ${isOn(one) ? "on" : ""}`}>
              <input type="checkbox" checked={isOn(one)} onChange={() => change(toggle(query, field, one.value))} />
              <span className="grow one-line">
                <FacetValue field={field} one={one} />
              </span>
              <span className="num faint">{number(one.count)}</span>
            </label>
            )}
          </li>
        ))}
      </ul>
      {all.length > 7 && (
        <button type="button" className="link-button" onClick={() => setOpen(!open)}>
          {open ? "Fewer" : `All ${all.length}`}
        </button>
      )}
    </section>
  );
}

/* A value of a facet, as it is shown. */
function FacetValue({ field, one }: { field: string; one: Pick<Facet, "value" | "label"> }) {
  if (field === "type") return <>{typeName(one.value, true)}</>;
  if (field === "state") return <State state={one.value} />;
  if (field === "env") return <Env name={one.value} />;
  return <Line text={one.label || one.value} max={60} />;
}

/* The line above the rows of a group: what they have in common, how many, and a way to only them. */
function GroupRow({
  group,
  by,
  line,
  columns,
  style,
  query,
  change,
}: {
  group: Group;
  by?: string;
  line: number;
  columns: number;
  style: CSSProperties;
  query: string;
  change: (query: string) => void;
}) {
  const field = facetFields.find((one) => one.facet === by);
  if (!field) return null;
  return (
    <div role="row" aria-rowindex={line + 2} className={`group-row band ${by === "environment" ? group.value : ""}`} style={style}>
      <span role="rowheader" aria-colspan={columns}>
        {group.value ? (
          <>
            <FacetValue field={field.field} one={group} />
            {by === "account" && group.label !== group.value && <span className="num faint">{group.value}</span>}
          </>
        ) : (
          <span className="faint">no {field.label.toLowerCase()}</span>
        )}
        <span className="num dim">{number(group.count)}</span>
        {group.value && !chosen(query, field.field).includes(group.value) && (
          <button type="button" className="link-button" tabIndex={-1} onClick={() => change(toggle(query, field.field, group.value))}>
            only these
          </button>
        )}
      </span>
    </div>
  );
}

function cell(column: Column, row: Row) {
  switch (column.id) {
    case "name":
      return <Line text={row.name} className="strong" />;
    case "state":
      return row.state ? <State state={row.state} /> : <span className="faint">–</span>;
    case "type":
      return typeName(row.resource_type);
    case "env":
      return row.environment ? <Env name={row.environment} /> : <span className="faint">–</span>;
    case "age":
      return (
        <span className="dim">
          <Age since={row.synced_at} ms={row.age_ms} />
        </span>
      );
    case "region":
      return <span className="dim">{row.region}</span>;
    case "created":
      return row.created_at ? <span className="dim num">{row.created_at.slice(0, 10)}</span> : <span className="faint">–</span>;
    default:
      return <Line text={column.value(row)} className={column.id === "arn" || column.id === "identifier" ? "mono" : ""} max={200} />;
  }
}

/* Drawn again only when something of its own changes: while the list scrolls, that is none of the
 * rows which stay. */
const EstateRow = memo(function EstateRow({
  index,
  line,
  top,
  height,
  width,
  template,
  shown,
  row,
  isAt,
  isOpen,
  isPicked,
  onOpen,
  onPick,
}: {
  index: number;
  line: number;
  top: number;
  height: number;
  width: number;
  template: string;
  shown: Column[];
  row: Row | undefined;
  isAt: boolean;
  isOpen: boolean;
  isPicked: boolean;
  onOpen: (index: number, row: Row | undefined) => void;
  onPick: (index: number, row: Row | undefined) => void;
}) {
  return (
    <div
      id={`row-${index}`}
      role="row"
      aria-rowindex={line + 2}
      aria-selected={isPicked}
      className={`row band ${row?.environment ?? ""} ${isAt ? "at" : ""} ${isOpen ? "open" : ""} ${isPicked ? "picked" : ""}`}
      style={{ height, transform: `translateY(${top}px)`, minWidth: width, gridTemplateColumns: template }}
      onClick={() => onOpen(index, row)}
    >
      <span role="gridcell" onClick={(event) => event.stopPropagation()}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={row ? `Select ${spelt(row.name.slice(0, 80))}` : "Select"}
          checked={isPicked}
          disabled={!row}
          onChange={() => onPick(index, row)}
        />
      </span>
      {shown.map((column) => (
        <span key={column.id} role="gridcell" className="one-line">
          {row ? cell(column, row) : <span className="skeleton" />}
        </span>
      ))}
    </div>
  );
});

const exportMost = 10_000;
const headHeight = 28; // .table-head

/* Exactly what is shown: every row of the query, the columns that are on. */
async function everyRow(question: Question, total: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (let offset = 0; offset < Math.min(total, exportMost); offset += 500) {
    const page = await api.query({
      text: question.text || undefined,
      filter: question.filter || undefined,
      sort: question.sort || undefined,
      group: question.group,
      offset,
      limit: 500,
    });
    rows.push(...page.rows);
    if (page.rows.length === 0) break;
  }
  return rows;
}

function Bulk({ picked, clear, shownColumns }: { picked: Map<string, Row>; clear: () => void; shownColumns: Column[] }) {
  const rows = [...picked.values()];
  const plan = (verb: string) => {
    go("/");
    void ask(`${verb} ${rows.map((row) => row.name).join(", ")}`, undefined, rows.map((row) => row.id));
  };
  const all = (flag: "can_stop" | "can_start") => rows.every((row) => row.constraints?.[flag] === true);
  return (
    <div className="bulk" role="toolbar" aria-label="Selected resources">
      <b className="num">{number(rows.length)} selected</b>
      {rows.length <= 10 && (
        <>
          <button type="button" className="button" disabled={!all("can_stop")} title={all("can_stop") ? undefined : "Not all of them can be stopped now"} onClick={() => plan("Stop")}>
            Stop…
          </button>
          <button type="button" className="button" disabled={!all("can_start")} title={all("can_start") ? undefined : "Not all of them can be started now"} onClick={() => plan("Start")}>
            Start…
          </button>
        </>
      )}
      <Copy label="Copy names" text={rows.map((row) => row.name).join("\n")} />
      <button type="button" className="button quiet" onClick={() => download("resources.csv", "text/csv", csv(rows, shownColumns))}>
        <Icon name="download" /> CSV
      </button>
      <button type="button" className="button quiet" onClick={() => download("resources.json", "application/json", JSON.stringify(rows, null, 2))}>
        <Icon name="download" /> JSON
      </button>
      <span className="grow" />
      <button type="button" className="button quiet" onClick={clear}>
        Clear <kbd>Esc</kbd>
      </button>
    </div>
  );
}

export function Explorer({ params }: { params: URLSearchParams }) {
  const query = params.get("q") ?? "";
  const sort = params.get("sort") ?? "";
  const open = params.get("r") ?? undefined;
  const settings = useData("settings", (signal) => api.settings(signal), ["settings"]);
  const names = params.get("cols")?.split(",") ?? (settings.value?.columns as string[] | undefined) ?? usual;
  const chosenNames = names.join(",");
  const shown = useMemo(() => chosenColumns(chosenNames.split(",")), [chosenNames]);
  const scope = scopeTerms(params);
  const split = useMemo(() => parts(query), [query]);
  const filter = withScope(scope, split.filter);
  const group = facetFields.find((one) => one.facet === params.get("group"))?.facet;
  const question = useMemo(() => ({ text: split.text, filter, sort, group }), [split.text, filter, sort, group]);
  const views = useViews();
  const cols = params.get("cols");
  const asked = useMemo(
    () => ({ ...question, group, sort: sort || undefined, columns: cols ? cols.split(",") : [] }),
    [question, group, sort, cols],
  );
  const window_ = useWindow(split.problem ? { text: "", filter: scope, sort, group } : question);
  const [at_, setAt] = useState(0);
  const [picked, setPicked] = useState<Map<string, Row>>(new Map());
  const [exporting, setExporting] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const comfortable = settings.value?.density === "comfortable";
  const rowHeight = comfortable ? 36 : 28;

  const total = window_.total ?? 0;
  const { groups, groupedBy } = window_;
  const rows = useRows(scroller, total + groups.length, rowHeight, 12, headHeight);
  const first = rowAt(groups, Math.max(0, rows.first));
  const last = rowAt(groups, Math.max(0, rows.last));
  const { see, version } = window_;
  useEffect(() => see(first, last), [first, last, see, version]);

  const change = useCallback((next: string) => {
    setParams({ q: next });
    setAt(0);
    scroller.current?.scrollTo({ top: 0 });
  }, []);
  const openRow = useCallback((row: Row | undefined) => row && setParams({ r: row.id }), []);
  const move = (to: number) => {
    if (total === 0) return;
    const next = Math.max(0, Math.min(total - 1, to));
    setAt(next);
    rows.go(lineOf(groups, next));
    if (open) openRow(window_.row(next));
  };
  const pick = useCallback((row: Row | undefined) => {
    if (!row) return;
    setPicked((now) => {
      const next = new Map(now);
      if (!next.delete(row.id)) next.set(row.id, row);
      return next;
    });
  }, []);
  const openAt = useCallback(
    (index: number, row: Row | undefined) => {
      setAt(index);
      openRow(row);
    },
    [openRow],
  );
  const pickAt = useCallback(
    (index: number, row: Row | undefined) => {
      setAt(index);
      pick(row);
    },
    [pick],
  );

  useAction("row.next", () => move(at_ + 1));
  useAction("row.previous", () => move(at_ - 1));
  useAction("row.first", () => move(0));
  useAction("row.last", () => move(total - 1));
  useAction("row.select", () => pick(window_.row(at_)));
  useAction("row.open", () => openRow(window_.row(at_)));
  useAction("copy", () => {
    const row = window_.row(at_);
    if (row) void copyText(row.name);
  });
  useAction("back", () => {
    if (picked.size === 0) return false;
    setPicked(new Map());
  });

  const known: Known = useMemo(
    () => ({
      values: Object.fromEntries(
        facetFields.map(({ facet, field }) => [
          field,
          (window_.facets[facet] ?? []).map((one) => ({ value: one.value, label: one.label, count: one.count })),
        ]),
      ),
      tags: [],
      names: [],
    }),
    [window_.facets],
  );

  const sortBy = (column: Column) => {
    if (!column.sort) return;
    setParams({ sort: sort === column.sort ? `-${column.sort}` : sort === `-${column.sort}` ? undefined : column.sort });
  };
  const save = async (kind: "csv" | "json") => {
    setExporting(kind);
    try {
      const rows = await everyRow(question, total);
      if (kind === "csv") download("estate.csv", "text/csv", csv(rows, shown));
      else download("estate.json", "application/json", JSON.stringify(rows, null, 2));
      announce(`${rows.length} rows exported.`);
    } catch (error) {
      if (error instanceof Failure) announce(error.message);
    }
    setExporting(undefined);
  };
  const setColumns = (name: string) => {
    const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
    setParams({ cols: next.join(",") === usual.join(",") ? undefined : columns.filter((column) => next.includes(column.id)).map((column) => column.id).join(",") });
  };

  const problem = split.problem ?? (window_.failure?.status === "invalid" ? window_.failure.message : undefined);
  const facets = useMemo(
    () => (
      <aside className="facets" aria-label="Views and facets">
        <ViewsList views={views} asked={asked} problem={problem} />
        {facetFields.map(({ facet, field, label }) => (
          <FacetGroup key={facet} label={label} field={field} all={window_.facets[facet] ?? []} query={query} change={change} />
        ))}
      </aside>
    ),
    [window_.facets, query, change, views.value, asked, problem],
  );
  const gaps = gapGroups(window_.gaps); // the core tells those that this query asks about
  // Every row is a grid of its own, so the widths may not depend on what a row holds.
  const least = (column: Column) => Math.round(column.width * 0.7);
  const template = `32px ${shown.map((column) => `minmax(${least(column)}px, ${column.width}fr)`).join(" ")}`;
  const rowWidth = shown.reduce((sum, column) => sum + least(column) + 12, 32 + 16);
  const command = `escher find ${[split.text && shellWord(split.text), filter && `--filter ${shellWord(filter)}`].filter(Boolean).join(" ")}`.trim();
  const current = window_.row(at_);

  return (
    <div className="explorer">
      {facets}
      <div className="explorer-main">
        <div className="explorer-head">
          <div className="query-line">
            <QueryBar query={query} change={change} known={known} problem={problem} />
            <ViewsMenu views={views} asked={asked} problem={problem} />
          </div>
          <div className="explorer-line">
            <span className="num" role="status" aria-busy={window_.loading}>
              <b>{window_.total === undefined ? "…" : number(total)}</b>
              {window_.estate !== total && window_.total !== undefined && <span className="dim"> of {number(window_.estate)}</span>}{" "}
              <span className="dim">{total === 1 ? "resource" : "resources"}</span>
            </span>
            {scope && (
              <span className="dim one-line">
                within <code><Text text={scope} max={120} /></code>
              </span>
            )}
            <span className="grow" />
            <Menu icon="list" label={group ? `By ${facetFields.find((one) => one.facet === group)?.label.toLowerCase()}` : "Group"} className={`button quiet small ${group ? "set" : ""}`}>
              {(close) => (
                <>
                  <button type="button" className={group ? "" : "chosen"} onClick={() => { close(); setParams({ group: undefined }); }}>
                    No groups
                  </button>
                  {facetFields.map((one) => (
                    <button key={one.facet} type="button" className={one.facet === group ? "chosen" : ""} onClick={() => { close(); setParams({ group: one.facet }); }}>
                      {one.label}
                    </button>
                  ))}
                </>
              )}
            </Menu>
            <Menu icon="columns" label="Columns" className="button quiet small">
              {() =>
                columns.map((column) => (
                  <label key={column.id}>
                    <input type="checkbox" checked={shown.includes(column)} disabled={column.id === "name"} onChange={() => setColumns(column.id)} />
                    {column.label}
                  </label>
                ))
              }
            </Menu>
            <Menu icon="download" label={exporting ? "Exporting…" : "Export"} className="button quiet small">
              {(close) => (
                <>
                  <button type="button" onClick={() => { close(); void save("csv"); }}>
                    CSV <span className="count">{plural(Math.min(total, exportMost), "row")}</span>
                  </button>
                  <button type="button" onClick={() => { close(); void save("json"); }}>
                    JSON <span className="count">{plural(Math.min(total, exportMost), "row")}</span>
                  </button>
                </>
              )}
            </Menu>
            <Copy label="escher find" text={command} />
          </div>
          {gaps.length > 0 && (
            <details className="gap-line">
              <summary>
                <State tone="blind" word={`${plural(gaps.length, "place")} of this list could not be seen`} />
              </summary>
              <Gaps cells={window_.gaps} max={12} />
            </details>
          )}
          {window_.failure && window_.failure.status !== "invalid" && !window_.failure.gone && (
            <Trouble failure={window_.failure} again={window_.again} />
          )}
        </div>
        <div
          className="table"
          role="grid"
          aria-label="Resources"
          aria-rowcount={total + groups.length + 1}
          aria-colcount={shown.length + 1}
          aria-multiselectable="true"
          aria-busy={window_.loading}
          aria-activedescendant={current ? `row-${at_}` : undefined}
          tabIndex={0}
          data-list
          ref={scroller}
        >
          <div className="table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template, minWidth: rowWidth }}>
            <span role="columnheader">
              <span className="hidden-text">Selected</span>
            </span>
            {shown.map((column) => {
              const way = sort === column.sort ? "ascending" : sort === `-${column.sort}` ? "descending" : "none";
              return (
                <span key={column.id} role="columnheader" aria-sort={column.sort ? (way as "none") : undefined}>
                  {column.sort ? (
                    <button type="button" tabIndex={-1} onClick={() => sortBy(column)}>
                      {column.label}
                      <span aria-hidden="true">{way === "ascending" ? " ↑" : way === "descending" ? " ↓" : ""}</span>
                    </button>
                  ) : (
                    column.label
                  )}
                </span>
              );
            })}
          </div>
          <div className="table-body" role="rowgroup" style={{ height: rows.size, minWidth: rowWidth }}>
            {rows.indexes.map((line) => {
              const place = placeAt(groups, line);
              const style = { height: rowHeight, transform: `translateY(${rows.top(line)}px)`, minWidth: rowWidth };
              if (place.group)
                return (
                  <GroupRow key={`group-${place.group.value}`} group={place.group} by={groupedBy} line={line} columns={shown.length + 1} style={style} query={query} change={change} />
                );
              const index = place.row;
              const row = window_.row(index);
              return (
                <EstateRow
                  key={index}
                  index={index}
                  line={line}
                  top={Math.round(rows.top(line))}
                  height={rowHeight}
                  width={rowWidth}
                  template={template}
                  shown={shown}
                  row={row}
                  isAt={index === at_}
                  isOpen={row !== undefined && row.id === open}
                  isPicked={row !== undefined && picked.has(row.id)}
                  onOpen={openAt}
                  onPick={pickAt}
                />
              );
            })}
          </div>
        </div>
          {window_.total === 0 && !window_.loading && (
            <div className="place small-place">
              <h2>Nothing matches</h2>
              <p>
                {window_.estate === 0
                  ? "The estate is empty. Sync to read it."
                  : `None of ${plural(window_.estate, "resource")} ${scope ? "in this scope " : ""}fits the query.`}
              </p>
              {(query || scope) && (
                <button type="button" className="button" onClick={() => setParams({ q: undefined, account: undefined, region: undefined, env: undefined })}>
                  Show everything
                </button>
              )}
            </div>
          )}
        {picked.size > 0 && <Bulk picked={picked} clear={() => setPicked(new Map())} shownColumns={shown} />}
      </div>
      {open && <ResourceDrawer id={open} close={() => setParams({ r: undefined, tab: undefined })} />}
    </div>
  );
}

