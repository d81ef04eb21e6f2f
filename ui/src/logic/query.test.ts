// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { chosen, complete, examples, only, parts, quote, toggle, tokens } from "./query";

const known = {
  values: {
    type: [
      { value: "rds_instance", count: 12 },
      { value: "ec2_instance", count: 90 },
    ],
    account: [{ value: "123456789012", label: "production", count: 3 }],
  },
  tags: ["app", "owner"],
  names: ["pg-instance-main1"],
};
const labels = (query: string, caret = query.length) => complete(query, caret, known).map((one) => one.label);

test("words and comparisons are told apart", () => {
  expect(parts("type:rds env=production pg main")).toEqual({ text: "pg main", filter: "type:rds env=production" });
  expect(parts("pg main")).toEqual({ text: "pg main", filter: "" });
  expect(parts("")).toEqual({ text: "", filter: "" });
  expect(parts("(type:a OR type:b) NOT state:stopped").filter).toBe("(type:a OR type:b) NOT state:stopped");
});

test("an ARN is a word, although it is full of colons", () => {
  expect(parts("arn:aws:rds:us-west-2:123456789012:db:pg").text).toBe("arn:aws:rds:us-west-2:123456789012:db:pg");
});

test("a bare word between AND, OR and NOT is refused with its place", () => {
  expect(parts("type:rds OR pg")).toMatchObject({ at: 12 });
  expect(parts("env=prod NOT pg").problem).toContain("`pg`");
  expect(parts('name:"open').problem).toContain("not closed");
});

test("a tag is one term", () => {
  expect(tokens('tag:owner="a b"')[0]).toMatchObject({ kind: "term", field: "tag:owner", op: "=", value: "a b" });
  expect(tokens("app!=main")[0]).toMatchObject({ field: "app", op: "!=", value: "main" });
});

test("what is quoted reads back as it was, for any text", () => {
  const odd = ['a b', 'say "hi"', "back\\slash", "(paren)", "", "=x", "ünïcode ✓", '"', "a)b", "x".repeat(500), "tab\tin"];
  for (const value of odd) {
    const [token] = tokens(`name:${quote(value)}`);
    expect(token).toMatchObject({ kind: "term", field: "name", value });
  }
});

test("no text makes the parser loop or throw, and its tokens lie in order inside the text", () => {
  let seed = 1;
  const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0);
  const letters = ["a", " ", ":", "=", "~", "!", '"', "\\", "(", ")", "OR ", "NOT ", "type:", "\u202e", "😀"];
  for (let round = 0; round < 1000; round++) {
    let text = "";
    for (let i = next() % 24; i > 0; i--) text += letters[next() % letters.length];
    let last = 0;
    for (const token of tokens(text)) {
      expect(token.start).toBeGreaterThanOrEqual(last);
      expect(token.end).toBeGreaterThan(token.start);
      last = token.end;
    }
    expect(last).toBeLessThanOrEqual(text.length);
    parts(text);
    complete(text, text.length, known);
  }
});

test("a facet adds its term, a second value makes an OR, and clicking again takes it out", () => {
  const one = toggle("pg", "type", "rds_instance");
  expect(one).toBe("pg type:rds_instance");
  const two = toggle(one, "type", "ec2_instance");
  expect(two).toBe("pg (type:rds_instance OR type:ec2_instance)");
  expect(chosen(two, "type")).toEqual(["rds_instance", "ec2_instance"]);
  expect(toggle(two, "type", "rds_instance")).toBe("pg type:ec2_instance");
  expect(toggle(one, "type", "RDS_instance")).toBe("pg");
});

test("toggling any value twice gives the query back", () => {
  for (const query of ["", "pg main", "env=prod", "(type:a OR type:b) x", "NOT state:stopped", "a=b OR c=d"])
    for (const value of ["rds", "a b", 'q"q'])
      expect(toggle(toggle(query, "region", value), "region", value)).toBe(query);
});

test("a term inside an OR of other fields is not touched by a facet", () => {
  expect(chosen("type:rds OR env:prod", "type")).toEqual([]);
  expect(chosen("NOT type:rds", "type")).toEqual([]);
});

test("an AND that has lost one side goes, too", () => {
  expect(toggle("type:rds AND env:prod", "env", "prod")).toBe("type:rds");
  expect(toggle("type:rds AND env:prod", "type", "rds")).toBe("env:prod");
});

test("one value can be set for a field, and cleared", () => {
  expect(only("region:a x", "region", "b")).toBe("region:b x");
  expect(only("region:a x", "region", "")).toBe("x");
});

test("fields, tags and names are completed, in this order", () => {
  expect(labels("t")).toEqual(["type:"]);
  expect(labels("a")).toEqual(["account:", "app="]);
  expect(labels("pg")).toEqual(["pg-instance-main1"]);
});

test("values are completed from the facets, those that begin with the text first", () => {
  expect(labels("type:")).toEqual(["ec2_instance", "rds_instance"]);
  expect(labels("type:rds")).toEqual(["rds_instance"]);
  expect(labels("account:prod")).toEqual(["production · 123456789012"]);
  const [first] = complete("type:r env:prod", 6, known);
  expect(first).toMatchObject({ start: 5, end: 6, insert: "rds_instance " });
});

test("what the help shows is read as it says", () => {
  for (const { query } of examples) expect(parts(query).problem, query).toBeUndefined();
  expect(parts("order database")).toMatchObject({ text: "order database", filter: "" });
  expect(parts('app="order desk"').filter).toBe('app="order desk"');
});
