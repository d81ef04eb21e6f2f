// SPDX-License-Identifier: Apache-2.0

// The query of the explorer, as text. Comparisons are the filter language of the core
// (docs/internals/find.md); bare words search by name and meaning. The core judges a filter;
// here it is only cut into pieces, so that facets can add to it and typing can be completed.
//
//     type:rds env=production  pg main     two comparisons and two words
//     (type:rds OR type:s3) NOT state:stopped

export type Token = {
  kind: "term" | "word" | "and" | "or" | "not" | "open" | "close";
  start: number;
  end: number;
  field?: string; // of a term
  op?: string;
  value?: string;
  valueStart?: number;
  broken?: boolean; // a quote that is not closed
};

export const fields: { name: string; says: string }[] = [
  { name: "type", says: "what it is" },
  { name: "env", says: "production, staging, development" },
  { name: "state", says: "available, running, stopped" },
  { name: "account", says: "name or number" },
  { name: "region", says: "where it is" },
  { name: "name", says: "what it is called" },
  { name: "id", says: "its identifier" },
];

/** The language in examples, for the help beside the query. `filter.h` of the core has the rest. */
export const examples: { query: string; says: string }[] = [
  { query: "type:database", says: "a kind of thing, by any word people use for it" },
  { query: "env:production", says: "an environment, whichever word its tag uses: prod, prd, live" },
  { query: "state:stopped", says: "a state" },
  { query: "account:staging", says: "an account, by name or number" },
  { query: "region:eu-west-1", says: "a region" },
  { query: "name~orders", says: "holds these letters, in any case; also id~ and any tag~" },
  { query: "app=orders", says: "a tag and its value; != is any other, =* any at all" },
  { query: "NOT state:running", says: "all but these" },
  { query: "(type:rds OR type:s3)", says: "either; terms side by side must both hold" },
  { query: "tag:name=web", says: "a tag that is called like a field" },
  { query: 'app="order desk"', says: "quotes, where there is a space or a parenthesis" },
  { query: "order database", says: "words without a sign are searched: names first, then meaning" },
];

const alias: Record<string, string> = { environment: "env", stage: "env" };

export function fieldName(name: string): string {
  const lower = name.toLowerCase();
  return alias[lower] ?? lower;
}

const operatorAt = /^(?:!=|[=:~])/;

function readValue(text: string, start: number): { value: string; end: number; broken: boolean } {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && !/[\s()]/.test(text[end] ?? "")) end++;
    return { value: text.slice(start, end), end, broken: false };
  }
  let value = "";
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === "\\" && at + 1 < text.length) at++;
    value += text[at];
    at++;
  }
  return { value, end: Math.min(at + 1, text.length), broken: at >= text.length };
}

function readWord(text: string, start: number): Token {
  if (text.startsWith("arn:", start)) // an ARN is a word, although it is full of colons
    return { kind: "word", start, end: readValue(text, start).end };
  let end = start;
  while (end < text.length && !/[\s()=~:!"]/.test(text[end] ?? "")) end++;
  const op = operatorAt.exec(text.slice(end))?.[0];
  if (op && end > start) {
    let fieldEnd = end;
    let opEnd = end + op.length;
    let found = op;
    // `tag:key=value` is one term whose field is the key.
    if (text.slice(start, end).toLowerCase() === "tag" && op === ":") {
      let keyEnd = opEnd;
      while (keyEnd < text.length && !/[\s()=~!"]/.test(text[keyEnd] ?? "")) keyEnd++;
      const second = operatorAt.exec(text.slice(keyEnd))?.[0];
      if (second) {
        fieldEnd = keyEnd;
        opEnd = keyEnd + second.length;
        found = second;
      }
    }
    const { value, end: valueEnd, broken } = readValue(text, opEnd);
    return {
      kind: "term",
      start,
      end: valueEnd,
      field: text.slice(start, fieldEnd),
      op: found,
      value,
      valueStart: opEnd,
      broken,
    };
  }
  if (end === start) {
    const { end: quoteEnd, broken } = readValue(text, start);
    return { kind: "word", start, end: Math.max(quoteEnd, start + 1), broken };
  }
  const word = text.slice(start, end).toUpperCase();
  const kind = word === "AND" ? "and" : word === "OR" ? "or" : word === "NOT" ? "not" : "word";
  return { kind, start, end };
}

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (/\s/.test(char)) at++;
    else if (char === "(" || char === ")") {
      found.push({ kind: char === "(" ? "open" : "close", start: at, end: at + 1 });
      at++;
    } else {
      const token = readWord(text, at);
      found.push(token);
      at = token.end;
    }
  }
  return found;
}

export type Parts = { text: string; filter: string; problem?: string; at?: number };

/** The words and the comparisons of a query, apart. Words inside AND, OR, NOT or ( ) are refused. */
export function parts(query: string): Parts {
  const all = tokens(query);
  const broken = all.find((token) => token.broken);
  if (broken) return { text: "", filter: "", problem: "The quotation is not closed.", at: broken.start };
  const comparisons = all.some((token) => token.kind === "term");
  if (!comparisons) return { text: query.trim(), filter: "" };
  const words: string[] = [];
  const filter: string[] = [];
  let depth = 0;
  for (let i = 0; i < all.length; i++) {
    const token = all[i]!;
    const piece = query.slice(token.start, token.end);
    if (token.kind !== "word") {
      if (token.kind === "open") depth++;
      if (token.kind === "close") depth--;
      filter.push(piece);
      continue;
    }
    const neighbours = [all[i - 1]?.kind, all[i + 1]?.kind];
    if (depth > 0 || neighbours[0] === "not" || neighbours.some((kind) => kind === "and" || kind === "or"))
      return {
        text: "",
        filter: "",
        problem: `\`${piece}\` is no comparison; write name~${piece} here.`,
        at: token.start,
      };
    words.push(piece);
  }
  return { text: words.join(" "), filter: filter.join(" ").replaceAll("( ", "(").replaceAll(" )", ")") };
}

export function quote(value: string): string {
  if (value !== "" && /^[^\s()"\\]+$/.test(value) && !/^[=~!:]/.test(value)) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

export function term(field: string, value: string): string {
  return `${field}:${quote(value)}`;
}

type Group = { start: number; end: number; values: string[] };

function sameField(token: Token, field: string): boolean {
  return (
    token.kind === "term" &&
    fieldName(token.field ?? "") === fieldName(field) &&
    (token.op === ":" || token.op === "=")
  );
}

/* A parenthesised OR over one field, beginning at token `from`; undefined when it is anything else. */
function orGroup(all: Token[], from: number, field: string): { group: Group; next: number } | undefined {
  const values: string[] = [];
  for (let i = from + 1; i < all.length; i += 2) {
    const token = all[i]!;
    if (!sameField(token, field)) return undefined;
    values.push(token.value ?? "");
    const after = all[i + 1];
    if (after?.kind === "close")
      return { group: { start: all[from]!.start, end: after.end, values }, next: i + 2 };
    if (after?.kind !== "or") return undefined;
  }
  return undefined;
}

/* Where a query asks for values of a field at its top level, in a way that a click can change. */
function groupOf(query: string, field: string): Group | undefined {
  const all = tokens(query);
  let depth = 0;
  for (let i = 0; i < all.length; i++) {
    const token = all[i]!;
    const before = all[i - 1]?.kind;
    const after = all[i + 1]?.kind;
    if (depth === 0 && before !== "not" && before !== "or") {
      if (token.kind === "open") {
        const found = orGroup(all, i, field);
        if (found && all[found.next]?.kind !== "or") return found.group;
      } else if (sameField(token, field) && after !== "or") {
        return { start: token.start, end: token.end, values: [token.value ?? ""] };
      }
    }
    if (token.kind === "open") depth++;
    if (token.kind === "close") depth--;
  }
  return undefined;
}

/** The values a query asks for in a field, as far as clicks can change them. */
export function chosen(query: string, field: string): string[] {
  return groupOf(query, field)?.values ?? [];
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** The query with a value of a field added, or taken out when it is in. */
export function toggle(query: string, field: string, value: string): string {
  const group = groupOf(query, field);
  if (!group) return `${query.trim()} ${term(field, value)}`.trim();
  const values = group.values.some((held) => same(held, value))
    ? group.values.filter((held) => !same(held, value))
    : [...group.values, value];
  return set(query, group, field, values);
}

function set(query: string, group: Group, field: string, values: string[]): string {
  const terms = values.map((value) => term(field, value));
  const written = terms.length > 1 ? `(${terms.join(" OR ")})` : (terms[0] ?? "");
  let head = query.slice(0, group.start).trimEnd();
  let tail = query.slice(group.end).trimStart();
  if (!written) {
    // An AND that has lost one side goes, too.
    if (/(^|[\s)])AND$/i.test(head)) head = head.slice(0, -3).trimEnd();
    else if (/^AND(?=[\s(])/i.test(tail)) tail = tail.slice(3).trimStart();
  }
  return [head, written, tail].filter(Boolean).join(" ");
}

/** The query asking for one value of a field only, or for any when the value is empty. */
export function only(query: string, field: string, value: string): string {
  const group = groupOf(query, field);
  if (!group) return value ? `${query.trim()} ${term(field, value)}`.trim() : query.trim();
  return set(query, group, field, value ? [value] : []);
}

export type Known = {
  values: Record<string, { value: string; label?: string; count?: number }[]>; // by field
  tags: string[];
  names: string[];
};

export type Suggestion = {
  label: string;
  hint: string;
  start: number; // what is replaced
  end: number;
  insert: string;
};

/** What could stand at the caret; at most `limit`, in a fixed order. */
export function complete(query: string, caret: number, known: Known, limit = 8): Suggestion[] {
  const token = tokens(query).find((one) => one.start < caret && caret <= one.end);
  if (token?.kind === "term" && token.valueStart !== undefined && caret >= token.valueStart) {
    const field = fieldName(token.field ?? "");
    const typed = (token.broken || query[token.valueStart] === '"'
      ? query.slice(token.valueStart + 1, caret)
      : query.slice(token.valueStart, caret)
    ).toLowerCase();
    return (known.values[field] ?? [])
      .filter(
        ({ value, label }) =>
          value.toLowerCase().includes(typed) || label?.toLowerCase().includes(typed),
      )
      .sort((a, b) => {
        const begins = (one: { value: string }) => (one.value.toLowerCase().startsWith(typed) ? 0 : 1);
        return begins(a) - begins(b) || (b.count ?? 0) - (a.count ?? 0) || (a.value < b.value ? -1 : 1);
      })
      .slice(0, limit)
      .map(({ value, label, count }) => ({
        label: label && label !== value ? `${label} · ${value}` : value,
        hint: count === undefined ? "" : String(count),
        start: token.valueStart ?? token.start,
        end: token.end,
        insert: `${quote(value)} `,
      }));
  }
  if (token && token.kind !== "word") return [];
  const start = token?.start ?? caret;
  const end = token?.end ?? caret;
  const typed = query.slice(start, caret).toLowerCase();
  const found: Suggestion[] = fields
    .filter((field) => field.name.startsWith(typed))
    .map((field) => ({ label: `${field.name}:`, hint: field.says, start, end, insert: `${field.name}:` }));
  if (typed) {
    for (const tag of known.tags)
      if (tag.toLowerCase().startsWith(typed) && !fields.some((field) => field.name === tag.toLowerCase()))
        found.push({ label: `${tag}=`, hint: "tag", start, end, insert: `${tag}=` });
    for (const name of known.names)
      if (name.toLowerCase().startsWith(typed))
        found.push({ label: name, hint: "name", start, end, insert: `${term("name", name)} ` });
  }
  return found.slice(0, limit);
}
