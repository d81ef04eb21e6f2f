// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { sync } from "../state/core";
import { SyncProgress } from "./sync";

const shown = (done: number, total: number) => {
  sync.set({ active: true, done, total, where: "", failed: [] });
  const view = render(<SyncProgress />);
  const bar = screen.getByRole("progressbar");
  const said = { text: bar.parentElement?.textContent, most: bar.getAttribute("aria-valuemax") };
  view.unmount();
  return said;
};

test("a sync says how many calls there will be once an earlier one has told", () => {
  expect(shown(412, 900)).toEqual({ text: "412 of ~900 calls", most: "900" });
});

test("the first of its kind promises no end", () => {
  expect(shown(0, 0)).toEqual({ text: "starting", most: null });
  expect(shown(1, 0)).toEqual({ text: "1 call", most: null });
  expect(shown(412, 0)).toEqual({ text: "412 calls", most: null });
});
