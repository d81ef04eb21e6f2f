// SPDX-License-Identifier: Apache-2.0
import { api } from "../api";
import { typeName } from "../logic/text";
import { Age, Link, Skeleton, Trouble } from "../parts/parts";
import { State } from "../parts/state";
import { Line, Text } from "../parts/text";
import { estatePath } from "../route";
import { useData } from "../state/data";
import type { Effect } from "../types";
import { Gaps } from "./ask";

const headings: Record<Effect["effect"], string> = {
  breaks: "These stop working",
  loses: "These go on with less",
};

function Effects({ all, kind, count }: { all: Effect[]; kind: Effect["effect"]; count: number }) {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const ours = all.filter((one) => one.effect === kind);
  if (count === 0) return null;
  return (
    <section>
      <h3>{headings[kind]}</h3>
      <ul className="lines">
        {ours.map(({ resource, because, at }) => (
          <li key={resource.id} className={`effect band ${resource.environment}`}>
            <p className="list-line">
              <Link to={estatePath(query, resource.id)} className="grow one-line">
                <Line text={resource.name} />
              </Link>
              <span className="dim">{typeName(resource.resource_type)}</span>
              {resource.state && <State state={resource.state} />}
            </p>
            <p className="dim">
              <Text text={because} max={300} /> · <Age since={at} prefix="seen " />
            </p>
          </li>
        ))}
      </ul>
      {count > ours.length && <p className="dim">… and {count - ours.length} more</p>}
    </section>
  );
}

/** What else is hit when the resource stops or goes away, and what that rests on. */
export function Impact({ id }: { id: string }) {
  const data = useData(`impact:${id}`, (signal) => api.impact(id, signal), ["estate"]);
  if (data.failure && !data.value) return <Trouble failure={data.failure} again={data.again} />;
  if (!data.value) return <Skeleton lines={4} />;
  const { effects, gaps, breaks, loses } = data.value;
  return (
    <>
      <p className="dim">
        {effects.length === 0 ? "Nothing in the estate is known to need it." : "When it stops or goes away:"}
      </p>
      <Effects all={effects} kind="breaks" count={breaks} />
      <Effects all={effects} kind="loses" count={loses} />
      {gaps.length > 0 && (
        <section>
          <h3>Could not be looked at, and may need it too</h3>
          <Gaps cells={gaps} max={10} />
        </section>
      )}
    </>
  );
}
