// SPDX-License-Identifier: Apache-2.0
// Every view, in light and dark, at two sizes: build/screenshots/NAME-THEME-WIDTH.png. Taken on the
// core of ui/tests/fake, which can be in any state; to be looked at, not compared.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { browser, missing, root, watchedPage } from "./support.mjs";

const why = missing();
if (why) {
  console.error(`screenshots: ${why}`);
  process.exit(1);
}
const { Core } = await import(`${root}ui/tests/fake/core.mjs`);
const { serve } = await import(`${root}ui/tests/fake/server.mjs`);
const wanted = process.argv.slice(2);
const folder = join(root, "build/screenshots");
mkdirSync(folder, { recursive: true });

const resource = "123456789012-us-west-2-rds_instance-pg-instance-main1";
const wait = (page, ms = 400) => page.waitForTimeout(ms);
const submit = async (page, text) => {
  await page.locator(".composer textarea").fill(text);
  await page.keyboard.press("Enter");
  await wait(page, 700);
};

const someViews = (core) => {
  const save = (name, body) => core.handle("PUT", `/api/views/${encodeURIComponent(name)}`, body);
  save("asleep", { filter: "state:stopped" });
  save("pg by account", { filter: "type:rds_instance", text: "pg", group: "account" });
  save("production databases of the three teams that write orders", { filter: "env:production type:database (app=orders OR app=main OR app=reports)" });
  save("old boxes", { filter: "type:ec2_instance NOT env:production", sort: "created" });
  save("<b>odd\u00a0one</b>", { filter: 'app="odd"' });
  core.views.set("ships", { name: "ships", text: "", filter: "type:spaceship", columns: [], saved_at: "2026-11-20T08:00:00Z" });
};

/* Each on a fresh core: what it is given, and what is done before the picture. */
const views = {
  "onboarding-1-accounts": { options: { empty: true }, at: "/" },
  "onboarding-2-read": {
    options: { empty: true },
    at: "/",
    act: async (page) => {
      await page.getByRole("button", { name: /^Look/ }).click();
      await wait(page);
    },
  },
  "ask-start": {
    at: "/",
    prepare: (core) => {
      core.options.stepMs = 60_000;
      const { plan_hash } = core.handle("POST", "/api/ask", { prompt: "Stop pg-instance-stage1" });
      core.handle("POST", `/api/plans/${plan_hash}/approve`, {});
      core.handle("POST", "/api/ask", { prompt: "Stop pg-instance-main1" });
    },
  },
  "ask-chips": { at: "/", act: async (page) => { await page.locator(".composer textarea").fill("Stop pg-instance-main1 and orders-db"); await wait(page, 600); } },
  "ask-plan": { at: "/", act: (page) => submit(page, "Stop pg-instance-main1") },
  "ask-question": { at: "/", act: (page) => submit(page, "Start orders-db") },
  "ask-answer": { at: "/", act: (page) => submit(page, "Which databases are in production?") },
  "ask-refusal": { at: "/", act: (page) => submit(page, "Write a poem") },
  "ask-running": {
    options: { stepMs: 60_000 },
    at: "/",
    act: async (page) => {
      await submit(page, "Stop pg-instance-main1");
      await page.locator(".approve input").fill("pg-instance-main1");
      await page.keyboard.press("Enter");
      await wait(page, 900);
    },
  },
  "ask-done": {
    options: { stepMs: 300 },
    at: "/",
    act: async (page) => {
      await submit(page, "Stop pg-instance-main1");
      await page.locator(".approve input").fill("pg-instance-main1");
      await page.keyboard.press("Enter");
      await page.getByText("done and verified").waitFor();
      await wait(page);
    },
  },
  "ask-expired": { options: { ttlMs: 900 }, at: "/", act: async (page) => { await submit(page, "Stop pg-instance-main1"); await wait(page, 1500); } },
  estate: { at: "/estate" },
  "estate-completion": { at: "/estate", act: async (page) => { await page.keyboard.press("/"); await page.keyboard.type("env:production st"); await wait(page, 600); } },
  "estate-selected": { at: "/estate?q=type%3Ards_instance", act: async (page) => { for (const key of ["x", "j", "x", "j", "j", "x"]) await page.keyboard.press(key); await wait(page); } },
  "estate-drawer": { at: `/estate?q=env%3Aproduction+type%3Ards_instance&r=${resource}` },
  "estate-impact": { at: `/estate?q=env%3Aproduction+type%3Ards_instance&r=${resource}&tab=impact` },
  "estate-gaps": { at: "/estate?account=987654321098", act: async (page) => { await page.locator(".gap-line summary").click(); await wait(page); } },
  "estate-hostile": { at: "/estate?q=app%3Dodd&cols=name,state,type,identifier,tags" },
  "estate-views": {
    at: "/estate?q=env%3Aproduction+state%3Astopped&group=account",
    prepare: someViews,
    act: async (page) => {
      await page.keyboard.press("s");
      await wait(page, 200);
      await page.keyboard.type("asleep in production");
      await wait(page);
    },
  },
  "estate-view-deleted": {
    at: "/estate?q=type%3Ards_instance+pg",
    prepare: someViews,
    act: async (page) => {
      await page.keyboard.press("v");
      await page.getByRole("button", { name: "Delete old boxes" }).click();
      await page.getByRole("button", { name: /^Rename pg/ }).click();
      await wait(page);
    },
  },
  "palette-views": { at: "/", prepare: someViews, act: async (page) => { await page.keyboard.press("Control+k"); await page.keyboard.type("p"); await wait(page); } },
  "estate-none": { at: "/estate?q=name%3Anone" },
  "estate-wrong": { at: "/estate?q=type%3Ards+OR+main" },
  runs: {
    at: "/runs",
    prepare: async (core) => {
      for (const prompt of ["Stop pg-instance-stage1", "Start pg-instance-stage1", "Stop pg-instance-main2"]) {
        const { plan_hash, confirm } = core.handle("POST", "/api/ask", { prompt });
        core.handle("POST", `/api/plans/${plan_hash}/approve`, { confirm });
        await new Promise((done) => setTimeout(done, 150));
      }
      const [first] = core.runs.values();
      Object.assign(first, { state: "failed", outcome: "failed", message: "AccessDenied for rds:StopDBInstance." });
    },
    options: { stepMs: 30 },
  },
  "run-log": {
    at: (core) => `/runs/${[...core.runs.keys()][0]}?find=could`,
    options: { stepMs: 30, logLines: 400 },
    prepare: async (core) => {
      const { plan_hash, confirm } = core.handle("POST", "/api/ask", { prompt: "Stop pg-instance-main1" });
      core.handle("POST", `/api/plans/${plan_hash}/approve`, { confirm });
      await new Promise((done) => setTimeout(done, 200));
    },
  },
  "run-live": {
    at: (core) => `/runs/${[...core.runs.keys()][0]}`,
    options: { stepMs: 60_000, logLines: 400 },
    prepare: (core) => {
      const { plan_hash, confirm } = core.handle("POST", "/api/ask", { prompt: "Stop pg-instance-main1" });
      core.handle("POST", `/api/plans/${plan_hash}/approve`, { confirm });
    },
  },
  doctor: { at: "/doctor" },
  "doctor-verified": { at: "/doctor", act: async (page) => { await page.getByRole("button", { name: "Verify" }).click(); await wait(page); } },
  "doctor-at-risk": {
    at: "/doctor",
    options: { noBackup: true, noRecovery: true, unanchored: true, openMemory: true, badAudit: true, rotation: { state: "sealing", sealed: 412, rows: 900, unreadable: 2 } },
    act: async (page) => { await page.getByRole("button", { name: "Verify" }).click(); await wait(page); },
  },
  settings: { at: "/settings" },
  palette: { at: "/estate", act: async (page) => { await page.keyboard.press("Control+k"); await page.keyboard.type("pg"); await wait(page); } },
  keys: { at: "/estate", act: async (page) => { await page.keyboard.press("?"); await wait(page); } },
  gone: {
    at: "/",
    act: async (page, server) => {
      await page.locator(".composer textarea").fill("Stop pg-instance-ma");
      await wait(page);
      await server.close();
      await page.getByText("The core does not answer.").waitFor();
    },
  },
  nowhere: { at: "/what/is/this" },
};

const chromium = await browser();
for (const [name, view] of Object.entries(views)) {
  if (wanted.length && !wanted.includes(name)) continue;
  for (const theme of ["light", "dark"]) {
    for (const [width, height] of [[1280, 800], [1920, 1080]]) {
      const core = new Core({ count: 992, ...view.options });
      await view.prepare?.(core);
      const server = await serve(core);
      const seen = await watchedPage(chromium, { colorScheme: theme, viewport: { width, height } });
      await seen.page.goto(server.url + (typeof view.at === "function" ? view.at(core) : view.at));
      await wait(seen.page, 700);
      await view.act?.(seen.page, server);
      await seen.page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
      seen.clean();
      await seen.context.close();
      await server.close().catch(() => undefined);
    }
  }
  console.log(name);
}
await chromium.close();
process.exit(); // the timers of the fake cores would keep us
