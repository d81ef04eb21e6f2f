// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
import { Failure, api } from "../api";
import { number, plural } from "../logic/text";
import { Icon } from "../parts/icon";
import { Age } from "../parts/parts";
import { Text } from "../parts/text";
import { type Sync, announce, sync as syncStore } from "../state/core";
import { useData } from "../state/data";
import { useStore } from "../state/store";

/* "412 of ~900 calls"; in a first sync, of which nobody knows how long it is, what it has found so far. */
function howFar({ done, total, resources }: Sync): string {
  if (total > 0) return `${number(done)} of ~${plural(Math.max(total, done), "call")}`;
  return done > 0 ? `${plural(done, "call")}, ${plural(resources, "resource")} so far` : "starting";
}

/** Progress with numbers: "412 of ~900 calls", and where: "production · eu-west-1 · ec2". */
export function SyncProgress({ wide = false }: { wide?: boolean }) {
  const now = useStore(syncStore);
  const end = Math.max(now.total, now.done);
  const known = now.total > 0 ? { "aria-valuemin": 0, "aria-valuemax": end, "aria-valuenow": now.done } : {};
  return (
    <span className={`sync ${wide ? "wide" : ""}`}>
      <span className="bar" role="progressbar" aria-label="Reading the estate" {...known}>
        <i style={{ width: now.total > 0 ? `${(now.done / end) * 100}%` : 0 }} />
      </span>
      <span className="num">{howFar(now)}</span>
      {wide && (
        <span className="faint">
          <Text text={now.where} max={80} />
        </span>
      )}
      {now.failed.length > 0 && <span className="bad-text">{now.failed.length} not visible</span>}
    </span>
  );
}

/** How old the picture is, and the one click that makes it new. */
export function SyncStatus() {
  const home = useData("home", (signal) => api.home(signal), ["estate", "runs", "plans", "accounts"]);
  const now = useStore(syncStore);
  const [failure, setFailure] = useState<string>();
  const begin = async () => {
    setFailure(undefined);
    try {
      await api.sync();
      announce("Sync started.");
    } catch (error) {
      if (error instanceof Failure) setFailure(error.message);
    }
  };
  // A sync that was under way before this page came; its end may have been told before that was known.
  const syncing = home.value?.syncing;
  useEffect(() => {
    if (syncing !== undefined) syncStore.set((one) => (one.active === syncing ? one : { ...one, active: syncing }));
  }, [syncing]);
  if (now.active) return <SyncProgress />;
  if (!home.value || home.value.accounts === 0) return null;
  return (
    <span className="sync">
      {failure ? (
        <span className="bad-text" role="alert">
          <Text text={failure} max={60} />
        </span>
      ) : home.value.last_sync?.at ? (
        <Age since={home.value.last_sync.at} prefix="synced " />
      ) : (
        <span>never synced</span>
      )}
      <button type="button" className="icon-button" onClick={begin} aria-label="Sync now" title="Sync now">
        <Icon name="sync" />
      </button>
    </span>
  );
}
