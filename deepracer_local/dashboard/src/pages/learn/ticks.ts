/** Which steps are done: kept in the browser, and seen in what the service has. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";

import { useEvaluations, useMetrics, useModels } from "../../api/queries";
import type { EvaluationView, ModelView } from "../../api/types";

export type StepId = "see" | "act" | "reward" | "train" | "curves" | "evaluate" | "improve";

export interface Progress {
  done: ReadonlySet<StepId>;
  tick: (id: StepId) => void;
  /** Forgets what is kept in the browser; null where that is nothing. */
  beginAgain: (() => void) | null;
  /** The newest model, whatever its state. */
  newest: ModelView | undefined;
  /** The newest model with weights. */
  trained: ModelView | undefined;
  /** The newest model that goes on from another one. */
  child: ModelView | undefined;
  /** The newest one of `trained`. */
  evaluation: EvaluationView | undefined;
  /** The service has answered: what is done is known. */
  isKnown: boolean;
}

const KEY = "deepracer-local.learn";
const NEWEST = { search: "", status: null, tag: null, sort: "CREATED_AT", descending: true, limit: 50, token: null } as const;
const NOBODY = "";

export function useTicks(): Progress {
  const [ticked, setTicked] = useState(stored);
  const models = useModels(NEWEST);
  const all = models.data?.models ?? [];
  const trained = all.find((model) => model.best_checkpoint !== null);
  const child = all.find((model) => model.parent_id !== null);
  const evaluations = useEvaluations(trained?.id ?? NOBODY);
  const evaluation = evaluations.data?.evaluations[0];

  // Nobody is told of the first checkpoint; it comes with a policy update, and of those the page is told.
  const newest = all[0];
  const isWaiting = newest !== undefined && newest.best_checkpoint === null;
  const nUpdates = useMetrics(isWaiting ? newest.id : NOBODY).data?.length ?? 0;
  const client = useQueryClient();
  useEffect(() => {
    if (isWaiting && nUpdates > 0) void client.invalidateQueries({ queryKey: ["models"] });
  }, [client, isWaiting, nUpdates]);

  const done = new Set(ticked);
  if (trained) done.add("train");
  if (evaluation?.finished_at) done.add("evaluate");
  if (child) done.add("improve");

  const tick = useCallback((id: StepId) => setTicked((before) => keep(before.includes(id) ? before : [...before, id])), []);
  const beginAgain = useCallback(() => setTicked(keep([])), []);
  return { done, tick, beginAgain: ticked.length > 0 ? beginAgain : null, newest, trained, child, evaluation, isKnown: !models.isLoading };
}

function keep(ids: StepId[]): StepId[] {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(ids));
  } catch {
    // A browser that keeps nothing still counts until it is closed.
  }
  return ids;
}

function stored(): StepId[] {
  try {
    const found: unknown = JSON.parse(window.localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? (found.filter((id) => typeof id === "string") as StepId[]) : [];
  } catch {
    return [];
  }
}
