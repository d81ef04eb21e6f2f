// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { listenToLinks, note, shell } from "./shell";

afterEach(() => {
  delete (globalThis as { escher?: unknown }).escher;
});

function follow(detail: unknown): boolean {
  return !dispatchEvent(new CustomEvent("escher:open", { cancelable: true, detail }));
}

test("a link of the window is shown by the page, which says that it did", () => {
  const shown: string[] = [];
  const stop = listenToLinks((place) => shown.push(place));
  expect(follow("/runs/7?tab=log")).toBe(true);
  expect(shown).toEqual(["/runs/7?tab=log"]);
  stop();
  expect(follow("/runs/8")).toBe(false);
  expect(shown).toHaveLength(1);
});

test("what is no place of the page is left alone", () => {
  const stop = listenToLinks(() => expect.unreachable());
  for (const detail of ["//elsewhere/", "https://elsewhere/", "/\\elsewhere", "", undefined, 7]) expect(follow(detail)).toBe(false);
  stop();
});

test("notes go to the window, and nowhere in a browser", () => {
  expect(shell()).toBeUndefined();
  note("Done");
  const notify = vi.fn(() => Promise.reject(new Error("none")));
  (globalThis as { escher?: unknown }).escher = { notify };
  note("Done", "pg");
  expect(notify).toHaveBeenCalledWith("Done", "pg");
});
