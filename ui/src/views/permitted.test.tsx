// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { fake } from "../../tests/page";
import { Permissions } from "./permitted";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("each action stands with its verdict and with what decides it", async () => {
  const { core } = fake();
  render(<Permissions id={core.resources[0]!.id} />);
  const lines = (await screen.findAllByRole("listitem")).map((line) => line.textContent);
  expect(lines[0]).toMatch(/rds:StopDBInstance.*allowed/);
  expect(lines[1]).toMatch(/rds:DeleteDBInstance.*denied.*"Sid": "Keep"/s);
  expect(lines[2]).toMatch(/conditional.*hangs on aws:MultiFactorAuthPresent/);
  expect(lines[3]).toMatch(/unknown.*iam:GetRole: AccessDenied/);
});

test("whose permissions they are and how old is told above them", async () => {
  const { core } = fake();
  render(<Permissions id={core.resources[0]!.id} />);
  await screen.findByText(/assumed-role\/Developer\/ada/);
  await screen.findByText(/policies read/);
});

test("a resource that is no longer there is told so", async () => {
  fake();
  render(<Permissions id="nothing" />);
  await screen.findByText(/nothing is called/);
});
