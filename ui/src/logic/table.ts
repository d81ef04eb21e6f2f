// SPDX-License-Identifier: Apache-2.0
import type { Row } from "../types";

// Exports of exactly what is shown: the rows of the query, the columns that are on.

export type Column = {
  id: string;
  label: string;
  width: number;
  sort?: string;
  value: (row: Row) => string;
};

/** A cell of a CSV file. A leading sign that a spreadsheet would run as a formula is defused. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(rows: Row[], columns: Column[]): string {
  const lines = [columns.map((column) => csvCell(column.label)).join(",")];
  for (const row of rows) lines.push(columns.map((column) => csvCell(column.value(row))).join(","));
  return `${lines.join("\r\n")}\r\n`;
}
