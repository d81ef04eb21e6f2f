// SPDX-License-Identifier: Apache-2.0

// The order of the palette. It learns nothing: the same letters over the same items always give
// the same list, so that "Ctrl-K, two letters, Enter" can become a habit of the hands.

export type Rankable = { id: string; label: string; also?: string; group: number };

export enum Fit {
  exact,
  prefix,
  word,
  initials,
  inside,
  letters,
  none,
}

function split(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

function isSubsequence(needle: string, text: string): boolean {
  let at = 0;
  for (const char of needle) {
    at = text.indexOf(char, at);
    if (at < 0) return false;
    at += char.length;
  }
  return true;
}

export function fit(typed: string, label: string): Fit {
  const needle = typed.trim().toLowerCase();
  const text = label.toLowerCase();
  if (text === needle) return Fit.exact;
  if (text.startsWith(needle)) return Fit.prefix;
  const parts = split(text);
  const wanted = split(needle);
  if (wanted.length && wanted.every((word) => parts.some((part) => part.startsWith(word))))
    return Fit.word;
  if (parts.map((part) => part[0]).join("").startsWith(needle)) return Fit.initials;
  if (text.includes(needle)) return Fit.inside;
  // Scattered letters only from three on, or everything would fit.
  const dense = needle.replace(/\s+/g, "");
  return dense.length > 2 && isSubsequence(dense, text) ? Fit.letters : Fit.none;
}

/** Items that fit, best first; equals by group, then by length, then by label, then by id. */
export function rank<Item extends Rankable>(typed: string, items: Item[]): Item[] {
  if (typed.trim() === "") return [...items];
  const scored = items
    .map((item) => {
      const own = fit(typed, item.label);
      const other = item.also ? fit(typed, item.also) : Fit.none;
      return { item, score: Math.min(own, other === Fit.none ? Fit.none : other + 1) };
    })
    .filter((entry) => entry.score < Fit.none);
  scored.sort(
    (a, b) =>
      a.score - b.score ||
      a.item.group - b.item.group ||
      a.item.label.length - b.item.label.length ||
      (a.item.label < b.item.label ? -1 : a.item.label > b.item.label ? 1 : 0) ||
      (a.item.id < b.item.id ? -1 : 1),
  );
  return scored.map((entry) => entry.item);
}
