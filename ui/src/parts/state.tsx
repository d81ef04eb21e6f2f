// SPDX-License-Identifier: Apache-2.0
import { Text } from "./text";

// State is shape and word before colour.
export type Tone = "ok" | "busy" | "off" | "bad" | "unknown" | "blind";

const shapes: Record<Tone, string> = { ok: "●", busy: "◐", off: "○", bad: "▲", unknown: "?", blind: "⊘" };

const tones: Record<string, Tone> = {
  available: "ok",
  running: "ok",
  active: "ok",
  "in-use": "ok",
  completed: "ok",
  enabled: "ok",
  ok: "ok",
  succeeded: "ok",
  done: "ok",
  noop: "ok",
  healthy: "ok",
  stopped: "off",
  inactive: "off",
  disabled: "off",
  cancelled: "off",
  skipped: "off",
  queued: "off",
  terminated: "off",
  discarded: "off",
  expired: "off",
  failed: "bad",
  degraded: "bad",
  denied: "bad",
  error: "bad",
  unhealthy: "bad",
  unverified: "bad",
  storage_full: "bad",
  "storage-full": "bad",
  stopping: "busy",
  starting: "busy",
  pending: "busy",
  creating: "busy",
  deleting: "busy",
  modifying: "busy",
  rebooting: "busy",
  waiting: "busy",
  cancelling: "busy",
  updating: "busy",
  "shutting-down": "busy",
  "backing-up": "busy",
  awaiting_approval: "busy",
  stale: "busy",
  partial: "bad",
  unseen: "blind",
  forbidden: "blind",
};

export function toneOf(state: string | undefined): Tone {
  return state ? (tones[state.toLowerCase()] ?? "unknown") : "unknown";
}

export function State({ state, tone, word }: { state?: string; tone?: Tone; word?: string }) {
  const shown = tone ?? toneOf(state);
  const said = word ?? state;
  return (
    <span className={`state ${shown}`}>
      <span className="shape" aria-hidden="true">
        {shapes[shown]}
      </span>
      {said ? <Text text={said} max={40} /> : <span className="faint">unknown</span>}
    </span>
  );
}

/** Of a step or a run: what runs is on its way, not at its goal. */
export function StepState({ state, word }: { state: string; word?: string }) {
  return <State state={state} tone={state === "running" ? "busy" : undefined} word={word} />;
}

export function Env({ name }: { name?: string }) {
  if (!name) return null;
  return (
    <span className={`env ${name}`}>
      <Text text={name} max={40} />
    </span>
  );
}

export function RiskMark({ level }: { level: string }) {
  return (
    <span className={`risk ${level}`}>
      <span className="bars" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {level} risk
    </span>
  );
}
