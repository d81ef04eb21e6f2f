// SPDX-License-Identifier: Apache-2.0

// What the window adds to the page (apps/desktop/bridge.c). A browser has none of it.

type Shell = {
  door: "window";
  open: (url: string) => Promise<{ opened: boolean }>;
  save: (name: string, text: string) => Promise<{ saved: boolean; path?: string }>;
  notify: (title: string, body?: string) => Promise<{ shown: boolean }>;
};

export const shell = (): Shell | undefined => (globalThis as { escher?: Shell }).escher;

/** A note of the desktop's; the window shows it only while the person looks elsewhere. */
export function note(title: string, body = ""): void {
  shell()
    ?.notify(title, body)
    .catch(() => undefined); // a desktop without notifications: the page says it too
}

/** Links from outside (escher://open/PLACE): shown here, so that what was typed stays. */
export function listenToLinks(show: (place: string) => void): () => void {
  const open = (event: Event) => {
    const place = (event as CustomEvent<unknown>).detail;
    if (typeof place !== "string" || !/^\/(?![/\\])/.test(place)) return;
    event.preventDefault();
    show(place);
  };
  addEventListener("escher:open", open);
  return () => removeEventListener("escher:open", open);
}
