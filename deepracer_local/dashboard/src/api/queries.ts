/** What the pages read, by the name under which it is kept. */
import { type UseQueryResult, keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";

import { call } from "./client";
import type * as Api from "./types";

export interface ModelFilter {
  search: string;
  status: Api.ModelStatus | null;
  tag: string | null;
  sort: Api.ModelSort;
  descending: boolean;
  limit: number;
  token: string | null;
}

export const useModels = (filter: ModelFilter): UseQueryResult<Api.ModelPage> =>
  useQuery({
    queryKey: ["models", filter],
    queryFn: ({ signal }) => call("GET /api/v1/models", { query: { ...filter }, signal }),
    placeholderData: keepPreviousData,
  });

export const useModel = (id: string): UseQueryResult<Api.ModelDetail> =>
  useQuery({
    queryKey: ["model", id],
    queryFn: ({ signal }) => call("GET /api/v1/models/{model_id}", { params: { model_id: id }, signal }),
  });

export const useRunningJobs = (): UseQueryResult<Api.JobPage> =>
  useQuery({
    queryKey: ["jobs"],
    queryFn: ({ signal }) => call("GET /api/v1/jobs", { query: { state: "RUNNING", limit: 50 }, signal }),
  });

export const useQueue = (): UseQueryResult<Api.JobPage> =>
  useQuery({ queryKey: ["queue"], queryFn: ({ signal }) => call("GET /api/v1/jobs/queue", { signal }) });

export const useJob = (id: string | undefined): UseQueryResult<Api.JobDetail> =>
  useQuery({
    queryKey: ["job", id],
    queryFn: ({ signal }) => call("GET /api/v1/jobs/{job_id}", { params: { job_id: id ?? "" }, signal }),
    enabled: id !== undefined,
  });

export const useSandbox = (): UseQueryResult<Api.SandboxView> =>
  useQuery({
    queryKey: ["sandbox"],
    queryFn: ({ signal }) => call("GET /api/v1/sandbox", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useTracks = (): UseQueryResult<Api.TrackList> =>
  useQuery({ queryKey: ["tracks"], queryFn: ({ signal }) => call("GET /api/v1/tracks", { signal }) });

export const useTrack = (name: string): UseQueryResult<Api.TrackDetail> =>
  useQuery({
    queryKey: ["track", name],
    queryFn: ({ signal }) => call("GET /api/v1/tracks/{name}", { params: { name }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: name !== "",
  });

export const useExamples = (): UseQueryResult<Api.ExampleList> =>
  useQuery({
    queryKey: ["examples"],
    queryFn: ({ signal }) => call("GET /api/v1/reward-functions/examples", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useCheckpoints = (id: string): UseQueryResult<Api.CheckpointList> =>
  useQuery({
    queryKey: ["checkpoints", id],
    queryFn: ({ signal }) => call("GET /api/v1/models/{model_id}/checkpoints", { params: { model_id: id }, signal }),
  });

export const useEvaluations = (id: string): UseQueryResult<Api.EvaluationPage> =>
  useQuery({
    queryKey: ["model", id, "evaluations"],
    queryFn: ({ signal }) => call("GET /api/v1/models/{model_id}/evaluations", { params: { model_id: id }, signal }),
    enabled: id !== "",
  });

export const useEvaluation = (id: string, evaluationId: string): UseQueryResult<Api.EvaluationView> =>
  useQuery({
    queryKey: ["model", id, "evaluations", evaluationId],
    queryFn: ({ signal }) =>
      call("GET /api/v1/models/{model_id}/evaluations/{evaluation_id}", { params: { model_id: id, evaluation_id: evaluationId }, signal }),
  });

/** What the network made of a lap; half a megabyte that never changes. */
export const useInsight = (id: string, evaluationId: string, lap: number): UseQueryResult<Api.LapInsight> =>
  useQuery({
    queryKey: ["insight", id, evaluationId, lap],
    queryFn: ({ signal }) =>
      call("GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/insight", {
        params: { model_id: id, evaluation_id: evaluationId },
        query: { lap },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

export const useAssets = (id: string): UseQueryResult<Api.AssetList> =>
  useQuery({
    queryKey: ["model", id, "assets"],
    queryFn: ({ signal }) => call("GET /api/v1/models/{model_id}/assets", { params: { model_id: id }, signal }),
  });

export const useRewardText = (id: string): UseQueryResult<string> =>
  useQuery({
    queryKey: ["reward", id],
    queryFn: ({ signal }) => call("GET /api/v1/models/{model_id}/reward-function", { params: { model_id: id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: id !== "",
  });

export const useHealth = (): UseQueryResult<Api.Readiness> =>
  useQuery({ queryKey: ["health"], queryFn: ({ signal }) => call("GET /readyz", { signal }), staleTime: 0 });

export const useSettings = (): UseQueryResult<Api.ServiceSettings> =>
  useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => call("GET /api/v1/settings", { signal }) });

export const useUsage = (): UseQueryResult<Api.Usage> =>
  useQuery({ queryKey: ["usage"], queryFn: ({ signal }) => call("GET /api/v1/usage", { signal }) });

/** A row per policy update. */
export interface MetricsRow {
  iteration: number;
  total_steps: number;
  training_seconds: number;
  episodes: number;
  mean_reward: number | null;
  mean_progress: number | null;
  /** Of a curriculum, counted from 1. */
  stage?: number;
}

/** A row per evaluation that the training drove by itself. */
export interface EvaluationRow {
  iteration: number;
  total_steps: number;
  is_best: boolean;
  mean_progress: number;
  mean_lap_time_s: number | null;
  /** Of a curriculum, counted from 1. */
  stage?: number;
  /** How the stages that were left were driven now. */
  earlier?: { stage: number; mean_progress: number; when_left: number | null; is_forgotten: boolean }[];
  /** Of a training on several tracks: the laps of each. */
  tracks?: { track: string; trials: number[] }[];
}

/** A row per finished training episode. */
export interface EpisodeRow {
  episode: number;
  number: number;
  iteration: number;
  total_steps: number;
  steps: number;
  reward: number;
  progress: number;
  time_s: number;
  outcome: string | null;
  /** The label of its road. */
  track?: string;
  /** Of a curriculum, counted from 1. */
  stage?: number | null;
}

type RowsRoute =
  | "GET /api/v1/models/{model_id}/metrics"
  | "GET /api/v1/models/{model_id}/episodes"
  | "GET /api/v1/models/{model_id}/training-evaluations";
const ROWS_AT_ONCE = 5_000;

/** All rows of a training; when they are asked for again, only those that came since. */
function useRows<Row>(id: string, route: RowsRoute, placeOf: (row: Row) => number): UseQueryResult<Row[]> {
  const client = useQueryClient();
  const queryKey = ["rows", id, route];
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const rows = [...(client.getQueryData<Row[]>(queryKey) ?? [])];
      for (;;) {
        const last = rows.at(-1);
        const query = { after: last === undefined ? -1 : placeOf(last), limit: ROWS_AT_ONCE };
        const page = await call(route, { params: { model_id: id }, query, signal });
        rows.push(...(page.rows as unknown as Row[]));
        if (page.rows.length < ROWS_AT_ONCE) return rows;
      }
    },
    enabled: id !== "",
  });
}

export const useMetrics = (id: string) => useRows<MetricsRow>(id, "GET /api/v1/models/{model_id}/metrics", (row) => row.iteration);
export const useEpisodes = (id: string) => useRows<EpisodeRow>(id, "GET /api/v1/models/{model_id}/episodes", (row) => row.number);
export const useTrainingEvaluations = (id: string) =>
  useRows<EvaluationRow>(id, "GET /api/v1/models/{model_id}/training-evaluations", (row) => row.iteration);
