// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { fake } from "../../tests/page";
import { Impact } from "./impact";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("what breaks stands before what loses, each with the relation it rests on", async () => {
  const { core } = fake();
  render(<Impact id={core.resources[0]!.id} />);
  const [first, second] = await screen.findAllByRole("heading", { level: 3 });
  expect(first?.textContent).toBe("These stop working");
  expect(second?.textContent).toBe("These go on with less");
  const lines = screen.getAllByRole("listitem").map((line) => line.textContent);
  expect(lines[0]).toMatch(/ points to .* · seen /);
  expect(screen.getAllByRole("link")[0]?.getAttribute("href")).toContain("/estate?");
});

test("what could not be looked at is told beside what is known", async () => {
  const { core } = fake();
  render(<Impact id={core.resources[0]!.id} />);
  await screen.findByRole("heading", { name: /Could not be looked at, and may need it too/ });
});

test("a resource that is no longer there is told so", async () => {
  fake();
  render(<Impact id="nothing" />);
  await screen.findByText(/nothing is called/);
});
