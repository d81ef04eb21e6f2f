// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { read, viewPath } from "../route";
import { parts } from "./query";
import { commandOf, isShown, nameProblem, queryOf } from "./views";

const view = (more: object) => ({ name: "x", text: "", filter: "", columns: [], saved_at: "", ...more });

test.each([
  ["type:rds env=production", "pg main"],
  ["type:rds OR type:s3", "pg"],
  ["account:production AND (type:rds OR type:s3)", "pg"],
  ['NOT name~"a b"', '"two words"'],
  ["", "pg (main) AND more"],
  ["env=production", ""],
  ["", ""],
])("%s and %s are the same question again when they stand in the query bar", (filter, text) => {
  expect(parts(queryOf({ filter, text }))).toEqual({ filter, text });
});

test("the address of a view holds all that it asks for, and nothing of the list it was opened from", () => {
  const path = viewPath(view({ filter: 'app="<b>&#"', text: "pg", group: "state", sort: "-created", columns: ["name", "arn"] }));
  const { view: place, params } = read("/estate", path.slice("/estate".length));
  expect([place, Object.fromEntries(params)]).toEqual(["estate", { q: 'app="<b>&#" pg', group: "state", sort: "-created", cols: "name,arn" }]);
  expect(viewPath(view({}))).toBe("/estate");
});

test("a view is shown when its question is, whatever the order and the columns", () => {
  const one = view({ filter: "env:production", group: "state", sort: "name" });
  const asked = { text: "", filter: "env:production", group: "state", sort: undefined, columns: ["arn"] };
  expect(isShown(one, asked)).toBe(true);
  expect(isShown(one, { ...asked, group: undefined })).toBe(false);
  expect(isShown(one, { ...asked, text: "pg" })).toBe(false);
  expect(isShown(view({}), { text: "", filter: "", columns: [] })).toBe(true);
});

test("the command says the same, and no name becomes an option or a command of a shell", () => {
  const asked = { text: "pg main", filter: "state:stopped", group: "account", sort: "name", columns: [] };
  expect(commandOf("asleep", asked)).toBe("escher views save asleep --filter state:stopped --text 'pg main' --group account");
  expect(commandOf("$(reboot)", { ...asked, text: "", group: undefined })).toBe("escher views save '$(reboot)' --filter state:stopped");
  expect(commandOf("--json", { ...asked, text: "", group: undefined })).toBe("escher views save --filter state:stopped -- --json");
});

test("a name is judged by its characters, and by where a path with it would lead", () => {
  expect(nameProblem("🌙".repeat(60))).toBeUndefined();
  expect(nameProblem("🌙".repeat(61))).toMatch(/60 characters/);
  for (const name of [".", ".."]) expect(nameProblem(name)).toMatch(/folder/);
  for (const name of ["...", "a/../b", "%2e%2e", ""]) expect(nameProblem(name)).toBeUndefined();
});
