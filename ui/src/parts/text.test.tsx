// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { hostile } from "../../tests/fake/world.mjs";
import { Long, Said, Text } from "./text";

afterEach(cleanup);

test.each(hostile.map((name: string) => [name]))("a hostile name makes no element and hides nothing: %.40j", (name: string) => {
  const { container } = render(<Text text={name} max={100_000} />);
  const made = [...container.querySelectorAll("*")].map((element) => element.tagName);
  expect(made.every((tag) => tag === "BDI" || tag === "SPAN")).toBe(true);
  expect(container.textContent).not.toMatch(/[\u0000-\u001f\u007f\u200b\u202e\ufeff]/);
});

test("a text of 64 KB is cut, and whole on demand", async () => {
  const name = "L".repeat(65_536);
  const { container } = render(<Long text={name} max={160} />);
  expect(container.querySelector(".text")?.textContent).toBe(`${"L".repeat(160)}…`);
  HTMLDialogElement.prototype.showModal = function show() {
    this.open = true;
  };
  await userEvent.click(screen.getByRole("button", { name: "show all 65,536 characters" }));
  expect(container.querySelector("pre")?.textContent).toBe(name);
});

test("what the core quotes is code, and a backtick alone is a backtick", () => {
  const { container } = render(<Said text="Nothing is called `pg-main1`. Or `that" />);
  expect([...container.querySelectorAll("code")].map((code) => code.textContent)).toEqual(["pg-main1"]);
  expect(container.textContent).toBe("Nothing is called pg-main1. Or `that");
});
