// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Failure, api } from "../api";
import { number, plural } from "../logic/text";
import { at, span } from "../logic/time";
import { CheckLine } from "../parts/check-line";
import { Age, Skeleton, Trouble, useNow } from "../parts/parts";
import { Said, Text } from "../parts/text";
import { announce } from "../state/core";
import { useData } from "../state/data";
import { store, useStore } from "../state/store";
import type { BackupRow, Check, Status } from "../types";

// What keeps the store: its copies, its keys, its record. This page only tells; what changes keys
// or restores is a command to copy, because a page must never see a key, a code or a passphrase.

/** The checks of the doctor that are told here when nothing is wrong with them. */
export const protects = new Set(["key", "recovery", "anchor", "disk", "backup", "memory"]);

/** "in 14 h", or that the moment has come. */
function Due({ until }: { until: string }) {
  const left = (at(until) ?? 0) - useNow(1000);
  return left > 60_000 ? <span className="num">next in {span(left)}</span> : <>the next is due now</>;
}

/* Where the newest backup that counts lies: the folder here, and other places since when. */
function Where({ folder, backup }: { folder: string; backup: BackupRow }) {
  return (
    <div className="faint">
      in <Text text={folder} max={200} />
      {Object.entries(backup.places ?? {}).map(([place, since]) => (
        <span key={place}>
          {" "}
          and in <Text text={place} max={120} /> (<Age since={since} />)
        </span>
      ))}
    </div>
  );
}

function Backup({ backup }: { backup: NonNullable<Status["backup"]> }) {
  const list = useData("backups", (signal) => api.backups(signal), ["backups"]);
  const newest = list.value?.backups.find((one) => one.name === backup.name);
  return (
    <CheckLine tone={backup.warning ? "bad" : "ok"} word={backup.warning ? "at risk" : "whole"} name="Backup" cure={backup.warning ? "escher backup now" : undefined}>
      {backup.warning && (
        <div>
          <Said text={backup.warning} max={300} />
        </div>
      )}
      {backup.at && (
        <>
          <Age since={backup.at} />, restored on trial; {backup.verified === 1 ? "it is the only one" : `${number(backup.verified)} such are here`};{" "}
        </>
      )}
      <Due until={backup.due_at} />
      {newest && list.value && <Where folder={list.value.folder} backup={newest} />}
    </CheckLine>
  );
}

function Keys({ keys }: { keys: NonNullable<Status["key"]> }) {
  const { rotation } = keys;
  return (
    <>
      <CheckLine tone="ok" word="open" name="Key">
        <Text text={keys.says} max={200} />
        <div className="faint">
          number {keys.kek}
          {keys.since && (
            <>
              , made <Age since={keys.since} />
            </>
          )}
        </div>
      </CheckLine>
      <CheckLine tone={keys.recovery ? "ok" : "bad"} word={keys.recovery ? "there" : "none"} name="Recovery code" cure={keys.recovery ? undefined : (keys.cure ?? "escher key recovery")}>
        {keys.recovery ? (
          <>
            made <Age since={keys.recovery_since} />; with it the store and its backups open on another machine
          </>
        ) : (
          "Who loses the keyring loses the store, and every backup of it."
        )}
      </CheckLine>
      {rotation && rotation.state !== "over" && (
        <CheckLine tone="busy" word={rotation.state === "sealing" ? "under way" : "sealed"} name="Change of keys" cure={rotation.state === "sealed" ? "escher backup now" : undefined}>
          {rotation.state === "sealing" ? (
            <span className="num">
              {number(rotation.sealed)} of {number(rotation.rows)} rows are sealed anew
            </span>
          ) : (
            "All rows are sealed anew. The old keys go after the next backup that was restored on trial."
          )}
          {rotation.unreadable > 0 && <div>{plural(rotation.unreadable, "damaged row")} stay under the old keys.</div>}
        </CheckLine>
      )}
    </>
  );
}

/* What verifying the record came to, the last time it was asked for in this page's life. */
type Verdict = { atMs: number; ok: boolean; says: string };
const verdict = store<Verdict | undefined>(undefined);

/** For tests. */
export function forgetVerdict(): void {
  verdict.set(undefined);
}

async function verify(): Promise<Failure | undefined> {
  try {
    const { count } = await api.verifyAudit();
    verdict.set({ atMs: Date.now(), ok: true, says: `${plural(count, "record")}, each in its place` });
    announce("The record is whole.");
  } catch (error) {
    if (!(error instanceof Failure)) return undefined;
    if (error.status !== "corrupt") return error; // it could not be looked at
    verdict.set({ atMs: Date.now(), ok: false, says: error.message });
    announce("The record is not whole.");
  }
  return undefined;
}

function Audit({ audit }: { audit: NonNullable<Status["audit"]> }) {
  const found = useStore(verdict);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const look = async () => {
    setBusy(true);
    setFailure(await verify());
    setBusy(false);
  };
  return (
    <>
      <CheckLine
        tone={found ? (found.ok ? "ok" : "bad") : "unknown"}
        word={found ? (found.ok ? "whole" : "broken") : "not verified"}
        name="Audit trail"
        cure={found && !found.ok ? "escher backup list" : undefined}
      >
        {audit.records !== undefined && <span className="num">{plural(audit.records, "record")}</span>}
        <button type="button" className="button small verify" onClick={() => void look()} disabled={busy}>
          {busy ? "Verifying…" : "Verify"}
        </button>
        {found && (
          <div className={found.ok ? "" : "bad-text"}>
            as of <Age since={new Date(found.atMs).toISOString()} />: <Said text={found.says} max={300} />
          </div>
        )}
        {audit.head && (
          <div className="faint">
            its end is <code title={audit.head}>{audit.head.slice(0, 16)}…</code>
          </div>
        )}
        {failure && <Trouble failure={failure} again={() => void look()} />}
      </CheckLine>
    </>
  );
}

function Anchor({ audit, cure }: { audit: NonNullable<Status["audit"]>; cure?: string }) {
  return (
    <CheckLine tone={audit.anchored ? "ok" : "bad"} word={audit.anchored ? "noticed" : "not noticed"} name="Older copies" cure={audit.anchored ? undefined : cure}>
      <Text text={audit.anchor} max={300} />
    </CheckLine>
  );
}

function Room({ audit, cure }: { audit: NonNullable<Status["audit"]>; cure?: string }) {
  return (
    <CheckLine tone={audit.has_room ? "ok" : "bad"} word={audit.has_room ? "room" : "no room"} name="Full disk" cure={audit.has_room ? undefined : cure}>
      <Text text={audit.room} max={300} />
    </CheckLine>
  );
}

export function Protection({ status, checks }: { status: Status; checks?: Check[] }) {
  const check = (name: string) => checks?.find((one) => one.name === name);
  const memory = check("memory");
  return (
    <section id="protection">
      <h2>Protection</h2>
      <ul className="lines">
        {status.backup && <Backup backup={status.backup} />}
        {status.key && <Keys keys={status.key} />}
        {status.audit && <Audit audit={status.audit} />}
        {status.audit && <Anchor audit={status.audit} cure={check("anchor")?.cure} />}
        {status.audit && <Room audit={status.audit} cure={check("disk")?.cure} />}
        {memory && (
          <CheckLine tone={memory.ok ? "ok" : "bad"} word={memory.ok ? "closed" : "open"} name="Process" cure={memory.cure}>
            <Text text={memory.says} max={300} />
          </CheckLine>
        )}
      </ul>
      {!checks && <Skeleton lines={1} />}
      <p className="faint">
        Keys, restoring and recovery belong to the command line: no page ever sees a key, a code or a passphrase.
      </p>
    </section>
  );
}
