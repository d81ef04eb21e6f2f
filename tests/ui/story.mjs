// SPDX-License-Identifier: Apache-2.0
// The story, step by step, for whoever can show a page: Chromium (story.test.mjs here) and the
// window (tests/desktop/story.test.mjs). `page` is Playwright's, or what stands in for it there.
import assert from "node:assert/strict";
import { reach, settle } from "./routes.mjs";

export const name = "pg-instance-main1";

/* The first list is there: the estate has been read. */
async function seeEstate(page) {
  await page.getByText(name).first().waitFor();
}

export const byMouse = {
  async onboard(page) {
    await page.getByRole("button", { name: "Use the demo cloud" }).click();
    await page.getByText("123456789012").waitFor();
    await page.getByRole("button", { name: "Read the estate" }).click();
    await page.getByText("What should happen?").waitFor();
    await page.getByRole("link", { name: "Estate" }).click();
    await seeEstate(page);
  },

  /** Finds it in the list and looks at it. */
  async find(page) {
    await page.getByRole("combobox", { name: "Query" }).fill("name~pg-instance");
    await page.keyboard.press("Enter");
    await settle(page);
    await page.locator("[role=row]", { hasText: `${name} ` }).first().click();
    await page.getByRole("heading", { name }).waitFor();
    await page.getByText("Can be stopped").waitFor();
  },

  async ask(page, verb) {
    await page.getByRole("button", { name: verb, exact: true }).click();
    return seePlan(page, verb);
  },

  async approve(page, card) {
    await card.getByLabel(/to approve/).fill(name);
    await card.getByRole("button", { name: "Approve and run" }).click();
  },

  async openRecord(page, card) {
    await card.getByRole("link", { name: /record of this run/ }).click();
    await page.getByText('"DBInstanceStatus"').first().waitFor();
    await page.getByLabel("Find in the log").fill("DBInstanceStatus");
    await page.getByText(/1 of \d+/).waitFor();
  },

  async openHistory(page) {
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByRole("cell", { name: "done" }).first().waitFor();
  },
};

export const byKeys = {
  async onboard(page, endpoint) {
    const keys = page.keyboard;
    await reach(page, "Tab", page.locator(".onboarding summary"));
    await keys.press("Enter");
    await reach(page, "Tab", page.getByLabel("Endpoint"));
    await keys.type(endpoint);
    await keys.press("Tab");
    await keys.type("us-west-2");
    await keys.press("Enter");
    await page.getByText("123456789012").waitFor();
    await reach(page, "Tab", page.getByRole("button", { name: "Read the estate" }));
    await keys.press("Enter");
    await page.locator("[aria-label='What should happen?']:focus").waitFor();
    await keys.press("Escape"); // out of the field, which has the focus
    await keys.press("g");
    await keys.press("e");
    await seeEstate(page);
  },

  async find(page) {
    const keys = page.keyboard;
    await keys.press("/");
    await keys.type(name);
    await keys.press("Enter");
    await page.locator("#row-0", { hasText: name }).waitFor();
    await keys.press("Enter");
    await page.getByRole("heading", { name }).waitFor();
    await page.getByText("Can be stopped").waitFor();
    await keys.press("Escape");
  },

  async ask(page, verb) {
    const keys = page.keyboard;
    await keys.press("g");
    await keys.press("a");
    await page.locator("[aria-label='What should happen?']:focus").waitFor();
    await keys.type(`${verb} ${name}`);
    await page.locator(".chip", { hasText: name }).waitFor();
    await keys.press("Enter");
    return seePlan(page, verb);
  },

  async approve(page, card) {
    await reach(page, "Shift+Tab", card.getByLabel(/to approve/));
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
  },

  async openHistory(page) {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.locator("input[aria-label='Ask, find or go']:focus").waitFor();
    await page.keyboard.type("runs");
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: "done" }).first().waitFor();
  },

  /** The newest run of the list. */
  async openRecord(page) {
    await page.keyboard.press("Enter");
    await page.getByText('"DBInstanceStatus"').first().waitFor();
  },
};

/** The plan's card, as it must be before anybody has agreed to anything. */
async function seePlan(page, verb) {
  const card = page.getByRole("article", { name: new RegExp(`^Plan: ${verb} ${name}`) });
  await card.waitFor();
  const approve = card.getByRole("button", { name: "Approve and run" });
  assert.equal(await approve.isDisabled(), true, "the name is not typed yet");
  assert.notEqual(await page.evaluate(() => document.activeElement?.textContent), "Approve and run");
  assert.match(await card.textContent(), new RegExp(`${verb.toLowerCase()}-db-instance.*${name}.*us-west-2`, "s"));
  return card;
}

/** While it runs, the card shows what the cloud says; in the end, that it is true. */
export async function seeVerified(card) {
  await card.locator(".tail-line").first().waitFor();
  await card.getByText("done and verified").waitFor();
}
