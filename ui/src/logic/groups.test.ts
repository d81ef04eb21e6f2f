// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { lineOf, placeAt, rowAt } from "./groups";

const group = (value: string, count: number, offset: number) => ({ value, count, offset });

test("every row has a line of its own, and every header stands before its rows", () => {
  for (const counts of [[], [1], [3, 2], [1, 1, 1], [40, 1, 900, 7]]) {
    let offset = 0;
    const groups = counts.map((count, index) => {
      const one = group(String(index), count, offset);
      offset += count;
      return one;
    });
    const total = counts.length ? offset : 25;
    const lines = Array.from({ length: total + groups.length }, (_, line) => placeAt(groups, line));
    expect(lines.filter((place) => place.group)).toHaveLength(groups.length);
    expect(lines.flatMap((place) => (place.group ? [] : [place.row]))).toEqual(Array.from({ length: total }, (_, row) => row));
    for (let row = 0; row < total; row++) expect(placeAt(groups, lineOf(groups, row))).toEqual({ row });
    for (const one of groups) expect(placeAt(groups, lineOf(groups, one.offset) - 1)).toEqual({ group: one });
  }
});

test("below a header is the first row of its group", () => {
  const groups = [group("a", 3, 0), group("b", 2, 3)];
  expect([0, 1, 3, 4, 5].map((line) => rowAt(groups, line))).toEqual([0, 0, 2, 3, 3]);
});
