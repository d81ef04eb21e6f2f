// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { type Fake, fake } from "../../tests/page";
import { touch } from "../state/data";
import { approvals } from "../state/drafts";
import type { AskBody } from "../types";
import { PlanCard } from "./plan-card";

afterEach(() => {
  cleanup();
  approvals.set({});
  vi.unstubAllGlobals();
});

function plan(page: Fake, prompt = "Stop pg-instance-main1"): string {
  return (page.core.answer("POST", "/api/ask", { prompt }).document.body as AskBody).plan_hash!;
}

const approveButton = () => screen.getByRole<HTMLButtonElement>("button", { name: "Approve and run" });

test("a production plan is approved by typing its name, never by a key that was pressed by habit", async () => {
  const page = fake({ stepMs: -1 });
  render(<PlanCard hash={plan(page)} />);
  await screen.findByText("medium risk");
  expect(document.activeElement).toBe(document.body);
  expect(approveButton().disabled).toBe(true);
  const field = screen.getByLabelText(/Type/);
  await userEvent.type(field, "pg-instance-main{Enter}");
  expect(approveButton().disabled).toBe(true);
  expect(page.calls.filter((call) => call.includes("approve"))).toEqual([]);
  await userEvent.type(field, "1");
  expect(approveButton().disabled).toBe(false);
  await userEvent.click(approveButton());
  await screen.findByText("The record of this run");
  expect(page.calls.filter((call) => call.includes("approve"))).toHaveLength(1);
  expect(screen.queryByRole("button", { name: "Approve and run" })).toBeNull();
});

test("each argument stands in a box of its own", async () => {
  const page = fake();
  render(<PlanCard hash={plan(page)} />);
  await screen.findByText("medium risk");
  const command = [...document.querySelectorAll(".steps .argv")][0]!;
  expect([...command.children].map((box) => box.textContent)).toEqual([
    "aws", "rds", "stop-db-instance", "--db-instance-identifier", "pg-instance-main1", "--region", "us-west-2",
  ]);
});

test("a plan whose time has passed cannot be approved, and can be planned again", async () => {
  const page = fake({ ttlMs: -1000 });
  const again = vi.fn();
  render(<PlanCard hash={plan(page)} again={again} />);
  await screen.findByText("expired");
  expect(screen.queryByRole("button", { name: "Approve and run" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Plan again" }));
  expect(again).toHaveBeenCalledWith("Stop pg-instance-main1");
});

test("a discarded plan says that nothing was done", async () => {
  const page = fake();
  render(<PlanCard hash={plan(page, "Stop pg-instance-stage1")} />);
  await userEvent.click(await screen.findByRole("button", { name: "Discard" }));
  await screen.findByText(/Nothing was done/);
});

test("what is typed stays when the core goes away, and the refusal is shown in place", async () => {
  const page = fake({ stepMs: -1 });
  const hash = plan(page);
  render(<PlanCard hash={hash} />);
  await userEvent.type(await screen.findByLabelText(/Type/), "pg-instance-main1");
  page.goAway();
  await userEvent.click(approveButton());
  await screen.findByText("The core does not answer.");
  expect(screen.getByLabelText<HTMLInputElement>(/Type/).value).toBe("pg-instance-main1");
  page.comeBack();
  touch("plans");
  await userEvent.click(approveButton());
  await screen.findByText("The record of this run");
});

test("an approval from elsewhere turns the card into the run", async () => {
  const page = fake({ stepMs: -1 });
  const hash = plan(page, "Stop pg-instance-stage1");
  render(<PlanCard hash={hash} />);
  await waitFor(() => expect(approveButton().disabled).toBe(false));
  page.core.answer("POST", `/api/plans/${hash}/approve`, {});
  touch("plans");
  await screen.findByText("The record of this run");
});
