// SPDX-License-Identifier: Apache-2.0
// Every route in each theme: no violation of WCAG 2.2 AA, nothing that the policy blocks, no error.
// On the core of ui/tests/fake, because states like a failed region or a locked store are wanted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, browser, missing, root, watchedPage } from "./support.mjs";

const why = missing();
let chromium;
let full;
let empty;
const found = {};

before(async () => {
  if (why) return;
  const { Core } = await import(`${root}ui/tests/fake/core.mjs`);
  const { serve } = await import(`${root}ui/tests/fake/server.mjs`);
  chromium = await browser();
  const core = new Core({ count: 400, stepMs: 0, logLines: 120 });
  const asked = (prompt) => core.answer("POST", "/api/ask", { prompt }).document.body;
  const plan = asked("Stop pg-instance-stage1");
  found.run = core.answer("POST", `/api/plans/${plan.plan_hash}/approve`, {}).document.body.run_id;
  found.plan = asked("Stop pg-instance-main1").plan_hash;
  found.question = asked("Start orders-db").conversation;
  found.answer = asked("Which databases are in production?").conversation;
  found.refusal = asked("Write a poem").conversation;
  found.resource = "123456789012-us-west-2-rds_instance-pg-instance-main1";
  full = await serve(core);
  empty = await serve(new Core({ empty: true }));
});

after(async () => {
  await chromium?.close();
  await full?.close();
  await empty?.close();
});

const routes = {
  start: () => "/",
  plan: () => `/plan/${found.plan}`,
  question: () => `/c/${found.question}`,
  answer: () => `/c/${found.answer}`,
  refusal: () => `/c/${found.refusal}`,
  estate: () => "/estate",
  resource: () => `/estate?q=type%3Ards_instance&r=${found.resource}`,
  relations: () => `/estate?r=${found.resource}&tab=relations`,
  json: () => `/estate?r=${found.resource}&tab=json`,
  "nothing matches": () => "/estate?q=name%3Anone",
  "no such filter": () => "/estate?q=type%3A%20OR",
  runs: () => "/runs",
  run: () => `/runs/${found.run}?find=DBInstance`,
  "no such run": () => "/runs/none",
  doctor: () => "/doctor",
  settings: () => "/settings",
  nowhere: () => "/what/is/this",
};

async function settle(page) {
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForTimeout(250);
}

for (const theme of ["light", "dark"]) {
  for (const [name, path] of Object.entries(routes)) {
    test(`${name}, ${theme}`, { skip: why }, async () => {
      const seen = await watchedPage(chromium, { colorScheme: theme });
      await seen.page.goto(full.url + path());
      await seen.page.locator("main").waitFor();
      await settle(seen.page);
      assert.deepEqual(await axe(seen.page), []);
      seen.clean();
      await seen.context.close();
    });
  }
  test(`the palette and the key sheet, ${theme}`, { skip: why }, async () => {
    const seen = await watchedPage(chromium, { colorScheme: theme });
    await seen.page.goto(`${full.url}/runs`);
    await settle(seen.page);
    await seen.page.keyboard.press("Control+k");
    await seen.page.keyboard.type("pg");
    await settle(seen.page);
    assert.deepEqual(await axe(seen.page), []);
    await seen.page.keyboard.press("Escape");
    await seen.page.keyboard.press("?");
    await seen.page.getByRole("dialog", { name: "Keys" }).waitFor();
    assert.deepEqual(await axe(seen.page), []);
    seen.clean();
    await seen.context.close();
  });
  test(`the first start and an empty estate, ${theme}`, { skip: why }, async () => {
    const seen = await watchedPage(chromium, { colorScheme: theme });
    for (const path of ["/", "/estate", "/runs", "/doctor", "/settings"]) {
      await seen.page.goto(empty.url + path);
      await settle(seen.page);
      assert.deepEqual(await axe(seen.page), [], path);
    }
    seen.clean();
    await seen.context.close();
  });
}

test("a name with markup, controls or 64 KB stays text on every view", { skip: why }, async () => {
  const seen = await watchedPage(chromium);
  const { page } = seen;
  await page.goto(`${full.url}/estate?q=app%3Dodd&cols=name,state,identifier,arn,tags`);
  await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
  const text = await page.locator(".table").textContent();
  assert.ok(text.includes("\\x1b[31mred"), "an escape is spelt out");
  assert.ok(text.includes("invoice\\u202efdp.exe"), "an override is spelt out");
  assert.ok(text.includes("line one\\nline two\\ttab"));
  assert.equal(await page.locator(".table img").count(), 0);
  await page.getByRole("row", { name: /Select LLLL/ }).click();
  await page.getByRole("button", { name: /show all 65,536 characters/ }).click();
  await page.getByRole("dialog", { name: "The whole text" }).waitFor();
  seen.clean();
  await seen.context.close();
});
