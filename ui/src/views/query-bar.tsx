// SPDX-License-Identifier: Apache-2.0
import { useEffect, useId, useRef, useState } from "react";
import { api } from "../api";
import { type Known, type Suggestion, complete, examples, tokens } from "../logic/query";
import { Icon } from "../parts/icon";
import { Menu } from "../parts/parts";
import { Text } from "../parts/text";
import { useAction } from "../parts/use-keys";

/** The query, with completion from the fields, the facets and the names of the estate. */
export function QueryBar({
  query,
  change,
  known,
  problem,
}: {
  query: string;
  change: (query: string) => void;
  known: Known;
  problem?: string;
}) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(query);
  const [caret, setCaret] = useState(query.length);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [names, setNames] = useState<string[]>([]);
  const due = useRef<{ next: string; timer: ReturnType<typeof setTimeout> } | undefined>(undefined); // typed, not yet asked
  const sent = useRef(query);

  // The query can be changed from outside: by a facet, the way back, a link. That is newer than what
  // was typed and not yet asked.
  useEffect(() => {
    if (query !== sent.current) {
      forget();
      sent.current = query;
      setText(query);
      setCaret(query.length);
    }
  }, [query]);

  const token = tokens(text).find((one) => one.start < caret && caret <= one.end);
  const word = token?.kind === "word" ? text.slice(token.start, caret) : "";
  useEffect(() => {
    if (!open || word.length < 2) {
      setNames([]);
      return;
    }
    const control = new AbortController();
    const wait = setTimeout(
      () => api.complete(word, 5, control.signal).then((answer) => setNames(answer.names), () => undefined),
      80,
    );
    return () => {
      clearTimeout(wait);
      control.abort();
    };
  }, [word, open]);

  const suggestions = open ? complete(text, caret, { ...known, names }) : [];

  const forget = () => {
    clearTimeout(due.current?.timer);
    due.current = undefined;
  };
  const ask = (next: string) => {
    forget();
    sent.current = next;
    change(next);
  };
  const askSoon = (next: string) => {
    forget();
    due.current = { next, timer: setTimeout(() => ask(next), 140) };
  };
  useEffect(() => forget, []);
  const put = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setChosen(-1);
    // A value that is just being begun is no question yet.
    if (!/[:=~]$/.test(next.slice(0, at))) askSoon(next);
  };
  const take = (suggestion: Suggestion) => {
    const tail = text.slice(suggestion.end).replace(/^\s+/, "");
    const next = text.slice(0, suggestion.start) + suggestion.insert + tail;
    const at = suggestion.start + suggestion.insert.length;
    put(next, at);
    requestAnimationFrame(() => field.current?.setSelectionRange(at, at));
  };

  useAction("filter", () => {
    field.current?.focus();
    field.current?.select();
  });

  return (
    <div className="query-bar">
      <Icon name="search" />
      <input
        ref={field}
        role="combobox"
        aria-label="Query"
        aria-expanded={suggestions.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        value={text}
        placeholder="type:rds env=production, or a name"
        spellCheck={false}
        autoComplete="off"
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          if (due.current) ask(due.current.next); // what is clicked next is meant for it
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onChange={(event) => {
          setOpen(true);
          put(event.target.value, event.target.selectionStart ?? event.target.value.length);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            if (!suggestions.length) return setOpen(true);
            const step = event.key === "ArrowDown" ? 1 : -1;
            const count = suggestions.length + 1; // one place for none
            setChosen(((chosen + 1 + step + count) % count) - 1);
            event.preventDefault();
          } else if ((event.key === "Enter" || event.key === "Tab") && suggestions[chosen]) {
            take(suggestions[chosen]);
            event.preventDefault();
          } else if (event.key === "Tab" && suggestions[0] && token && !event.shiftKey) {
            take(suggestions[0]);
            event.preventDefault();
          } else if (event.key === "Enter") {
            ask(text);
            setOpen(false);
            document.querySelector<HTMLElement>("[data-list]")?.focus();
            event.preventDefault();
          } else if (event.key === "Escape") {
            if (open && suggestions.length) setOpen(false);
            else document.querySelector<HTMLElement>("[data-list]")?.focus();
            event.preventDefault();
          }
        }}
      />
      {text && (
        <button
          type="button"
          className="icon-button"
          aria-label="Clear the query"
          onClick={() => {
            put("", 0);
            ask("");
            field.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
      <Menu icon="info" label={<span className="hidden-text">What can be asked</span>} name="What can be asked" className="icon-button">
        {(close) =>
          examples.map((one) => (
            <button
              key={one.query}
              type="button"
              className="help-line"
              onClick={() => {
                const next = `${text.trim()} ${one.query}`.trim();
                close();
                put(next, next.length);
                field.current?.focus();
              }}
            >
              <code>{one.query}</code>
              <span className="faint">{one.says}</span>
            </button>
          ))
        }
      </Menu>
      <ul id={`${id}-list`} role="listbox" aria-label="Completions" hidden={suggestions.length === 0}>
        {suggestions.map((suggestion, index) => (
          <li
            key={suggestion.label}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onMouseDown={(event) => {
              event.preventDefault();
              take(suggestion);
            }}
          >
            <span className="mono">
              <Text text={suggestion.label} max={80} />
            </span>
            <span className="faint">{suggestion.hint}</span>
          </li>
        ))}
      </ul>
      {problem && (
        <p className="query-problem" id={`${id}-problem`} role="status">
          <Text text={problem} max={200} />
        </p>
      )}
    </div>
  );
}
