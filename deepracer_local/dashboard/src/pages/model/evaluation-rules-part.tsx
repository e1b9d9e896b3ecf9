/** The rules of an evaluation: the road, what a fault costs, and the start. */
import Alert from "@cloudscape-design/components/alert";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";

import { type Race, saidOfRace } from "../create/race";
import { RaceFields } from "../create/race-part";
import { type Direction, DIRECTIONS, type faultsOfRules, type OnRoad, type Rules } from "./evaluation-rules";
import { OpponentPart } from "./opponent-part";

interface Props {
  rules: Rules;
  /** The training's. */
  own: Race;
  track: string;
  faults: ReturnType<typeof faultsOfRules>;
  onChange: (rules: Rules) => void;
}

export function RulesPart({ rules, own, track, faults, onChange }: Props) {
  const change = (part: Partial<Rules>) => onChange({ ...rules, ...part });
  const number = (name: "resets" | "offTrackS" | "crashS" | "start" | "seed", label: string, help: string) => (
    <FormField label={label} constraintText={help} errorText={faults[name] ?? ""}>
      <Input type="number" step="any" value={rules[name]} onChange={({ detail }) => change({ [name]: detail.value })} />
    </FormField>
  );
  return (
    <SpaceBetween size="m">
      <FormField label="On the road">
        <RadioGroup
          value={rules.onRoad}
          items={[
            { value: "own", label: `What the training had: ${saidOfRace(own).toLowerCase()}` },
            { value: "other", label: "Something else" },
            { value: "model", label: "Another model: the two race against each other" },
          ]}
          onChange={({ detail }) => change({ onRoad: detail.value as OnRoad })}
        />
      </FormField>
      {rules.onRoad === "model" && <OpponentPart opponent={rules.opponent} faults={faults} onChange={(opponent) => change({ opponent })} />}
      {rules.onRoad === "other" && <RaceFields race={rules.race} track={track} onChange={(race) => change({ race })} />}
      {faults.race && <Alert type="error">{faults.race}</Alert>}
      <FormField label="After a fault" description="Leaving the track, a crash, driving backwards or standing still.">
        <RadioGroup
          value={rules.isSetBack ? "set-back" : "end"}
          items={[
            { value: "end", label: "The attempt ends" },
            { value: "set-back", label: "The car is set back and goes on, at the price of seconds" },
          ]}
          onChange={({ detail }) => change({ isSetBack: detail.value === "set-back" })}
        />
      </FormField>
      {rules.isSetBack && (
        <ColumnLayout columns={3}>
          {number("offTrackS", "Seconds for leaving the track", "0 to 60")}
          {number("crashS", "Seconds for a crash", "0 to 60")}
          {number("resets", "Set back at most", "1 to 10,000 times in an attempt")}
        </ColumnLayout>
      )}
      <ExpandableSection headerText="Direction, start and chance" {...(faults.start || faults.seed ? { expanded: true } : {})}>
        <SpaceBetween size="m">
          <FormField label="Direction">
            <Select
              selectedOption={DIRECTIONS.find(({ value }) => value === rules.direction) ?? null}
              options={[...DIRECTIONS]}
              onChange={({ detail }) => change({ direction: detail.selectedOption.value as Direction })}
            />
          </FormField>
          <ColumnLayout columns={2}>
            {number("start", "Start, percent of the lap", "0 is the start line; below 100")}
            {number("seed", "Seed", "Of places and lane changes that are drawn")}
          </ColumnLayout>
          <Toggle checked={rules.isContinuous} onChange={({ detail }) => change({ isContinuous: detail.checked })}>
            Drive on at the line without a stop; otherwise each lap begins at rest
          </Toggle>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
