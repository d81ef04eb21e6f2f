// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Failure, api } from "../api";
import { ansi, inkClass } from "../logic/ansi";
import { number, plural } from "../logic/text";
import { exact, stamp } from "../logic/time";
import { Icon } from "../parts/icon";
import { Trouble, download } from "../parts/parts";
import { Text } from "../parts/text";
import { useAction } from "../parts/use-keys";
import { useRows } from "../parts/use-rows";
import { setParams } from "../route";
import { useChanged } from "../state/data";
import type { LogLine } from "../types";

// The log of a run: a window onto lines that the core holds, from the first to the last, also
// while it grows. Following lets go when the person scrolls up, and says how many lines are new.

const lineHeight = 18;
const chunk = 500;

type Held = { total: number; lines: Map<number, LogLine>; firstError?: number; finished: boolean };

const nothing = (): Held => ({ total: 0, lines: new Map(), finished: false });

/* Pieces of a line with the search marked: [text, marked]. */
export function marked(text: string, search: string): [string, boolean][] {
  if (!search) return [[text, false]];
  const found: [string, boolean][] = [];
  const lower = text.toLowerCase();
  const needle = search.toLowerCase();
  if (lower.length !== text.length) return [[text, lower.includes(needle)]]; // letters that change length
  let at = 0;
  for (let next = lower.indexOf(needle); next >= 0; next = lower.indexOf(needle, at)) {
    if (next > at) found.push([text.slice(at, next), false]);
    found.push([text.slice(next, next + needle.length), true]);
    at = next + needle.length;
  }
  if (at < text.length) found.push([text.slice(at), false]);
  return found;
}

function LineText({ text, search }: { text: string; search: string }) {
  return (
    <>
      {ansi(text).spans.map((span, index) => (
        <span key={index} className={inkClass(span) || undefined}>
          {marked(span.text, search).map(([piece, hit], place) =>
            hit ? (
              <mark key={place}>
                <Text text={piece} max={4000} />
              </mark>
            ) : (
              <Text key={place} text={piece} max={4000} />
            ),
          )}
        </span>
      ))}
    </>
  );
}

export function Log({
  run,
  step,
  over,
  params,
  received,
}: {
  run: string;
  step?: string;
  over: boolean;
  params: URLSearchParams;
  received: number;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const held = useRef<Held>(undefined as unknown as Held);
  held.current ??= nothing();
  const under = useRef(new Set<number>());
  const isStale = useRef(false); // more was printed while the end was on its way
  const [, setVersion] = useState(0);
  const [failure, setFailure] = useState<Failure>();
  const [follow, setFollow] = useState(!over && !params.get("line"));
  const [seenTotal, setSeenTotal] = useState(0);
  const [times, setTimes] = useState(false);
  const search = params.get("find") ?? "";
  const regex = params.get("re") === "1";
  const [matches, setMatches] = useState<{ total: number; lines: number[]; problem?: string }>();
  const [match, setMatch] = useState(0);
  const draw = useCallback(() => setVersion((count) => count + 1), []);
  const wantedLine = Number(params.get("line")) || 0;

  const fetchLines = useCallback(
    async (from: number | undefined, tail: boolean) => {
      const key = tail ? -1 : (from ?? 0);
      if (under.current.has(key)) {
        if (tail) isStale.current = true;
        return;
      }
      under.current.add(key);
      if (tail) isStale.current = false;
      const into = held.current;
      try {
        const page = await api.log(run, { step, from_line: tail ? undefined : from, count: chunk, tail: tail || undefined });
        if (held.current !== into) return; // of another run or step by now
        // Added to in place: what is held must not be copied for each piece that comes.
        if (into.lines.size > 20_000) into.lines.clear();
        if (!into.finished) into.lines.delete(into.total); // it may have had no end yet
        for (const line of page.lines) into.lines.set(line.n, line);
        into.total = page.total_lines;
        into.firstError = page.first_error ?? into.firstError;
        into.finished = page.finished;
        setFailure(undefined);
      } catch (error) {
        if (held.current !== into) return;
        if (error instanceof Failure) setFailure(error);
      }
      under.current.delete(key);
      draw();
      if (tail && isStale.current) void fetchLines(undefined, true);
    },
    [run, step, draw],
  );

  // Another run or step: from its end while it runs, from its beginning when it is over.
  useEffect(() => {
    held.current = nothing();
    under.current.clear();
    isStale.current = false;
    draw();
    if (over || wantedLine) void fetchLines(1, false);
    else void fetchLines(undefined, true);
    // `over` changes once, at the end; that alone is no reason to begin anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [run, step, fetchLines]);

  // New output, or the end: what is new is fetched, at most four times a second.
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const fetchSoon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void fetchLines(undefined, true);
    }, 250);
  }, [fetchLines]);
  useEffect(() => {
    if (received > 0 || over) fetchSoon();
  }, [received, over, fetchSoon]);
  // What was printed while nobody listened is told by no event of its own.
  useChanged(["runs"], () => {
    if (!held.current.finished) fetchSoon();
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const total = held.current.total;
  const rows = useRows(scroller, total, lineHeight, 20);
  const { go } = rows;
  const first = rows.first + 1; // lines count from 1
  const last = rows.last + 1;
  useEffect(() => {
    if (total === 0 || (follow && last < total)) return; // on its way to the end
    for (let line = first; line <= Math.min(last, total); line++) {
      if (held.current.lines.has(line)) continue;
      const from = Math.floor((line - 1) / chunk) * chunk + 1;
      void fetchLines(from, false);
      line = from + chunk - 1;
    }
  });

  // Following: the end stays in sight as long as nobody scrolls away from it.
  useLayoutEffect(() => {
    if (follow && total > 0) {
      go(total - 1, "end");
      setSeenTotal(total);
    }
  }, [follow, total, go]);
  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - lineHeight * 2;
    if (atEnd && !over) {
      setFollow(true);
    } else if (!atEnd && follow && userMoved.current) {
      setFollow(false);
      setSeenTotal(held.current.total);
    }
  };
  const userMoved = useRef(false);
  const moved = () => {
    userMoved.current = true;
  };

  const goTo = useCallback(
    (line: number) => {
      setFollow(false);
      setSeenTotal(held.current.total);
      go(line - 1, "center");
    },
    [go],
  );
  const wentTo = useRef(0);
  useEffect(() => {
    if (wantedLine && total >= wantedLine && wentTo.current !== wantedLine) {
      wentTo.current = wantedLine;
      goTo(wantedLine);
    }
  }, [wantedLine, total, goTo]);

  // The search counts over the whole log, in the core.
  useEffect(() => {
    if (!search) {
      setMatches(undefined);
      return;
    }
    const control = new AbortController();
    const wait = setTimeout(() => {
      api.log(run, { step, search, regex: regex || undefined, count: 1, from_line: 1 }, control.signal).then(
        (page) => {
          setMatches(page.matches ?? { total: 0, lines: [] });
          setMatch(0);
          const hit = page.matches?.lines[0];
          if (hit) goTo(hit);
        },
        (error: unknown) => {
          if (error instanceof Failure && error.status === "invalid") setMatches({ total: 0, lines: [], problem: error.message });
        },
      );
    }, 150);
    return () => {
      clearTimeout(wait);
      control.abort();
    };
  }, [search, regex, run, step, over, goTo]);

  const step_ = (by: number) => {
    const lines = matches?.lines ?? [];
    if (lines.length === 0) return;
    const next = (match + by + lines.length) % lines.length;
    setMatch(next);
    const line = lines[next];
    if (line) goTo(line);
  };
  const toError = () => {
    const line = held.current.firstError;
    if (line) {
      setParams({ line: String(line) });
      wentTo.current = line;
      goTo(line);
    }
  };
  useAction("find.next", () => step_(1));
  useAction("find.previous", () => step_(-1));
  useAction("first.error", toError);
  useAction("times", () => setTimes(!times));
  useAction("follow", () => setFollow(true));
  useAction("filter", () => document.querySelector<HTMLInputElement>(".log-find")?.focus());

  const save = async () => {
    try {
      const whole = await api.logs(run);
      const text = whole.streams
        .map((stream) => `==> ${stream.step}, attempt ${stream.attempt}, ${stream.stream} <==\n${stream.text}`)
        .join("\n");
      download(`run-${run.slice(0, 8)}.log`, "text/plain", text);
    } catch (error) {
      if (error instanceof Failure) setFailure(error);
    }
  };

  const fresh = follow ? 0 : Math.max(0, total - seenTotal);
  const current = matches?.lines[match];
  const firstShown = held.current.lines.get(first);
  const hasTimes = firstShown?.at_ms !== undefined; // a log without times offers none
  const hits = useMemo(() => new Set(regex ? matches?.lines : []), [regex, matches]);
  const digits = String(Math.max(total, 1)).length;
  return (
    <section className="log" aria-label="Log">
      <div className="log-bar">
        <span className="num dim">{plural(total, "line")}</span>
        {held.current.firstError !== undefined && (
          <button type="button" className="button quiet small bad-text" onClick={toError}>
            <Icon name="warn" /> First error, line {number(held.current.firstError)}
          </button>
        )}
        <span className="grow" />
        <input
          className="field log-find"
          type="search"
          placeholder="Find in the log"
          aria-label="Find in the log"
          value={search}
          onChange={(event) => setParams({ find: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === "Enter") step_(event.shiftKey ? -1 : 1);
            else if (event.key === "Escape") scroller.current?.focus();
          }}
        />
        <button
          type="button"
          className="button quiet small mono"
          aria-pressed={regex}
          aria-label="Regular expression"
          title="Regular expression: . [a-z] \\d \\w \\s * + ? {2,5} a|b ( ) ^ $"
          onClick={() => setParams({ re: regex ? undefined : "1" })}
        >
          .*
        </button>
        {matches?.problem && (
          <span className="bad-text" role="status">
            <Text text={matches.problem} max={120} />
          </span>
        )}
        {matches && !matches.problem && (
          <span className="num" role="status">
            {matches.total === 0 ? "none" : `${number(match + 1)} of ${number(matches.total)}`}
            {matches.total > matches.lines.length && matches.lines.length > 0 && (
              <span className="faint"> (the first {number(matches.lines.length)} can be gone to)</span>
            )}
          </span>
        )}
        {hasTimes && (
          <button type="button" className="button quiet small" aria-pressed={times} onClick={() => setTimes(!times)}>
            <Icon name="clock" /> Times
          </button>
        )}
        {!over && (
          <button type="button" className="button quiet small" aria-pressed={follow} onClick={() => setFollow(!follow)}>
            <Icon name="end" /> Follow
          </button>
        )}
        <button type="button" className="button quiet small" onClick={save}>
          <Icon name="download" /> Whole log
        </button>
      </div>
      {failure && <Trouble failure={failure} again={() => void fetchLines(1, false)} />}
      <div
        className="log-lines"
        role="log"
        aria-label="Lines of the log"
        aria-live="off"
        tabIndex={0}
        ref={scroller}
        onScroll={onScroll}
        onWheel={moved}
        onPointerDown={moved}
        onKeyDown={moved}
      >
        <div className="log-sized" style={{ height: rows.size }}>
          {rows.indexes.map((index) => {
            const n = index + 1;
            const line = held.current.lines.get(n);
            return (
              <div
                key={n}
                className={`log-line ${line?.stream === "stderr" ? "err" : ""} ${n === current || n === wantedLine ? "now" : ""} ${hits.has(n) ? "hit" : ""}`}
                style={{ transform: `translateY(${rows.top(index)}px)` }}
              >
                <a
                  className="log-n num"
                  href={`?line=${n}`}
                  style={{ width: `${digits + 2}ch` }}
                  aria-label={`Line ${n}`}
                  tabIndex={-1}
                  onClick={(event) => {
                    event.preventDefault();
                    wentTo.current = n;
                    setParams({ line: String(n) });
                  }}
                >
                  {n}
                </a>
                {times && hasTimes && (
                  <span className="log-time num" title={line?.at_ms ? exact(line.at_ms) : undefined}>
                    {line?.at_ms ? stamp(line.at_ms) : "            "}
                  </span>
                )}
                <span className="log-text">{line ? <LineText text={line.text} search={regex ? "" : search} /> : " "}</span>
              </div>
            );
          })}
        </div>
        {total === 0 && !failure && (
          <p className="log-empty dim">{over ? "This run printed nothing." : "No output yet."}</p>
        )}
      </div>
      {!over && fresh > 0 && (
        <button type="button" className="button log-new" onClick={() => setFollow(true)}>
          {plural(fresh, "new line")} <span aria-hidden="true">↓</span>
        </button>
      )}
    </section>
  );
}
