/** Laps that one's own cars have driven on the track, to run the reward function over. */
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { call } from "../../api/client";
import type { RecordedLap } from "../../api/types";
import { lapTime, percent } from "../../format";

const MOST_LAPS = 5;
const MOST_MODELS = 20;

interface Found {
  lap: RecordedLap;
  label: string;
  description: string;
}

interface Props {
  track: string;
  laps: RecordedLap[];
  onChange: (laps: RecordedLap[]) => void;
}

const valueOf = ({ model, evaluation, lap }: RecordedLap) => `${model}/${evaluation}/${lap}`;

export function RecordedLaps({ track, laps, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const found = useQuery({ queryKey: ["recorded-laps", track], queryFn: ({ signal }) => recordedOn(track, signal), enabled: isOpen || laps.length > 0 });
  const options = (found.data ?? []).map(({ lap, label, description }) => ({ value: valueOf(lap), label, description }));
  const chosen = laps.map((lap) => options.find(({ value }) => value === valueOf(lap)) ?? { value: valueOf(lap), label: `Lap ${lap.lap}` });
  return (
    <FormField label="Your recorded laps" description="Evaluations of your models on this track; up to five are shown beside the sample laps.">
      <Multiselect
        selectedOptions={chosen}
        options={options}
        placeholder="Choose laps"
        statusType={found.isError ? "error" : found.isFetching ? "loading" : "finished"}
        loadingText="Looking for laps"
        errorText="The laps could not be loaded"
        empty="No lap on this track yet: evaluate a model on it"
        onLoadItems={() => setOpen(true)}
        onChange={({ detail }) =>
          onChange(
            detail.selectedOptions.slice(0, MOST_LAPS).flatMap(({ value }) => {
              const lap = found.data?.find((one) => valueOf(one.lap) === value)?.lap ?? laps.find((one) => valueOf(one) === value);
              return lap ? [lap] : [];
            }),
          )
        }
      />
    </FormField>
  );
}

async function recordedOn(track: string, signal: AbortSignal): Promise<Found[]> {
  const { models } = await call("GET /api/v1/models", { query: { sort: "CREATED_AT", descending: true, limit: 100 }, signal });
  const own = models.filter((model) => model.track === track).slice(0, MOST_MODELS);
  const pages = await Promise.all(
    own.map((model) => call("GET /api/v1/models/{model_id}/evaluations", { params: { model_id: model.id }, signal })),
  );
  return own.flatMap((model, i) =>
    (pages[i]?.evaluations ?? [])
      .filter((evaluation) => evaluation.track === track)
      .flatMap((evaluation) =>
        evaluation.laps.map((lap, k) => ({
          lap: { model: model.id, evaluation: evaluation.id, lap: k + 1 },
          label: `${model.name}, lap ${k + 1}`,
          description: lap.outcome === "lap_complete" ? `complete in ${lapTime(lap.time_s)}` : `ended at ${percent(lap.progress)}`,
        })),
      ),
  );
}
