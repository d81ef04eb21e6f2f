// SPDX-License-Identifier: Apache-2.0
// A core whose key is not open: without a passphrase, with a wrong one, or behind a keychain that
// was locked meanwhile. The page says so with its cure, keeps what was typed, and comes back.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { axe, browser, hears, missing, root, watchedPage } from "./support.mjs";

const why = missing();
let chromium;
let core;
let server;

before(async () => {
  if (why) return;
  const { Core } = await import(`${root}ui/tests/fake/core.mjs`);
  const { serve } = await import(`${root}ui/tests/fake/server.mjs`);
  chromium = await browser();
  core = new Core({ count: 100, stepMs: -1 });
  server = await serve(core);
});

after(async () => {
  await chromium?.close();
  await server?.close();
});

afterEach(() => core?.lock(undefined));

const locked = (page) => page.getByRole("heading", { name: "The store is locked" });

for (const message of ["the passphrase does not open the key file", "the passphrase is empty"]) {
  test(`a page of a locked core opens by itself: ${message}`, { skip: why }, async (t) => {
    core.lock(message);
    const seen = await watchedPage(chromium, {}, t);
    const { page } = seen;
    await page.goto(`${server.url}/estate?q=env%3Aproduction`);
    await locked(page).waitFor();
    await page.getByText(message).waitFor();
    await page.getByText("escher serve", { exact: true }).waitFor();
    assert.deepEqual(await axe(page), []);
    assert.equal(await page.locator(".table, .composer").count(), 0, "nothing of the estate is shown");
    core.lock(undefined);
    await page.getByRole("row", { name: /Select pg-instance-main1/ }).first().waitFor();
    assert.equal(await page.getByRole("combobox", { name: "Query" }).inputValue(), "env:production");
    await hears(page, core);
    seen.clean();
  });
}

test("what was typed before the lock is there after it, in its place", { skip: why }, async (t) => {
  const seen = await watchedPage(chromium, {}, t);
  const { page } = seen;
  const { plan_hash } = core.answer("POST", "/api/ask", { prompt: "Stop pg-instance-main1" }).document.body;
  await page.goto(`${server.url}/`);
  await page.getByLabel("What should happen?").fill("Stop pg-inst");
  await page.locator(`a[href="/plan/${plan_hash}"]`).click();
  await page.getByLabel(/to approve/).fill("pg-instance-ma");
  core.lock("the keychain is locked");
  server.cut();
  await locked(page).waitFor();
  await page.waitForTimeout(4000); // it has tried by itself, and is still locked
  assert.equal(await locked(page).count(), 1);
  core.lock(undefined);
  // At once, where it is there still: the page may have come back by itself meanwhile.
  await page.evaluate(() => [...document.querySelectorAll("button")].find((one) => one.textContent === "Try now")?.click());
  await page.getByLabel(/to approve/).waitFor();
  assert.equal(await page.getByLabel(/to approve/).inputValue(), "pg-instance-ma");
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  assert.equal(await page.getByLabel("What should happen?").inputValue(), "Stop pg-inst");
  await hears(page, core);
  seen.clean();
});
