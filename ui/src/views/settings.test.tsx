// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { fake } from "../../tests/page";
import { listenToFailures } from "../api";
import { AccountLine } from "./settings";

afterEach(() => {
  cleanup();
  listenToFailures(() => undefined);
  vi.unstubAllGlobals();
});

test("until when the keys are good is shown, and a login that ends soon", () => {
  const page = fake();
  const soon = new Date(Date.now() + 10 * 60 * 1000).toISOString();
  const late = new Date(Date.now() + 3600 * 1000).toISOString();
  const keys = { account_id: page.core.accounts[0].id, checked_at: late, source: "AWS SSO corp" };
  const line = (more: object) => <AccountLine account={page.core.accounts[0]} keys={{ ...keys, ...more }} />;
  const { rerender } = render(line({ expires_at: late, login_ends_at: soon }));
  screen.getByText(/keys from/);
  screen.getByText(/the login ends at/);
  rerender(line({ expires_at: late, login_ends_at: late }));
  screen.getByText(/login until/);
  rerender(line({ message: "nobody is logged in" }));
  expect(screen.queryByText(/keys from/)).toBeNull();
});

test("a code is typed where it is wanted, goes into one call, and locks nothing else", async () => {
  const page = fake({ mfa: "123456" });
  const heard: string[] = [];
  listenToFailures((failure) => heard.push(failure.status));
  render(<AccountLine account={page.core.accounts[0]} />);
  await userEvent.click(screen.getByRole("button", { name: "Test" }));
  const field = (await screen.findByLabelText(/Code of arn:aws:iam::123456789012:mfa\/me for production/)) as HTMLInputElement;
  const open = screen.getByRole("button", { name: "Open a session" }) as HTMLButtonElement;
  await userEvent.type(field, "12345");
  expect(open.disabled).toBe(true);
  await userEvent.type(field, "7{Enter}");
  await screen.findByText("the MFA code was not taken");
  await userEvent.type(screen.getByLabelText(/Code of/), "123456{Enter}");
  await screen.findByText("the keys are valid and belong to this account");
  expect(screen.queryByLabelText(/Code of/)).toBeNull();
  expect(document.body.innerHTML).not.toContain("123456\"");
  expect(heard).toEqual([]); // the door stays open
});
