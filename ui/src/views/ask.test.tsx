// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { type Fake, fake } from "../../tests/page";
import type { AskBody } from "../types";
import { AskView } from "./ask";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/* Nothing of this page's life has seen the conversation: all of it comes from the record. */
function opened(page: Fake, prompt: string): AskBody {
  const body = page.core.answer("POST", "/api/ask", { prompt }).document.body as AskBody;
  render(<AskView conversation={body.conversation} />);
  return body;
}

test("a conversation opened again shows the plan's card, and the run it has become", async () => {
  const page = fake({ stepMs: -1 });
  const body = page.core.answer("POST", "/api/ask", { prompt: "Stop pg-instance-stage1" }).document.body as AskBody;
  const run = page.core.answer("POST", `/api/plans/${body.plan_hash}/approve`, {}).document.body as { run_id: string };
  render(<AskView conversation={body.conversation} />);
  const card = await screen.findByRole("article", { name: /^Plan: / });
  const record = await within(card).findByRole("link", { name: /record of this run/ });
  expect(record.getAttribute("href")).toBe(`/runs/${run.run_id}`);
  expect(within(card).queryByRole("button", { name: "Approve and run" })).toBeNull();
});

test("a conversation opened again shows its choices, with the environment as the core says it", async () => {
  const page = fake();
  const body = opened(page, "Start orders-db");
  const question = await screen.findByRole("article", { name: "A question" });
  expect(within(question).getAllByRole("button")).toHaveLength(body.choices!.length + 1);
  for (const choice of body.choices!) expect(question.querySelector(`.choice-row.band.${choice.environment}`)).not.toBeNull();
});

test("a conversation opened again shows the rows of an answer, and how many there are", async () => {
  const page = fake({ count: 4000 });
  const body = opened(page, "Which databases are in production?");
  const answer = await screen.findByRole("article", { name: "An answer" });
  expect(answer.querySelectorAll("tbody tr.band.production")).toHaveLength(10);
  expect(body.total!).toBeGreaterThan(20);
  within(answer).getByText(`Shown are the first 10 of ${body.total!.toLocaleString("en")}.`);
});
