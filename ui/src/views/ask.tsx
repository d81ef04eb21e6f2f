// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { Failure, api } from "../api";
import { plural, spelt } from "../logic/text";
import { at, short } from "../logic/time";
import { Icon } from "../parts/icon";
import { Age, Left, Link, Menu, Skeleton, Trouble } from "../parts/parts";
import { State, StepState } from "../parts/state";
import { Line, Long, Said, Text } from "../parts/text";
import { useAction } from "../parts/use-keys";
import { conversationPath, go, planPath, replace, route, runPath } from "../route";
import { announce, phases } from "../state/core";
import { touch, useData } from "../state/data";
import { type Turn, drafts, turns } from "../state/drafts";
import { useStore, useStorePart } from "../state/store";
import type { Cell, ChatMessage, Conversation, Home } from "../types";
import { AnswerCard } from "./answer-card";
import { Composer } from "./composer";
import { Onboarding } from "./onboarding";
import { PlanCard } from "./plan-card";

let calls = 0;
export function newCall(): string {
  return `page-${Date.now().toString(36)}-${++calls}`;
}

/** Sends a question. Its turn is shown at once; the answer takes its place when it is on record. */
export async function ask(prompt: string, conversation: string | undefined, resources: string[] = []): Promise<void> {
  const id = newCall();
  turns.set((now) => [...now, { id, conversation, prompt, at: Date.now() }]);
  try {
    const body = await api.ask({ prompt, conversation, call: id, resources: resources.length ? resources : undefined });
    const here = route();
    const watched = here.view === "ask" && here.conversation === conversation;
    // The record is read before the turn goes, so that nothing flickers.
    turns.set((now) => now.map((turn) => (turn.id === id ? { ...turn, conversation: body.conversation } : turn)));
    if (watched && !conversation) {
      // What was typed meanwhile goes along.
      drafts.set(({ new: next, ...others }) => (next ? { ...others, [body.conversation]: next } : others));
      replace(conversationPath(body.conversation));
    }
    touch("chat");
    touch("plans");
    announce(
      { plan: "A plan waits for your approval.", question: "A question.", refusal: "Refused." }[body.kind as string] ??
        "Answered.",
    );
  } catch (error) {
    if (error instanceof Failure)
      turns.set((now) => now.map((turn) => (turn.id === id ? { ...turn, failure: error } : turn)));
  }
}

function Waiting({ turn, retry, forget }: { turn: Turn; retry: () => void; forget: () => void }) {
  const said = useStorePart(phases, (all) => all[turn.id]) ?? [];
  const last = said[said.length - 1];
  return (
    <>
      <Prompt text={turn.prompt} />
      {turn.failure ? (
        <div className="card">
          <Trouble failure={turn.failure} again={retry} />
          <button type="button" className="button quiet" onClick={forget}>
            Leave it
          </button>
        </div>
      ) : (
        <div className="card thinking" aria-busy="true">
          <ol className="phases">
            {said.map((phase, index) => (
              <li key={index} className={phase === last ? "" : "faint"}>
                <span className="shape" aria-hidden="true">{phase === last ? "◐" : "●"}</span>
                <Text text={phase.text} max={120} />
              </li>
            ))}
            {said.length === 0 && (
              <li>
                <span className="shape" aria-hidden="true">◐</span>reading the question
              </li>
            )}
          </ol>
        </div>
      )}
    </>
  );
}

function Prompt({ text, when }: { text: string; when?: string }) {
  return (
    <div className="prompt">
      <p className="grow">
        <Long text={text} max={600} block />
      </p>
      {when && (
        <time className="faint" dateTime={when}>
          {short(when)}
        </time>
      )}
    </div>
  );
}

/* One answer on record, as it was shown; of one from before cards were kept, what is left of it. */
function Answered({
  message,
  prompt,
  latest,
  act,
}: {
  message: ChatMessage;
  prompt?: string;
  latest: boolean;
  act: { ask: (prompt: string, resources?: string[]) => void; edit: (prompt: string) => void };
}) {
  if (message.card) return <AnswerCard body={message.card} prompt={prompt} run={message.run_id} act={act} latest={latest} />;
  if (message.plan_hash) return <PlanCard hash={message.plan_hash} run={message.run_id} again={act.ask} />;
  return (
    <article className="card">
      <p className="explain">
        <Said text={message.text} />
      </p>
    </article>
  );
}

function Talk({ conversation }: { conversation?: string }) {
  const page = useData(
    conversation ? `chat:${conversation}` : undefined,
    (signal) => api.conversation(conversation ?? "", signal),
    ["chat"],
  );
  const all = useStore(turns);
  const mine = all.filter((turn) => turn.conversation === conversation);
  const messages = page.value?.messages ?? [];
  const end = useRef<HTMLDivElement>(null);
  const place = conversation ?? "new";

  // A turn that is on record now is shown from there.
  useEffect(() => {
    const done = mine.filter(
      (turn) => !turn.failure && messages.some((message, index) =>
        message.role === "assistant" && (at(message.at) ?? 0) >= turn.at - 3000 &&
        messages.slice(0, index).some((other) => other.role === "user" && other.text.trim() === turn.prompt)),
    );
    if (done.length) turns.set((now) => now.filter((turn) => !done.includes(turn)));
  }, [messages, mine]);

  const send = useCallback(
    (prompt: string, resources: string[] = []) => {
      drafts.set((now) => ({ ...now, [place]: { text: "", picked: {} } }));
      void ask(prompt, conversation, resources);
    },
    [conversation, place],
  );
  const edit = (prompt: string) => {
    drafts.set((now) => ({ ...now, [place]: { text: prompt, picked: {} } }));
    document.querySelector<HTMLTextAreaElement>(".composer textarea")?.focus();
  };

  const count = messages.length + mine.length;
  useLayoutEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [count]);

  // Whoever looks at the end goes on looking at the end while a run makes its card longer.
  const column = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const inner = column.current;
    const outer = inner?.parentElement;
    if (!inner || !outer || typeof ResizeObserver === "undefined") return;
    let height = inner.offsetHeight;
    const observer = new ResizeObserver(() => {
      const grown = inner.offsetHeight - height;
      const wasAtEnd = outer.scrollTop + outer.clientHeight >= height - 80;
      height = inner.offsetHeight;
      if (grown > 0 && wasAtEnd) outer.scrollTop = outer.scrollHeight;
    });
    observer.observe(inner);
    return () => observer.disconnect();
  }, []);

  const lastAnswer = messages.map((message) => message.role).lastIndexOf("assistant");
  const act = { ask: send, edit };
  return (
    <div className="talk">
      <div className="talk-scroll">
        <div ref={column} className="talk-column" role="log" aria-label="Conversation" aria-live="off">
          {page.failure && <Trouble failure={page.failure} again={page.again} />}
          {!page.value && !page.failure && conversation && <Skeleton lines={5} />}
          {messages.map((message, index) =>
            message.role === "user" ? (
              <Prompt key={message.id} text={message.text} when={message.at} />
            ) : (
              <Answered
                key={message.id}
                message={message}
                prompt={messages.slice(0, index).reverse().find((one) => one.role === "user")?.text}
                latest={index === lastAnswer && mine.length === 0}
                act={act}
              />
            ),
          )}
          {mine.map((turn) => (
            <Waiting
              key={turn.id}
              turn={turn}
              retry={() => {
                turns.set((now) => now.filter((one) => one !== turn));
                void ask(turn.prompt, conversation);
              }}
              forget={() => {
                turns.set((now) => now.filter((one) => one !== turn));
                edit(turn.prompt);
              }}
            />
          ))}
          <div ref={end} />
        </div>
      </div>
      <div className="talk-foot">
        <Composer
          place={place}
          large={false}
          label="What should happen next?"
          busy={mine.some((turn) => !turn.failure)}
          send={({ prompt, resources }) => send(prompt, resources)}
        />
      </div>
    </div>
  );
}

/** "eu-west-1 · production · rds", with how many calls could not be made and why. */
export function gapGroups(cells: Cell[]): { key: string; cell: Cell; count: number }[] {
  const groups = new Map<string, { key: string; cell: Cell; count: number }>();
  for (const cell of cells) {
    const key = [cell.account_id, cell.region, cell.service, cell.state, cell.message ?? ""].join("|");
    const known = groups.get(key);
    if (known) known.count++;
    else groups.set(key, { key, cell, count: 1 });
  }
  return [...groups.values()];
}

export function Gaps({ cells, max = 5 }: { cells: Cell[]; max?: number }) {
  const groups = gapGroups(cells);
  return (
    <ul className="lines">
      {groups.slice(0, max).map(({ key, cell, count }) => (
        <li key={key} className="list-line">
          <State tone="blind" word="not visible" />
          <span className="grow">
            <b>
              <Text text={cell.account_name} max={40} /> · {cell.region} · {cell.service}
            </b>{" "}
            <span className="dim">
              {count > 1 ? `${count} calls: ` : ""}
              <Text text={cell.message || `${cell.code ?? cell.state} for ${cell.service}:${cell.operation}`} max={240} />
            </span>
          </span>
          <span className="faint">
            <Age since={cell.at} />
          </span>
        </li>
      ))}
      {groups.length > max && (
        <li className="list-line">
          <Link to="/doctor">{groups.length - max} more in Doctor</Link>
        </li>
      )}
    </ul>
  );
}

function Start({ home }: { home: Home }) {
  const begin = (prompt: string, resources: string[] = []) => {
    drafts.set((now) => ({ ...now, new: { text: "", picked: {} } }));
    void ask(prompt, undefined, resources);
  };
  return (
    <div className="start">
      <h2 className="start-title">What should happen?</h2>
      <Composer place="new" large label="What should happen?" busy={false} send={({ prompt, resources }) => begin(prompt, resources)} />
      {home.examples.length > 0 && (
        <ul className="examples" aria-label="Examples from this estate">
          {home.examples.slice(0, 3).map((example) => (
            <li key={example}>
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  drafts.set((now) => ({ ...now, new: { text: example, picked: {} } }));
                  document.querySelector<HTMLTextAreaElement>(".composer textarea")?.focus();
                }}
              >
                <Text text={example} max={120} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="estate-line dim">
        <Link to="/estate">{plural(home.resources, "resource")}</Link> in {plural(home.accounts, "account")}
        {home.last_sync?.at && (
          <>
            , read <Age since={home.last_sync.at} />
          </>
        )}
        .{home.gaps.length > 0 && ` ${plural(gapGroups(home.gaps).length, "place")} could not be seen.`}
      </p>
      {home.running.length > 0 && (
        <section>
          <h3>Running now</h3>
          <ul className="lines">
            {home.running.map((run) => (
              <li key={run.run_id} className={`list-line band ${run.targets?.some((one) => one.environment === "production") ? "production" : ""}`}>
                <StepState state={run.state} />
                <Link to={runPath(run.run_id)} className="grow one-line">
                  <Line text={run.prompt ?? run.run_id} />
                </Link>
                <span className="faint">
                  <Age since={run.created_at} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {home.waiting.length > 0 && (
        <section>
          <h3>Waiting for your approval</h3>
          <ul className="lines">
            {home.waiting.map((one) => (
              <li key={one.plan_hash} className={`list-line band ${one.targets?.some((target) => target.environment === "production") ? "production" : ""}`}>
                <State tone="busy" word="waits" />
                <Link to={planPath(one.plan_hash)} className="grow one-line">
                  <Line text={one.prompt} />
                </Link>
                {one.expires_at && (
                  <span className="faint">
                    valid <Left until={at(one.expires_at) ?? 0} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {home.gaps.length > 0 && (
        <section>
          <h3>Not visible</h3>
          <Gaps cells={home.gaps} max={3} />
        </section>
      )}
    </div>
  );
}

function Conversations({ all, now }: { all: Conversation[]; now?: string }) {
  return (
    <nav className="conversations" aria-label="Conversations">
      <Link to="/" className={`conversation ${now ? "" : "chosen"}`}>
        <Icon name="plus" /> New
      </Link>
      <ul>
        {all.map((one) => (
          <li key={one.id}>
            <Link
              to={conversationPath(one.id)}
              className={`conversation ${one.id === now ? "chosen" : ""}`}
              aria-current={one.id === now ? "page" : undefined}
              title={spelt(one.title.slice(0, 200))}
            >
              <Line text={one.title} max={80} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function AskView({ conversation }: { conversation?: string }) {
  const home = useData("home", (signal) => api.home(signal), ["estate", "runs", "plans", "accounts"]);
  const list = useData("chat", (signal) => api.conversations(signal), ["chat"]);
  const all = useStore(turns);
  const begun = !conversation && all.some((turn) => turn.conversation === undefined);
  useAction("new", () => go("/"));

  if (!conversation && !begun && home.value && (home.value.accounts === 0 || home.value.resources === 0))
    return <Onboarding home={home.value} />;
  const conversations = list.value?.conversations ?? [];
  return (
    <div className="ask-view">
      {conversations.length > 0 && <Conversations all={conversations} now={conversation} />}
      <div className="ask-main">
        {conversations.length > 0 && (
          <div className="conversations-menu">
            <Menu icon="list" label="Conversations">
              {(close) => (
                <div onClick={close}>
                  <Conversations all={conversations} now={conversation} />
                </div>
              )}
            </Menu>
          </div>
        )}
        {conversation || begun ? (
          <Talk key={conversation ?? "new"} conversation={conversation} />
        ) : home.value ? (
          <Start home={home.value} />
        ) : (
          <div className="start">{home.failure ? <Trouble failure={home.failure} again={home.again} /> : <Skeleton lines={4} />}</div>
        )}
      </div>
    </div>
  );
}
