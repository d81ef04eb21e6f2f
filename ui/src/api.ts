// SPDX-License-Identifier: Apache-2.0
import type { Routes } from "./generated/api";
import type { Settings } from "./types";

// The one way to the core: `fetch("/api/…")` with the header that no form and no other site can
// send. Both doors, http://127.0.0.1:PORT and escher://app, answer {status, body}.

/** A failure, as the core says it. `status` is a word of docs/formats/status.md. */
export class Failure extends Error {
  readonly status: string;
  readonly category: string;
  readonly body: Record<string, unknown>;

  constructor(status: string, category: string, message: string, body: Record<string, unknown> = {}) {
    super(message);
    this.name = "Failure";
    this.status = status;
    this.category = category;
    this.body = body;
  }

  /** The core did not answer at all. */
  get gone(): boolean {
    return this.status === "gone";
  }
}

type Listener = (failure: Failure) => void;
let onFailure: Listener = () => undefined;

/** Who is told of every failure that concerns the whole page: gone, locked, not authorised. */
export function listenToFailures(listener: Listener): void {
  onFailure = listener;
}

function text(value: unknown, other: string): string {
  return typeof value === "string" && value ? value : other;
}

function failureOf(code: number, answer: unknown): Failure {
  const document = (answer ?? {}) as Record<string, unknown>;
  const said = (document.error ?? document.body ?? document) as Record<string, unknown>;
  if (code === 401) return new Failure("unauthorised", "auth", text(said.message, "No session."), said);
  return new Failure(
    text(said.status ?? document.status, "io"),
    text(said.category, "unknown"),
    text(said.message, `The core answered with ${code}.`),
    said,
  );
}

/** The code of an MFA device is missing: nothing else is locked because of that. */
export function wantsCode(failure: Failure): boolean {
  return failure.status === "locked" && failure.body.wants === "mfa_code";
}

function tell(failure: Failure): Failure {
  if (failure.gone || failure.status === "unauthorised" || (failure.status === "locked" && !wantsCode(failure)))
    onFailure(failure);
  return failure;
}

// Statuses that come with a body which is an answer and not a failure.
const answered = new Set(["ok", "partial"]);

type Route = keyof Routes;
type Takes<R extends Route> = Routes[R]["takes"];

/* What a call brings: its subject where the path has a place for one, and its arguments. */
type Brings<R extends Route> = { signal?: AbortSignal } & (R extends `${string}{}${string}`
  ? { subject: string }
  : { subject?: undefined }) &
  (Record<string, never> extends Takes<R> ? { body?: Takes<R> } : { body: Takes<R> });

async function call<R extends Route>(route: R, brings: Brings<R>): Promise<Routes[R]["gives"]> {
  const [method = "", pattern = ""] = route.split(" ");
  const path = pattern.replace("{}", () => encodeURIComponent(brings.subject ?? ""));
  const body = method === "POST" ? (brings.body ?? {}) : brings.body;
  const signal = brings.signal;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? { "X-Escher": "1" } : { "X-Escher": "1", "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw tell(new Failure("gone", "network", "The core does not answer."));
  }
  let answer: { status?: string; body?: unknown };
  try {
    answer = (await response.json()) as typeof answer;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw tell(new Failure("gone", "network", "The core's answer broke off."));
  }
  if (!answered.has(answer.status ?? "")) throw tell(failureOf(response.status, answer));
  return answer.body as Routes[R]["gives"];
}

export type EstateQuery = Takes<"POST /api/estate/query">;
export type LogQuery = Takes<"POST /api/runs/{}/log">;

export const api = {
  ping: () => call("GET /api/ping", {}),
  session: (code: string) => call("POST /api/session", { body: { code } }),
  home: (signal?: AbortSignal) => call("GET /api/home", { signal }),
  status: (signal?: AbortSignal) => call("GET /api/status", { signal }),
  doctor: (signal?: AbortSignal) => call("POST /api/doctor", { signal }),
  query: (body: EstateQuery, signal?: AbortSignal) => call("POST /api/estate/query", { body, signal }),
  show: (id: string, signal?: AbortSignal) => call("POST /api/show", { body: { text: id }, signal }),
  impact: (id: string, signal?: AbortSignal) => call("POST /api/impact", { body: { text: id }, signal }),
  permissions: (id: string, signal?: AbortSignal) => call("GET /api/permissions/{}", { subject: id, signal }),
  complete: (prefix: string, n: number, signal?: AbortSignal) =>
    call("POST /api/complete", { body: { prefix, n }, signal }),
  resolve: (prompt: string, signal?: AbortSignal) => call("POST /api/resolve", { body: { prompt }, signal }),
  ask: (body: Takes<"POST /api/ask">, signal?: AbortSignal) => call("POST /api/ask", { body, signal }),
  plan: (hash: string, signal?: AbortSignal) => call("GET /api/plans/{}", { subject: hash, signal }),
  approve: (hash: string, confirm?: string) =>
    call("POST /api/plans/{}/approve", { subject: hash, body: { confirm, by: "page", background: true } }),
  discard: (hash: string) => call("POST /api/plans/{}/discard", { subject: hash }),
  runs: (signal?: AbortSignal) => call("GET /api/runs", { signal }),
  run: (id: string, signal?: AbortSignal) => call("GET /api/runs/{}", { subject: id, signal }),
  cancel: (id: string) => call("POST /api/runs/{}/cancel", { subject: id }),
  log: (id: string, body: LogQuery, signal?: AbortSignal) =>
    call("POST /api/runs/{}/log", { subject: id, body, signal }),
  logs: (id: string) => call("GET /api/runs/{}/logs", { subject: id }),
  conversations: (signal?: AbortSignal) => call("GET /api/chat", { signal }),
  conversation: (id: string, signal?: AbortSignal) => call("GET /api/chat/{}", { subject: id, signal }),
  forget: (id: string) => call("DELETE /api/chat/{}", { subject: id }),
  settings: async (signal?: AbortSignal): Promise<Settings> =>
    (await call("GET /api/settings", { signal })).settings,
  saveSettings: (settings: Settings) => call("PUT /api/settings", { body: { settings } }),
  views: (signal?: AbortSignal) => call("GET /api/views", { signal }),
  saveView: (name: string, body: Takes<"PUT /api/views/{}">) => call("PUT /api/views/{}", { subject: name, body }),
  deleteView: (name: string) => call("DELETE /api/views/{}", { subject: name }),
  sync: (scope: Takes<"POST /api/sync"> = {}) => call("POST /api/sync", { body: { ...scope, background: true } }),
  backups: (signal?: AbortSignal) => call("GET /api/backups", { signal }),
  verifyAudit: () => call("POST /api/audit/verify", {}),
  accounts: (signal?: AbortSignal) => call("GET /api/accounts", { signal }),
  discover: (body: Takes<"POST /api/accounts/discover">) => call("POST /api/accounts/discover", { body }),
  testAccount: (id: string, shown?: { mfa_code: string; device: string }) =>
    call("POST /api/accounts/{}/test", { subject: id, body: shown ?? {} }),
  removeAccount: (id: string) => call("DELETE /api/accounts/{}", { subject: id }),
  playbooks: (signal?: AbortSignal) => call("GET /api/playbooks", { signal }),
};
