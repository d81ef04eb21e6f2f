// SPDX-License-Identifier: Apache-2.0
// The places of the page in the window, light and dark: no violation of WCAG 2.2 AA in this engine
// either, nothing that the policy blocks. And its stream of events, killed again and again. All
// places with ESCHER_TEST_SOAK, else those that people see on most days.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { emptyCore, main, places, settle, show } from "../ui/routes.mjs";
import { cutTwentyTimes } from "../ui/stream.mjs";
import { axe, missing, root } from "../ui/support.mjs";
import { Window } from "./window.mjs";

const why = missing();
const { core, paths } = await places();
const shown = process.env.ESCHER_TEST_SOAK ? Object.keys(paths) : main;
let server;
let window;
let page;
const folder = mkdtempSync(join(tmpdir(), "escher-window-"));

/* What stands behind the socket; a test may put another core there. */
const behind = { core, answer: (...call) => behind.core.answer(...call), follow: (...call) => behind.core.follow(...call) };

before(async () => {
  if (why) return;
  const { serve } = await import(`${root}ui/tests/fake/server.mjs`);
  mkdirSync(join(folder, "run"));
  server = await serve(behind, join(folder, "run/default.sock"));
});

after(async () => {
  await window?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(...args) {
  await window?.close();
  window = await Window.open({ PATH: process.env.PATH, HOME: folder, ESCHER_HOME: folder }, "--size", "1280x800", ...args);
  ({ page } = window);
  await page.locator("main").waitFor();
}

for (const theme of ["light", "dark"]) {
  test(`the window opens in ${theme}`, { skip: why }, async () => {
    behind.core = core;
    await open("--theme", theme);
    assert.equal(await window.execute("return matchMedia('(prefers-color-scheme: dark)').matches"), theme === "dark");
  });
  for (const name of shown)
    test(`${name}, ${theme}`, { skip: why }, async () => {
      await show(page, paths[name]);
      assert.deepEqual(await axe(page), []);
    });
  test(`the palette and the key sheet, ${theme}`, { skip: why }, async () => {
    await show(page, "/runs");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("pg");
    await settle(page);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "hidden" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Escape");
    await page.clean();
  });
  if (theme === "light")
    test("a stream cut twenty times loses nothing and doubles nothing", { skip: why }, async () => {
      core.options.stepMs = -1;
      const { plan_hash, confirm } = core.answer("POST", "/api/ask", { prompt: "Stop pg-instance-main2" }).document.body;
      const { run_id } = core.answer("POST", `/api/plans/${plan_hash}/approve`, { confirm }).document.body;
      await show(page, `/plan/${plan_hash}`);
      await cutTwentyTimes(page, core, server, run_id);
      await page.clean();
    });
  test(`the first start, ${theme}`, { skip: why }, async () => {
    behind.core = await emptyCore();
    await page.goto("escher://app/");
    await page.getByText("Find accounts").waitFor();
    await settle(page);
    assert.deepEqual(await axe(page), []);
    await page.clean();
  });
}
