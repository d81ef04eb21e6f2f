// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { fake } from "../../tests/page";
import { api } from "../api";
import { commandIn } from "../parts/check-line";
import { useData } from "../state/data";
import { Doctor } from "./doctor";
import { Protection, forgetVerdict } from "./protection";

afterEach(() => {
  cleanup();
  forgetVerdict();
  vi.unstubAllGlobals();
});

function Shown({ leave = [] }: { leave?: string[] }) {
  const status = useData("status", (signal) => api.status(signal));
  const checks = useData("doctor", (signal) => api.doctor(signal));
  if (!status.value || !checks.value) return null;
  const known = Object.entries(status.value).filter(([name]) => !leave.includes(name));
  return <Protection status={Object.fromEntries(known) as typeof status.value} checks={checks.value.checks} />;
}

/* The line of a thing, as it is read. */
async function line(name: string): Promise<HTMLElement> {
  return (await screen.findByText(name, { selector: "b" })).closest("li")!;
}

test("what is well is told with its age and its place, and has no cure", async () => {
  fake();
  render(<Shown />);
  const backup = await line("Backup");
  await within(backup).findByText(/default\/backups/);
  expect(backup.textContent).toMatch(/whole.*2 h ago, restored on trial; 3 such are here; next in 14 h.*in \/home\/.*and in s3:\/\/ops-backups\/escher \(2 h ago\)/);
  expect((await line("Key")).textContent).toMatch(/open.*kept in the desktop's keychain, with a recovery code.*number 2, made 2 d ago/);
  expect((await line("Recovery code")).textContent).toMatch(/there.*made 20 d ago/);
  expect((await line("Older copies")).textContent).toContain("an older copy of the store would be refused");
  expect((await line("Full disk")).textContent).toContain("8 MiB are kept");
  expect((await line("Process")).textContent).toContain("keys on locked pages");
  expect(screen.queryByText("Change of keys")).toBeNull();
  expect(screen.queryByRole("button", { name: /^Copy/ })).toBeNull();
});

test.each([
  [{ noBackup: true }, "Backup", /at risk.*there is no backup that was restored on trial.*the next is due now.*escher backup now/],
  [{ noRecovery: true }, "Recovery code", /none.*loses the keyring loses the store.*escher key recovery/],
  [{ unanchored: true }, "Older copies", /not noticed.*not there yet.*escher core stop/],
  [{ fullDisk: true }, "Full disk", /no room.*the disk was full.*free some space/],
  [{ openMemory: true }, "Process", /open.*swap space.*ulimit -l 8192/],
  [{ rotation: { state: "sealing", sealed: 412, rows: 900, unreadable: 0 } }, "Change of keys", /under way.*412 of 900 rows/],
  [{ rotation: { state: "sealed", sealed: 900, rows: 900, unreadable: 2 } }, "Change of keys", /sealed.*2 damaged rows stay under the old keys.*escher backup now/],
])("what is not well says so in words, with its cure as a command: %o", async (options, name, says) => {
  fake(options);
  render(<Shown />);
  expect((await line(name)).textContent).toMatch(says);
});

test.each([
  ["escher backup now", "escher backup now"],
  ["it comes when the core stops: `escher core stop`", "escher core stop"],
  ["set the clock of this machine", undefined],
])("of the cure %s the command is %s", (cure, command) => {
  expect(commandIn(cure)).toBe(command);
});

test("a change of keys that is over is not told", async () => {
  fake({ rotation: { state: "over", sealed: 900, rows: 900, unreadable: 0 } });
  render(<Shown />);
  await line("Key");
  expect(screen.queryByText("Change of keys")).toBeNull();
});

test("nothing is told of what the core does not say", async () => {
  fake();
  render(<Shown leave={["key", "backup", "audit"]} />);
  await line("Process");
  for (const name of ["Key", "Recovery code", "Backup", "Audit trail", "Older copies", "Full disk"]) expect(screen.queryByText(name, { selector: "b" })).toBeNull();
});

test("the record is whole as of when it was verified, and not before", async () => {
  const page = fake();
  render(<Shown />);
  const audit = await line("Audit trail");
  expect(audit.textContent).toMatch(/not verified.*23 records/);
  await userEvent.click(within(audit).getByRole("button", { name: "Verify" }));
  await within(audit).findByText(/23 records, each in its place/);
  expect(audit.textContent).toMatch(/whole.*as of just now: 23 records, each in its place/);
  expect(page.calls).toContain("POST /api/audit/verify");
});

test("a record that is broken says where", async () => {
  fake({ badAudit: true });
  render(<Shown />);
  const audit = await line("Audit trail");
  await userEvent.click(within(audit).getByRole("button", { name: "Verify" }));
  await within(audit).findByText(/damaged at entry 7/);
  expect(audit.textContent).toMatch(/broken/);
});

test("a core that does not answer makes no verdict", async () => {
  const page = fake();
  render(<Shown />);
  const audit = await line("Audit trail");
  page.goAway();
  await userEvent.click(within(audit).getByRole("button", { name: "Verify" }));
  await within(audit).findByRole("alert");
  expect(audit.textContent).toMatch(/not verified/);
});

test("the doctor lists what is wrong first, wherever it is told again", async () => {
  fake({ noBackup: true });
  render(<Doctor />);
  await line("Backup");
  const lines = screen.getAllByRole("listitem").map((one) => one.querySelector("b")?.textContent);
  expect(lines.slice(0, 4)).toEqual(["backup", "clock", "aws cli", "Backup"]);
  await screen.findByText("2 things must be mended");
});
