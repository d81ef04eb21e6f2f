// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
import { Failure, api } from "../api";
import { plural } from "../logic/text";
import { Icon } from "../parts/icon";
import { Copy, Link, Trouble } from "../parts/parts";
import { State } from "../parts/state";
import { Text } from "../parts/text";
import { sync as syncStore } from "../state/core";
import { touch, useData } from "../state/data";
import { useStore } from "../state/store";
import type { Discovery, Home } from "../types";
import { SyncProgress } from "./sync";

// From nothing to the first useful list: find accounts, read them, look. Nothing here changes
// anything in the cloud; each step says what it did.

function Found({ found }: { found: Pick<Discovery, "accounts"> & Partial<Discovery> }) {
  return (
    <ul className="lines">
      {found.accounts.map((account) => (
        <li key={account.id} className="list-line">
          <State tone="ok" word="found" />
          <b>
            <Text text={account.name} max={60} />
          </b>
          <span className="num dim">{account.id}</span>
          <span className="grow dim">
            {account.profile ? (
              <>
                profile <Text text={account.profile} max={60} />
              </>
            ) : (
              ""
            )}
          </span>
          {account.emulator && <span className="demo-mark">demo cloud</span>}
        </li>
      ))}
      {(found.skipped ?? []).map((one) => (
        <li key={one.profile} className="list-line">
          <State tone="off" word="left out" />
          <b>
            <Text text={one.profile} max={60} />
          </b>
          <span className="grow dim">
            <Text text={one.why} max={200} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function FindAccounts({ home, done }: { home: Home; done: (found: Discovery) => void }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [endpoint, setEndpoint] = useState("");
  const [regions, setRegions] = useState("");
  const look = async (demo: boolean) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const list = regions.split(/[\s,]+/).filter(Boolean);
      const found = await api.discover(
        demo ? { demo } : { endpoint_url: endpoint.trim() || undefined, regions: list.length ? list : undefined },
      );
      done(found);
      touch("accounts");
    } catch (error) {
      if (error instanceof Failure) setFailure(error);
    }
    setBusy(false);
  };
  const demo = home.demo_cloud;
  return (
    <form
      className="onboard-form"
      onSubmit={(event) => {
        event.preventDefault();
        void look(false);
      }}
    >
      {demo && (
        <div className="note plain">
          <Icon name="plug" />
          <p className="grow">
            A demo cloud runs on this machine: {plural(demo.accounts, "account")}, no credentials, nothing real.
          </p>
          <button type="button" className="button primary" disabled={busy} onClick={() => void look(true)}>
            Use the demo cloud
          </button>
        </div>
      )}
      <p className="dim">
        Looks through the AWS profiles of this computer and asks each one who it is. Nothing else is read, nothing is
        changed, and no key leaves this machine.
      </p>
      <div className="onboard-actions">
        <button type="submit" className={`button ${demo ? "" : "primary"}`} disabled={busy}>
          {busy ? "Asking each profile who it is…" : "Look for accounts"}
        </button>
      </div>
      <details>
        <summary>Another endpoint, or only some regions</summary>
        <div className="form-grid">
          <label htmlFor="endpoint">Endpoint</label>
          <input id="endpoint" className="field mono" value={endpoint} placeholder="http://127.0.0.1:5000" onChange={(event) => setEndpoint(event.target.value)} />
          <label htmlFor="regions">Regions</label>
          <input id="regions" className="field mono" value={regions} placeholder="all that are enabled" onChange={(event) => setRegions(event.target.value)} />
        </div>
      </details>
      {!home.demo && !demo && (
        <p className="dim">
          Without an account, the demo cloud on this machine needs no credentials: <code>escher demo up</code>{" "}
          <Copy quiet label="Copy escher demo up" text="escher demo up" />
        </p>
      )}
      {failure && <Trouble failure={failure} />}
    </form>
  );
}

function ReadEstate({ home }: { home: Home }) {
  const progress = useStore(syncStore);
  const [failure, setFailure] = useState<Failure>();
  const begin = async () => {
    setFailure(undefined);
    syncStore.set((now) => ({ ...now, active: true, failed: [] })); // its end may be told before the answer comes
    try {
      await api.sync();
    } catch (error) {
      syncStore.set((now) => ({ ...now, active: false }));
      if (error instanceof Failure) setFailure(error);
    }
  };
  return (
    <div className="onboard-form">
      <p className="dim">
        Reads what {plural(home.accounts, "account")} hold into a sealed file on this machine. Only calls that list and
        describe are made.
      </p>
      {progress.active ? (
        <SyncProgress wide />
      ) : (
        <div className="onboard-actions">
          <button type="button" className="button primary" onClick={begin}>
            Read the estate
          </button>
        </div>
      )}
      {failure && <Trouble failure={failure} />}
    </div>
  );
}

export function Onboarding({ home }: { home: Home }) {
  const [found, setFound] = useState<Discovery>();
  const accounts = useData("accounts", (signal) => api.accounts(signal), ["accounts"]);
  const known = found ?? (accounts.value?.accounts.length ? { accounts: accounts.value.accounts } : undefined);
  const empty = home.accounts === 0;
  useEffect(() => {
    // `escher demo up` in a terminal tells the core nothing; whoever waits for it looks here.
    const timer = empty ? setInterval(() => touch("accounts"), 5000) : undefined;
    return () => clearInterval(timer);
  }, [empty]);
  const step = home.accounts === 0 && !known?.accounts.length ? 1 : home.resources === 0 ? 2 : 3;
  const mark = (number: number) =>
    step > number ? <Icon name="check" /> : <span aria-hidden="true">{number}</span>;
  return (
    <div className="start onboarding">
      <h2 className="start-title">Say what should happen to your cloud</h2>
      <p className="lead">
        Escher finds what you mean, shows exactly what it would run, and does it after you agree. Everything it knows
        stays on this machine.
      </p>
      <ol className="onboard-steps">
        <li className={step === 1 ? "now" : "past"}>
          <span className="onboard-mark">{mark(1)}</span>
          <div className="grow">
            <h3>Find accounts</h3>
            {known && <Found found={known} />}
            {step === 1 && <FindAccounts home={home} done={setFound} />}
          </div>
        </li>
        <li className={step === 2 ? "now" : step > 2 ? "past" : ""}>
          <span className="onboard-mark">{mark(2)}</span>
          <div className="grow">
            <h3>Read the estate</h3>
            {step === 2 && <ReadEstate home={{ ...home, accounts: known?.accounts.length ?? home.accounts }} />}
          </div>
        </li>
        <li className={step === 3 ? "now" : ""}>
          <span className="onboard-mark">{mark(3)}</span>
          <div className="grow">
            <h3>Look, and ask</h3>
            {step === 3 && <Link to="/estate">Open the estate</Link>}
          </div>
        </li>
      </ol>
    </div>
  );
}
