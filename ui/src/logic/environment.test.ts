// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Row } from "../types";
import { environmentIn, environmentOfText } from "./environment";

test.each([
  ["production", "production"],
  ["PRD", "production"],
  ["acme-prod-eu", "production"],
  ["pre-prod", "staging"],
  ["non-prod", undefined],
  ["product", undefined],
  ["constructor", undefined],
  ["uat", "staging"],
])("%s is %s", (text, environment) => {
  expect(environmentOfText(text)).toBe(environment);
});

test("tags come before the account's name, and the core's own answer before both", () => {
  const row = { tags: { Stage: "live" }, account_name: "sandbox" } as unknown as Row;
  expect(environmentIn(row)).toBe("production");
  expect(environmentIn({ ...row, tags: {} })).toBe("sandbox");
  expect(environmentIn({ ...row, tags: {}, account_name: "production" })).toBe("production");
  expect(environmentIn({ ...row, environment: "development" })).toBe("development");
});
