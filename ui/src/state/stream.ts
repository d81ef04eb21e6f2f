// SPDX-License-Identifier: Apache-2.0
import { eventKinds } from "../generated/api";
import type { CoreEvent } from "../types";

// Where the page stands in the core's stream of events, as a pure reducer.
//
//     id: <boot>-<seq>     a core numbers what it says from 1; a new core begins a new boot
//
//     connecting ──hello──▶ live ──error──▶ lost ──(EventSource retries)──▶ live
//
// Every event is given on once and in order. One that was seen before is dropped, so that a
// resumed stream may repeat. What cannot be trusted to be whole (a hole, another boot, `reset`)
// asks for everything to be fetched again, which is always right.

export type Position = { boot?: string; seq: number; state: "connecting" | "live" | "lost" };

export const beginning: Position = { seq: 0, state: "connecting" };

export type Taken = {
  position: Position;
  event?: CoreEvent; // to be given on
  refetch: boolean;
};

export function readId(id: string): { boot: string; seq: number } | undefined {
  const dash = id.lastIndexOf("-");
  const seq = Number(id.slice(dash + 1));
  if (dash <= 0 || !/^\d+$/.test(id.slice(dash + 1)) || !Number.isSafeInteger(seq)) return undefined;
  return { boot: id.slice(0, dash), seq };
}

export function take(position: Position, id: string, event: CoreEvent): Taken {
  const live: Position = { ...position, state: "live" };
  const place = readId(id);
  if (event.kind === "reset") {
    const boot = place?.boot ?? event.data?.boot ?? position.boot;
    return { position: { boot, seq: place?.seq ?? 0, state: "live" }, refetch: true };
  }
  if (event.kind === "hello") {
    const boot = event.data?.boot ?? place?.boot;
    // Its number is that of the newest event: whoever was here before and is behind has missed some.
    const missed = position.boot !== undefined && (boot !== position.boot || (place?.seq ?? 0) !== position.seq);
    return { position: { boot, seq: place?.seq ?? 0, state: "live" }, refetch: missed };
  }
  if (!place) return { position: live, event, refetch: false };
  if (place.boot !== position.boot)
    return {
      position: { boot: place.boot, seq: place.seq, state: "live" },
      event,
      refetch: position.boot !== undefined,
    };
  if (place.seq <= position.seq) return { position: live, refetch: false };
  const hole = position.seq > 0 && place.seq > position.seq + 1;
  return { position: { ...live, seq: place.seq }, event, refetch: hole };
}

export function lose(position: Position): Position {
  return { ...position, state: "lost" };
}

export type Hooks = {
  events: (events: CoreEvent[]) => void; // those of one slice, in their order
  refetch: () => void;
  state: (position: Position) => void;
};

/** Calls back soon, between frames; also where no frames are drawn. */
export function soon(work: () => void): void {
  const once = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    work();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, 250);
}

const sliceMs = 6; // of a frame's 16

/**
 * Listens until it is closed. EventSource connects again by itself and sends Last-Event-ID; when
 * it has given up (the core's door answered with an error) a new one is made, with growing waits.
 *
 * A burst comes in pieces of thousands, each in one task of the browser. There they are only put
 * aside; they are read and given on in slices between frames, so that none holds up the page.
 */
export function listen(url: string, hooks: Hooks, make: (url: string) => EventSource, later = soon): () => void {
  let position = beginning;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let closed = false;
  let inbox: MessageEvent[] = [];
  let next = 0; // of the inbox
  let isDue = false;

  const move = (to: Position) => {
    const told = to.state !== position.state || to.boot !== position.boot;
    position = to;
    if (told) hooks.state(position);
  };

  const read = (message: MessageEvent, given: CoreEvent[]) => {
    let event: CoreEvent;
    try {
      event = JSON.parse(String(message.data)) as CoreEvent;
    } catch {
      return; // not ours
    }
    const taken = take(position, message.lastEventId, event);
    move(taken.position);
    if (taken.refetch) hooks.refetch();
    if (taken.event) given.push(taken.event);
  };

  const drain = (ms: number) => {
    const until = performance.now() + ms;
    const given: CoreEvent[] = [];
    for (let count = 1; next < inbox.length; count++) {
      read(inbox[next++]!, given);
      if (count % 32 === 0 && performance.now() >= until) break;
    }
    if (next === inbox.length) {
      inbox = [];
      next = 0;
    }
    if (given.length) hooks.events(given);
  };

  const slice = () => {
    isDue = false;
    if (closed) return;
    drain(typeof document !== "undefined" && document.hidden ? Infinity : sliceMs); // nobody waits for a frame
    schedule();
  };

  const schedule = () => {
    if (isDue || next >= inbox.length) return;
    isDue = true;
    later(slice);
  };

  const receive = (message: MessageEvent) => {
    tries = 0;
    inbox.push(message);
    if (message.type === "hello") drain(Infinity); // the page waits for it
    schedule();
  };

  const connect = () => {
    if (closed) return;
    // A new EventSource sends no Last-Event-ID: `hello` tells whether something was missed.
    const made = make(url);
    source = made;
    // EventSource gives named events only to who asks for the name.
    for (const kind of eventKinds) made.addEventListener(kind, receive as EventListener);
    made.onmessage = receive;
    made.onopen = () => {
      tries = 0;
      drain(Infinity);
      if (position.boot !== undefined) move({ ...position, state: "live" });
    };
    made.onerror = () => {
      drain(Infinity); // what has come belongs before the loss
      move(lose(position));
      if (made.readyState !== 2) return; // it tries again by itself
      made.close();
      timer = setTimeout(connect, Math.min(10_000, 500 * 2 ** tries++));
    };
  };

  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}
