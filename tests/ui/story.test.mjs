// SPDX-License-Identifier: Apache-2.0
// The story in Chromium, with the real programs and a demo cloud: from nothing to a verified run,
// once by mouse and once by keyboard alone. The cloud itself is asked whether it is true.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { byKeys, byMouse, name, seeVerified } from "./story.mjs";
import { Desk, axe, browser, missing, shown, watchedPage } from "./support.mjs";

const why = missing({ programs: true });
let desk;
let chromium;
let link;
let seen;
let untouched;

before(async () => {
  if (why) return;
  desk = await new Desk().begin();
  untouched = await desk.databases();
  chromium = await browser();
  link = await desk.link();
});

after(async () => {
  if (process.env.ESCHER_UI_LAST) await seen?.page.screenshot({ path: process.env.ESCHER_UI_LAST });
  await chromium?.close();
  await desk?.end();
});

/* Each goes on where the one before has ended. After a failure nothing that follows can be true. */
let broken;
function step(name, work) {
  test(name, { skip: why }, async (t) => {
    if (broken) return t.skip(`${broken}: that has failed before`);
    try {
      await work();
    } catch (error) {
      broken = name;
      if (seen) t.diagnostic(await shown(seen.page));
      throw error;
    }
  });
}

step("a newcomer finds accounts, reads the estate and sees a list", async () => {
  seen = await watchedPage(chromium);
  const { page } = seen;
  await page.goto(link);
  await page.getByText("Find accounts").waitFor();
  assert.equal(new URL(page.url()).hash, "", "the code is gone from the address");
  assert.deepEqual(await axe(page), []);
  await byMouse.onboard(page, desk.environment.ESCHER_DEMO_ENDPOINT);
  assert.deepEqual(await axe(page), []);
  seen.clean();
});

step("by mouse: search, ask, card, approve, live log, verified, on record; and the cloud says so", async () => {
  const { page } = seen;
  await byMouse.find(page);
  const card = await byMouse.ask(page, "Stop");
  assert.deepEqual(await axe(page), []);
  await byMouse.approve(page, card);
  await seeVerified(card);
  assert.deepEqual(await desk.databases(), { ...untouched, [name]: "stopped" });
  await byMouse.openRecord(page, card);
  assert.deepEqual(await axe(page), []);
  await byMouse.openHistory(page);
  seen.clean();
});

step("what the page saves as a view is one on the command line, and the other way round", async () => {
  const { page } = seen;
  await page.goto(new URL("/estate?q=type%3Ards_instance+pg&group=state&cols=name,state", page.url()).href);
  await page.getByRole("button", { name: "Views", exact: true }).click();
  await page.getByLabel("Name of the view").fill("<b>pg</b>");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("link", { name: /^<b>pg<\/b>/ }).first().waitFor();
  assert.match(await desk.escher("views"), /<b>pg<\/b> +type:rds_instance pg +state/);
  assert.match(await desk.escher("find", "--view", "<b>pg</b>", "-n", "1"), new RegExp(name));
  await desk.escher("views", "save", "asleep", "--filter", "state:stopped");
  await page.getByRole("link", { name: /^asleep/ }).first().waitFor();
  await page.getByRole("button", { name: "Delete asleep" }).click();
  await page.getByRole("button", { name: "Undo: keep asleep" }).waitFor();
  assert.doesNotMatch(await desk.escher("views"), /asleep/);
  seen.clean();
});

step("how the store is protected stands beside the doctor, and the record is whole", async () => {
  const { page } = seen;
  const line = (what) => page.locator(".check", { has: page.locator("b", { hasText: what }) });
  await page.goto(new URL("/doctor", page.url()).href);
  await line("Audit trail").getByRole("button", { name: "Verify" }).click();
  await line("Audit trail").getByText(/records?, each in its place/).waitFor();
  for (const what of ["Backup", "Key", "Recovery code", "Older copies", "Process"]) await line(what).waitFor();
  await line("Recovery code").getByText("escher key recovery").waitFor();
  await desk.escher("key", "recovery");
  await line("Recovery code").getByText("there", { exact: true }).waitFor();
  await page.getByText("no recovery code").waitFor({ state: "detached" }); // nor does the list above say otherwise
  assert.deepEqual(await axe(page), []);
  seen.clean();
});

step("by keyboard alone: the same way back, to available", async () => {
  const { page } = seen;
  const card = await byKeys.ask(page, "Start");
  await byKeys.approve(page, card);
  await seeVerified(card);
  assert.deepEqual(await desk.databases(), untouched);
  await byKeys.openHistory(page);
  await page.getByRole("cell", { name: "done" }).nth(1).waitFor();
  await byKeys.openRecord(page);
  const keys = page.keyboard;
  await keys.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await keys.press("Escape");
  seen.clean();
});

step("what happened is still there after a reload, and in another tab", async () => {
  const { page, context } = seen;
  await page.reload();
  await page.getByText('"DBInstanceStatus"').first().waitFor();
  const other = await context.newPage();
  await other.goto(new URL("/", page.url()).href);
  await other.getByRole("link", { name: "Start pg-instance-main1" }).click();
  await other.getByText("done and verified").waitFor();
  await other.close();
  seen.clean();
});

step("a link works once, and a page without a session is told what to do", async () => {
  const stranger = await watchedPage(chromium);
  await stranger.page.goto(link);
  await stranger.page.getByRole("heading", { name: "This page needs a new link" }).waitFor();
  assert.deepEqual(await axe(stranger.page), []);
  stranger.clean();
  await stranger.context.close();
});

step("a door that closes is told, and what was typed is kept", async () => {
  const { page } = seen;
  await page.goto(new URL("/", page.url()).href);
  await page.getByLabel("What should happen?").fill("Start pg-inst");
  await desk.stopServing();
  await page.locator(".gone-banner").waitFor();
  assert.equal(await page.getByLabel("What should happen?").inputValue(), "Start pg-inst");
  assert.deepEqual(await axe(page), []);
  seen.clean();
});
