// SPDX-License-Identifier: Apache-2.0
// Test support: the page's `fetch` and stream, answered by the fake core without a socket.
import { vi } from "vitest";
import { forgetAll } from "../src/state/data";
import { Core } from "./fake/core.mjs";

export type Fake = { core: InstanceType<typeof Core>; calls: string[]; goAway: () => void; comeBack: () => void };

export function fake(options: Record<string, unknown> = {}): Fake {
  const core = new Core({ count: 40, ...options });
  const calls: string[] = [];
  let away = false;
  forgetAll();
  vi.stubGlobal("fetch", async (path: string, init: { method: string; body?: string; headers: Record<string, string> }) => {
    if (away) throw new TypeError("Failed to fetch");
    if (!init.headers["X-Escher"]) throw new Error("a call without the page's header");
    calls.push(`${init.method} ${path}`);
    const { code, document } = core.answer(init.method, path, init.body ? JSON.parse(init.body) : {});
    return { status: code, json: async () => JSON.parse(JSON.stringify(document)) };
  });
  return { core, calls, goAway: () => (away = true), comeBack: () => (away = false) };
}
