// SPDX-License-Identifier: Apache-2.0
// Much of everything, on the core of ui/tests/fake: 10,000 rows, a log of 200,000 lines, bursts of
// 10,000 events, a stream that is cut again and again. Times are printed; what is asserted is that
// the page stays small, loses nothing and answers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cutTwentyTimes } from "./stream.mjs";
import { settle } from "./routes.mjs";
import { browser, hears, missing, root, watchedPage } from "./support.mjs";

const why = missing();
let chromium;
let core;
let server;
let run;

before(async () => {
  if (why) return;
  const { Core } = await import(`${root}ui/tests/fake/core.mjs`);
  const { serve } = await import(`${root}ui/tests/fake/server.mjs`);
  chromium = await browser();
  core = new Core({ count: 10_000, stepMs: -1 });
  server = await serve(core);
  const { plan_hash } = core.answer("POST", "/api/ask", { prompt: "Stop pg-instance-stage1" }).document.body;
  run = core.answer("POST", `/api/plans/${plan_hash}/approve`, {}).document.body.run_id;
});

after(async () => {
  await chromium?.close();
  await server?.close();
});

test("ten thousand rows are a window of a few, to the last one", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  await page.goto(`${server.url}/estate`);
  await page.getByText("10,000").first().waitFor();
  assert.ok((await page.locator(".table .row").count()) <= 80);
  const typed = await page.evaluate(async () => {
    const field = document.querySelector(".query-bar input");
    field.focus();
    const times = [];
    for (const text of ["m", "ma", "mai", "main", "main-", "main-w"]) {
      const from = performance.now();
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      times.push(performance.now() - from);
    }
    return times.sort((a, b) => a - b).at(-1);
  });
  t.diagnostic(`slowest keystroke to paint: ${typed.toFixed(1)} ms`);
  await page.getByLabel("Clear the query").click();
  await page.getByText("10,000").first().waitFor();
  await page.locator("[data-list]").focus();
  await page.keyboard.press("End");
  await page.locator("#row-9999", { hasText: /\w/ }).waitFor();
  assert.ok((await page.locator(".table .row").count()) <= 80);
  seen.clean();
});

test("facets add up to the query, and the query is the address", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  await page.goto(`${server.url}/estate`);
  await page.locator(".facet", { hasText: "production" }).first().click();
  await page.waitForURL(/q=env%3Aproduction/);
  assert.equal(await page.getByRole("combobox", { name: "Query" }).inputValue(), "env:production");
  await settle(page);
  const shown = await page.locator(".facet.on .num").first().textContent();
  await page.locator(".explorer-line").getByText(shown).waitFor();
  assert.equal(core.answer("POST", "/api/estate/query", { filter: "env:production" }).document.body.total, Number(shown.replace(",", "")));
  await page.reload();
  assert.equal(await page.getByRole("combobox", { name: "Query" }).inputValue(), "env:production");
  seen.clean();
});

test("what is exported is what is shown", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, { acceptDownloads: true }, t);
  const { page } = seen;
  await page.goto(`${server.url}/estate?q=${encodeURIComponent("app=odd")}&cols=name,region`);
  await page.getByText("<img src=x").first().waitFor();
  await settle(page);
  await page.getByRole("button", { name: "Export" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /^CSV/ }).click()]);
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  assert.match(text, /^Name,Region\r\n/);
  assert.equal(text.split("\r\n").length, 12, "a head, ten rows, an end");
  seen.clean();
});

test("a log of 200,000 lines opens at its end, is searched whole, and never freezes", { skip: why }, async (t) => {
  const lines = core.logs.get(run);
  for (let n = 1; n <= 200_000; n++) lines.push(n % 1000 === 500 ? `line ${n} ERROR refused` : `line ${n} all is well`);
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  let asked = 0;
  page.on("request", (request) => (asked += request.url().endsWith("/log")));
  await page.goto(`${server.url}/runs`);
  await page.locator("tbody tr").first().waitFor();
  await hears(page, core);
  const took = await page.evaluate(async () => {
    const from = performance.now();
    document.querySelector("tbody tr").click();
    const isThere = () => document.querySelector(".log-lines")?.textContent.includes("line 200000 all is well");
    while (!isThere()) await new Promise((done) => requestAnimationFrame(done));
    return performance.now() - from;
  });
  t.diagnostic(`open at the end: ${took.toFixed(0)} ms`);
  await page.waitForTimeout(300);
  assert.equal(asked, 1, "one window of lines is asked for, the one that is shown");
  assert.ok((await page.locator(".log-line").count()) <= 120);
  await page.getByLabel("Find in the log").fill("refused");
  await page.getByText("1 of 200", { exact: true }).waitFor();
  await page.locator("mark", { hasText: "refused" }).first().waitFor();
  await page.getByRole("button", { name: "Regular expression" }).click();
  await page.getByLabel("Find in the log").fill("line 1\\d{5} ERR");
  await page.getByText("1 of 100", { exact: true }).waitFor();
  await page.locator(".log-line.hit.now", { hasText: "line 100500 ERROR" }).waitFor();
  await page.getByLabel("Find in the log").fill("line (");
  await page.getByText("search: pattern").waitFor();
  await page.getByLabel("Find in the log").fill("");
  await page.getByRole("button", { name: /First error, line 500/ }).click();
  await page.getByText("line 500 ERROR refused").waitFor();
  seen.clean();
});

test("following lets go when somebody scrolls up, and says how many lines are new", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  await page.goto(`${server.url}/runs/${run}`);
  await page.getByText("line 200000 all is well").waitFor();
  await hears(page, core);
  await page.locator(".log-lines").hover();
  await page.mouse.wheel(0, -3000);
  await page.getByRole("button", { name: "Follow", pressed: false }).waitFor();
  core.print(run, "stop", 342);
  await page.getByRole("button", { name: "342 new lines" }).click();
  await page.locator(".log-line", { hasText: "200342" }).first().waitFor();
  seen.clean();
});

/** Reading a million small texts, in the page: how fast this machine is just now. */
function plainWork() {
  const from = performance.now();
  const text = JSON.stringify({ kind: "output", subject: "burst", data: { step: "s", offset: 6 } });
  for (let i = 0; i < 1_000_000; i++) JSON.parse(text);
  return performance.now() - from;
}

test("a burst of 10,000 events is worked off between frames", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  await page.goto(`${server.url}/runs`);
  await settle(page);
  await hears(page, core);
  await page.evaluate(() => {
    globalThis.longest = 0;
    let last = performance.now();
    const tick = () => {
      globalThis.longest = Math.max(globalThis.longest, performance.now() - last);
      last = performance.now();
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  for (let i = 0; i < 10_000; i++) core.publish({ kind: "output", subject: "burst", data: { step: "s", stream: "stdout", offset: i * 6, text: "hello\n" } });
  core.publish({ kind: "step.started", subject: "burst", data: { step: "s", title: "the last of them", state: "running", message: "" } });
  await page.getByRole("status").getByText("Step: the last of them.").waitFor();
  const longest = await page.evaluate(() => globalThis.longest);
  t.diagnostic(`longest frame: ${longest.toFixed(0)} ms`);
  const pace = await page.evaluate(plainWork);
  t.diagnostic(`plain work, a second or so: ${pace.toFixed(0)} ms`);
  assert.ok(longest < 4 * pace, `${longest} ms without a frame`);
  seen.clean();
});

test("a stream cut twenty times loses nothing and doubles nothing", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  await page.goto(`${server.url}/plan/${core.answer("GET", `/api/runs/${run}`).document.body.plan_hash}`);
  await cutTwentyTimes(page, core, server, run);
  seen.clean();
});

test("a core that goes away and comes back finds what was typed, and the page as it was", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  const { serve } = await import(`${root}ui/tests/fake/server.mjs`);
  const own = await serve(core);
  await page.goto(`${own.url}/`);
  const field = page.getByLabel("What should happen?");
  await field.fill("Stop pg-instance-ma");
  await own.close();
  await page.locator(".gone-banner").waitFor();
  await field.press("End");
  await page.keyboard.type("in1");
  const again = await serve(core, Number(new URL(own.url).port));
  await page.locator(".gone-banner").waitFor({ state: "detached" });
  assert.equal(await field.inputValue(), "Stop pg-instance-main1");
  await page.locator(".chip", { hasText: "pg-instance-main1" }).waitFor();
  await hears(page, core);
  seen.clean();
  await again.close();
});
