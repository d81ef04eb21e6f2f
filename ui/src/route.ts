// SPDX-License-Identifier: Apache-2.0
import { queryOf } from "./logic/views";
import { listenToLinks } from "./state/shell";
import { store, useStore } from "./state/store";
import type { View } from "./types";

// Every state of the page is an address that another door opens: plain paths, because both doors
// give index.html for any path that is no file and not under /api/.
//
//     /                          ask                 /runs              runs
//     /c/CONVERSATION            a conversation      /runs/RUN          one run
//     /plan/HASH                 a plan alone        /doctor /settings
//     /estate?q=…&sort=…&r=ID    the explorer

export type Route =
  | { view: "ask"; conversation?: string; params: URLSearchParams }
  | { view: "plan"; hash: string; params: URLSearchParams }
  | { view: "estate"; params: URLSearchParams }
  | { view: "runs"; params: URLSearchParams }
  | { view: "run"; id: string; params: URLSearchParams }
  | { view: "doctor"; params: URLSearchParams }
  | { view: "settings"; params: URLSearchParams }
  | { view: "nowhere"; path: string; params: URLSearchParams };

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function read(path: string, search: string): Route {
  const params = new URLSearchParams(search);
  const [first = "", second, ...more] = path.split("/").filter(Boolean).map(decode);
  if (more.length === 0) {
    if (first === "" || first === "index.html") return { view: "ask", params };
    if (first === "c" && second) return { view: "ask", conversation: second, params };
    if (first === "plan" && second) return { view: "plan", hash: second, params };
    if (first === "runs") return second ? { view: "run", id: second, params } : { view: "runs", params };
    if (second === undefined && (first === "estate" || first === "doctor" || first === "settings"))
      return { view: first, params };
  }
  return { view: "nowhere", path, params };
}

export function path(view: "ask" | "estate" | "runs" | "doctor" | "settings"): string {
  return view === "ask" ? "/" : `/${view}`;
}

export const conversationPath = (id: string) => `/c/${encodeURIComponent(id)}`;
export const runPath = (id: string) => `/runs/${encodeURIComponent(id)}`;
export const planPath = (hash: string) => `/plan/${encodeURIComponent(hash)}`;
export function estatePath(query: string, resource?: string): string {
  const params = new URLSearchParams();
  if (query) params.set("q", query);
  if (resource) params.set("r", resource);
  const text = params.toString();
  return text ? `/estate?${text}` : "/estate";
}

export function viewPath(view: View): string {
  const params = new URLSearchParams();
  const entries = { q: queryOf(view), group: view.group, sort: view.sort, cols: view.columns.join(",") };
  for (const [name, value] of Object.entries(entries)) if (value) params.set(name, value);
  const text = params.toString();
  return text ? `/estate?${text}` : "/estate";
}

const current = store<Route>(
  typeof location === "undefined" ? read("/", "") : read(location.pathname, location.search),
);

function enter(url: string, replace: boolean): void {
  const target = new URL(url, location.href);
  if (target.origin !== location.origin && target.protocol !== location.protocol) return;
  try {
    if (replace) history.replaceState(null, "", target.pathname + target.search);
    else history.pushState(null, "", target.pathname + target.search);
  } catch {
    // A door that does not let addresses be changed; the view changes all the same.
  }
  current.set(read(target.pathname, target.search));
}

export const go = (url: string) => enter(url, false);
export const replace = (url: string) => enter(url, true);

/** Changes parameters of the present address; an empty value takes one out. */
export function setParams(changes: Record<string, string | undefined>, push = false): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  const text = params.toString();
  enter(location.pathname + (text ? `?${text}` : ""), !push);
}

export function useRoute(): Route {
  return useStore(current);
}

export const route = () => current.get();

export function listenToHistory(): () => void {
  const again = () => current.set(read(location.pathname, location.search));
  again();
  addEventListener("popstate", again);
  const stop = listenToLinks((place) => {
    if (place !== location.pathname + location.search) go(place);
  });
  return () => {
    removeEventListener("popstate", again);
    stop();
  };
}
