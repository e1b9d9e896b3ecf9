/** What it is called and where it drives. */
import Box from "@cloudscape-design/components/box";
import Cards from "@cloudscape-design/components/cards";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useTracks } from "../../api/queries";
import { CheckpointSelect } from "../../parts/checkpoint-select";
import { TrackFilter, useFitting, useTrackChoice } from "../../parts/track-choice";
import { TrackPicture } from "../../parts/track-picture";
import { Empty } from "../../shell/states";
import { Measures } from "../tracks";
import type { StepProps } from "./create-page";
import { CurriculumPart } from "./curriculum-part";
import type { Draft } from "./draft";
import { RacePart } from "./race-part";

export function TrackStep({ draft, change, faults }: StepProps) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Name</Header>}>
        <ColumnLayout columns={3}>
          <FormField label="Name" errorText={faults.name ?? ""}>
            <Input value={draft.name} onChange={({ detail }) => change({ name: detail.value })} />
          </FormField>
          <FormField label={<>Description <i>- optional</i></>} errorText={faults.description ?? ""}>
            <Input value={draft.description} onChange={({ detail }) => change({ description: detail.value })} />
          </FormField>
          <FormField label={<>Tags <i>- optional</i></>} errorText={faults.tags ?? ""}>
            <Input value={draft.tags} placeholder="class-a, home" onChange={({ detail }) => change({ tags: detail.value })} />
          </FormField>
        </ColumnLayout>
      </Container>
      {draft.parent && <Parent parent={draft.parent} fault={faults.parent} onChange={(parent) => change({ parent })} />}
      <Container header={<Header variant="h2" description="Every track can be driven both ways.">Driving direction</Header>}>
        <SegmentedControl
            label="Driving direction"
            selectedId={draft.isReversed ? "reversed" : "given"}
            options={[
              { id: "given", text: "As drawn" },
              { id: "reversed", text: "The other way" },
            ]}
            onChange={({ detail }) => change({ isReversed: detail.selectedId === "reversed" })}
          />
      </Container>
      <RacePart race={draft.race} track={draft.track} fault={faults.race} onChange={(race) => change({ race })} />
      <CurriculumPart text={draft.curriculum} track={draft.track} isClone={draft.parent !== null} fault={faults.curriculum} onChange={(curriculum) => change({ curriculum })} />
      <Gallery chosen={draft.track} fault={faults.track} onChoose={(track) => change({ track })} />
    </SpaceBetween>
  );
}

type ParentOf = NonNullable<Draft["parent"]>;

function Parent({ parent, fault, onChange }: { parent: ParentOf; fault: string | undefined; onChange: (parent: ParentOf) => void }) {
  return (
    <Container header={<Header variant="h2">Begins with</Header>}>
      <FormField label={`Checkpoint of ${parent.name}`} errorText={fault ?? ""}>
        <CheckpointSelect model={parent.id} value={parent.checkpoint} onChange={(checkpoint) => onChange({ ...parent, checkpoint })} />
      </FormField>
    </Container>
  );
}

function Gallery({ chosen, fault, onChoose }: { chosen: string; fault: string | undefined; onChoose: (name: string) => void }) {
  const query = useTracks();
  const choice = useTrackChoice();
  // What was chosen when the page was opened comes first, so that it is seen.
  const [first] = useState(chosen);
  const tracks = useFitting(query.data?.tracks, choice, first);
  const all = query.data?.tracks ?? [];
  return (
    <FormField stretch errorText={fault ?? ""}>
      <Cards
        header={<Header variant="h2" counter={all.length > 0 ? `(${all.length})` : ""}>Track</Header>}
        filter={<TrackFilter choice={choice} />}
        items={tracks}
        trackBy="name"
        loading={query.isLoading}
        loadingText="Loading the tracks"
        empty={<Empty title="No track fits" next={query.isError ? "The tracks could not be loaded." : "None of this difficulty has this in its name."} />}
        selectionType="single"
        selectedItems={all.filter((track) => track.name === chosen)}
        onSelectionChange={({ detail }) => detail.selectedItems[0] && onChoose(detail.selectedItems[0].name)}
        ariaLabels={{ itemSelectionLabel: (_, track) => track.title, selectionGroupLabel: "Track" }}
        entireCardClickable
        cardsPerRow={[{ cards: 1 }, { minWidth: 420, cards: 2 }, { minWidth: 640, cards: 3 }, { minWidth: 1000, cards: 4 }]}
        cardDefinition={{
          header: (track) => <Box variant="h3" padding="n">{track.title}</Box>,
          sections: [
            { id: "picture", content: (track) => <TrackPicture name={track.name} title={track.title} /> },
            { id: "measures", content: (track) => <Measures track={track} /> },
            { id: "description", content: (track) => track.description },
          ],
        }}
      />
    </FormField>
  );
}
