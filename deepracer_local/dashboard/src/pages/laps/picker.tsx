/** Chooses laps to replay: of a model its best, laps of its evaluations, or a training episode. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useModels } from "../../api/queries";
import type { LapRecord, ModelView } from "../../api/types";
import { count, decimal, lapTime, percent, plural, relative, words } from "../../format";
import { Empty, Failure, Loading } from "../../shell/states";
import { type LapName, nameOf } from "../../parts/lap-name";
import { episodeOf, evaluationsOf, trainingEvaluationsOf } from "./load";

const NEWEST = { search: "", status: null, tag: null, sort: "CREATED_AT", descending: true, limit: 200, token: null } as const;
const KINDS = [
  { value: "best", label: "Its best lap" },
  { value: "evaluation", label: "A lap of an evaluation" },
  { value: "training", label: "A lap that training drove to evaluate itself" },
  { value: "episode", label: "A training episode" },
];

interface Props {
  /** Where the choice begins. */
  model: string | null;
  onAdd: (lap: LapName) => void;
  onClose: () => void;
}

export function Picker({ model, onAdd, onClose }: Props) {
  const models = useModels(NEWEST);
  const [id, setId] = useState(model);
  const [kind, setKind] = useState("best");
  const [lap, setLap] = useState<LapName | null>(null);
  const all = models.data?.models ?? [];
  const chosen = id ?? all[0]?.id ?? null;
  const options = all.map((one) => ({ value: one.id, label: one.name, description: describe(one) }));
  const wish: LapName | null = kind === "best" && chosen !== null ? { kind: "best", model: chosen } : lap;
  const choose = (change: () => void) => {
    setLap(null);
    change();
  };
  return (
    <Modal
      visible
      onDismiss={onClose}
      header="Add a lap"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={wish === null} onClick={() => wish && onAdd(wish)}>
              Add it
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {models.isLoading ? (
        <Loading what="the models" />
      ) : models.isError ? (
        <Failure what="the models" error={models.error} retry={() => void models.refetch()} />
      ) : all.length === 0 ? (
        <Empty title="No model yet" next="Train a model first: its laps appear here." />
      ) : (
        <SpaceBetween size="m">
          <FormField label="Model">
            <Select
              selectedOption={options.find((option) => option.value === chosen) ?? null}
              options={options}
              filteringType="auto"
              filteringAriaLabel="Find a model"
              onChange={({ detail }) => choose(() => setId(detail.selectedOption.value ?? null))}
            />
          </FormField>
          <FormField label="Which lap">
            <Select
              selectedOption={KINDS.find(({ value }) => value === kind) ?? null}
              options={KINDS}
              onChange={({ detail }) => choose(() => setKind(detail.selectedOption.value ?? "best"))}
            />
          </FormField>
          {chosen !== null && (kind === "evaluation" || kind === "training") && <EvaluationLap key={`${chosen}:${kind}`} model={chosen} kind={kind} chosen={lap} onChoose={setLap} />}
          {chosen !== null && kind === "episode" && <Episode key={chosen} model={chosen} onChoose={setLap} />}
        </SpaceBetween>
      )}
    </Modal>
  );
}

const describe = (model: ModelView): string =>
  `${model.best_lap_time_s === null ? "no complete lap yet" : `best lap ${lapTime(model.best_lap_time_s)}`}, made ${relative(model.created_at)}`;

const ofLap = (lap: LapRecord): string => (lap.outcome === "lap_complete" ? lapTime(lap.time_s) : `${words(lap.outcome)} at ${percent(lap.progress)}`);

function EvaluationLap({ model, kind, chosen, onChoose }: { model: string; kind: "evaluation" | "training"; chosen: LapName | null; onChoose: (lap: LapName) => void }) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["model", model, "laps", kind], queryFn: () => (kind === "evaluation" ? askedFor(client, model) : drivenBy(client, model)), staleTime: 0 });
  if (query.isError) return <Failure what="the evaluations" error={query.error} retry={() => void query.refetch()} />;
  if (query.data?.length === 0)
    return <Box color="text-body-secondary">{kind === "evaluation" ? "This model has not been evaluated. Its page has a button for that." : "Its training has not driven an evaluation yet."}</Box>;
  const selected = query.data?.flatMap((group) => group.options).find((option) => chosen !== null && option.value === nameOf(chosen));
  return (
    <FormField label="Lap">
      <Select
        selectedOption={selected ?? null}
        options={query.data ?? []}
        statusType={query.isLoading ? "loading" : "finished"}
        loadingText="Loading the laps"
        placeholder="Choose a lap"
        filteringType="auto"
        filteringAriaLabel="Find a lap"
        onChange={({ detail }) => {
          const option = detail.selectedOption as LapOption;
          onChoose(option.lap);
        }}
      />
    </FormField>
  );
}

interface LapOption extends SelectProps.Option {
  lap: LapName;
}

interface LapGroup {
  label: string;
  options: LapOption[];
}

async function askedFor(client: ReturnType<typeof useQueryClient>, model: string): Promise<LapGroup[]> {
  const found = (await evaluationsOf(client, model)).filter((one) => one.laps.length > 0);
  return found.map((one) => ({
    label: `${plural(one.laps.length, "lap")} on ${one.track}, ${relative(one.created_at)}`,
    options: one.laps.map((record) => {
      const lap: LapName = { kind: "evaluation", model, job: one.id, lap: record.trial };
      return { lap, value: nameOf(lap), label: `Lap ${record.trial}: ${ofLap(record)}` };
    }),
  }));
}

async function drivenBy(client: ReturnType<typeof useQueryClient>, model: string): Promise<LapGroup[]> {
  const found = (await trainingEvaluationsOf(client, model)).filter((one) => one.laps && one.laps.length > 0);
  return found.reverse().map((one) => ({
    label: `After ${count(one.total_steps)} steps`,
    options: (one.laps ?? []).map((record, i) => {
      const road = one.tracks?.find(({ trials }) => trials.includes(i + 1))?.track;
      const lap: LapName = { kind: "training", model, number: one.iteration, lap: i + 1 };
      return { lap, value: nameOf(lap), label: `Lap ${i + 1} after ${count(one.total_steps)} steps${road === undefined ? "" : ` on ${road}`}: ${ofLap(record)}` };
    }),
  }));
}

function Episode({ model, onChoose }: { model: string; onChoose: (lap: LapName | null) => void }) {
  const [text, setText] = useState("");
  const number = /^\d{1,9}$/.test(text) ? Number(text) : null;
  const query = useQuery({ queryKey: ["episode", model, number], queryFn: () => episodeOf(model, number ?? 0).then((row) => row ?? null), enabled: number !== null });
  const row = query.data;
  const fault = text !== "" && number === null ? "Expected a whole number, 0 for the first." : number !== null && row === null ? `No episode ${number} has ended yet.` : undefined;
  return (
    <FormField label="Number of the episode" description="In the order in which they ended; 0 is the first." errorText={fault} constraintText={row ? `${words(row.outcome)} at ${percent(row.progress)} after ${decimal(row.time_s, 1)} s, reward ${decimal(row.reward, 1)}` : "The training's last one has the number of its episodes less 1."}>
      <Input
        value={text}
        inputMode="numeric"
        onChange={({ detail }) => {
          const value = detail.value.trim();
          setText(value);
          onChoose(/^\d{1,9}$/.test(value) ? { kind: "episode", model, number: Number(value) } : null);
        }}
      />
    </FormField>
  );
}
