// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { Copy } from "./parts";
import { State, type Tone } from "./state";
import { Said } from "./text";

/** What of a cure is a command to copy: what it quotes, or all of it. */
export function commandIn(cure: string): string | undefined {
  return /`([^`]+)`/.exec(cure)?.[1] ?? (cure.startsWith("escher ") ? cure : undefined);
}

/** One thing that is looked at: how it is, what it is, what there is to say, and what mends it. */
export function CheckLine({
  tone,
  word,
  name,
  children,
  cure,
}: {
  tone: Tone;
  word: string;
  name: string;
  children: ReactNode;
  cure?: string;
}) {
  const command = cure && commandIn(cure);
  return (
    <li className="list-line check">
      <State tone={tone} word={word} />
      <b>{name}</b>
      <div className="grow dim">{children}</div>
      {cure && (
        <span className="cure">
          {command === cure ? (
            <code>{cure}</code>
          ) : (
            <span>
              <Said text={cure} max={300} />
            </span>
          )}
          {command && <Copy quiet label={`Copy ${command}`} text={command} />}
        </span>
      )}
    </li>
  );
}
