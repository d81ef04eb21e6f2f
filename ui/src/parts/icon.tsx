// SPDX-License-Identifier: Apache-2.0

// One set of 16 px line icons, drawn for this page. An icon never stands alone: the control
// that holds it has a label or a name.
const paths = {
  ask: "M2.5 3.5h11v7.5h-6l-3 2.5V11h-2z M5.5 7.2h5",
  estate: "M2.5 3h11M2.5 8h11M2.5 13h11M5.5 3v10",
  runs: "M3 2.5v11 M3 4.5h4.5 M3 8h9.5 M3 11.5h6.5",
  doctor: "M1.5 8.5h3l1.6-4.5 3 8.5 1.7-4h3.7",
  settings: "M2.5 5h7M12.5 5h1M2.5 11h1M6.5 11h7M11 3.5v3M5 9.5v3",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z M10.4 10.4l3.1 3.1",
  sync: "M13 6.5A5.2 5.2 0 0 0 3.6 5M3 9.5a5.2 5.2 0 0 0 9.4 1.5M3.2 2.2V5H6M12.8 13.8V11H10",
  copy: "M5.5 5.5h7v8h-7z M10.5 5.5v-3h-7v8h2",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4 6.2l4 4 4-4",
  right: "M6.2 4l4 4-4 4",
  left: "M9.8 4l-4 4 4 4",
  end: "M8 2.5v9M4.5 8l3.5 3.5L11.5 8M3.5 13.8h9",
  check: "M3 8.5l3.4 3.4L13 4.8",
  columns: "M2.5 3h11v10h-11z M6.2 3v10 M9.8 3v10",
  download: "M8 2.5v7.5M4.8 7l3.2 3.2L11.2 7M3 13.2h10",
  stop: "M4 4h8v8H4z",
  start: "M5 3.5l7 4.5-7 4.5z",
  warn: "M8 2.5l6 10.5H2z M8 6.5v3 M8 11.2v.2",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z M8 7.3v3.6 M8 5.1v.2",
  plus: "M8 3.2v9.6M3.2 8h9.6",
  plug: "M6 2.5v3M10 2.5v3M4 5.5h8v2.5a4 4 0 0 1-8 0z M8 12v2",
  lock: "M4 7.3h8v6H4z M5.5 7.3V5.2a2.5 2.5 0 0 1 5 0v2.1",
  trash: "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.7 9h5.6l.7-9",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z M8 4.8V8l2.3 1.6",
  undo: "M3.5 6.5h6a3.5 3.5 0 0 1 0 7H6M6 4L3.5 6.5 6 9",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.2M2.5 8h.2M2.5 12h.2",
  view: "M4.5 2.5h7v11L8 10.5l-3.5 3z",
  "view-here": "M4.5 2.5h7v11L8 10.5l-3.5 3z M6.3 6.4l1.3 1.3 2.2-2.5",
  pen: "M3 13l.7-3 7-7 2.3 2.3-7 7z M9.2 4.5l2.3 2.3",
  arrow: "M3 8h9.5M9 4.5L12.5 8 9 11.5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
