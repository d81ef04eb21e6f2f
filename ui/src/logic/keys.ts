// SPDX-License-Identifier: Apache-2.0

// Every key of the page in one table; the key sheet is printed from it.

export type Action =
  | "palette"
  | "sheet"
  | "filter"
  | "go.ask"
  | "go.estate"
  | "go.runs"
  | "go.doctor"
  | "go.settings"
  | "row.next"
  | "row.previous"
  | "row.first"
  | "row.last"
  | "row.select"
  | "row.open"
  | "back"
  | "new"
  | "copy"
  | "views"
  | "view.save"
  | "follow"
  | "find.next"
  | "find.previous"
  | "first.error"
  | "times";

export type Binding = {
  keys: string; // one chord, or two strokes with a space between
  action: Action;
  says: string;
  group: "Everywhere" | "Go to" | "Lists" | "Log";
  typing?: boolean; // also while a field has the focus
};

export const bindings: Binding[] = [
  { keys: "ctrl+k", action: "palette", says: "Ask, find or go anywhere", group: "Everywhere", typing: true },
  { keys: "/", action: "filter", says: "Type into the field of this view", group: "Everywhere" },
  { keys: "?", action: "sheet", says: "This sheet", group: "Everywhere" },
  { keys: "escape", action: "back", says: "Close, or leave the field", group: "Everywhere", typing: true },
  { keys: "n", action: "new", says: "A new conversation", group: "Everywhere" },
  { keys: "g a", action: "go.ask", says: "Ask", group: "Go to" },
  { keys: "g e", action: "go.estate", says: "Estate", group: "Go to" },
  { keys: "g r", action: "go.runs", says: "Runs", group: "Go to" },
  { keys: "g d", action: "go.doctor", says: "Doctor", group: "Go to" },
  { keys: "g s", action: "go.settings", says: "Settings", group: "Go to" },
  { keys: "j", action: "row.next", says: "Next row", group: "Lists" },
  { keys: "k", action: "row.previous", says: "Previous row", group: "Lists" },
  { keys: "home", action: "row.first", says: "First row", group: "Lists" },
  { keys: "end", action: "row.last", says: "Last row", group: "Lists" },
  { keys: "x", action: "row.select", says: "Select the row", group: "Lists" },
  { keys: "enter", action: "row.open", says: "Open the row", group: "Lists" },
  { keys: "c", action: "copy", says: "Copy the name of the row", group: "Lists" },
  { keys: "v", action: "views", says: "Saved views", group: "Lists" },
  { keys: "s", action: "view.save", says: "Save the query as a view", group: "Lists" },
  { keys: "f", action: "follow", says: "Follow the end", group: "Log" },
  { keys: "]", action: "find.next", says: "Next match", group: "Log" },
  { keys: "[", action: "find.previous", says: "Previous match", group: "Log" },
  { keys: "e", action: "first.error", says: "First error", group: "Log" },
  { keys: "t", action: "times", says: "Times of the lines", group: "Log" },
];

export type Stroke = {
  key: string;
  ctrlKey?: boolean;
  metaKey?: boolean;
  altKey?: boolean;
  shiftKey?: boolean;
};

/** `ctrl+k` also for the command key; shift is in the character itself (`?`). */
export function nameOf(stroke: Stroke): string {
  const key = stroke.key.length === 1 ? stroke.key : stroke.key.toLowerCase();
  const prefix = (stroke.ctrlKey || stroke.metaKey ? "ctrl+" : "") + (stroke.altKey ? "alt+" : "");
  const simple = prefix ? key.toLowerCase() : key;
  if (simple === "arrowdown") return `${prefix}j`;
  if (simple === "arrowup") return `${prefix}k`;
  return prefix + simple;
}

export type Pending = string | undefined; // the first of two strokes

const modifiers = ["shift", "control", "alt", "meta"];

/** What may follow a first stroke. */
export const after = (first: string) => bindings.filter((binding) => binding.keys.startsWith(`${first} `));

/**
 * What a stroke means, given the one before. `typing`: a field has the focus, so that only
 * bindings marked for it count. A first stroke waits for the second however long it takes (a person
 * or a machine may be slow); Esc takes it back.
 */
export function press(stroke: Stroke, pending: Pending, typing: boolean): { action?: Action; pending: Pending } {
  const name = nameOf(stroke);
  if (modifiers.includes(name)) return { pending };
  if (pending && !typing) {
    const found = bindings.find((binding) => binding.keys === `${pending} ${name}`);
    if (found) return { action: found.action, pending: undefined };
    if (name === "escape") return { pending: undefined };
  }
  const found = bindings.find(
    (binding) => binding.keys === name && (!typing || binding.typing === true),
  );
  if (found) return { action: found.action, pending: undefined };
  if (!typing && after(name).length > 0) return { pending: name };
  return { pending: undefined };
}

/** How a binding is printed: "Ctrl K", "G then R". */
export function printed(keys: string): string[] {
  return keys
    .split(/[ +]/)
    .map((key) => (key.length === 1 ? key.toUpperCase() : key.charAt(0).toUpperCase() + key.slice(1)));
}
