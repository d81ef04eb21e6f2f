// SPDX-License-Identifier: Apache-2.0
import { useEffect, useLayoutEffect, useState } from "react";
import { api } from "./api";
import { after, printed } from "./logic/keys";
import { Icon, type IconName } from "./parts/icon";
import { Copy, Link, Menu } from "./parts/parts";
import { Said, Text } from "./parts/text";
import { firstStroke, listenToKeys, useAction } from "./parts/use-keys";
import { type Route, go, listenToHistory, path, setParams, useRoute } from "./route";
import { announcement, door, doorMessage, retryNow } from "./state/core";
import { useData } from "./state/data";
import { shell } from "./state/shell";
import { useStore } from "./state/store";
import { AskView } from "./views/ask";
import { Doctor } from "./views/doctor";
import { Explorer } from "./views/explorer";
import { KeySheet, Palette } from "./views/palette";
import { PlanCard } from "./views/plan-card";
import { RunView } from "./views/run";
import { Runs } from "./views/runs";
import { SettingsView } from "./views/settings";
import { SyncStatus } from "./views/sync";

const places: { view: "ask" | "estate" | "runs" | "doctor" | "settings"; label: string; icon: IconName }[] = [
  { view: "ask", label: "Ask", icon: "ask" },
  { view: "estate", label: "Estate", icon: "estate" },
  { view: "runs", label: "Runs", icon: "runs" },
  { view: "doctor", label: "Doctor", icon: "doctor" },
  { view: "settings", label: "Settings", icon: "settings" },
];

function placeOf(route: Route): string {
  if (route.view === "run") return "runs";
  if (route.view === "plan") return "ask";
  return route.view;
}

const titles: Record<string, string> = { ask: "Ask", estate: "Estate", runs: "Runs", doctor: "Doctor", settings: "Settings", nowhere: "Nothing here" };

function Rail({ route, running }: { route: Route; running: number }) {
  return (
    <nav className="rail" aria-label="Places">
      <span className="mark" aria-hidden="true">
        <svg viewBox="0 0 16 16">
          <path d="M4 3h8M4 8h6M4 13h8M4 3v10" />
        </svg>
      </span>
      {places.map((place) => (
        <span key={place.view} className={place.view === "settings" ? "last" : ""}>
          <Link to={path(place.view)} aria-current={placeOf(route) === place.view ? "page" : undefined}>
            <Icon name={place.icon} />
            <span>{place.label}</span>
            {place.view === "runs" && running > 0 && (
              <span className="badge">
                {running}
                <span className="hidden-text"> under way</span>
              </span>
            )}
          </Link>
        </span>
      ))}
    </nav>
  );
}

function ScopeMenu({ name, any, params, options }: { name: string; any: string; params: URLSearchParams; options: { value: string; label?: string; count?: number }[] }) {
  const value = params.get(name);
  const label = options.find((option) => option.value === value)?.label ?? value;
  return (
    <Menu
      className={`button quiet small ${value ? "set" : ""}`}
      name={`Scope: ${value ? `${name} ${label}` : any}`}
      label={
        <>
          {value ? <Text text={label ?? ""} max={40} /> : any} <Icon name="down" />
        </>
      }
    >
      {(close) => (
        <>
          <button type="button" className={value ? "" : "chosen"} onClick={() => { setParams({ [name]: undefined }, true); close(); }}>
            {any}
          </button>
          {options.map((option) => (
            <button key={option.value} type="button" className={option.value === value ? "chosen" : ""} onClick={() => { setParams({ [name]: option.value }, true); close(); }}>
              <Text text={option.label ?? option.value} max={60} />
              {option.count !== undefined && <span className="count num">{option.count}</span>}
            </button>
          ))}
        </>
      )}
    </Menu>
  );
}

/* What the lists are about. Only where there is a list: a control that does nothing would lie. */
function Scope({ params }: { params: URLSearchParams }) {
  const all = useData("facets", (signal) => api.query({ limit: 1, facets: true }, signal), ["estate"]);
  const facets = all.value?.facets;
  return (
    <div className="scope" role="group" aria-label="Scope">
      <ScopeMenu name="account" any="all accounts" params={params} options={facets?.account ?? []} />
      <ScopeMenu name="region" any="all regions" params={params} options={facets?.region ?? []} />
      <ScopeMenu name="env" any="any environment" params={params} options={(facets?.environment ?? []).filter((one) => one.value)} />
    </div>
  );
}

function Top({ route, openPalette }: { route: Route; openPalette: () => void }) {
  const home = useData("home", (signal) => api.home(signal), ["estate", "runs", "plans", "accounts"]);
  const scoped = route.view === "estate" || route.view === "runs";
  return (
    <header className="top">
      <h1>{titles[placeOf(route)] ?? "Escher"}</h1>
      {scoped && <Scope params={route.params} />}
      {home.value?.demo && <span className="demo-mark" title="Every account here is an emulator on this machine">demo cloud</span>}
      <span className="grow" />
      <button type="button" className="find-button" onClick={openPalette}>
        <Icon name="search" />
        <span className="find-label">Ask or find</span> <kbd>Ctrl K</kbd>
      </button>
      <SyncStatus />
    </header>
  );
}

function Content({ route }: { route: Route }) {
  switch (route.view) {
    case "ask":
      return <AskView conversation={route.conversation} />;
    case "estate":
      return <Explorer params={route.params} />;
    case "runs":
      return <Runs params={route.params} />;
    case "run":
      return <RunView key={route.id} id={route.id} params={route.params} />;
    case "plan":
      return (
        <div className="view">
          <div className="page narrow">
            <PlanCard key={route.hash} hash={route.hash} alone />
          </div>
        </div>
      );
    case "doctor":
      return <Doctor />;
    case "settings":
      return <SettingsView />;
    default:
      return (
        <div className="place">
          <h2>There is nothing at this address</h2>
          <p>
            <code>
              <Text text={route.path} max={200} />
            </code>
          </p>
          <Link to="/" className="button">
            Ask
          </Link>
        </div>
      );
  }
}

/* Before the core has let the page in. */
function Closed({ message }: { message: string }) {
  return (
    <main className="place">
      <h1>This page needs a new link</h1>
      <p>
        A link works once and for a minute, so that nobody else can use it. Make a new one where Escher runs, and open
        it here:
      </p>
      <p className="copy-line">
        <code>escher serve</code> <Copy quiet label="Copy escher serve" text="escher serve" />
      </p>
      {message && (
        <p className="faint">
          The core says: <Text text={message} max={200} />
        </p>
      )}
    </main>
  );
}

function Locked({ message }: { message: string }) {
  return (
    <main className="place">
      <h1>The store is locked</h1>
      <p>
        <Said text={message || "Its key is not open."} max={300} />
      </p>
      <p>
        {shell()
          ? "This window asks for the passphrase; if the key is in the desktop's keychain, unlock that."
          : "Unlock the keychain of this computer. Where a passphrase keeps the key, the core asks for it when it starts:"}
      </p>
      {!shell() && (
        <p className="copy-line">
          <code>escher serve</code> <Copy quiet label="Copy escher serve" text="escher serve" />
        </p>
      )}
      <p className="dim">
        Nothing is lost: the store stays sealed until then, and what you typed is kept. This page opens by itself.
      </p>
      <button type="button" className="button" onClick={retryNow}>
        Try now
      </button>
    </main>
  );
}

/* A first stroke waits for a second, so it is seen, with what may follow it. */
function SecondStroke() {
  const first = useStore(firstStroke);
  if (!first) return null;
  return (
    <div className="second-stroke" role="status">
      <kbd>{printed(first)}</kbd> then
      {after(first).map(({ keys, says }) => (
        <span key={keys}>
          <kbd>{printed(keys)[1]}</kbd> {says}
        </span>
      ))}
    </div>
  );
}

function useTheme(): void {
  const settings = useData("settings", (signal) => api.settings(signal), ["settings"]);
  const { theme, density } = settings.value ?? {};
  useEffect(() => {
    const root = document.documentElement;
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    else delete root.dataset.theme;
    if (density === "comfortable") root.dataset.density = density;
    else delete root.dataset.density;
  }, [theme, density]);
}

function Inside() {
  const route = useRoute();
  const state = useStore(door);
  const said = useStore(announcement);
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  const runs = useData("runs", (signal) => api.runs(signal), ["runs"]);
  useTheme();
  useLayoutEffect(listenToKeys, []);
  useEffect(() => {
    const show = () => setSheet(true);
    addEventListener("escher-sheet", show);
    return () => removeEventListener("escher-sheet", show);
  }, []);
  useAction("palette", () => setPalette((open) => !open));
  useAction("sheet", () => setSheet(true));
  useAction("go.ask", () => go("/"));
  useAction("go.estate", () => go("/estate"));
  useAction("go.runs", () => go("/runs"));
  useAction("go.doctor", () => go("/doctor"));
  useAction("go.settings", () => go("/settings"));
  useAction("new", () => go("/"));
  useAction("back", () => {
    const active = document.activeElement;
    if (active instanceof HTMLElement && active !== document.body) active.blur();
  });
  const name = titles[placeOf(route)] ?? "Escher";
  useEffect(() => {
    document.title = name === "Ask" ? "Escher" : `${name} · Escher`;
  }, [name]);
  const running = (runs.value?.runs ?? []).filter((run) => !run.outcome).length;
  return (
    <div className="frame">
      <a className="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById("content")?.focus(); }}>
        To the content
      </a>
      <Rail route={route} running={running} />
      <Top route={route} openPalette={() => setPalette(true)} />
      {state === "gone" && (
        <div className="gone-banner" role="alert">
          <Icon name="plug" />
          <span className="grow">
            <b>The core does not answer.</b> What you typed is kept, and runs go on without it. This page joins again by
            itself.
          </span>
          <button type="button" className="button small" onClick={retryNow}>
            Try now
          </button>
        </div>
      )}
      <main className="main" id="content" tabIndex={-1}>
        <Content route={route} />
      </main>
      <Palette open={palette} close={() => setPalette(false)} />
      <KeySheet open={sheet} close={() => setSheet(false)} />
      <SecondStroke />
      <div className="hidden-text" role="status" aria-live="polite">
        {said}
      </div>
    </div>
  );
}

export function App() {
  const state = useStore(door);
  const message = useStore(doorMessage);
  useLayoutEffect(listenToHistory, []);
  if (state === "starting") return <div className="frame starting" aria-busy="true" />;
  if (state === "closed") return <Closed message={message} />;
  if (state === "locked") return <Locked message={message} />;
  return <Inside />;
}
