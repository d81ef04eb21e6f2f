// SPDX-License-Identifier: Apache-2.0
import type { Column } from "../logic/table";
import type { Row } from "../types";

const text = (value: string | undefined) => value ?? "";

/** The columns of the estate, in the order in which they stand. */
export const columns: Column[] = [
  { id: "name", label: "Name", width: 280, sort: "name", value: (row) => row.name },
  { id: "state", label: "State", width: 130, sort: "state", value: (row) => text(row.state) },
  { id: "type", label: "Type", width: 170, sort: "type", value: (row) => row.resource_type },
  { id: "env", label: "Environment", width: 120, sort: "environment", value: (row) => text(row.environment) },
  { id: "account", label: "Account", width: 130, sort: "account", value: (row) => row.account_name },
  { id: "region", label: "Region", width: 110, sort: "region", value: (row) => row.region },
  { id: "age", label: "Read", width: 100, sort: "synced", value: (row) => text(row.synced_at) },
  { id: "identifier", label: "Identifier", width: 220, value: (row) => row.identifier },
  { id: "account_id", label: "Account number", width: 130, value: (row) => row.account_id },
  { id: "created", label: "Created", width: 130, sort: "created", value: (row) => text(row.created_at) },
  { id: "arn", label: "ARN", width: 420, value: (row) => row.arn },
  {
    id: "tags",
    label: "Tags",
    width: 320,
    value: (row: Row) =>
      Object.entries(row.tags ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(" "),
  },
];

export const usual = ["name", "state", "type", "env", "account", "region", "age"];

export function chosenColumns(names: string[]): Column[] {
  const found = columns.filter((column) => names.includes(column.id));
  return found.length ? found : columns.filter((column) => usual.includes(column.id));
}
