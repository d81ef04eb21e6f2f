// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { Fit, fit, rank } from "./rank";

const items = ["Ask", "Estate", "Runs", "Doctor", "Settings", "Sync now", "Dark theme", "Stopped resources", "Production resources"].map(
  (label, index) => ({ id: `i${index}`, label, group: 0 }),
);
const order = (typed: string) => rank(typed, items).map((item) => item.label);

test.each([
  ["runs", Fit.exact],
  ["ru", Fit.prefix],
  ["the", Fit.word],
  ["dt", Fit.initials],
  ["ark", Fit.inside],
  ["zz", Fit.none],
])("%s", (typed, expected) => {
  const best = Math.min(...items.map((item) => fit(typed, item.label)));
  expect(best).toBe(expected);
});

// The table that hands learn by heart: changing it is changing the product.
test.each([
  ["", ["Ask", "Estate", "Runs", "Doctor", "Settings", "Sync now", "Dark theme", "Stopped resources", "Production resources"]],
  ["s", ["Settings", "Sync now", "Stopped resources", "Ask", "Runs", "Estate", "Production resources"]],
  ["sy", ["Sync now"]],
  ["res", ["Stopped resources", "Production resources"]],
  ["d", ["Doctor", "Dark theme", "Stopped resources", "Production resources"]],
  ["prod res", ["Production resources"]],
])("the same letters give the same order: %j", (typed, expected) => {
  expect(order(typed)).toEqual(expected);
});

test("the order of the items given does not matter", () => {
  for (const typed of ["s", "r", "e", "do"]) {
    const backwards = rank(typed, [...items].reverse()).map((item) => item.label);
    expect(backwards).toEqual(order(typed));
  }
});
