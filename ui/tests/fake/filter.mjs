// SPDX-License-Identifier: Apache-2.0
// Test support: enough of the filter language of docs/internals/find.md for the fake core.

function cut(text) {
  const found = [];
  const pattern = /\s+|([()])|("(?:[^"\\]|\\.)*"|[^\s()"]*"(?:[^"\\]|\\.)*"|[^\s()]+)/gy;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) if (match[1] ?? match[2]) found.push(match[1] ?? match[2]);
  return found;
}

const fields = {
  type: (row) => [row.resource_type, row.resource_type.split("_")[0], row.resource_type.startsWith("rds") ? "database" : ""],
  env: (row) => [row.environment],
  environment: (row) => [row.environment],
  account: (row) => [row.account_id, row.account_name],
  region: (row) => [row.region],
  state: (row) => [row.state ?? ""],
  name: (row) => [row.name],
  id: (row) => [row.identifier, row.id],
};

function compare(word) {
  const match = /^(tag:)?([^=~:!]+)(!=|[=~:])("?)([\s\S]*?)\4$/.exec(word);
  if (!match || (!match[5] && !match[4])) throw new Error(`column 1: expected a value after \`${word}\``);
  const [, , field, op, , raw] = match;
  const value = raw.replace(/\\(.)/g, "$1").toLowerCase();
  const values = fields[field.toLowerCase()] ?? ((row) => [row.tags[field] ?? ""]);
  const holds = (row) => values(row).some((held) => op === "~" ? (held ?? "").toLowerCase().includes(value) : value === "*" ? Boolean(held) : (held ?? "").toLowerCase() === value);
  return op === "!=" ? (row) => !holds(row) : holds;
}

export function filter(text) {
  const words = cut(text);
  let at = 0;
  const is = (word) => words[at]?.toUpperCase() === word;
  const one = () => {
    if (is("NOT")) {
      at++;
      const inner = one();
      return (row) => !inner(row);
    }
    if (words[at] === "(") {
      at++;
      const inner = any();
      if (words[at] !== ")") throw new Error("expected )");
      at++;
      return inner;
    }
    if (at >= words.length) throw new Error("expected a comparison");
    return compare(words[at++]);
  };
  const all = () => {
    const parts = [one()];
    while (at < words.length && words[at] !== ")" && !is("OR")) {
      if (is("AND")) at++;
      parts.push(one());
    }
    return (row) => parts.every((part) => part(row));
  };
  const any = () => {
    const parts = [all()];
    while (is("OR")) {
      at++;
      parts.push(all());
    }
    return (row) => parts.some((part) => part(row));
  };
  if (words.length === 0) return () => true;
  const found = any();
  if (at < words.length) throw new Error(`column ${at + 1}: \`${words[at]}\` is not expected`);
  return found;
}
