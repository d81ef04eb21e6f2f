// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { ansi, inkClass } from "./ansi";
import { pieces } from "./text";

const plain = (line: string) => ansi(line).spans.map((span) => span.text).join("");

test("colours become numbers of a palette", () => {
  expect(ansi("\u001b[31mred\u001b[0m plain").spans).toEqual([{ fg: 1, text: "red" }, { text: " plain" }]);
  expect(ansi("\u001b[1;92mok").spans).toEqual([{ bold: true, fg: 10, text: "ok" }]);
  expect(ansi("\u001b[38;5;196mx").spans[0]?.fg).toBe(9);
  expect(ansi("\u001b[48;2;0;200;0mx").spans[0]?.bg).toBe(10);
});

test("what a line ends in carries on", () => {
  const first = ansi("\u001b[33mwarn");
  expect(ansi("still", first.ink).spans).toEqual([{ fg: 3, text: "still" }]);
});

test("nothing but colour has an effect", () => {
  expect(plain("a\u001b[2Jb\u001b[10;10Hc\u001b]0;title\u0007d\u001b]8;;http://x\u001b\\e\u001b(Bf")).toBe("abcdef");
  expect(plain("\u001b[?25l\u001b[>1m\u001b[=5mx")).toBe("x");
  expect(plain("open string \u001b]0;never ends")).toBe("open string ");
});

test("any bytes become spans of text and known class names, never markup", () => {
  let seed = 42;
  const next = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
  const parts = ["\u001b[", "\u001b]", "m", ";", "38", "5", "255", "<b>", "&lt;", '"', "\u0007", "\u009b", "\u001b\\", "text", "1", "0", "\u202e", "\u0000"];
  for (let round = 0; round < 2000; round++) {
    let line = "";
    for (let i = next() % 20; i > 0; i--) line += parts[next() % parts.length];
    for (const span of ansi(line).spans) {
      expect(span.text).not.toContain("\u001b");
      expect(inkClass(span)).toMatch(/^((fg|bg)([0-9]|1[0-5])|bold|dim|italic|underline|\s)*$/);
      for (const piece of pieces(span.text)) expect(piece.text).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
  }
});
