// SPDX-License-Identifier: Apache-2.0
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { api } from "../api";
import { bindings, printed } from "../logic/keys";
import { type Rankable, rank } from "../logic/rank";
import { typeName } from "../logic/text";
import { queryOf } from "../logic/views";
import { Icon, type IconName } from "../parts/icon";
import { State } from "../parts/state";
import { Line } from "../parts/text";
import { conversationPath, estatePath, go, route, runPath, viewPath } from "../route";
import { announce } from "../state/core";
import { useData } from "../state/data";
import type { Row, Settings } from "../types";
import { ask } from "./ask";
import { useViews } from "./saved-views";
import { saveSettings } from "./settings";

type Item = Rankable & { icon: IconName; hint?: string; keys?: string; row?: Row; run: () => void };

function keyOf(action: string): string | undefined {
  return bindings.find((binding) => binding.action === action)?.keys;
}

function commands(settings: Settings | undefined): Item[] {
  const item = (id: string, label: string, icon: IconName, run: () => void, also?: string, action?: string): Item => ({
    id,
    label,
    also,
    icon,
    run,
    group: 0,
    keys: action ? keyOf(action) : undefined,
  });
  const dark = document.documentElement.dataset.theme === "dark" ||
    (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  return [
    item("go.ask", "Ask", "ask", () => go("/"), "new conversation home start", "go.ask"),
    item("go.estate", "Estate", "estate", () => go("/estate"), "explorer resources list", "go.estate"),
    item("go.runs", "Runs", "runs", () => go("/runs"), "executions monitor", "go.runs"),
    item("go.doctor", "Doctor", "doctor", () => go("/doctor"), "checks coverage health protection backup key recovery audit", "go.doctor"),
    item("go.settings", "Settings", "settings", () => go("/settings"), "theme density accounts preferences", "go.settings"),
    item("sync", "Sync now", "sync", () => void api.sync().then(() => announce("Sync started."), () => undefined), "refresh read scan"),
    item("theme", dark ? "Light theme" : "Dark theme", "settings", () => void saveSettings(settings, { theme: dark ? "light" : "dark" }), "theme dark light"),
    item("estate.prod", "Production resources", "estate", () => go(estatePath("env:production")), "prod"),
    item("estate.stopped", "Stopped resources", "estate", () => go(estatePath("state:stopped")), "off"),
    item("keys", "Keys", "info", () => dispatchEvent(new CustomEvent("escher-sheet")), "shortcuts help", "sheet"),
  ];
}

/* A modal dialog follows `open`, also where the next key comes at once: Esc is heard here, because the
 * browser tells of a dialog's end only later, when it may be open again. */
function useModal(open: boolean, close: () => void) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (open && !ref.current?.open) ref.current?.showModal();
    else if (!open && ref.current?.open) ref.current.close();
  }, [open]);
  return {
    ref,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      close();
    },
    onClose: () => {
      if (!ref.current?.open) close();
    },
    onClick: (event: MouseEvent) => {
      if (event.target === ref.current) close();
    },
  };
}

/**
 * Asks, finds and goes. Commands stand first, in an order that never changes for the same
 * letters; resources follow in the core's order; asking is always the last line.
 */
export function Palette({ open, close }: { open: boolean; close: () => void }) {
  const modal = useModal(open, close);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [found, setFound] = useState<Row[]>([]);
  const settings = useData(open ? "settings" : undefined, (signal) => api.settings(signal));
  const runs = useData(open ? "runs" : undefined, (signal) => api.runs(signal));
  const views = useViews(open);
  const chats = useData(open ? "chat" : undefined, (signal) => api.conversations(signal));

  useLayoutEffect(() => {
    if (!open) return;
    setText("");
    setAt(0);
    setFound([]);
  }, [open]);

  const typed = text.trim();
  useEffect(() => {
    setAt(0);
    if (typed.length < 2) {
      setFound([]);
      return;
    }
    const control = new AbortController();
    const wait = setTimeout(() => {
      api.complete(typed, 6, control.signal).then(
        (answer) => setFound(answer.resources ?? []),
        () => undefined,
      );
    }, 60);
    return () => {
      clearTimeout(wait);
      control.abort();
    };
  }, [typed]);

  const saved: Item[] = (views.value?.views ?? []).map((view) => ({
    id: view.name,
    label: view.name,
    also: queryOf(view),
    group: 1,
    icon: "view" as const,
    hint: view.problem ? "does not parse any more" : queryOf(view) || "everything",
    run: () => go(viewPath(view)),
  }));
  const others: Item[] = [
    ...(runs.value?.runs ?? []).slice(0, 50).map((run) => ({
      id: run.run_id,
      label: run.prompt || run.run_id,
      group: 3,
      icon: "runs" as const,
      hint: run.outcome ?? run.state,
      run: () => go(runPath(run.run_id)),
    })),
    ...(chats.value?.conversations ?? []).slice(0, 50).map((one) => ({
      id: one.id,
      label: one.title,
      group: 4,
      icon: "ask" as const,
      hint: "conversation",
      run: () => go(conversationPath(one.id)),
    })),
  ];
  const items: Item[] = [
    ...rank(typed, commands(settings.value)),
    ...rank(typed, saved).slice(0, 6),
    ...found.map((row) => ({
      id: row.id,
      label: row.name,
      group: 2,
      icon: "estate" as const,
      row,
      run: () => {
        const here = route();
        go(estatePath(here.view === "estate" ? (here.params.get("q") ?? "") : `name:${JSON.stringify(row.name)}`, row.id));
      },
    })),
    ...(typed ? rank(typed, others).slice(0, 6) : []),
  ];
  const askItem: Item | undefined = typed
    ? { id: "ask", label: `Ask: ${typed}`, group: 9, icon: "ask", run: () => { go("/"); void ask(typed, undefined); } }
    : undefined;
  const all = askItem ? [...items, askItem] : items;
  const now = Math.min(at, all.length - 1);

  const take = (item: Item | undefined) => {
    if (!item) return;
    close();
    item.run();
  };
  const move = (to: number) => {
    const next = (to + all.length) % Math.max(1, all.length);
    setAt(next);
    requestAnimationFrame(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }));
  };
  const groups = ["Commands", "Views", "Resources", "Runs", "Conversations"];

  return (
    <dialog {...modal} className="palette" aria-label="Ask, find or go">
      {open && (
        <>
          <div className="ask-line">
            <Icon name="search" />
            <input
              autoFocus
              role="combobox"
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={all[now] ? `${id}-${now}` : undefined}
              aria-label="Ask, find or go"
              placeholder="Ask, find or go"
              value={text}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "ArrowDown") move(now + 1);
                else if (event.key === "ArrowUp") move(now - 1);
                else if (event.key === "Enter") take(event.ctrlKey || event.metaKey ? askItem : all[now]);
                else return;
                event.preventDefault();
              }}
            />
            <kbd>Esc</kbd>
          </div>
          <ul ref={list} id={`${id}-list`} role="listbox" aria-label="Results">
            {all.map((item, index) => (
              <Entry
                key={`${item.group}-${item.id}`}
                head={item.group < groups.length && item.group !== all[index - 1]?.group ? groups[item.group] : undefined}
                item={item}
                id={`${id}-${index}`}
                chosen={index === now}
                take={() => take(item)}
              />
            ))}
          </ul>
          <div className="foot">
            <span>
              <kbd>↑</kbd> <kbd>↓</kbd> choose
            </span>
            <span>
              <kbd>Enter</kbd> open
            </span>
            <span>
              <kbd>Ctrl</kbd> <kbd>Enter</kbd> ask
            </span>
          </div>
        </>
      )}
    </dialog>
  );
}

function Entry({ head, item, id, chosen, take }: { head?: string; item: Item; id: string; chosen: boolean; take: () => void }) {
  return (
    <>
      {head && (
        <li className="group" role="presentation">
          {head}
        </li>
      )}
      <li id={id} role="option" aria-selected={chosen} onClick={take}>
        <Icon name={item.icon} />
        <Line text={item.label} max={120} />
        <span className="hint">
          {item.row && (
            <>
              <span>{typeName(item.row.resource_type)}</span>
              <span>{item.row.account_name}</span>
              <span>{item.row.region}</span>
              <State state={item.row.state} />
            </>
          )}
          {item.hint && <Line text={item.hint} max={80} />}
          {item.keys && printed(item.keys).map((key) => <kbd key={key}>{key}</kbd>)}
        </span>
      </li>
    </>
  );
}

/** Every key of the page, from the same table that they work by. */
export function KeySheet({ open, close }: { open: boolean; close: () => void }) {
  const modal = useModal(open, close);
  const groups = [...new Set(bindings.map((binding) => binding.group))];
  return (
    <dialog {...modal} className="sheet" aria-label="Keys">
      {open && (
        <>
          <div className="card-title">
            <h2 className="grow">Keys</h2>
            <button type="button" className="icon-button" aria-label="Close" onClick={close}>
              <Icon name="close" />
            </button>
          </div>
          <div className="columns">
            {groups.map((group) => (
              <section key={group}>
                <h3>{group}</h3>
                <dl>
                  {bindings
                    .filter((binding) => binding.group === group)
                    .map((binding) => (
                      <KeyLine key={binding.keys} keys={binding.keys} says={binding.says} />
                    ))}
                </dl>
              </section>
            ))}
          </div>
        </>
      )}
    </dialog>
  );
}

function KeyLine({ keys, says }: { keys: string; says: string }) {
  return (
    <>
      <dt>
        {printed(keys).map((key, index) => (
          <span key={index}>
            {index > 0 && " "}
            <kbd>{key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{says}</dd>
    </>
  );
}
