// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { act } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { fake } from "../../tests/page";
import { door } from "../state/core";
import { drafts } from "../state/drafts";
import { Composer, type Sent } from "./composer";

afterEach(() => {
  cleanup();
  drafts.set({});
  vi.unstubAllGlobals();
});

test("what was typed while the core was gone is understood when it is there again", async () => {
  const page = fake();
  act(() => door.set("gone"));
  page.goAway();
  render(<Composer place="new" large label="What should happen?" busy={false} send={() => undefined} />);
  await userEvent.type(screen.getByLabelText("What should happen?"), "Stop pg-instance-main1");
  await new Promise((done) => setTimeout(done, 200));
  expect(document.querySelector(".chip")).toBeNull();
  page.comeBack();
  act(() => door.set("open"));
  await screen.findByText("pg-instance-main1", { selector: ".chip *" });
});

test("who was chosen for a name is not sent when the name is gone", async () => {
  fake();
  const sent: Sent[] = [];
  render(<Composer place="new" large label="What should happen?" busy={false} send={(one) => sent.push(one)} />);
  const field = screen.getByLabelText("What should happen?");
  await userEvent.type(field, "Start orders-db");
  await userEvent.click((await screen.findAllByRole("button", { name: /^orders-db/ }))[0]!);
  await screen.findByText("orders-db", { selector: ".chip *" });
  await userEvent.type(field, "{Enter}");
  fireEvent.change(field, { target: { value: "Start pg-instance-stage1" } }); // and Enter before it is understood
  fireEvent.keyDown(field, { key: "Enter" });
  expect(sent.map((one) => [one.prompt, one.resources.length])).toEqual([["Start orders-db", 1], ["Start pg-instance-stage1", 0]]);
});
