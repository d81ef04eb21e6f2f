// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from "react";

/** A value that views can listen to. */
export type Store<Value> = {
  get: () => Value;
  set: (next: Value | ((now: Value) => Value)) => void;
  listen: (listener: () => void) => () => void;
};

export function store<Value>(first: Value): Store<Value> {
  let now = first;
  const listeners = new Set<() => void>();
  return {
    get: () => now,
    set(next) {
      const value = typeof next === "function" ? (next as (now: Value) => Value)(now) : next;
      if (Object.is(value, now)) return;
      now = value;
      for (const listener of [...listeners]) listener();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<Value>(from: Store<Value>): Value {
  return useSyncExternalStore(from.listen, from.get);
}

/** A part of a store; the view is drawn again only when the part is another one. */
export function useStorePart<Value, Part>(from: Store<Value>, part: (value: Value) => Part): Part {
  return useSyncExternalStore(from.listen, () => part(from.get()));
}
