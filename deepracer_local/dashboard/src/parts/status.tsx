/** How a model or a job is, as a coloured word. */
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

import type { JobView, ModelStatus } from "../api/types";
import { words } from "../format";

const TYPES: Record<string, StatusIndicatorProps.Type> = {
  QUEUED: "pending",
  INITIALIZING: "in-progress",
  IN_PROGRESS: "in-progress",
  TRAINING: "in-progress",
  EVALUATING: "in-progress",
  STOPPING: "in-progress",
  PAUSED: "stopped",
  COMPLETED: "success",
  READY: "success",
  CANCELED: "stopped",
  FAILED: "error",
  ERROR: "error",
};
const WORDS: Record<string, string> = {
  QUEUED: "Waiting",
  INITIALIZING: "Starting",
  IN_PROGRESS: "Running",
  CANCELED: "Stopped",
  ERROR: "Failed",
};

export const OUTCOMES: Record<string, StatusIndicatorProps.Type> = { lap_complete: "success", time_up: "warning", pause: "info" };
const OUTCOME_WORDS: Record<string, string> = { pause: "Set back" };

export function Status({ status }: { status: ModelStatus | JobView["status"] }) {
  return <StatusIndicator type={TYPES[status] ?? "info"}>{WORDS[status] ?? words(status)}</StatusIndicator>;
}

export function OutcomeStatus({ outcome }: { outcome: string }) {
  return <StatusIndicator type={OUTCOMES[outcome] ?? "error"}>{OUTCOME_WORDS[outcome] ?? words(outcome)}</StatusIndicator>;
}

/** True while the job holds a place in the queue or a slot. */
export const isUnfinished = (job: Pick<JobView, "finished_at">): boolean => job.finished_at === null;

export const isRunning = (status: string): boolean => ["INITIALIZING", "IN_PROGRESS", "STOPPING"].includes(status);
