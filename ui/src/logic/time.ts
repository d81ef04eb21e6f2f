// SPDX-License-Identifier: Apache-2.0

/** "4 s", "2 min", "3 h", "5 d": an age or a duration in one unit. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** "just now", "4 s ago". */
export function age(ms: number): string {
  return ms < 2000 ? "just now" : `${span(ms)} ago`;
}

/** How long something took: "0.8 s", "12.4 s", "3:07", "1:02:33". */
export function took(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  return clock(ms);
}

/** A countdown or a stopwatch: "14:32", "1:02:33". */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

export function at(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

const exactly = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** The exact time, for titles. */
export function exact(text: string | number | undefined): string {
  const ms = typeof text === "number" ? text : at(text);
  return ms === undefined ? "" : exactly.format(ms);
}

const shortly = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

export function short(text: string | number | undefined): string {
  const ms = typeof text === "number" ? text : at(text);
  return ms === undefined ? "" : shortly.format(ms);
}

/** Time of day with milliseconds, for the lines of a log. */
export function stamp(ms: number): string {
  const date = new Date(ms);
  const two = (value: number, width = 2) => String(value).padStart(width, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}
