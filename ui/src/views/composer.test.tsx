// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { act } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { fake } from "../../tests/page";
import { door } from "../state/core";
import { drafts } from "../state/drafts";
import { Composer } from "./composer";

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
