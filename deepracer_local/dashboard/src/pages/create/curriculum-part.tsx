/** The stages of a training, as text: nothing for one that has a single stage. */
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";

interface Props {
  text: string;
  track: string;
  /** Whether the training begins with the weights of another one. */
  isClone: boolean;
  fault: string | undefined;
  onChange: (text: string) => void;
}

/** Three stages on the chosen track, which a person can change. */
const exampleOn = (track: string): string => `stages:
  - name: slow
    tracks: [${track}]
    max_speed_mps: 0.8
    advance: {completion: 90, evaluations: 2, max_steps: 20000}
  - name: boxes
    tracks: [${track}]
    race: {race_type: OBJECT_AVOIDANCE, number_of_obstacles: 2}
    advance: {completion: 80, evaluations: 2, max_steps: 40000}
  - name: all
    tracks: [${track}, ${track === "oval" ? "chicane" : "oval"}]
    race: {race_type: OBJECT_AVOIDANCE, number_of_obstacles: 3, randomize_obstacle_locations: true}
`;

export function CurriculumPart({ text, track, isClone, fault, onChange }: Props) {
  const [isOpen, setOpen] = useState(text !== "");
  return (
    <ExpandableSection
      variant="container"
      headerText="Curriculum"
      headerDescription="Optional: stages, from easy to hard, each with tracks, race, randomisation or a top speed of its own."
      expanded={isOpen || fault !== undefined}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      <FormField
        stretch
        label="Stages, as YAML or JSON"
        description={
          isClone
            ? "Left empty, it trains on what is chosen here alone, whatever stages its parent went through."
            : "What a stage leaves out is as chosen here. Each but the last says in advance when it is over."
        }
        errorText={fault ?? ""}
        secondaryControl={
          <Button disabled={text.trim() !== ""} disabledReason="Empty the field first" onClick={() => onChange(exampleOn(track))}>
            Put in an example
          </Button>
        }
      >
        <Textarea value={text} rows={text === "" ? 3 : 16} spellcheck={false} disableBrowserAutocorrect placeholder="stages:" onChange={({ detail }) => onChange(detail.value)} />
      </FormField>
    </ExpandableSection>
  );
}
