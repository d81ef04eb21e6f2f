// SPDX-License-Identifier: Apache-2.0

// Colours of a terminal's output as spans of text. Only SGR (colour and weight) means anything
// here; every other sequence is dropped, so that a log can neither move a cursor, set a title
// nor make a link. The result is text and a few small numbers, never markup.

export type Ink = {
  fg?: number; // 0..15 of the palette; 256 and true colours are brought down to it
  bg?: number;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
};

export type Span = Ink & { text: string };

// CSI, OSC and the other strings (ended by BEL or ST, or by the end), two-byte escapes, C1 controls.
const sequence =
  /(?:\u001b\[|\u009b)([0-?]*)([ -/]*)([@-~])|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]|\u001b/g;

function nearest(red: number, green: number, blue: number): number {
  const bright = Math.max(red, green, blue) > 170 ? 8 : 0;
  const on = (value: number) => (value > 95 ? 1 : 0);
  return (on(red) | (on(green) << 1) | (on(blue) << 2)) + bright;
}

function of256(code: number): number {
  if (code < 16) return code;
  if (code >= 232) return code > 244 ? 7 : 8;
  const cube = code - 16;
  const level = (value: number) => value * 51;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function extended(codes: number[], index: number): { colour?: number; next: number } {
  if (codes[index] === 5) {
    const code = codes[index + 1] ?? -1;
    return { colour: code >= 0 && code < 256 ? of256(code) : undefined, next: index + 1 };
  }
  if (codes[index] === 2)
    return {
      colour: nearest(codes[index + 1] ?? 0, codes[index + 2] ?? 0, codes[index + 3] ?? 0),
      next: index + 3,
    };
  return { next: index };
}

function apply(ink: Ink, parameters: string): Ink {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  let now: Ink = { ...ink };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) now = {};
    else if (code === 1) now.bold = true;
    else if (code === 2) now.dim = true;
    else if (code === 3) now.italic = true;
    else if (code === 4) now.underline = true;
    else if (code === 22) now.bold = now.dim = undefined;
    else if (code === 23) now.italic = undefined;
    else if (code === 24) now.underline = undefined;
    else if (code >= 30 && code <= 37) now.fg = code - 30;
    else if (code === 39) now.fg = undefined;
    else if (code >= 40 && code <= 47) now.bg = code - 40;
    else if (code === 49) now.bg = undefined;
    else if (code >= 90 && code <= 97) now.fg = code - 82;
    else if (code >= 100 && code <= 107) now.bg = code - 92;
    else if (code === 38 || code === 48) {
      const { colour, next } = extended(codes, i + 1);
      if (colour !== undefined) now[code === 38 ? "fg" : "bg"] = colour;
      i = next;
    }
  }
  return now;
}

/** One line in spans. `ink` is what the line before ended in; the new one is given back. */
export function ansi(line: string, ink: Ink = {}): { spans: Span[]; ink: Ink } {
  const spans: Span[] = [];
  let now = ink;
  let at = 0;
  const add = (text: string) => {
    if (text) spans.push({ ...now, text });
  };
  for (const match of line.matchAll(sequence)) {
    add(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[3] === "m" && match[2] === "" && /^[\d;:]*$/.test(match[1] ?? ""))
      now = apply(now, match[1] ?? "");
  }
  add(line.slice(at));
  return { spans, ink: now };
}

/** The class names of a span; none for plain text. */
export function inkClass(ink: Ink): string {
  const names: string[] = [];
  if (ink.fg !== undefined) names.push(`fg${ink.fg}`);
  if (ink.bg !== undefined) names.push(`bg${ink.bg}`);
  if (ink.bold) names.push("bold");
  if (ink.dim) names.push("dim");
  if (ink.italic) names.push("italic");
  if (ink.underline) names.push("underline");
  return names.join(" ");
}
