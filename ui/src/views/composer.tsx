// SPDX-License-Identifier: Apache-2.0
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { api } from "../api";
import { typeName } from "../logic/text";
import { Icon } from "../parts/icon";
import { Env, State } from "../parts/state";
import { Text } from "../parts/text";
import { useAction } from "../parts/use-keys";
import { door } from "../state/core";
import { type Draft, drafts } from "../state/drafts";
import { useStore, useStorePart } from "../state/store";
import type { Mention, Resolved, Row } from "../types";

const empty: Draft = { text: "", picked: {} };

/** What a sentence names, asked for while it is typed; an older answer never overtakes. What was
 *  typed while the core was gone is asked for when it is there again. */
function useResolved(text: string): Resolved | undefined {
  const [resolved, setResolved] = useState<Resolved>();
  const isOpen = useStore(door) === "open";
  useEffect(() => {
    if (text.trim().length < 2) {
      setResolved(undefined);
      return;
    }
    if (!isOpen) return;
    const control = new AbortController();
    const timer = setTimeout(() => {
      api.resolve(text, control.signal).then(setResolved, () => undefined);
    }, 80);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [text, isOpen]);
  return resolved;
}

function Chip({ row, mention, onRemove }: { row: Row; mention: string; onRemove?: () => void }) {
  return (
    <span className={`chip band ${row.environment ?? ""}`}>
      <b>
        <Text text={row.name} max={60} />
      </b>
      <span>{typeName(row.resource_type)}</span>
      <span>
        <Text text={row.account_name} max={30} />
      </span>
      <span>{row.region}</span>
      <State state={row.state} />
      {onRemove && (
        <button type="button" className="icon-button" onClick={onRemove} aria-label={`Choose another for ${mention}`}>
          <Icon name="close" />
        </button>
      )}
    </span>
  );
}

/* Several resources share a name: one is settled with the arrow keys, or a click. */
function Ambiguous({
  mention,
  rows,
  near,
  pick,
}: {
  mention: string;
  rows: Row[];
  near: boolean;
  pick: (row: Row) => void;
}) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  return (
    <fieldset className="ambiguous">
      <legend id={id}>
        {near ? "Nothing is called " : "Which "}
        <b>
          <Text text={mention} max={60} />
        </b>
        {near ? "; the nearest:" : "?"}
      </legend>
      <div
        ref={list}
        role="group"
        aria-labelledby={id}
        onKeyDown={(event) => {
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (!step) return;
          const all = [...(list.current?.querySelectorAll("button") ?? [])];
          const now = all.indexOf(document.activeElement as HTMLButtonElement);
          all[(now + step + all.length) % all.length]?.focus();
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {rows.slice(0, 5).map((row) => (
          <button type="button" key={row.id} className={`choice-row band ${row.environment ?? ""}`} onClick={() => pick(row)}>
            <b>
              <Text text={row.name} max={60} />
            </b>
            <span className="dim">{typeName(row.resource_type)}</span>
            <span className="dim">
              <Text text={row.account_name} max={30} />
            </span>
            <span className="dim">{row.region}</span>
            <State state={row.state} />
            <Env name={row.environment} />
          </button>
        ))}
      </div>
    </fieldset>
  );
}

export type Sent = { prompt: string; resources: string[] };

/**
 * The one input. What it holds is kept under `place`, so that it is still there after a look
 * elsewhere or a core that went away.
 */
export function Composer({
  place,
  large,
  send,
  busy,
  label,
}: {
  place: string;
  large: boolean;
  send: (sent: Sent) => void;
  busy: boolean;
  label: string;
}) {
  const draft = useStorePart(drafts, (all) => all[place] ?? empty);
  const field = useRef<HTMLTextAreaElement>(null);
  const resolved = useResolved(draft.text);
  const change = (next: Partial<Draft>) =>
    drafts.set((all) => ({ ...all, [place]: { ...(all[place] ?? empty), ...next } }));

  useAction("filter", () => field.current?.focus());
  useAction("back", () => {
    if (document.activeElement !== field.current) return false;
    field.current?.blur();
  });
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 200)}px`;
  }, [draft.text]);
  // With the drawing itself: who sees the field can type into it, and goes on where the text ends.
  useLayoutEffect(() => {
    const element = field.current;
    element?.focus({ preventScroll: true });
    element?.setSelectionRange(element.value.length, element.value.length);
  }, [place]);

  const mentions = resolved?.mentions ?? [];
  // One of several that share the name is a choice still: the core leaves out what does not fit.
  const several = (mention: Mention) => Math.max(mention.count ?? 0, mention.resources.length) > 1;
  const open = mentions.filter((mention) => several(mention) && !draft.picked[mention.text]);
  const near = (resolved?.near ?? []).filter((one) => one.resources.length > 0 && !draft.picked[one.text]);
  const settled = [
    ...mentions
      .filter((mention) => !several(mention) && mention.resources.length === 1)
      .map((mention) => ({ text: mention.text, row: mention.resources[0]!, chosen: false })),
    ...[...mentions, ...(resolved?.near ?? [])]
      .filter((one) => draft.picked[one.text])
      .flatMap((one) => {
        const row = one.resources.find((entry) => entry.id === draft.picked[one.text]);
        return row ? [{ text: one.text, row, chosen: true }] : [];
      }),
  ];
  // What is known is of the text before the last keys: what is no longer in it is not meant either.
  const chips = settled.filter(
    (one, index) => draft.text.includes(one.text) && settled.findIndex((other) => other.row.id === one.row.id) === index,
  );

  const submit = () => {
    const prompt = draft.text.trim();
    if (!prompt || busy) return;
    send({ prompt, resources: chips.filter((chip) => chip.chosen).map((chip) => chip.row.id) });
  };

  return (
    <form
      className={`composer ${large ? "large" : ""}`}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="composer-line">
        <textarea
          ref={field}
          rows={1}
          value={draft.text}
          placeholder={large ? "Stop, start, find, count …" : "Ask the next thing"}
          aria-label={label}
          maxLength={32_000}
          spellCheck={false}
          onChange={(event) => change({ text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              submit();
            } else if (event.key === "ArrowDown" && !draft.text.includes("\n")) {
              const first = event.currentTarget.form?.querySelector<HTMLElement>(".ambiguous button");
              if (first) {
                first.focus();
                event.preventDefault();
              }
            }
          }}
        />
        <button type="submit" className="button primary" disabled={busy || !draft.text.trim()}>
          Ask <Icon name="arrow" />
        </button>
      </div>
      <div className="chips">
        {chips.map((chip) => (
          <Chip
            key={chip.row.id}
            row={chip.row}
            mention={chip.text}
            onRemove={
              chip.chosen
                ? () => change({ picked: { ...draft.picked, [chip.text]: "" } })
                : undefined
            }
          />
        ))}
        {open.map((mention) => (
          <Ambiguous
            key={`${mention.start}-${mention.text}`}
            mention={mention.text}
            rows={mention.resources}
            near={false}
            pick={(row) => {
              change({ picked: { ...draft.picked, [mention.text]: row.id } });
              field.current?.focus();
            }}
          />
        ))}
        {near.map((one) => (
          <Ambiguous
            key={`near-${one.text}`}
            mention={one.text}
            rows={one.resources}
            near
            pick={(row) => {
              change({ picked: { ...draft.picked, [one.text]: row.id } });
              field.current?.focus();
            }}
          />
        ))}
      </div>
    </form>
  );
}
