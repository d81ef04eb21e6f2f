// SPDX-License-Identifier: Apache-2.0
import type { View } from "../types";
import { shellWord } from "./text";

// A view: what is asked for, under a name. The core keeps its words and its filter apart, as a
// search has them; in the query bar they are one text.

/** What a list is asked, with its order and its columns. */
export type Asked = { text: string; filter: string; group?: string; sort?: string; columns: string[] };

/** The query as it stands in the bar: the filter, and the words after it. */
export function queryOf(view: Pick<View, "text" | "filter">): string {
  return [view.filter, view.text].filter(Boolean).join(" ");
}

/** Whether a list shows what a view asks for; columns and sorting change nothing about that. */
export function isShown(view: View, asked: Asked): boolean {
  return view.text === asked.text && view.filter === asked.filter && (view.group ?? "") === (asked.group ?? "");
}

/** The same on a command line; what a command line has no use for is not in it. */
export function commandOf(name: string, asked: Asked): string {
  const option = (word: string, value: string | undefined) => (value ? [`--${word} ${shellWord(value)}`] : []);
  return [
    "escher views save",
    ...(name.startsWith("-") ? [] : [shellWord(name)]),
    ...option("filter", asked.filter),
    ...option("text", asked.text),
    ...option("group", asked.group),
    ...(name.startsWith("-") ? [`-- ${shellWord(name)}`] : []),
  ].join(" ");
}

const longest = 60;

/** What the core would say of a name, as far as a page can tell while it is typed; else undefined. */
export function nameProblem(name: string): string | undefined {
  if ([...name].length > longest) return `A name has ${longest} characters at most.`;
  if (name === "." || name === "..") return "A path would take this name for a folder.";
  return undefined;
}
