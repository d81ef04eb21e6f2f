// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import states from "../../../tests/cases/states.json";
import { toneOf } from "./state";

const words = Object.entries(states).flatMap(([kind, tones]) =>
  Object.entries(tones).flatMap(([tone, list]) => (list as string[]).map((word) => [kind, word, tone])),
);

test.each(words)("of %s the state %s is %s", (_kind, word, tone) => {
  expect(toneOf(word)).toBe(tone);
});

test("of a word that nobody knows and of none nothing is told", () => {
  expect(toneOf("<b>odd</b>")).toBe("unknown");
  expect(toneOf("constructor")).toBe("unknown");
  expect(toneOf(undefined)).toBe("unknown");
  expect(toneOf("")).toBe("unknown");
});
