// SPDX-License-Identifier: Apache-2.0

// Which of many rows of one height are in sight. Nothing here depends on how many there are: a
// log of two million lines costs as much as one of fifty.
//
// No browser draws a box of any height (Firefox ends at some 17 million pixels), so past `most`
// the scroll bar stands for more than it shows: its way is stretched over the rows, and rows are
// placed where the sight is.

export const most = 15_000_000;

export type Rows = { count: number; height: number };

/** How high the box of all rows is. */
export function size({ count, height }: Rows): number {
  return Math.min(count * height, most);
}

/** Where the sight begins among the rows, in pixels, and back. */
function stretch(rows: Rows, view: number): number {
  const real = rows.count * rows.height - view;
  const shown = size(rows) - view;
  return real > 0 && shown > 0 ? real / shown : 1;
}

export type Sight = {
  first: number;
  last: number; // -1 where there are no rows
  /** Where a row's upper edge stands in the box. */
  top: (index: number) => number;
};

export function sight(rows: Rows, scrollTop: number, view: number, overscan: number): Sight {
  const real = scrollTop * stretch(rows, view);
  const first = Math.max(0, Math.min(rows.count - 1, Math.floor(real / rows.height)) - overscan);
  const last = Math.min(rows.count - 1, Math.ceil((real + view) / rows.height) - 1 + overscan);
  return { first, last, top: (index) => index * rows.height - real + scrollTop };
}

export type Align = "nearest" | "center" | "end";

/** Where to scroll so that a row is in sight; what is in sight already stays where it is. */
export function scrollTo(rows: Rows, scrollTop: number, view: number, index: number, align: Align = "nearest"): number {
  const factor = stretch(rows, view);
  const real = scrollTop * factor;
  const upper = index * rows.height;
  const lower = upper + rows.height;
  const wanted = {
    nearest: upper < real ? upper : lower > real + view ? lower - view : real,
    center: upper - (view - rows.height) / 2,
    end: lower - view,
  }[align];
  const furthest = Math.max(0, size(rows) - view);
  return Math.max(0, Math.min(furthest, wanted / factor));
}
