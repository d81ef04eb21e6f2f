// SPDX-License-Identifier: Apache-2.0
import type { Resource, Row } from "../types";

// Which environment a resource belongs to, as esc_environment_of_resource() tells it. Rows of the
// estate bring the answer along; whole resources do not, and the mark of production must not
// depend on which of the two a card was given.

const classes: Record<string, string> = {
  production: "production", prod: "production", prd: "production", live: "production",
  staging: "staging", stage: "staging", stg: "staging", preprod: "staging", preproduction: "staging", uat: "staging",
  development: "development", dev: "development", devel: "development", develop: "development",
  test: "test", testing: "test", qa: "test", tst: "test",
  sandbox: "sandbox", sbx: "sandbox", playground: "sandbox", shared: "shared",
};

export function environmentOfText(text: string): string | undefined {
  let before = "";
  for (const word of text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean)) {
    const found = Object.hasOwn(classes, word) ? classes[word] : undefined;
    if (found === "production" && before === "pre") return "staging";
    if (found && !(found === "production" && ["non", "not", "no"].includes(before))) return found;
    before = word;
  }
  return undefined;
}

export function environmentIn(resource: Resource | Row): string | undefined {
  if (resource.environment) return resource.environment;
  const tags = Object.entries(resource.tags ?? {});
  for (const wanted of ["env", "environment", "stage"])
    for (const [key, value] of tags) {
      const found = key.toLowerCase() === wanted ? environmentOfText(value) : undefined;
      if (found) return found;
    }
  return environmentOfText(resource.account_name ?? "");
}
