// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { type Sync, progressed, sync } from "../state/core";
import { SyncProgress } from "./sync";

const begun: Sync = { active: true, done: 0, total: 0, resources: 0, where: "", failed: [] };
const place = { account_name: "production", region: "us-west-2", service: "ec2" };

afterEach(() => {
  cleanup();
  sync.set({ ...begun, active: false });
});

function shown(data: { done: number; known: number; resources: number; rest_ms?: number }) {
  act(() => sync.set((now) => progressed(now, { ...place, ...data })));
  return screen.getByRole("progressbar");
}

test("a first sync, of which nobody knows how long it is, shows what it has found and no total", () => {
  act(() => sync.set(begun));
  render(<SyncProgress wide />);
  screen.getByText("starting");
  const bar = shown({ done: 40, known: 45, resources: 1200 });
  screen.getByText("40 calls, 1,200 resources so far");
  screen.getByText("production · us-west-2 · ec2");
  expect(bar.getAttribute("aria-valuenow")).toBeNull();
});

test("a sync that was done before shows how much of it is done", () => {
  act(() => sync.set(begun));
  render(<SyncProgress />);
  const bar = shown({ done: 40, known: 400, resources: 1200, rest_ms: 9000 });
  screen.getByText("40 of ~400 calls");
  expect([bar.getAttribute("aria-valuenow"), bar.getAttribute("aria-valuemax")]).toEqual(["40", "400"]);
  shown({ done: 410, known: 410, resources: 1300 });
  screen.getByText("410 of ~410 calls");
});
