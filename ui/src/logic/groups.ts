// SPDX-License-Identifier: Apache-2.0
import type { Group } from "../types";

// A list in groups: before the rows of each group stands its header, a line of its own.
//
//     line   0        1 2 3   4        5 6
//            header   rows    header   rows        offsets of the groups: 0, 3
//     row             0 1 2            3 4

/** The last group whose header stands at or before the line; -1: there are no groups. */
function groupAt(groups: Group[], line: number): number {
  let low = 0;
  let high = groups.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((groups[middle]?.offset ?? 0) + middle <= line) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export type Place = { group: Group; row?: undefined } | { row: number; group?: undefined };

/** What stands on a line. */
export function placeAt(groups: Group[], line: number): Place {
  const index = groupAt(groups, line);
  const group = groups[index];
  if (!group) return { row: line };
  return line === group.offset + index ? { group } : { row: line - index - 1 };
}

/** The row on the line, or the first below a header. */
export function rowAt(groups: Group[], line: number): number {
  const place = placeAt(groups, line);
  return place.group ? place.group.offset : place.row;
}

/** The line that a row stands on. */
export function lineOf(groups: Group[], row: number): number {
  let low = 0;
  let high = groups.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((groups[middle]?.offset ?? 0) <= row) low = middle + 1;
    else high = middle;
  }
  return row + low;
}
