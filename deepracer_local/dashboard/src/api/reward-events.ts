/** What a training wrote down of its reward function: a JSON object a line. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";

import { call } from "./client";
import { useAssets } from "./queries";
import type { JobView } from "./types";

export interface RewardPrint {
  episode: number;
  step: number;
  text: string;
}

export interface RewardFailure {
  episode: number;
  step: number;
  line: number | null;
  message: string;
  params: Record<string, unknown>;
}

/** The rows of such a file; none while it is not there, which it is when an attempt of the training has ended. */
export function useRewardEvents<Row>(id: string, training: JobView, name: string): UseQueryResult<Row[]> {
  const isThere = useAssets(id).data?.assets.some((asset) => asset.name === name) ?? false;
  return useQuery({
    queryKey: ["reward-events", id, name, training.attempt, training.finished_at],
    queryFn: async ({ signal }) => rowsOf<Row>(await call("GET /api/v1/models/{model_id}/assets/{name}", { params: { model_id: id, name }, signal })),
    enabled: isThere,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function rowsOf<Row>(content: string): Row[] {
  return content.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Row);
}
