// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

// Every text colour on every surface, in both themes, computed from the tokens themselves.

const source = readFileSync(join(import.meta.dirname ?? "tests", "../src/style/tokens.css"), "utf8");
const tokens = new Map<string, [string, string]>();
for (const [, name, light, dark] of source.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g))
  tokens.set(name!, [light!, dark!]);

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return (a! + 0.05) / (b! + 0.05);
}

const surfaces = ["surface-0", "surface-1", "surface-2"];
const texts = ["text-1", "text-2", "text-3", "accent", "ok", "busy", "off", "bad", "unknown", "prod", "stage", "dev"];
const pairs: [string, string, number][] = [
  ...texts.flatMap((text) => surfaces.map((surface) => [text, surface, 4.5] as [string, string, number])),
  ["text-1", "surface-3", 4.5],
  ["text-2", "surface-3", 4.5],
  ["on-accent", "accent", 4.5],
  ["accent", "accent-soft", 4.5],
  ["text-1", "bad-soft", 4.5],
  ["text-1", "warn-soft", 4.5],
  ["text-1", "mark", 4.5],
  ["text-1", "mark-now", 4.5],
  ...surfaces.map((surface) => ["line-strong", surface, 3] as [string, string, number]),
];

for (const [index, theme] of ["light", "dark"].entries())
  test.each(pairs)(`%s on %s is readable, ${theme}`, (text, surface, least) => {
    const pair = [tokens.get(text), tokens.get(surface)];
    expect(pair.every(Boolean)).toBe(true);
    expect(contrast(pair[0]![index]!, pair[1]![index]!)).toBeGreaterThanOrEqual(least);
  });

test("dark surfaces get lighter as they rise", () => {
  const heights = ["surface-0", "surface-1", "surface-2", "surface-3"].map((name) => luminance(tokens.get(name)![1]));
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
});
