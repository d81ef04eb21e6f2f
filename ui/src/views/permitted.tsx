// SPDX-License-Identifier: Apache-2.0
import { api } from "../api";
import { Age, Skeleton, Trouble } from "../parts/parts";
import { State, type Tone } from "../parts/state";
import { Long, Text } from "../parts/text";
import { useData } from "../state/data";
import type { Permitted } from "../types";

const tones: Record<Permitted["verdict"], Tone> = {
  allowed: "ok",
  denied: "bad",
  conditional: "busy",
  unknown: "unknown",
};

function because(one: Permitted): string {
  if (one.learned) return one.learned.message;
  if (one.keys?.length) return `hangs on ${one.keys.join(", ")}`;
  return one.why ?? one.sentence;
}

/** What the caller may do with the resource, action by action, and what decides it. */
export function Permissions({ id }: { id: string }) {
  const data = useData(`permissions:${id}`, (signal) => api.permissions(id, signal), ["estate"]);
  if (data.failure && !data.value) return <Trouble failure={data.failure} again={data.again} />;
  if (!data.value) return <Skeleton lines={4} />;
  const { actions, principal, read_at } = data.value;
  return (
    <>
      <p className="dim">
        {principal ? (
          <>
            As <Text text={principal} max={300} />
            {read_at && <Age since={read_at} prefix=" · policies read " />}. The cloud decides when it is asked.
          </>
        ) : (
          "The policies of this account have not been read; a sync reads them."
        )}
      </p>
      <ul className="lines">
        {actions.map((one) => (
          <li key={one.action} className="effect">
            <p className="list-line">
              <code className="grow one-line">
                <Text text={one.action} max={120} />
              </code>
              <State state={one.verdict} tone={tones[one.verdict]} />
            </p>
            <p className="dim">
              <Text text={because(one)} max={400} />
            </p>
            {one.verdict !== "allowed" && one.statement && (
              <pre className="json">
                <Long text={JSON.stringify(one.statement.json, null, 2)} max={2000} block />
              </pre>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
