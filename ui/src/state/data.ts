// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from "react";
import { Failure } from "../api";
import type { Changed } from "../generated/api";

// What is fetched: kept while it is fetched again, so that nothing jumps, and fetched again when
// the core says that its subject has changed.

export type Topic = Changed["what"];

type Watcher = { topics: Topic[]; again: () => void };
const watchers = new Set<Watcher>();
let due = new Set<Topic>();
let all = false;
let timer: ReturnType<typeof setTimeout> | undefined;

function flush(): void {
  timer = undefined;
  const topics = due;
  const every = all;
  due = new Set();
  all = false;
  for (const watcher of [...watchers])
    if (every || watcher.topics.some((topic) => topics.has(topic))) watcher.again();
}

/** A subject has changed; who shows it fetches again, at most a few times a second. */
export function touch(topic: Topic | "all"): void {
  if (topic === "all") all = true;
  else due.add(topic);
  timer ??= setTimeout(flush, 120);
}

export type Data<Value> = {
  value?: Value;
  failure?: Failure;
  loading: boolean;
  again: () => void;
};

const kept = new Map<string, unknown>();

/** Calls `again` when the core says that one of these has changed. */
export function useChanged(topics: Topic[], again: () => void): void {
  const latest = useRef(again);
  latest.current = again;
  const topicList = topics.join(" ");
  useEffect(() => {
    const watcher: Watcher = { topics: topicList.split(" ") as Topic[], again: () => latest.current() };
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
    };
  }, [topicList]);
}

/** For tests, and when another core has answered. */
export function forgetAll(): void {
  kept.clear();
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure
    ? error
    : new Failure("io", "unknown", error instanceof Error ? error.message : String(error));
}

/**
 * The answer to `load`, for as long as `key` stays the same; undefined loads nothing. An answer
 * that was there before is shown at once while a newer one is on its way. What changes while it is
 * fetched is fetched once more afterwards: were it begun anew each time, a core that is slower than
 * its changes would never be shown.
 */
export function useData<Value>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<Value>,
  topics: Topic[] = [],
): Data<Value> {
  const [, draw] = useState(0);
  const state = useRef<{ key?: string; value?: Value; failure?: Failure; loading: boolean }>({
    loading: false,
  });
  const loader = useRef(load);
  loader.current = load;
  const abort = useRef<AbortController | undefined>(undefined);
  const isUnder = useRef(false);
  const isStale = useRef(false); // what is on its way may be from before the change

  if (state.current.key !== key) {
    const value = key === undefined ? undefined : (kept.get(key) as Value | undefined);
    state.current = { key, value, loading: key !== undefined };
  }

  const fetchNow = useCallback(() => {
    if (key === undefined) return;
    abort.current?.abort();
    const control = new AbortController();
    abort.current = control;
    isUnder.current = true;
    isStale.current = false;
    state.current.loading = true;
    draw((count) => count + 1);
    const arrived = () => {
      isUnder.current = false;
      draw((count) => count + 1);
      if (isStale.current) fetchNow();
    };
    loader.current(control.signal).then(
      (value) => {
        if (control.signal.aborted) return;
        kept.set(key, value);
        if (kept.size > 200) kept.delete(kept.keys().next().value as string);
        state.current = { key, value, loading: false };
        arrived();
      },
      (error: unknown) => {
        if (control.signal.aborted) return;
        state.current = { ...state.current, failure: asFailure(error), loading: false };
        arrived();
      },
    );
  }, [key]);

  const again = useCallback(() => {
    if (isUnder.current) isStale.current = true;
    else fetchNow();
  }, [fetchNow]);

  useEffect(() => {
    fetchNow();
    return () => {
      abort.current?.abort();
      isUnder.current = false;
    };
  }, [fetchNow]);
  useChanged(topics, again);

  return { ...state.current, again };
}
