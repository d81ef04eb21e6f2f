// SPDX-License-Identifier: Apache-2.0
import type { Failure } from "../api";
import { store } from "./store";

// What a person has typed or begun and not yet sent: kept over changes of the view and over a
// core that goes away. Only in memory: prompts name the estate, and nothing of it is left on disk
// outside the sealed store.

export type Draft = { text: string; picked: Record<string, string> }; // mention → id of the resource
export const drafts = store<Record<string, Draft>>({});

export type Turn = {
  id: string; // of the call
  conversation?: string; // undefined: a new one
  prompt: string;
  at: number;
  failure?: Failure;
};

export const turns = store<Turn[]>([]);

/** By plan: what is typed into its approval, and how far its approval has come. */
export type Approval = { typed: string; sending?: boolean; failure?: Failure; run?: string };
export const approvals = store<Record<string, Approval>>({});

export function setApproval(hash: string, change: Partial<Approval>): void {
  approvals.set((now) => ({ ...now, [hash]: { ...(now[hash] ?? { typed: "" }), ...change } }));
}
