// SPDX-License-Identifier: Apache-2.0
// Every place of the page, on the core of ui/tests/fake, because states like a failed region are
// wanted; for Chromium and for the window.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { patience, root } from "./support.mjs";

/** The page is there, nothing is being fetched any more, and what came is drawn. */
export async function settle(page) {
  const isBusy = () => page.evaluate(() => !document.querySelector("main") || document.querySelector(".skeleton, [aria-busy=true], .starting") !== null);
  for (const end = Date.now() + patience; await isBusy(); await pause(30)) assert.ok(Date.now() < end, "the page goes on loading");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));
}

/** As a link from outside is shown: the page goes there itself. */
export async function show(page, path) {
  const there = await page.evaluate((detail) => {
    dispatchEvent(new CustomEvent("escher:open", { cancelable: true, detail }));
    return location.pathname + location.search;
  }, path);
  assert.equal(there, path);
  await settle(page);
}

/** Presses a key until something has the focus; every step of the way is one a person can take. */
export async function reach(page, key, target) {
  for (let i = 0; i < 80; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${key} never reaches it`);
}

/** A core on which something has happened, and the places to look at, by name. */
export async function places() {
  const { Core } = await import(`${root}ui/tests/fake/core.mjs`);
  const core = new Core({ count: 400, stepMs: 0, logLines: 120 });
  const asked = (prompt) => core.answer("POST", "/api/ask", { prompt }).document.body;
  const done = asked("Stop pg-instance-stage1").plan_hash;
  const run = core.answer("POST", `/api/plans/${done}/approve`, {}).document.body.run_id;
  core.answer("PUT", "/api/views/asleep", { filter: "state:stopped", group: "account" });
  core.views.set("from before", { name: "from before", text: "", filter: "type:spaceship", columns: [], saved_at: "2026-11-20T08:00:00Z" });
  const resource = "123456789012-us-west-2-rds_instance-pg-instance-main1";
  return {
    core,
    paths: {
      start: "/",
      plan: `/plan/${asked("Stop pg-instance-main1").plan_hash}`,
      "plan, done": `/plan/${done}`,
      question: `/c/${asked("Start orders-db").conversation}`,
      answer: `/c/${asked("Which databases are in production?").conversation}`,
      refusal: `/c/${asked("Write a poem").conversation}`,
      estate: "/estate",
      resource: `/estate?q=type%3Ards_instance&r=${resource}`,
      relations: `/estate?r=${resource}&tab=relations`,
      impact: `/estate?r=${resource}&tab=impact`,
      rights: `/estate?r=${resource}&tab=rights`,
      "runs of a resource": `/estate?r=${resource}&tab=runs`,
      json: `/estate?r=${resource}&tab=json`,
      groups: "/estate?group=account",
      "nothing matches": "/estate?q=name%3Anone",
      "no such filter": "/estate?q=type%3A%20OR",
      runs: "/runs",
      run: `/runs/${run}?find=DBInstance`,
      "no such run": "/runs/none",
      "no such plan": "/plan/none",
      doctor: "/doctor",
      settings: "/settings",
      nowhere: "/what/is/this",
    },
  };
}

/** Those that a person sees on most days. */
export const main = ["start", "plan", "question", "answer", "estate", "resource", "runs", "run", "doctor", "settings"];

/** A core of somebody who has just begun. */
export async function emptyCore() {
  const { Core } = await import(`${root}ui/tests/fake/core.mjs`);
  return new Core({ empty: true });
}
