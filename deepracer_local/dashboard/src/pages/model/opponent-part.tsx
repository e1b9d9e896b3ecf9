/** Whom an evaluation races against, with which checkpoint, and where the other car starts. */
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useModels } from "../../api/queries";
import { lapTime, relative } from "../../format";
import { CheckpointSelect } from "../../parts/checkpoint-select";
import { type faultsOfRules, type Grid, GRID, type Opponent } from "./evaluation-rules";

const NEWEST = { search: "", status: null, tag: null, sort: "CREATED_AT", descending: true, limit: 200, token: null } as const;

interface Props {
  opponent: Opponent;
  faults: ReturnType<typeof faultsOfRules>;
  onChange: (opponent: Opponent) => void;
}

export function OpponentPart({ opponent, faults, onChange }: Props) {
  const change = (part: Partial<Opponent>) => onChange({ ...opponent, ...part });
  const models = useModels(NEWEST);
  // A model without a checkpoint cannot drive.
  const options = (models.data?.models ?? [])
    .filter((one) => one.best_checkpoint !== null)
    .map((one) => ({
      value: one.id,
      label: one.name,
      description: `${one.best_lap_time_s === null ? "no complete lap yet" : `best lap ${lapTime(one.best_lap_time_s)}`}, made ${relative(one.created_at)}`,
    }));
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={2}>
        <FormField label="Opponent" errorText={faults.opponent ?? ""}>
          <Select
            selectedOption={options.find((option) => option.value === opponent.model) ?? null}
            options={options}
            statusType={models.isLoading ? "loading" : "finished"}
            loadingText="Loading the models"
            placeholder="Choose a model"
            empty="No model can drive yet"
            filteringType="auto"
            filteringAriaLabel="Find a model"
            onChange={({ detail }) => change({ model: detail.selectedOption.value ?? null, checkpoint: "best" })}
          />
        </FormField>
        {opponent.model !== null && (
          <FormField label="Its checkpoint">
            <CheckpointSelect key={opponent.model} model={opponent.model} value={opponent.checkpoint} onChange={(checkpoint) => change({ checkpoint })} />
          </FormField>
        )}
      </ColumnLayout>
      <ColumnLayout columns={2}>
        <FormField label="It starts" description="Each drives its laps from its own start.">
          <SegmentedControl selectedId={opponent.grid} label="Where the opponent starts" options={GRID.map(({ value, label }) => ({ id: value, text: label }))} onChange={({ detail }) => change({ grid: detail.selectedId as Grid })} />
        </FormField>
        {opponent.grid === "beside" ? (
          <FormField label="Its lane">
            <SegmentedControl
              selectedId={String(opponent.lane)}
              label="Lane of the opponent"
              options={[
                { id: "1", text: "Inner" },
                { id: "-1", text: "Outer" },
              ]}
              onChange={({ detail }) => change({ lane: detail.selectedId === "-1" ? -1 : 1 })}
            />
          </FormField>
        ) : (
          <FormField label="By so many metres" errorText={faults.distance ?? ""}>
            <Input type="number" step="any" inputMode="decimal" value={opponent.distanceM} onChange={({ detail }) => change({ distanceM: detail.value })} />
          </FormField>
        )}
      </ColumnLayout>
    </SpaceBetween>
  );
}
