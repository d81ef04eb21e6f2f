// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Failure, api } from "../api";
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

function AccountLine({ account }: { account: Account }) {
  const [result, setResult] = useState<{ ok: boolean; says: string }>();
  const [busy, setBusy] = useState<"" | "test" | "sync">("");
  const test = async () => {
    setBusy("test");
    try {
      const answer = await api.testAccount(account.id);
      setResult({ ok: true, says: answer.result });
    } catch (error) {
      if (error instanceof Failure) setResult({ ok: false, says: error.message });
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
      if (error instanceof Failure) setResult({ ok: false, says: error.message });
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
        <button type="button" className="button small" onClick={test} disabled={busy !== ""}>
          {busy === "test" ? "Asking…" : "Test"}
        </button>
        <button type="button" className="button small" onClick={read} disabled={busy !== ""}>
          Sync
        </button>
      </div>
      {result && (
        <p className={result.ok ? "dim" : "bad-text"} role="status">
          <State tone={result.ok ? "ok" : "bad"} word={result.ok ? "works" : "failed"} /> <Text text={result.says} max={300} />
        </p>
      )}
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
              <AccountLine key={account.id} account={account} />
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
