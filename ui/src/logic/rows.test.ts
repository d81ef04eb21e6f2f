// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { most, scrollTo, sight, size } from "./rows";

const view = 600;

test("rows in sight are few, from the first to the last, however many there are", () => {
  for (const count of [1, 40, 200_000, 3_000_000]) {
    const rows = { count, height: 18 };
    const furthest = Math.max(0, size(rows) - view);
    expect(size(rows)).toBeLessThanOrEqual(most);
    for (let part = 0; part <= 10; part++) {
      const { first, last, top } = sight(rows, (furthest * part) / 10, view, 5);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(last).toBeLessThan(count);
      expect(last - first).toBeLessThan(view / 18 + 12);
      // What is drawn covers what is seen, with no hole at either end.
      expect(top(first)).toBeLessThanOrEqual((furthest * part) / 10);
      if (count * 18 > view) expect(top(last) + 18).toBeGreaterThanOrEqual((furthest * part) / 10 + view - 0.01);
    }
    expect(sight(rows, 0, view, 0).first).toBe(0);
    expect(sight(rows, furthest, view, 0).last).toBe(count - 1);
  }
});

test("each row can be gone to, and stands where it was wanted", () => {
  for (const count of [100, 200_000, 3_000_000]) {
    const rows = { count, height: 18 };
    for (const index of [0, 1, Math.floor(count / 3), count - 2, count - 1]) {
      const top = scrollTo(rows, 0, view, index, "center");
      const { first, last } = sight(rows, top, view, 0);
      expect(first).toBeLessThanOrEqual(index);
      expect(last).toBeGreaterThanOrEqual(index);
    }
    const end = scrollTo(rows, 0, view, count - 1, "end");
    expect(sight(rows, end, view, 0).last).toBe(count - 1);
  }
});

test("what is in sight already is not moved", () => {
  const rows = { count: 1000, height: 28 };
  expect(scrollTo(rows, 280, view, 12)).toBe(280);
  expect(scrollTo(rows, 280, view, 5)).toBe(140);
  expect(scrollTo(rows, 280, view, 40)).toBe(41 * 28 - view);
});

test("no rows are no sight", () => {
  expect(sight({ count: 0, height: 18 }, 0, view, 5)).toMatchObject({ first: 0, last: -1 });
});
