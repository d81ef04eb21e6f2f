// SPDX-License-Identifier: Apache-2.0
import { Fragment, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Failure } from "../api";
import { spelt } from "../logic/text";
import { age, at, clock, exact } from "../logic/time";
import { go } from "../route";
import { announce } from "../state/core";
import { shell } from "../state/shell";
import { store, useStore } from "../state/store";
import { Icon, type IconName } from "./icon";
import { Said } from "./text";

/* The time, once for everybody: it ticks only while somebody shows something that counts. */
const second = store(Date.now());
let listeners = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

/** The time of day, drawn again each `everyMs`. */
export function useNow(everyMs = 1000): number {
  const now = useStore(second);
  useEffect(() => {
    if (listeners++ === 0) {
      second.set(Date.now());
      ticking = setInterval(() => second.set(Date.now()), 1000);
    }
    return () => {
      if (--listeners === 0) clearInterval(ticking);
    };
  }, []);
  return Math.max(Math.floor(now / everyMs) * everyMs, 0);
}

/** "2 min ago", with the exact time as its title. */
export function Age({ since, ms, prefix = "" }: { since?: string; ms?: number; prefix?: string }) {
  const now = useNow(1000);
  const from = since ? at(since) : undefined;
  const old = from !== undefined ? now - from : ms;
  if (old === undefined) return <span className="faint">unknown</span>;
  return (
    <time className="num" title={from !== undefined ? exact(from) : undefined} dateTime={since}>
      {prefix}
      {age(old)}
    </time>
  );
}

/** What is left until a moment, counting down: "14:32". */
export function Left({ until }: { until: number }) {
  const now = useNow();
  return (
    <span className="num" title={exact(until)}>
      {clock(until - now)}
    </span>
  );
}

/** How long something has taken so far. */
export function Elapsed({ since }: { since: number }) {
  const now = useNow();
  return <span className="num">{clock(now - since)}</span>;
}

/** An address of this page: opened in place, but a real link for everything else. */
export function Link({
  to,
  children,
  className,
  ...rest
}: {
  to: string;
  children: ReactNode;
  className?: string;
  title?: string;
  "aria-current"?: "page" | undefined;
  "aria-label"?: string;
}) {
  return (
    <a
      {...rest}
      href={to}
      className={className}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied.");
    return true;
  } catch {
    // Without the permission, or in a door without the interface: the old way.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "hidden-text";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (done) announce("Copied.");
    return done;
  }
}

export function Copy({ text, label, quiet = false }: { text: string; label: string; quiet?: boolean }) {
  const [done, setDone] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const act = async () => {
    if (!(await copyText(text))) return;
    setDone(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), 1500);
  };
  return quiet ? (
    <button type="button" className="icon-button" onClick={act} aria-label={label} title={done ? "Copied" : label}>
      <Icon name={done ? "check" : "copy"} />
    </button>
  ) : (
    <button type="button" className="button quiet small" onClick={act} title={spelt(text.slice(0, 300))}>
      <Icon name={done ? "check" : "copy"} />
      {label}
    </button>
  );
}

/** A menu under its button, with the native popover: Esc and a click elsewhere close it. */
export function Menu({
  label,
  icon,
  className = "button quiet",
  children,
  name,
  opener,
  closed,
}: {
  label: ReactNode;
  icon?: IconName;
  className?: string;
  name?: string;
  opener?: RefObject<HTMLButtonElement | null>; // for a key that opens it, too
  closed?: () => void;
  children: (close: () => void) => ReactNode;
}) {
  const id = useId();
  const own = useRef<HTMLButtonElement>(null);
  const button = opener ?? own;
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [times, setTimes] = useState(0); // it was opened: each time with a content of its own
  const place = () => {
    const box = button.current?.getBoundingClientRect();
    const element = panel.current;
    if (!box || !element) return;
    const width = element.offsetWidth || 200;
    element.style.position = "fixed";
    element.style.inset = "auto";
    element.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
    const below = innerHeight - box.bottom - 12;
    if (below < 240 && box.top > below) {
      element.style.bottom = `${innerHeight - box.top + 4}px`;
      element.style.maxHeight = `${box.top - 12}px`;
    } else {
      element.style.top = `${box.bottom + 4}px`;
      element.style.maxHeight = `${below}px`;
    }
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        popoverTarget={id}
        aria-expanded={open}
        aria-haspopup="true"
        aria-label={name}
      >
        {icon && <Icon name={icon} />}
        {label}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className="menu"
        role="group"
        aria-label={name ?? (typeof label === "string" ? label : undefined)}
        onBeforeToggle={(event) => {
          if (event.newState !== "open") return;
          // Before it is shown, so that the browser gives the focus to what is in it as it opens: the
          // next key belongs to the menu, however soon it comes.
          flushSync(() => {
            setOpen(true);
            setTimes((count) => count + 1);
          });
          const content = event.currentTarget;
          const first = content.querySelector("[data-first]") ?? content.querySelector("button:enabled, input:enabled, a");
          first?.setAttribute("autofocus", "");
          requestAnimationFrame(place);
        }}
        onToggle={(event) => {
          if (event.newState === "open") return;
          setOpen(false);
          closed?.();
        }}
        onKeyDown={(event) => {
          if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || !event.currentTarget.matches(":popover-open")) return;
          const items = [...(panel.current?.querySelectorAll<HTMLElement>("button, input, a") ?? [])];
          const now = items.indexOf(document.activeElement as HTMLElement);
          const step = event.key === "ArrowDown" ? 1 : -1;
          items[(now + step + items.length) % items.length]?.focus();
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {open && <Fragment key={times}>{children(() => panel.current?.hidePopover())}</Fragment>}
      </div>
    </>
  );
}

/** What went wrong, where, and what to do. */
export function Trouble({ failure, again }: { failure: Failure; again?: () => void }) {
  return (
    <div className="note bad" role="alert">
      <Icon name="warn" />
      <div className="grow">
        <Said text={failure.message} max={600} />
        <div className="faint">
          {failure.status}
          {failure.category !== "unknown" && failure.category !== "none" ? ` · ${failure.category}` : ""}
        </div>
      </div>
      {again && (
        <button type="button" className="button small" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div aria-hidden="true" className="skeletons">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className="skeleton" style={{ width: `${[72, 54, 63, 48, 60][index % 5]}%`, margin: "10px 0" }} />
      ))}
    </div>
  );
}

/** Saves text as a file: the window asks where, a browser has its own way. */
export function download(name: string, type: string, text: string): void {
  const window = shell();
  if (window) {
    window.save(name, text).then(
      ({ saved, path }) => saved && announce(`${path ?? name} is saved.`),
      (error: unknown) => announce(`${name} could not be saved: ${error instanceof Error ? error.message : String(error)}`),
    );
    return;
  }
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
