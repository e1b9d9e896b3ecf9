/** What a training wrote down of its reward function: a JSON object a line. */
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";

import { call } from "./client";
import { useAssets } from "./queries";

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

/** The rows of such a file; none while it is not there. It comes after the first update of the policy, and grows. */
export function useRewardEvents<Row>(id: string, name: string): UseQueryResult<Row[]> {
  const sha256 = useAssets(id).data?.assets.find((asset) => asset.name === name)?.sha256;
  return useQuery({
    queryKey: ["reward-events", id, name, sha256],
    queryFn: async ({ signal }) => rowsOf<Row>(await call("GET /api/v1/models/{model_id}/assets/{name}", { params: { model_id: id, name }, signal })),
    placeholderData: keepPreviousData,
    enabled: sha256 !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function rowsOf<Row>(content: string): Row[] {
  return content.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Row);
}
