// SPDX-License-Identifier: Apache-2.0
import type {
  Account,
  AskBody,
  ChatMessage,
  Check,
  Conversation,
  Discovery,
  EstatePage,
  Home,
  LogPage,
  PlanPage,
  Playbook,
  Resolved,
  Row,
  RunPage,
  Settings,
  Shown,
  Status,
} from "./types";

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

function tell(failure: Failure): Failure {
  if (failure.gone || failure.status === "unauthorised" || failure.status === "locked")
    onFailure(failure);
  return failure;
}

// Statuses that come with a body which is an answer and not a failure.
const answered = new Set(["ok", "partial"]);

async function call<Body>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Body> {
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
  return answer.body as Body;
}

const get = <Body>(path: string, signal?: AbortSignal) => call<Body>("GET", path, undefined, signal);
const post = <Body>(path: string, body: unknown = {}, signal?: AbortSignal) =>
  call<Body>("POST", path, body, signal);
const part = encodeURIComponent;

export type EstateQuery = {
  text?: string;
  filter?: string;
  sort?: string;
  offset?: number;
  limit?: number;
  facets?: boolean;
};

export type LogQuery = {
  step?: string;
  attempt?: number;
  from_line?: number;
  count?: number;
  search?: string;
  tail?: boolean;
};

export const api = {
  ping: () => get<unknown>("/api/ping"),
  session: (code: string) => post<unknown>("/api/session", { code }),
  home: (signal?: AbortSignal) => get<Home>("/api/home", signal),
  status: (signal?: AbortSignal) => get<Status>("/api/status", signal),
  doctor: (signal?: AbortSignal) => post<{ checks: Check[] }>("/api/doctor", {}, signal),
  query: (query: EstateQuery, signal?: AbortSignal) =>
    post<EstatePage>("/api/estate/query", query, signal),
  show: (id: string, signal?: AbortSignal) => post<Shown>("/api/show", { text: id }, signal),
  complete: (prefix: string, n: number, signal?: AbortSignal) =>
    post<{ names: string[]; resources?: Row[] }>("/api/complete", { prefix, n }, signal),
  resolve: (prompt: string, signal?: AbortSignal) =>
    post<Resolved>("/api/resolve", { prompt }, signal),
  ask: (
    body: { prompt: string; resources?: string[]; conversation?: string; call?: string },
    signal?: AbortSignal,
  ) => post<AskBody>("/api/ask", body, signal),
  plan: (hash: string, signal?: AbortSignal) => get<PlanPage>(`/api/plans/${part(hash)}`, signal),
  approve: (hash: string, confirm?: string) =>
    post<RunPage>(`/api/plans/${part(hash)}/approve`, { confirm, by: "page", background: true }),
  discard: (hash: string) => post<unknown>(`/api/plans/${part(hash)}/discard`),
  runs: (signal?: AbortSignal) => get<{ runs: RunPage[] }>("/api/runs", signal),
  run: (id: string, signal?: AbortSignal) => get<RunPage>(`/api/runs/${part(id)}`, signal),
  cancel: (id: string) => post<RunPage>(`/api/runs/${part(id)}/cancel`),
  log: (id: string, query: LogQuery, signal?: AbortSignal) =>
    post<LogPage>(`/api/runs/${part(id)}/log`, query, signal),
  logs: (id: string) =>
    get<{ streams: { step: string; attempt: number; stream: string; text: string }[] }>(
      `/api/runs/${part(id)}/logs`,
    ),
  conversations: (signal?: AbortSignal) =>
    get<{ conversations: Conversation[] }>("/api/chat", signal),
  conversation: (id: string, signal?: AbortSignal) =>
    get<{ messages: ChatMessage[] }>(`/api/chat/${part(id)}`, signal),
  forget: (id: string) => call<unknown>("DELETE", `/api/chat/${part(id)}`),
  settings: async (signal?: AbortSignal) =>
    (await get<{ settings: Settings }>("/api/settings", signal)).settings,
  saveSettings: (settings: Settings) => call<unknown>("PUT", "/api/settings", { settings }),
  sync: (scope: { account?: string; region?: string; service?: string } = {}) =>
    post<unknown>("/api/sync", { ...scope, background: true }),
  accounts: (signal?: AbortSignal) => get<{ accounts: Account[] }>("/api/accounts", signal),
  discover: (body: { endpoint_url?: string; regions?: string[] }) =>
    post<Discovery>("/api/accounts/discover", body),
  testAccount: (id: string) => post<{ result: string }>(`/api/accounts/${part(id)}/test`),
  removeAccount: (id: string) => call<unknown>("DELETE", `/api/accounts/${part(id)}`),
  playbooks: (signal?: AbortSignal) => get<{ playbooks: Playbook[] }>("/api/playbooks", signal),
};
