// SPDX-License-Identifier: Apache-2.0
// A page's stream of events, killed again and again; for Chromium and for the window.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

const said = (number) => `said ${String(number).padStart(3, "0")}`;

/**
 * The page shows the card of `run`, which prints what comes over the stream and nothing else. Each
 * time the page listens again its connection is broken off in the middle of an event, with events
 * before it, meanwhile and after it: none may be lost, doubled or out of order.
 */
export async function cutTwentyTimes(page, core, server, run) {
  let offset = 50_000_000;
  let number = 0;
  const say = () => {
    const text = `${said(++number)}\n`;
    core.publish({ kind: "output", subject: run, data: { step: "cut", stream: "stdout", offset, text } });
    offset += text.length;
  };
  const listens = async () => {
    for (let i = 0; server.followers() === 0; i++) {
      assert.ok(i < 3000, "the page does not come back");
      await pause(10);
    }
  };
  await page.getByText("running").first().waitFor();
  await listens();
  say();
  await page.getByText(said(1)).waitFor();
  for (let round = 0; round < 20; round++) {
    await listens();
    for (let i = 0; i < 4; i++) say();
    server.cut();
    for (let i = 0; i < 4; i++) say();
  }
  await listens();
  say();
  await page.getByRole("button", { name: "More of the output" }).click();
  await page.getByText(said(number)).waitFor();
  const lines = await page.evaluate(() => [...document.querySelectorAll(".tail-line")].map((line) => line.textContent.trim()));
  assert.deepEqual(lines.filter((line) => line.startsWith("said ")), Array.from({ length: 162 }, (_, index) => said(index + 1)));
}
