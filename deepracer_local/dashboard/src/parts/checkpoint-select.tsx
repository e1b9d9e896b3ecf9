/** Chooses a checkpoint by what is known of each: how far it was trained, and how its laps went. */
import Select from "@cloudscape-design/components/select";

import { useCheckpoints, useTrainingEvaluations } from "../api/queries";
import { count, lapTime, percent } from "../format";

interface Props {
  model: string;
  /** "best", "last", or a name. */
  value: string;
  onChange: (checkpoint: string) => void;
}

export function CheckpointSelect({ model, value, onChange }: Props) {
  const options = useOptions(model);
  return (
    <Select
      ariaLabel="Checkpoint"
      selectedOption={options.find((option) => option.value === value) ?? { value, label: value }}
      options={options}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? "best")}
    />
  );
}

function useOptions(model: string): { value: string; label: string; description: string }[] {
  const { checkpoints = [], best_rule: rule = "" } = useCheckpoints(model).data ?? {};
  const rows = useTrainingEvaluations(model).data ?? [];
  const saidOf = (name: string | undefined): string => {
    const row = rows.find((one) => one.total_steps === Number(name));
    if (row === undefined) return "";
    return `${percent(row.mean_progress)} of the lap${row.mean_lap_time_s === null ? "" : `, mean lap ${lapTime(row.mean_lap_time_s)}`}`;
  };
  const best = checkpoints.find((one) => one.is_best)?.name;
  const last = checkpoints.find((one) => one.is_last)?.name;
  const joined = (...parts: string[]) => parts.filter(Boolean).join("; ");
  return [
    { value: "best", label: best ? `Best, after ${count(Number(best))} steps` : "Best", description: joined(saidOf(best), rule) },
    { value: "last", label: last ? `Last, after ${count(Number(last))} steps` : "Last", description: saidOf(last) },
    ...[...checkpoints].reverse().map(({ name }) => ({ value: name, label: `After ${count(Number(name))} steps`, description: saidOf(name) })),
  ];
}
