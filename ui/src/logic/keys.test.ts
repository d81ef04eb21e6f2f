// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { type Pending, after, bindings, press, printed } from "./keys";

function strokes(text: string, typing = false): string[] {
  let pending: Pending;
  const found: string[] = [];
  for (const name of text.split(" ")) {
    const ctrl = name.startsWith("ctrl+");
    const result = press({ key: ctrl ? name.slice(5) : name, ctrlKey: ctrl }, pending, typing);
    pending = result.pending;
    if (result.action) found.push(result.action);
  }
  return found;
}

test.each([
  ["j", ["row.next"]],
  ["ArrowDown", ["row.next"]],
  ["k", ["row.previous"]],
  ["x", ["row.select"]],
  ["Enter", ["row.open"]],
  ["Escape", ["back"]],
  ["/", ["filter"]],
  ["?", ["sheet"]],
  ["g r", ["go.runs"]],
  ["g e j", ["go.estate", "row.next"]],
  ["g g r", ["go.runs"]],
  ["g z r", []],
  ["g Escape r", []],
  ["g Escape Escape", ["back"]],
  ["Shift g Shift r", ["go.runs"]],
  ["ctrl+k", ["palette"]],
  ["ctrl+j", []],
])("%s", (keys, expected) => {
  expect(strokes(keys)).toEqual(expected);
});

test("while a field has the focus only Ctrl-K and Esc are keys", () => {
  expect(strokes("j / ? g r x ctrl+k Escape", true)).toEqual(["palette", "back"]);
});

test("what may follow a first stroke is told", () => {
  expect(after("g").map((binding) => binding.says)).toEqual(["Ask", "Estate", "Runs", "Doctor", "Settings"]);
  expect(after("j")).toEqual([]);
});

test("no two bindings share their keys, and none hides behind the start of another", () => {
  const all = bindings.map((binding) => binding.keys);
  expect(new Set(all).size).toBe(all.length);
  for (const keys of all.filter((one) => one.includes(" "))) expect(all).not.toContain(keys.split(" ")[0]);
});

test("keys are printed as they stand on a keyboard", () => {
  expect(printed("ctrl+k")).toEqual(["Ctrl", "K"]);
  expect(printed("g r")).toEqual(["G", "R"]);
});
