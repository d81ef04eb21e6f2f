// SPDX-License-Identifier: Apache-2.0
import { Text } from "./text";

// State is shape and word before colour.
export type Tone = "ok" | "busy" | "off" | "bad" | "unknown" | "blind";

const shapes: Record<Tone, string> = { ok: "●", busy: "◐", off: "○", bad: "▲", unknown: "?", blind: "⊘" };

// The clouds' own words and ours, in lower case; tests/cases/states.json holds here and at the terminal.
const tones: Record<string, Tone> = {
  available: "ok",
  running: "ok",
  active: "ok",
  "in-use": "ok",
  completed: "ok",
  enabled: "ok",
  deployed: "ok",
  associated: "ok",
  attached: "ok",
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
  stale: "off",
  rolled_back: "off",
  terminated: "off",
  deleted: "off",
  deregistered: "off",
  detached: "off",
  archived: "off",
  recoverable: "off",
  discarded: "off",
  expired: "off",
  degraded: "bad",
  alarm: "bad",
  invalid: "bad",
  unavailable: "bad",
  replication_not_authorized: "bad",
  denied: "bad",
  unhealthy: "bad",
  unverified: "bad",
  timed_out: "bad",
  storage_full: "bad",
  "storage-full": "bad",
  pending: "busy",
  transient: "busy",
  maintenance: "busy",
  inprogress: "busy",
  "delete in progress": "busy",
  "delete-precheck": "busy",
  "failing-over": "busy",
  "storage-config-upgrade": "busy",
  "storage-initialization": "busy",
  "storage-optimization": "busy",
  "update-iam-db-auth": "busy",
  awaiting_approval: "busy",
  interrupted: "busy",
  partial: "bad",
  unseen: "blind",
  forbidden: "blind",
};

// Whole families of words: create-failed, restore-error; modifying, backing-up, rebooting cluster nodes.
const trouble = /fail|error|incompatible|inaccessible|impaired|insufficient-capacity/;
const change = /ing(?![a-z])/;

export function toneOf(state: string | undefined): Tone {
  const word = state?.toLowerCase() ?? "";
  if (Object.hasOwn(tones, word)) return tones[word] as Tone;
  return trouble.test(word) ? "bad" : change.test(word) ? "busy" : "unknown";
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
