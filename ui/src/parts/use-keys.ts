// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useRef } from "react";
import { type Action, type Pending, press } from "../logic/keys";
import { store } from "../state/store";

// One listener for the page; whoever was mounted last gets an action first, and passes it on by
// giving back false.

type Handler = (event: KeyboardEvent) => boolean | void;
const handlers: { action: Action; run: { current: Handler } }[] = [];

export function useAction(action: Action, run: Handler, on = true): void {
  const latest = useRef(run);
  latest.current = run;
  // With the drawing itself: what is in sight has its keys.
  useLayoutEffect(() => {
    if (!on) return;
    const entry = { action, run: latest };
    handlers.push(entry);
    return () => {
      handlers.splice(handlers.indexOf(entry), 1);
    };
  }, [action, on]);
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

export function act(action: Action, event: KeyboardEvent): boolean {
  for (const entry of [...handlers].reverse())
    if (entry.action === action && entry.run.current(event) !== false) return true;
  return false;
}

/* What a key is for. The browser takes the focus out of a menu that was closed with the next frame
 * only: until then what is hidden there has it, and is meant by nobody. */
function targetOf(event: KeyboardEvent): EventTarget | null {
  const target = event.target;
  if (!(target instanceof HTMLElement) || !target.closest("[popover]:not(:popover-open)")) return target;
  target.blur();
  return document.body;
}

/** The first of two strokes, while the second is waited for. */
export const firstStroke = store<Pending>(undefined);

export function listenToKeys(): () => void {
  const forget = () => firstStroke.set(undefined);
  const onKey = (event: KeyboardEvent) => {
    const pending = firstStroke.get();
    forget();
    if (event.defaultPrevented || event.isComposing) return;
    const target = targetOf(event);
    const open = document.querySelector("dialog[open]");
    // A dialog keeps the keys to itself, apart from the palette's own.
    if (open && !((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k")) return;
    // Enter belongs to the control that has the focus.
    if (
      (event.key === "Enter" || event.key === " ") &&
      target instanceof HTMLElement &&
      target.closest("button, a, select, summary, label, [role=tab]")
    )
      return;
    // So does a menu; Esc closes it, wherever the focus is.
    if (target instanceof HTMLElement && target.closest("[popover]")) return;
    if (event.key === "Escape" && document.querySelector("[popover]:popover-open")) return;
    const found = press(event, pending, isTyping(target));
    firstStroke.set(found.pending);
    if (found.action && act(found.action, event)) event.preventDefault();
  };
  addEventListener("keydown", onKey);
  addEventListener("pointerdown", forget);
  addEventListener("blur", forget);
  return () => {
    removeEventListener("keydown", onKey);
    removeEventListener("pointerdown", forget);
    removeEventListener("blur", forget);
  };
}
