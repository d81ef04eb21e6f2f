// SPDX-License-Identifier: Apache-2.0
import { useEffect, useId, useRef, useState } from "react";
import { Failure, api } from "../api";
import { plural, spelt } from "../logic/text";
import { type Asked, commandOf, isShown, nameProblem, queryOf } from "../logic/views";
import { Icon } from "../parts/icon";
import { Copy, Link, Menu, Trouble } from "../parts/parts";
import { State } from "../parts/state";
import { Line, Said, Text } from "../parts/text";
import { useAction } from "../parts/use-keys";
import { viewPath } from "../route";
import { announce } from "../state/core";
import { type Data, touch, useData } from "../state/data";
import type { View, Views } from "../types";

/** The views that are saved. */
export function useViews(on = true): Data<Views> {
  return useData(on ? "views" : undefined, (signal) => api.views(signal), ["views"]);
}

/* What saving takes, of a view that is there. */
function askedBy({ text, filter, group, sort, columns }: View): Asked {
  return { text, filter, group, sort, columns };
}

/* Says in place what could not be done. */
function useWork(): { failure?: Failure; work: (act: () => Promise<unknown>, says: string) => Promise<boolean> } {
  const [failure, setFailure] = useState<Failure>();
  const work = async (act: () => Promise<unknown>, says: string) => {
    setFailure(undefined);
    try {
      await act();
    } catch (error) {
      if (error instanceof Failure) setFailure(error);
      return false;
    }
    touch("views");
    announce(says);
    return true;
  };
  return { failure, work };
}

/* A name and what is done with it. */
function NameForm({
  label,
  word,
  name,
  change,
  take,
  cancel,
  focus,
}: {
  label: string;
  word: string;
  name: string;
  change: (name: string) => void;
  take: (name: string) => void;
  cancel?: () => void;
  focus?: boolean;
}) {
  const id = useId();
  const trimmed = name.trim();
  const problem = nameProblem(trimmed);
  return (
    <form
      className="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed && !problem) take(trimmed);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !cancel) return;
        event.preventDefault(); // leaves the name, and not the menu
        event.stopPropagation();
        cancel();
      }}
    >
      <input
        className="field grow"
        aria-label={label}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        placeholder="a name"
        value={name}
        spellCheck={false}
        autoComplete="off"
        autoFocus={focus}
        data-first={focus || undefined}
        onFocus={(event) => cancel && event.target.select()}
        onChange={(event) => change(event.target.value)}
      />
      <button type="submit" className="button small" disabled={!trimmed || Boolean(problem)}>
        {word}
      </button>
      {cancel && (
        <button type="button" className="button quiet small" onClick={cancel}>
          Leave it
        </button>
      )}
      {problem && (
        <p id={`${id}-problem`} className="bad-text" role="status">
          {problem}
        </p>
      )}
    </form>
  );
}

/* One view of the list: it is opened, called otherwise, or deleted. */
function ViewLine({ view, here, forget }: { view: View; here: boolean; forget: (view: View) => void }) {
  const [name, setName] = useState<string>(); // while it is being changed
  const [left, setLeft] = useState(false); // it was, and is not
  const { failure, work } = useWork();
  const shown = spelt(view.name);
  const rename = async (to: string) => {
    if (to === view.name || (await work(() => api.saveView(to, { ...askedBy(view), was: view.name }), `${shown} is called ${spelt(to)} now.`)))
      setName(undefined);
  };
  const remove = async () => {
    if (await work(() => api.deleteView(view.name), `${shown} is deleted.`)) forget(view);
  };
  return (
    <>
      {name !== undefined ? (
        <NameForm label={`A new name for ${shown}`} word="Rename" name={name} change={setName} take={(to) => void rename(to)} cancel={() => (setLeft(true), setName(undefined))} focus />
      ) : (
        <div className="view-line">
          <Link to={viewPath(view)} aria-current={here ? "page" : undefined}>
            <Icon name={here ? "check" : "view"} />
            <Line text={view.name} max={120} className="strong" />
            <span className="faint one-line mono">
              <Text text={queryOf(view) || "everything"} max={120} />
            </span>
          </Link>
          <button type="button" className="icon-button" aria-label={`Rename ${shown}`} title="Rename" autoFocus={left} onClick={() => setName(view.name)}>
            <Icon name="pen" />
          </button>
          <button type="button" className="icon-button" aria-label={`Delete ${shown}`} title="Delete" onClick={() => void remove()}>
            <Icon name="trash" />
          </button>
        </div>
      )}
      {view.problem && (
        <p className="bad-text view-problem">
          <State tone="bad" word="does not parse any more:" /> <Said text={view.problem} max={300} />
        </p>
      )}
      {failure && <Trouble failure={failure} />}
    </>
  );
}

/* Where a view stood a moment ago: nothing moves up under the pointer, and it can come back. */
function DeletedLine({ view, forgotten }: { view: View; forgotten: (view: View) => void }) {
  const { failure, work } = useWork();
  const back = async () => {
    if (await work(() => api.saveView(view.name, askedBy(view)), `${spelt(view.name)} is back.`)) forgotten(view);
  };
  return (
    <>
      <div className="view-line">
        <span className="grow dim one-line">
          <Text text={view.name} max={120} /> is deleted.
        </span>
        <button type="button" className="button quiet small" autoFocus data-first aria-label={`Undo: keep ${spelt(view.name)}`} onClick={() => void back()}>
          <Icon name="undo" /> Undo
        </button>
      </div>
      {failure && <Trouble failure={failure} />}
    </>
  );
}

/* The present query as a view, new or in place of one. */
function SaveForm({ asked, problem, all, focus }: { asked: Asked; problem?: string; all: View[]; focus: boolean }) {
  const [name, setName] = useState("");
  const { failure, work } = useWork();
  const save = async (to: string) => {
    if (await work(() => api.saveView(to, asked), `${spelt(to)} is saved.`)) setName("");
  };
  return (
    <div className="save-view">
      <h3>Save this query</h3>
      {problem ? (
        <p className="bad-text">
          <Said text={problem} max={200} /> There is nothing to save until it parses.
        </p>
      ) : (
        <>
          <p className="one-line mono">
            <Text text={queryOf(asked) || "everything"} max={200} />
          </p>
          <NameForm
            label="Name of the view"
            word={all.some((view) => view.name === name.trim()) ? "Replace" : "Save"}
            name={name}
            change={setName}
            take={(to) => void save(to)}
            focus={focus}
          />
          {name.trim() && <Copy label="escher views save" text={commandOf(name.trim(), asked)} />}
        </>
      )}
      {failure && <Trouble failure={failure} />}
    </div>
  );
}

/** The views, each opened, renamed or deleted here, and below them the present query as a new one. */
export function ViewsPanel({
  views,
  asked,
  problem,
  saving = false,
  deleted,
  setDeleted,
  close,
}: {
  views: Data<Views>;
  asked: Asked;
  problem?: string; // of the present query
  saving?: boolean; // that is what it was opened for
  deleted: View[]; // since this list is shown: they can come back
  setDeleted: (change: (now: View[]) => View[]) => void;
  close: () => void;
}) {
  const root = useRef<HTMLDivElement>(null);
  const isOpen = useRef(false);
  const all = views.value?.views ?? [];
  const damaged = views.value?.damaged ?? 0;
  const lines = [
    ...all.map((view) => ({ view, gone: false })),
    ...deleted.filter((one) => !all.some((view) => view.name === one.name)).map((view) => ({ view, gone: true })),
  ].sort((a, b) => (a.view.name.toLowerCase() < b.view.name.toLowerCase() ? -1 : 1));
  const forget = (view: View) => setDeleted((now) => [...now.filter((one) => one.name !== view.name), view]);
  // A line that goes away does not take the focus out of the menu with it.
  useEffect(() => {
    if (isOpen.current && document.activeElement === document.body) root.current?.focus();
    isOpen.current = true;
  }, [views.value]);
  return (
    <div className="views-panel" ref={root} tabIndex={-1}>
      {views.failure && !views.value && <Trouble failure={views.failure} again={views.again} />}
      {lines.length === 0 && views.value && <p className="dim">No views yet: a query that comes back may have a name.</p>}
      <ul onClick={(event) => (event.target as Element).closest("a") && close()}>
        {lines.map(({ view, gone }) => (
          <li key={view.name}>
            {gone ? (
              <DeletedLine view={view} forgotten={(one) => setDeleted((now) => now.filter((held) => held !== one))} />
            ) : (
              <ViewLine view={view} here={!problem && isShown(view, asked)} forget={forget} />
            )}
          </li>
        ))}
      </ul>
      {damaged > 0 && (
        <p className="bad-text">
          <State tone="bad" word={`${plural(damaged, "view")} cannot be read:`} /> the rows in the store are damaged.
        </p>
      )}
      <SaveForm asked={asked} problem={problem} all={all} focus={saving} />
    </div>
  );
}

/** The way to all of it, beside the query. */
export function ViewsMenu({ views, asked, problem }: { views: Data<Views>; asked: Asked; problem?: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const [saving, setSaving] = useState(false);
  const [deleted, setDeleted] = useState<View[]>([]);
  const here = !problem && views.value?.views.some((view) => isShown(view, asked));
  const open = (toSave: boolean) => {
    setSaving(toSave);
    button.current?.click();
  };
  useAction("views", () => open(false));
  useAction("view.save", () => open(true));
  return (
    <Menu icon={here ? "view-here" : "view"} label="Views" className={`button quiet ${here ? "set" : ""}`} opener={button} closed={() => setSaving(false)}>
      {(close) => <ViewsPanel views={views} asked={asked} problem={problem} saving={saving} deleted={deleted} setDeleted={setDeleted} close={close} />}
    </Menu>
  );
}

/** The same as a list of links, where there is room for it. */
export function ViewsList({ views, asked, problem }: { views: Data<Views>; asked: Asked; problem?: string }) {
  const [open, setOpen] = useState(false);
  const all = views.value?.views ?? [];
  if (all.length === 0) return null;
  return (
    <section>
      <h2 className="label">Views</h2>
      <ul>
        {(open ? all : all.slice(0, 7)).map((view) => {
          const here = !problem && isShown(view, asked);
          return (
            <li key={view.name}>
              <Link to={viewPath(view)} className={`facet view ${here ? "on" : ""}`} aria-current={here ? "page" : undefined}>
                <Line text={view.name} max={120} className="grow" />
                {view.problem && <State tone="bad" word="does not parse" />}
              </Link>
            </li>
          );
        })}
      </ul>
      {all.length > 7 && (
        <button type="button" className="link-button" onClick={() => setOpen(!open)}>
          {open ? "Fewer" : `All ${all.length}`}
        </button>
      )}
    </section>
  );
}
