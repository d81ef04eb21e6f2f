// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { type Fake, fake } from "../../tests/page";
import type { Asked } from "../logic/views";
import type { View } from "../types";
import { ViewsList, ViewsPanel, useViews } from "./saved-views";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const now: Asked = { text: "pg", filter: "env:production", group: "state", columns: [] };

function Shown({ asked = now, problem }: { asked?: Asked; problem?: string }) {
  const views = useViews();
  const [deleted, setDeleted] = useState<View[]>([]);
  return (
    <>
      <ViewsPanel views={views} asked={asked} problem={problem} deleted={deleted} setDeleted={setDeleted} close={() => undefined} />
      <ViewsList views={views} asked={asked} problem={problem} />
    </>
  );
}

function save(page: Fake, name: string, body: object = {}): void {
  expect(page.core.answer("PUT", `/api/views/${encodeURIComponent(name)}`, body).document.status).toBe("ok");
}

const names = () => screen.getAllByRole("listitem").map((one) => one.textContent);
const kept = (page: Fake) => [...page.core.views.keys()];

test("the query that is shown is saved under a name, with its groups", async () => {
  const page = fake();
  render(<Shown />);
  await screen.findByText(/No views yet/);
  await userEvent.type(screen.getByLabelText("Name of the view"), "  pg in production {Enter}");
  await screen.findByRole("link", { name: /^pg in production.*env:production pg/ });
  expect(page.core.views.get("pg in production")).toMatchObject({ ...now, name: "pg in production" });
  expect((screen.getByLabelText("Name of the view") as HTMLInputElement).value).toBe("");
  for (const link of screen.getAllByRole("link")) expect(link.getAttribute("aria-current")).toBe("page");
});

test("one of the same name is replaced, and that is said before", async () => {
  const page = fake();
  save(page, "mine", { filter: "state:stopped" });
  render(<Shown />);
  await screen.findAllByRole("link", { name: /mine/ });
  await userEvent.type(screen.getByLabelText("Name of the view"), "mine");
  await userEvent.click(screen.getByRole("button", { name: "Replace" }));
  await waitFor(() => expect(page.core.views.get("mine")).toMatchObject(now));
  expect(kept(page)).toEqual(["mine"]);
});

test("what the core refuses is said in its words, and the name stays", async () => {
  const page = fake();
  render(<Shown asked={{ text: "", filter: "type:spaceship", columns: [] }} />);
  await userEvent.type(await screen.findByLabelText("Name of the view"), "ships{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("column 6: this is no resource type");
  expect((screen.getByLabelText("Name of the view") as HTMLInputElement).value).toBe("ships");
  expect(kept(page)).toEqual([]);
});

test("a query that does not parse is not saved at all", async () => {
  fake();
  render(<Shown problem="The quotation is not closed." />);
  await screen.findByText(/The quotation is not closed\./);
  expect(screen.queryByLabelText("Name of the view")).toBeNull();
});

test("a view is renamed, with all that it asks for, but not onto another", async () => {
  const page = fake();
  save(page, "a", { filter: "state:stopped", sort: "-created", columns: ["name", "arn"] });
  save(page, "b");
  render(<Shown />);
  await userEvent.click(await screen.findByRole("button", { name: "Rename a" }));
  const field = screen.getByLabelText("A new name for a");
  expect(document.activeElement).toBe(field);
  await userEvent.clear(field);
  await userEvent.type(field, "b{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("a view is called b already");
  await userEvent.type(field, "2{Enter}");
  await screen.findByRole("button", { name: "Rename b2" });
  expect(kept(page).sort()).toEqual(["b", "b2"]);
  expect(page.core.views.get("b2")).toMatchObject({ filter: "state:stopped", sort: "-created", columns: ["name", "arn"] });
});

test("Esc leaves a name as it is", async () => {
  const page = fake();
  save(page, "a");
  render(<Shown />);
  await userEvent.click(await screen.findByRole("button", { name: "Rename a" }));
  await userEvent.type(screen.getByLabelText("A new name for a"), "bc{Escape}");
  screen.getByRole("button", { name: "Rename a" });
  expect(kept(page)).toEqual(["a"]);
});

test("a deleted view keeps its place, and comes back whole", async () => {
  const page = fake();
  for (const name of ["a", "b", "c"]) save(page, name, { filter: "state:stopped", group: "region" });
  render(<Shown />);
  await userEvent.click(await screen.findByRole("button", { name: "Delete b" }));
  const undo = await screen.findByRole("button", { name: "Undo: keep b" });
  expect(kept(page)).toEqual(["a", "c"]);
  expect(names()[1]).toContain("b is deleted.");
  await userEvent.click(undo);
  await screen.findByRole("button", { name: "Delete b" });
  expect(page.core.views.get("b")).toMatchObject({ filter: "state:stopped", group: "region" });
});

test("a view that does not parse any more says so in its place", async () => {
  const page = fake();
  page.core.views.set("old", { name: "old", text: "", filter: "type:spaceship", columns: [], saved_at: "2026-11-21T08:00:00Z" });
  render(<Shown />);
  const [line, link] = await screen.findAllByRole("listitem");
  expect(line!.textContent).toContain("does not parse any more: filter: column 6: this is no resource type");
  expect(link!.textContent).toContain("does not parse");
});

test("what cannot be read is counted", async () => {
  fake({ damagedViews: 2 });
  render(<Shown />);
  await screen.findByText(/2 views cannot be read/);
});

test("names with markup stay text, in lines, links and labels", async () => {
  const page = fake();
  const name = "<img src=x onerror=alert(1)> & 'x'";
  save(page, name, { filter: 'app="<script>"' });
  const { container } = render(<Shown />);
  const [line] = await screen.findAllByRole("listitem");
  expect(within(line!).getByRole("link").textContent).toContain(name);
  within(line!).getByRole("button", { name: `Delete ${name}` });
  expect(container.querySelector("img, script")).toBeNull();
});
