/** Chooses one of the tracks of a training; there is nothing to choose where it has one. */
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";

import { useTracks } from "../api/queries";
import { type Road, titleOfRoad } from "../api/roads";

interface Props {
  label: string;
  roads: Road[];
  /** Its label, or one of the others. */
  value: string;
  onChange: (value: string) => void;
  /** Choices before the tracks. */
  others?: { value: string; label: string }[];
}

export function RoadSelect({ label, roads, value, onChange, others = [] }: Props) {
  const titles = new Map((useTracks().data?.tracks ?? []).map((track) => [track.name, track.title]));
  if (roads.length === 1) return null;
  const options = [...others, ...roads.map((road) => ({ value: road.label, label: titleOfRoad(road, titles) }))];
  return (
    <FormField label={label}>
      <Select
        selectedOption={options.find((option) => option.value === value) ?? null}
        options={options}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? value)}
      />
    </FormField>
  );
}
