// SPDX-License-Identifier: Apache-2.0
import { expect, test, vi } from "vitest";
import { Core } from "../../tests/fake/core.mjs";
import type { CoreEvent } from "../types";
import { beginning, listen, readId, take } from "./stream";

const event = (kind: string, data?: Record<string, unknown>) => ({ kind, data }) as CoreEvent;

function run(messages: [string, CoreEvent][]) {
  let position = beginning;
  const given: string[] = [];
  let refetches = 0;
  for (const [id, message] of messages) {
    const taken = take(position, id, message);
    position = taken.position;
    if (taken.event) given.push(id);
    if (taken.refetch) refetches++;
  }
  return { given, refetches, position };
}

test("ids have a boot and a number, or are none", () => {
  expect(readId("ab-12")).toEqual({ boot: "ab", seq: 12 });
  for (const bad of ["", "12", "ab-", "-3", "ab-x", "ab-99999999999999999999"]) expect(readId(bad)).toBeUndefined();
});

test("every event is given on once and in order", () => {
  const { given, refetches } = run([
    ["b-4", event("hello", { boot: "b" })],
    ["b-5", event("output")],
    ["b-6", event("output")],
    ["b-5", event("output")],
    ["b-6", event("output")],
    ["b-7", event("changed")],
  ]);
  expect(given).toEqual(["b-5", "b-6", "b-7"]);
  expect(refetches).toBe(0);
});

test("a hole asks for everything again, and what came is still given on", () => {
  const { given, refetches } = run([
    ["b-1", event("hello", { boot: "b" })],
    ["b-2", event("output")],
    ["b-9", event("output")],
  ]);
  expect(given).toEqual(["b-2", "b-9"]);
  expect(refetches).toBe(1);
});

test("reset, another boot and a hello after missed events ask for everything again", () => {
  expect(run([["b-1", event("hello", { boot: "b" })], ["b-30", event("reset", { boot: "b" })], ["b-31", event("output")]])).toMatchObject({
    refetches: 1,
    given: ["b-31"],
  });
  expect(run([["b-8", event("hello", { boot: "b" })], ["c-0", event("hello", { boot: "c" })], ["c-1", event("output")]])).toMatchObject({
    refetches: 1,
    given: ["c-1"],
    position: { boot: "c", seq: 1 },
  });
  expect(run([["b-8", event("hello", { boot: "b" })], ["b-8", event("hello", { boot: "b" })]]).refetches).toBe(0);
  expect(run([["b-8", event("hello", { boot: "b" })], ["b-11", event("hello", { boot: "b" })]]).refetches).toBe(1);
});

/* An EventSource over the fake core's stream, that can be cut as a connection can. */
class Source extends EventTarget {
  static all: Source[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage = null;
  private last = "";
  private stop = () => undefined as void;
  constructor(private core: InstanceType<typeof Core>) {
    super();
    Source.all.push(this);
    this.connect();
  }
  connect() {
    this.stop = this.core.follow(this.last, (id: string, message: CoreEvent) => {
      this.last = id;
      this.dispatchEvent(new MessageEvent(message.kind, { data: JSON.stringify(message), lastEventId: id }));
    }) as () => void;
  }
  cut() {
    this.stop();
    this.onerror?.();
  }
  close() {
    this.stop();
    this.readyState = 2;
  }
}

test("a stream that is cut twenty times loses nothing and says nothing twice", async () => {
  const core = new Core({ count: 5 });
  const numbers: number[] = [];
  let refetches = 0;
  const end = listen(
    "/api/events",
    {
      events: (all) => {
        for (const one of all) if (one.kind === "output") numbers.push(one.data?.offset as number);
      },
      refetch: () => refetches++,
      state: () => undefined,
    },
    () => new Source(core) as unknown as EventSource,
    (work) => queueMicrotask(work),
  );
  await Promise.resolve();
  const source = Source.all[Source.all.length - 1]!;
  let sent = 0;
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 7; i++) core.publish({ kind: "output", subject: "r", data: { offset: sent++ } });
    source.cut();
    for (let i = 0; i < 5; i++) core.publish({ kind: "output", subject: "r", data: { offset: sent++ } });
    source.connect();
  }
  await Promise.resolve();
  expect(numbers).toEqual(Array.from({ length: sent }, (_, index) => index));
  expect(refetches).toBe(0);
  end();
});

test("a burst is worked off in slices, in order, and none of it is lost when the stream breaks", () => {
  const core = new Core({ count: 5 });
  const turns: (() => void)[] = [];
  const slices: number[][] = [];
  const states: string[] = [];
  const end = listen(
    "/api/events",
    { events: (all) => slices.push(all.map((one) => (one.data as { offset: number }).offset)), refetch: () => undefined, state: (position) => states.push(position.state) },
    () => new Source(core) as unknown as EventSource,
    (work) => turns.push(work),
  );
  const source = Source.all[Source.all.length - 1]!;
  const clock = vi.spyOn(performance, "now");
  let now = 0;
  clock.mockImplementation(() => (now += 4)); // every look at the clock takes 4 ms
  for (let i = 0; i < 200; i++) core.publish({ kind: "output", subject: "r", data: { offset: i } });
  expect(slices).toEqual([]); // only put aside
  expect(turns).toHaveLength(1);
  turns.shift()?.();
  expect(slices).toHaveLength(1);
  expect(slices[0]!.length).toBeLessThan(100);
  expect(turns).toHaveLength(1); // the rest waits for the next
  source.cut();
  expect(states[states.length - 1]).toBe("lost");
  expect(slices.flat()).toEqual(Array.from({ length: 200 }, (_, index) => index));
  clock.mockRestore();
  end();
});
