// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

// One of its own: another test's change may still be due in the shared one.
vi.resetModules();
const { touch, useData } = await import("./data");

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/* Each load is answered when the test says so. */
const loads: { signal: AbortSignal; answer: (text: string) => void; fail: () => void }[] = [];

function Shown({ name }: { name: string }) {
  const data = useData(name, (signal) => new Promise<string>((answer, reject) => loads.push({ signal, answer, fail: () => reject(new Error("no")) })), ["runs"]);
  return <p>{data.failure ? "failed" : (data.value ?? "nothing")}</p>;
}

const changed = () => {
  touch("runs");
  act(() => void vi.runAllTimers());
};

test("what changes while it is fetched is shown as it comes, and fetched once more", async () => {
  loads.length = 0;
  render(<Shown name="one" />);
  for (let i = 0; i < 3; i++) changed();
  expect(loads).toHaveLength(1);
  expect(loads[0]!.signal.aborted).toBe(false);
  await act(async () => loads[0]!.answer("first"));
  screen.getByText("first");
  expect(loads).toHaveLength(2);
  await act(async () => loads[1]!.answer("second"));
  screen.getByText("second");
  expect(loads).toHaveLength(2);
});

test("so is what fails meanwhile", async () => {
  loads.length = 0;
  render(<Shown name="two" />);
  changed();
  await act(async () => loads[0]!.fail());
  expect(loads).toHaveLength(2);
  await act(async () => loads[1]!.answer("now"));
  screen.getByText("now");
});
