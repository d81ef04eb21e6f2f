// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { Core } from "../../tests/fake/core.mjs";
import type { AskBody } from "../types";
import { argv, cardState, change, environmentOf, mayApprove, ofAsk, planTitle } from "./plan";

const body = new Core({ count: 20 }).answer("POST", "/api/ask", { prompt: "Stop pg-instance-main1" }).document.body as AskBody;

test.each([
  [{ kept: "awaiting_approval", expiresAt: 10, now: 5 }, "waiting"],
  [{ kept: "awaiting_approval", expiresAt: 5, now: 5 }, "expired"],
  [{ now: 5 }, "waiting"],
  [{ kept: "awaiting_approval", now: 5, approving: true }, "starting"],
  [{ kept: "approved", now: 5 }, "starting"],
  [{ kept: "approved", now: 5, run: { state: "running" } }, "running"],
  [{ kept: "approved", now: 5, run: { state: "cancelling" } }, "cancelling"],
  [{ kept: "denied", now: 5 }, "discarded"],
  [{ kept: "stale", now: 5 }, "stale"],
  [{ kept: "done", now: 5, run: { state: "succeeded", outcome: "succeeded" } }, "done"],
  [{ kept: "failed", now: 5, run: { state: "failed", outcome: "failed" } }, "failed"],
  [{ now: 5, run: { state: "succeeded", outcome: "unverified" } }, "unverified"],
  [{ now: 5, run: { state: "cancelled", outcome: "cancelled" } }, "cancelled"],
  [{ now: 5, run: { state: "unknown", outcome: "unknown" } }, "unknown"],
  [{ now: 5, run: { state: "running", outcome: "interrupted" } }, "unknown"],
  [{ kept: "done", now: 5 }, "done"],
] as const)("%j is %s", (facts, state) => {
  expect(cardState(facts)).toBe(state);
});

test("an approval needs the name, letter for letter", () => {
  expect(mayApprove("waiting", "pg-main1", "")).toBe(false);
  expect(mayApprove("waiting", "pg-main1", "PG-main1")).toBe(false);
  expect(mayApprove("waiting", "pg-main1", "pg-main1 ")).toBe(false);
  expect(mayApprove("waiting", "pg-main1", "pg-main1")).toBe(true);
  expect(mayApprove("waiting", undefined, "")).toBe(true);
  for (const state of ["expired", "stale", "running", "done", "starting"] as const)
    expect(mayApprove(state, undefined, "")).toBe(false);
});

test("the card says what the plan says", () => {
  const source = ofAsk(body);
  expect(source).toMatchObject({ typed: "pg-instance-main1", typedBecause: "production", hash: body.plan_hash });
  expect(planTitle(body.plan!)).toBe("Stop pg-instance-main1");
  expect(environmentOf(body.plan!.targets)).toBe("production");
  expect(change(body.plan!)).toEqual({ from: "available", to: "stopped" });
});

test("a command's words are its arguments, whatever they hold", () => {
  expect(argv("aws rds stop-db-instance", ["--db-instance-identifier", "a b; rm -rf /"])).toEqual([
    "aws", "rds", "stop-db-instance", "--db-instance-identifier", "a b; rm -rf /",
  ]);
});

test("any production target makes it production", () => {
  const target = body.plan!.targets[0]!;
  expect(environmentOf([{ ...target, environment: "development" }, { ...target, environment: "production" }])).toBe("production");
  expect(environmentOf([])).toBeUndefined();
});
