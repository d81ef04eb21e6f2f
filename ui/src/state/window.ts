// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from "react";
import { Failure, api } from "../api";
import type { Cell, Facets, Group, Row } from "../types";
import { useChanged } from "./data";

// A window onto a long list that the core filters, sorts and counts: pages of rows, fetched as
// they come into sight, kept in place while newer ones are on their way.

export const pageSize = 200;
const pagesKept = 12;

export type Question = { text: string; filter: string; sort: string; group?: string };

export type Window = {
  total: number | undefined;
  estate: number;
  facets: Facets;
  groups: Group[];
  groupedBy?: string; // the rows that are there; the question may be ahead of them
  gaps: Cell[];
  failure?: Failure;
  loading: boolean;
  row: (index: number) => Row | undefined;
  see: (first: number, last: number) => void;
  again: () => void;
  version: number;
};

type Held = {
  key: string;
  total?: number;
  estate: number;
  facets: Facets;
  groups: Group[];
  groupedBy?: string;
  gaps: Cell[];
  pages: Map<number, Row[]>;
  under: Map<number, AbortController>;
  isStale?: boolean; // the estate has changed since this was asked
  failure?: Failure;
};

function fresh(key: string, before?: Held): Held {
  // The numbers of the question before stay until the new ones are there: nothing jumps.
  return {
    key,
    total: before?.total,
    estate: before?.estate ?? 0,
    facets: before?.facets ?? {},
    groups: before?.groups ?? [],
    groupedBy: before?.groupedBy,
    gaps: before?.gaps ?? [],
    pages: before?.pages ?? new Map(),
    under: new Map(),
  };
}

export function useWindow(question: Question): Window {
  const key = JSON.stringify(question);
  const held = useRef<Held>(fresh(key));
  const [version, setVersion] = useState(0);
  const [loading, setLoading] = useState(true);
  const latest = useRef(question);
  latest.current = question;
  const seen = useRef<[number, number]>([0, 0]);

  const fetchPage = useCallback((page: number, first: boolean) => {
    const now = held.current;
    if (now.under.has(page)) return;
    const control = new AbortController();
    now.under.set(page, control);
    if (first) setLoading(true);
    const { group } = latest.current;
    api
      .query(
        { ...latest.current, text: latest.current.text || undefined, filter: latest.current.filter || undefined, sort: latest.current.sort || undefined, offset: page * pageSize, limit: pageSize, facets: first },
        control.signal,
      )
      .then(
        (answer) => {
          if (held.current !== now || control.signal.aborted) return;
          if (first) {
            now.pages = new Map();
            now.facets = answer.facets ?? {};
            now.groups = answer.groups ?? [];
            now.groupedBy = group;
            now.gaps = answer.gaps ?? [];
            now.failure = undefined;
          }
          now.total = answer.total;
          now.estate = answer.estate;
          now.pages.set(page, answer.rows);
          if (now.pages.size > pagesKept) now.pages.delete(farthest(now.pages, page));
          now.under.delete(page);
          setLoading(false);
          setVersion((count) => count + 1);
          if (first) want(seen.current[0], seen.current[1]);
          askIfStale(now);
        },
        (error: unknown) => {
          now.under.delete(page);
          if (held.current !== now || control.signal.aborted) return;
          now.failure = error instanceof Failure ? error : undefined;
          setLoading(false);
          setVersion((count) => count + 1);
          askIfStale(now);
        },
      );
  }, []);

  const want = useCallback(
    (first: number, last: number) => {
      seen.current = [first, last];
      const now = held.current;
      if (now.total === undefined || now.under.size > 4) return;
      const to = Math.min(last, now.total - 1);
      for (let page = Math.floor(first / pageSize); page <= Math.floor(to / pageSize); page++)
        if (!now.pages.has(page)) fetchPage(page, false);
    },
    [fetchPage],
  );

  const ask = useCallback(() => {
    for (const control of held.current.under.values()) control.abort();
    held.current = fresh(JSON.stringify(latest.current), held.current);
    fetchPage(0, true);
  }, [fetchPage]);

  useEffect(() => {
    ask();
  }, [key, ask]);

  // The estate has changed: the same question is asked again, when what is on its way has come.
  const askIfStale = (one: Held) => one.isStale && one.under.size === 0 && ask();
  useChanged(["estate"], () => {
    held.current.isStale = true;
    askIfStale(held.current);
  });

  useEffect(
    () => () => {
      for (const control of held.current.under.values()) control.abort();
    },
    [],
  );

  const now = held.current;
  return {
    total: now.total,
    estate: now.estate,
    facets: now.facets,
    groups: now.groups,
    groupedBy: now.groupedBy,
    gaps: now.gaps,
    failure: now.failure,
    loading,
    row: (index) => now.pages.get(Math.floor(index / pageSize))?.[index % pageSize],
    see: want,
    again: ask,
    version,
  };
}

function farthest(pages: Map<number, Row[]>, from: number): number {
  let found = from;
  for (const page of pages.keys()) if (Math.abs(page - from) > Math.abs(found - from)) found = page;
  return found;
}
