// SPDX-License-Identifier: Apache-2.0
// The story in the window, with the real programs, the real AWS CLI and a demo cloud: from nothing to
// a verified stop on record, once by mouse and once by keyboard alone, each from a store of its own.
// The cloud itself is asked whether it is true, and what became of the look-alikes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { spawnSync } from "node:child_process";
import { Desk, axe, missing } from "../ui/support.mjs";
import { byKeys, byMouse, name, seeVerified } from "../ui/story.mjs";
import { Window } from "./window.mjs";

const why = missing({ programs: true });
let desk;
let window;
let page;
let untouched;

before(async () => {
  if (why) return;
  desk = await new Desk().begin();
  untouched = await desk.databases();
});

after(async () => {
  await window?.close();
  await desk?.end();
});

/* A window on the core of this home; the core has the passphrase from the command line. */
async function open() {
  await desk.escher("status");
  window = await Window.open(desk.environment);
  ({ page } = window);
  await page.getByText("Find accounts").waitFor();
}

async function seeOnlyThisOneStopped() {
  assert.deepEqual(await desk.databases(), { ...untouched, [name]: "stopped" });
}

/* A link of somebody else's, while a plan waits for its approval: it shows, and does nothing. */
async function comeByLink(place) {
  const { status } = spawnSync(process.env.ESCHER_DESKTOP, [`escher://open${place}`], { env: { ...process.env, ...desk.environment } });
  assert.equal(status, 0);
  await window.wait(async () => (await page.url()) === `escher://app${place}`, place);
}

test("by mouse: from the first start to a verified stop on record; and the cloud says so", { skip: why }, async () => {
  await open();
  await byMouse.onboard(page, desk.environment.ESCHER_DEMO_ENDPOINT);
  await byMouse.find(page);
  const card = await byMouse.ask(page, "Stop");
  assert.deepEqual(await axe(page), []);
  await byMouse.approve(page, card);
  await seeVerified(card);
  await seeOnlyThisOneStopped();
  await byMouse.openRecord(page, card);
  await byMouse.openHistory(page);
  await page.clean();
});

test("what happened is there when the window is opened again", { skip: why }, async () => {
  await window?.close();
  window = await Window.open(desk.environment, "escher://open/runs");
  ({ page } = window);
  await page.getByRole("cell", { name: "done" }).first().waitFor();
  await page.getByRole("link", { name: `Stop ${name}` }).first().click();
  await page.getByText('"DBInstanceStatus"').first().waitFor();
  await page.clean();
});

test("by keyboard alone: the same, in another home; a link that comes meanwhile approves nothing", { skip: why }, async () => {
  await window?.close();
  await desk.moveTo("home-2");
  await desk.aws("rds", "start-db-instance", "--db-instance-identifier", name);
  assert.deepEqual(await desk.databases(), untouched);
  await open();
  await byKeys.onboard(page, desk.environment.ESCHER_DEMO_ENDPOINT);
  await byKeys.find(page);
  await byKeys.ask(page, "Stop");
  const place = await page.locator('a[href^="/plan/"]').first().evaluate((link) => link.getAttribute("href"));
  await comeByLink(`${place}?approve=1&confirm=${name}`);
  const card = page.getByRole("article", { name: new RegExp(`^Plan: Stop ${name}`) });
  await card.getByText(/^valid/).waitFor();
  assert.equal(await card.getByLabel(/to approve/).inputValue(), "", "nobody types for the person");
  assert.deepEqual(await desk.databases(), untouched);
  await byKeys.approve(page, card);
  await seeVerified(card);
  await seeOnlyThisOneStopped();
  await byKeys.openHistory(page);
  await byKeys.openRecord(page);
  await page.clean();
});
