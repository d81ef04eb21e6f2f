// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { cut, pieces, shellLine, spelt } from "./text";

test.each([
  ["plain", "plain"],
  ["\u001b[31mred", "\\x1b[31mred"],
  ["invoice\u202efdp.exe", "invoice\\u202efdp.exe"],
  ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
  ["a\nb\tc\r", "a\\nb\\tc\\r"],
  ["tag\u{e0041}", "tag\\u{e0041}"],
  ["soft\u00adhyphen", "soft\\xadhyphen"],
  ["Ünïcode 漢字 עברית", "Ünïcode 漢字 עברית"],
])("what would not be seen is spelt out: %j", (text, expected) => {
  expect(spelt(text)).toBe(expected);
});

test("a family of pictures stays one picture, but a joiner alone is spelt out", () => {
  expect(spelt("👩‍👩‍👧‍👦")).toBe("👩‍👩‍👧‍👦");
  expect(spelt("a\u200db")).toBe("a\\u200db");
});

test("spelt-out pieces are marked, the rest is as it was", () => {
  expect(pieces("a\u202eb")).toEqual([
    { text: "a", escaped: false },
    { text: "\\u202e", escaped: true },
    { text: "b", escaped: false },
  ]);
});

test("a cut never halves a character and tells how much is left", () => {
  expect(cut("abc", 3)).toEqual({ head: "abc", left: 0 });
  expect(cut("ab😀", 3)).toEqual({ head: "ab", left: 2 });
  expect(cut("x".repeat(65536), 160).left).toBe(65376);
});

test("a line to copy gives each argument whole to a shell", () => {
  expect(shellLine(["aws", "a b", "it's", "--x=$(rm)"])).toBe("aws 'a b' 'it'\\''s' '--x=$(rm)'");
});
