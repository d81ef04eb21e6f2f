// SPDX-License-Identifier: Apache-2.0
import { api, type Failure, listenToFailures } from "../api";
import type { Cell, CoreEvent } from "../types";
import { forgetAll, touch } from "./data";
import { type Live, liveAll } from "./live";
import { listenToLinks, note } from "./shell";
import { store } from "./store";
import { listen } from "./stream";

// The page's tie to the core: whether it answers, what it says, and what that changes.

/**
 *     starting   nothing is known yet
 *     closed     no session: a new link is needed
 *     locked     the store is locked
 *     open       it answers
 *     gone       it answered, and does not now; what was typed is kept
 */
export type Door = "starting" | "closed" | "locked" | "open" | "gone";

export const door = store<Door>("starting");
export const doorMessage = store("");
export const runs = store<Live>({});
export const phases = store<Record<string, { number: number; text: string }[]>>({});

export type Sync = {
  active: boolean;
  done: number; // calls
  total: number; // of them; 0 while nobody knows, as in a first sync
  resources: number;
  where: string; // "production · eu-west-1 · ec2"
  failed: Cell[];
  endedAt?: number;
};

export const sync = store<Sync>({ active: false, done: 0, total: 0, resources: 0, where: "", failed: [] });

/** What a screen reader is told: changes of state, never lines of a log. */
export const announcement = store("");
export function announce(text: string): void {
  announcement.set("");
  setTimeout(() => announcement.set(text), 30);
}

/** How far a sync is. The calls that are known are half of all at first; how many there will be is
 *  known from the last sync of the same kind, and only then is a rest of time told, too. */
export function progressed(now: Sync, data: Extract<CoreEvent, { kind: "sync.progress" }>["data"]): Sync {
  if (!data) return now;
  const { done, known, rest_ms, resources, account_name, region, service } = data;
  const where = [account_name, region, service].filter(Boolean).join(" · ");
  return { ...now, active: true, done, total: rest_ms === undefined ? now.total : known, resources, where };
}

function onSync(event: CoreEvent): void {
  if (event.kind === "sync.started") {
    sync.set({ active: true, done: 0, total: 0, resources: 0, where: "", failed: [] });
  } else if (event.kind === "sync.progress") {
    sync.set((now) => progressed(now, event.data));
  } else if (event.kind === "sync.cell" && event.data) {
    const cell = event.data;
    if (cell.state !== "ok") sync.set((now) => ({ ...now, failed: [...now.failed, cell].slice(-50) }));
  } else if (event.kind === "sync.done") {
    sync.set((now) => ({ ...now, active: false, endedAt: Date.now() }));
    touch("estate");
    announce("Synced.");
  }
}

const endings: Record<string, string> = {
  succeeded: "has ended well and is verified",
  unverified: "has ended, but the cloud does not confirm it",
  failed: "has failed",
  cancelled: "is cancelled",
  unknown: "has an unknown outcome",
  interrupted: "was interrupted; what is left of it was not begun",
};

function onEvent(event: CoreEvent): void {
  if (event.kind === "changed" && event.data) {
    touch(event.data.what);
  } else if (event.kind === "phase" && event.call && event.data) {
    const { call, data } = event;
    phases.set((now) => ({ ...now, [call]: [...(now[call] ?? []), data].slice(-12) }));
  } else if (event.kind === "run.done") {
    touch("runs");
    touch("plans");
    const ending = endings[event.data?.outcome ?? ""] ?? "is over";
    announce(`The run ${ending}.`);
    note(`The run ${ending}`, event.data?.prompt ?? "");
  } else if (event.kind === "run.started") {
    touch("runs");
    announce("The run has started.");
  } else if (event.kind === "step.started") {
    announce(`Step: ${event.data?.title ?? ""}.`);
  } else {
    onSync(event);
  }
}

function onEvents(events: CoreEvent[]): void {
  runs.set((now) => liveAll(now, events));
  for (const event of events) if (event.kind !== "output") onEvent(event);
}

function onFailure(failure: Failure): void {
  doorMessage.set(failure.message);
  if (failure.status === "unauthorised") door.set("closed");
  else if (failure.status === "locked") lockedNow();
  else if (failure.gone) goneNow();
}

let knocking: ReturnType<typeof setTimeout> | undefined;

function goneNow(): void {
  if (door.get() === "closed" || door.get() === "locked") return; // a locked core ends streams, too
  door.set("gone");
  knocking ??= setTimeout(knock, 1000);
}

/* Somebody unlocks it elsewhere: the window's dialog, or the keychain. */
function lockedNow(): void {
  door.set("locked");
  knocking ??= setTimeout(knock, 3000);
}

/* Asks whether the core answers again; then everything is fetched anew. */
async function knock(): Promise<void> {
  knocking = undefined;
  try {
    await api.ping();
    opened();
  } catch {
    if (door.get() === "gone") goneNow(); // of other failures listenToFailures has been told
  }
}

function opened(): void {
  const before = door.get();
  door.set("open");
  if (!stop) startStream(); // it was locked from the beginning
  if (before === "gone" || before === "locked") touch("all");
}

export function retryNow(): void {
  clearTimeout(knocking);
  void knock();
}

let stop: (() => void) | undefined;

const helloMs = 300;

/* The stream first, then the rest: what is fetched after its `hello` it keeps true. A stream that is
 * late holds nobody up; what was fetched without it is then fetched again. */
function letIn(): void {
  startStream();
  setTimeout(() => {
    if (door.get() === "starting") door.set("open");
  }, helloMs);
}

function startStream(): void {
  let isFirst = true;
  stop?.();
  stop = listen(
    "/api/events",
    {
      events: onEvents,
      refetch: () => {
        forgetAll();
        touch("all");
      },
      state: (position) => {
        if (position.state === "lost") return goneNow();
        if (isFirst && door.get() === "open") touch("all");
        isFirst = false;
        opened();
      },
    },
    (url) => new EventSource(url),
  );
}

/** The fragment `#t=CODE` of a link is used once and then gone from the address. */
function takeCode(): string | undefined {
  const code = /^#t=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
  if (location.hash) {
    try {
      history.replaceState(null, "", location.pathname + location.search);
    } catch {
      location.hash = "";
    }
  }
  return code;
}

export async function start(): Promise<void> {
  listenToFailures(onFailure);
  listenToLinks(retryNow); // the window says so, too, when a locked core was opened
  const code = takeCode();
  try {
    if (code) await api.session(code);
    else await api.ping();
  } catch (error) {
    if (code && door.get() !== "gone") {
      // The code was used before or is too old; an older session may still hold.
      try {
        await api.ping();
      } catch {
        if (door.get() === "starting") door.set("closed");
        return;
      }
    } else {
      if (door.get() === "starting") {
        doorMessage.set((error as Failure).message);
        door.set("closed");
      }
      if (door.get() !== "gone") return;
    }
  }
  letIn();
}

/** An approval has been answered: the lists that show it are fetched again. */
export function touchRuns(): void {
  touch("runs");
  touch("plans");
}
