// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Failure, api, wantsCode } from "../api";
import { Skeleton, Trouble } from "../parts/parts";
import { State } from "../parts/state";
import { Text } from "../parts/text";
import { announce } from "../state/core";
import { touch, useData } from "../state/data";
import type { Account, Discovery, Settings } from "../types";

export async function saveSettings(now: Settings | undefined, change: Partial<Settings>): Promise<void> {
  await api.saveSettings({ ...now, ...change });
  touch("settings");
}

function Choice<Value extends string>({
  name,
  label,
  value,
  options,
  choose,
}: {
  name: string;
  label: string;
  value: Value;
  options: [Value, string][];
  choose: (value: Value) => void;
}) {
  return (
    <fieldset className="choice">
      <legend>{label}</legend>
      {options.map(([option, text]) => (
        <label key={option}>
          <input type="radio" name={name} checked={value === option} onChange={() => choose(option)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

/** The code goes from this field into one call, and nowhere else. */
function CodeForm({ account, device, send }: { account: string; device: string; send: (code: string) => void }) {
  const [code, setCode] = useState("");
  const submit = (event: { preventDefault: () => void }) => {
    event.preventDefault();
    setCode("");
    send(code);
  };
  return (
    <form className="code-form" onSubmit={submit}>
      <label>
        Code of <Text text={device} max={80} /> for <Text text={account} max={60} />
        <input
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="[0-9]{6}"
          maxLength={6}
          required
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </label>
      <button type="submit" className="button small" disabled={!/^[0-9]{6}$/.test(code)}>
        Open a session
      </button>
    </form>
  );
}

type KeysState = NonNullable<Awaited<ReturnType<typeof api.accounts>>["credentials"]>[number];

const clock = (at: string) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** Until when its keys are good, as was last known. */
function Keys({ state }: { state: KeysState }) {
  if (state.message) return null; // said by whoever asked
  const login = state.login_ends_at && Date.parse(state.login_ends_at) - Date.now();
  return (
    <p className="dim">
      {state.source && <>keys from <Text text={state.source} max={80} /></>}
      {state.expires_at && Date.parse(state.expires_at) > Date.now() && <> until {clock(state.expires_at)}</>}
      {typeof login === "number" && state.login_ends_at && (
        <>
          {" · "}
          {login < 15 * 60 * 1000 ? (
            <State tone="bad" word={login > 0 ? `the login ends at ${clock(state.login_ends_at)}` : "the login has ended"} />
          ) : (
            <>login until {clock(state.login_ends_at)}</>
          )}
        </>
      )}
    </p>
  );
}

export function AccountLine({ account, keys }: { account: Account; keys?: KeysState }) {
  const [result, setResult] = useState<{ ok: boolean; says: string }>();
  const [busy, setBusy] = useState<"" | "test" | "sync">("");
  const [device, setDevice] = useState("");
  const failed = (error: unknown) => {
    if (!(error instanceof Failure)) return;
    setResult({ ok: false, says: error.message });
    setDevice(wantsCode(error) ? String(error.body.device) : "");
  };
  const test = async (shown?: { mfa_code: string; device: string }) => {
    setBusy("test");
    setDevice("");
    try {
      const answer = await api.testAccount(account.id, shown);
      setResult({ ok: true, says: answer.result });
      touch("accounts");
    } catch (error) {
      failed(error);
    }
    setBusy("");
  };
  const read = async () => {
    setBusy("sync");
    try {
      await api.sync({ account: account.id });
      announce("Sync started.");
      setResult(undefined);
    } catch (error) {
      failed(error);
    }
    setBusy("");
  };
  return (
    <li className="account-line">
      <div className="list-line">
        <b>
          <Text text={account.name} max={60} />
        </b>
        <span className="num dim">{account.id}</span>
        {account.emulator && <span className="demo-mark">demo cloud</span>}
        <span className="grow dim one-line">
          {account.profile && (
            <>
              profile <Text text={account.profile} max={60} /> ·{" "}
            </>
          )}
          {(account.regions ?? []).join(", ") || "all regions"}
        </span>
        <button type="button" className="button small" onClick={() => test()} disabled={busy !== ""}>
          {busy === "test" ? "Asking…" : "Test"}
        </button>
        <button type="button" className="button small" onClick={read} disabled={busy !== ""}>
          Sync
        </button>
      </div>
      {keys && <Keys state={keys} />}
      {result && (
        <p className={result.ok ? "dim" : "bad-text"} role="status">
          <State tone={result.ok ? "ok" : "bad"} word={result.ok ? "works" : "failed"} /> <Text text={result.says} max={300} />
        </p>
      )}
      {device && <CodeForm account={account.name} device={device} send={(code) => test({ mfa_code: code, device })} />}
    </li>
  );
}

export function SettingsView() {
  const settings = useData("settings", (signal) => api.settings(signal), ["settings"]);
  const accounts = useData("accounts", (signal) => api.accounts(signal), ["accounts"]);
  const [failure, setFailure] = useState<Failure>();
  const [found, setFound] = useState<Discovery>();
  const [looking, setLooking] = useState(false);
  // A choice is shown at once, and taken back when the core could not keep it.
  const [chosen, setChosen] = useState<Partial<Settings>>({});
  const save = (change: Partial<Settings>) => {
    setChosen((now) => ({ ...now, ...change }));
    setFailure(undefined);
    saveSettings(settings.value, { ...chosen, ...change }).catch((error: unknown) => {
      setChosen({});
      if (error instanceof Failure) setFailure(error);
    });
  };
  const look = async () => {
    setLooking(true);
    setFailure(undefined);
    try {
      setFound(await api.discover({}));
      touch("accounts");
    } catch (error) {
      if (error instanceof Failure) setFailure(error);
    }
    setLooking(false);
  };
  return (
    <div className="view">
      <div className="page">
        {failure && <Trouble failure={failure} />}
        <section>
          <h2>Appearance</h2>
          {settings.value ? (
            <>
              <Choice
                name="theme"
                label="Theme"
                value={chosen.theme ?? settings.value.theme ?? "system"}
                options={[
                  ["system", "As the system"],
                  ["light", "Light"],
                  ["dark", "Dark"],
                ]}
                choose={(theme) => save({ theme })}
              />
              <Choice
                name="density"
                label="Rows"
                value={chosen.density ?? settings.value.density ?? "compact"}
                options={[
                  ["compact", "Compact, 28 px"],
                  ["comfortable", "Comfortable, 36 px"],
                ]}
                choose={(density) => save({ density })}
              />
            </>
          ) : settings.failure ? (
            <Trouble failure={settings.failure} again={settings.again} />
          ) : (
            <Skeleton lines={2} />
          )}
          <p className="faint">Kept in the sealed store, for every window of this profile.</p>
        </section>
        <section>
          <div className="card-title">
            <h2 className="grow">Accounts</h2>
            <button type="button" className="button" onClick={look} disabled={looking}>
              {looking ? "Asking each profile who it is…" : "Look for accounts"}
            </button>
          </div>
          {accounts.failure && !accounts.value && <Trouble failure={accounts.failure} again={accounts.again} />}
          {!accounts.value && !accounts.failure && <Skeleton lines={3} />}
          <ul className="lines">
            {accounts.value?.accounts.map((account) => (
              <AccountLine
                key={account.id}
                account={account}
                keys={accounts.value?.credentials?.find((one) => one.account_id === account.id)}
              />
            ))}
          </ul>
          {accounts.value?.accounts.length === 0 && <p className="dim">No account is known here.</p>}
          {found?.skipped?.map((one) => (
            <p key={one.profile} className="dim">
              <State tone="off" word="left out" /> <Text text={one.profile} max={60} />: <Text text={one.why} max={200} />
            </p>
          ))}
          <p className="faint">
            Credentials stay where the AWS CLI keeps them. Escher stores how an account is reached, never a key.
          </p>
        </section>
      </div>
    </div>
  );
}
