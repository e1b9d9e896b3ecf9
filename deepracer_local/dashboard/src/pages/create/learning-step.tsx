/** How it learns and when it ends. */
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";

import { words } from "../../format";
import { CONTINUOUS } from "./actions-step";
import type { StepProps } from "./create-page";
import { ALGORITHMS, BATCH_SIZES, hyperparametersFor, hyperparametersOf, LOSSES } from "./draft";
import { RandomisationPart } from "./randomisation-part";

export function LearningStep({ draft, known, change, faults }: StepProps) {
  const { hyperparameters } = draft;
  const set = (name: string, value: string | number) => change({ hyperparameters: { ...hyperparameters, [name]: value } });
  const choose = (algorithm: string) => {
    if (algorithm === draft.algorithm) return;
    // SAC has no list of actions to choose from.
    const space = algorithm === "sac" && draft.space.type === "discrete" ? { space: CONTINUOUS } : {};
    change({ algorithm, hyperparameters: hyperparametersFor(algorithm), ...space });
  };
  const batch = String(hyperparameters["batch_size"]);
  const loss = String(hyperparameters["loss_type"]);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description="The first that is met ends the training. What was learned is kept.">When it ends</Header>}>
        <ColumnLayout columns={2}>
          <FormField label="After this much training, minutes" constraintText="More than 0, at most 1,440; empty for no limit." errorText={faults.maxMinutes ?? ""}>
            <Input type="number" step="any" inputMode="decimal" value={draft.maxMinutes} onChange={({ detail }) => change({ maxMinutes: detail.value })} />
          </FormField>
          <FormField label={<>After so many clean laps in a row <i>- optional</i></>} constraintText="1 to 100; a clean lap stays on the road from start to end." errorText={faults.cleanLaps ?? ""}>
            <Input type="number" inputMode="numeric" value={draft.cleanLaps} onChange={({ detail }) => change({ cleanLaps: detail.value })} />
          </FormField>
        </ColumnLayout>
      </Container>
      <Container header={<Header variant="h2">Algorithm</Header>}>
        <FormField stretch errorText={faults.algorithm ?? ""}>
          <Tiles
            ariaLabel="Algorithm"
            value={draft.algorithm}
            columns={2}
            items={ALGORITHMS.map((one) => ({ ...one, disabled: draft.parent !== null }))}
            onChange={({ detail }) => choose(detail.value)}
          />
        </FormField>
      </Container>
      <RandomisationPart value={draft.randomisation} known={known} faultOf={(range) => faults[`randomisation.${range}`] ?? faults.randomisation} onChange={(randomisation) => change({ randomisation })} />
      <Container header={<Header variant="h2" description="The defaults learn a first lap in minutes.">Hyperparameters</Header>}>
        <ColumnLayout columns={2}>
          {hyperparametersOf(draft).map(({ name, label, help, low, high }) => (
            <FormField key={name} label={label} description={help} constraintText={`${low} to ${high.toLocaleString("en")}`} errorText={faults[`hyperparameters.${name}`] ?? ""}>
              <Input type="number" step="any" value={String(hyperparameters[name])} onChange={({ detail }) => set(name, detail.value)} />
            </FormField>
          ))}
          <FormField label="Batch size" description="Steps in one gradient step. Larger is steadier.">
            <Select
              selectedOption={{ value: batch, label: batch }}
              options={BATCH_SIZES.map((size) => ({ value: String(size), label: String(size) }))}
              onChange={({ detail }) => set("batch_size", Number(detail.selectedOption.value))}
            />
          </FormField>
          {draft.algorithm !== "sac" && (
            <FormField label="Loss" description="How faults of the value estimate are weighed. Huber forgives outliers.">
              <Select
                selectedOption={{ value: loss, label: words(loss) }}
                options={LOSSES.map((one) => ({ value: one, label: words(one) }))}
                onChange={({ detail }) => set("loss_type", detail.selectedOption.value ?? LOSSES[0]!)}
              />
            </FormField>
          )}
        </ColumnLayout>
      </Container>
      <Container header={<Header variant="h2">Machine</Header>}>
        <ColumnLayout columns={2}>
          <FormField label="Cars" description="How many collect steps side by side." constraintText="1 to 64" errorText={faults.cars ?? ""}>
            <Input type="number" inputMode="numeric" value={draft.cars} onChange={({ detail }) => change({ cars: detail.value })} />
          </FormField>
          <FormField label="Seed" description="The same seed gives the same weights on the same machine." constraintText="0 or more" errorText={faults.seed ?? ""}>
            <Input type="number" inputMode="numeric" value={draft.seed} onChange={({ detail }) => change({ seed: detail.value })} />
          </FormField>
        </ColumnLayout>
      </Container>
    </SpaceBetween>
  );
}
