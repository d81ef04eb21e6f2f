// SPDX-License-Identifier: Apache-2.0
import { api } from "../api";
import { number, plural } from "../logic/text";
import { CheckLine } from "../parts/check-line";
import { Age, Copy, Skeleton, Trouble } from "../parts/parts";
import { State } from "../parts/state";
import { Text } from "../parts/text";
import { useData } from "../state/data";
import type { Cell, Status } from "../types";
import { Gaps } from "./ask";
import { Protection, protects } from "./protection";

/* Accounts by regions: what could be seen, and how old it is. */
function Coverage({ status }: { status: Status }) {
  const accounts = [...new Map(status.cells.map((cell) => [cell.account_id, cell.account_name])).entries()];
  const regions = [...new Set(status.cells.map((cell) => cell.region))].sort();
  if (accounts.length === 0) return <p className="dim">Nothing has been read yet.</p>;
  const at = (account: string, region: string) => status.cells.filter((cell) => cell.account_id === account && cell.region === region);
  return (
    <table className="rows coverage">
      <thead>
        <tr>
          <th scope="col">Account</th>
          {regions.map((region) => (
            <th scope="col" key={region}>
              {region || "global"}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {accounts.map(([id, name]) => (
          <tr key={id}>
            <th scope="row">
              <Text text={name} max={40} /> <span className="num faint">{id}</span>
            </th>
            {regions.map((region) => (
              <td key={region}>
                <Seen cells={at(id, region)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Seen({ cells }: { cells: Cell[] }) {
  if (cells.length === 0) return <span className="faint">–</span>;
  const bad = cells.filter((cell) => cell.state !== "ok");
  const found = cells.reduce((sum, cell) => sum + (cell.resources ?? 0), 0);
  const oldest = cells.map((cell) => cell.at ?? "").filter(Boolean).sort()[0];
  return (
    <span>
      {bad.length ? (
        <State tone="blind" word={`${bad.length} of ${cells.length} not visible`} />
      ) : (
        <State tone="ok" word={plural(found, "resource")} />
      )}
      <span className="faint">
        {" "}
        <Age since={oldest} />
      </span>
    </span>
  );
}

export function Doctor() {
  const checks = useData("doctor", (signal) => api.doctor(signal), ["keys", "backups"]);
  const status = useData("status", (signal) => api.status(signal), ["estate", "accounts", "runs", "backups", "keys"]);
  const bad = checks.value?.checks.filter((check) => !check.ok) ?? [];
  const gaps = status.value?.cells.filter((cell) => cell.state !== "ok") ?? [];
  return (
    <div className="view">
      <div className="page">
        <div className="card-title">
          <h2 className="grow">
            {checks.value
              ? bad.length === 0
                ? "Everything that must work here works"
                : `${plural(bad.length, "thing")} must be mended`
              : "Looking"}
          </h2>
          <button type="button" className="button" onClick={checks.again} disabled={checks.loading}>
            {checks.loading ? "Looking…" : "Look again"}
          </button>
          <Copy label="escher doctor" text="escher doctor" />
        </div>
        {checks.failure && <Trouble failure={checks.failure} again={checks.again} />}
        {!checks.value && !checks.failure && <Skeleton lines={6} />}
        <ul className="lines">
          {(checks.value?.checks ?? [])
            .filter((check) => !check.ok || !protects.has(check.name)) // those are below, with more to say
            .sort((a, b) => Number(a.ok) - Number(b.ok))
            .map((check) => (
              <CheckLine key={check.name} tone={check.ok ? "ok" : "bad"} word={check.ok ? "works" : "broken"} name={check.name} cure={check.cure}>
                <Text text={check.says} max={300} />
              </CheckLine>
            ))}
        </ul>
        {status.value && <Protection status={status.value} checks={checks.value?.checks} />}
        <section>
          <h2>What can be seen</h2>
          {status.failure && !status.value && <Trouble failure={status.failure} again={status.again} />}
          {status.value && (
            <>
              <p className="dim">
                {number(status.value.resources)} resources from {number(status.value.cells.length)} places.
              </p>
              {status.value.unreadable && (
                <p className="bad-text">
                  <Text text={status.value.unreadable} max={300} />
                </p>
              )}
              <Coverage status={status.value} />
            </>
          )}
        </section>
        {gaps.length > 0 && (
          <section>
            <h2>Not visible</h2>
            <Gaps cells={gaps} max={50} />
          </section>
        )}
      </div>
    </div>
  );
}
