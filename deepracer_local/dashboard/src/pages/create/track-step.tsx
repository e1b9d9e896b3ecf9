/** What it is called and where it drives. */
import Box from "@cloudscape-design/components/box";
import Cards from "@cloudscape-design/components/cards";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo, useState } from "react";

import { useTracks } from "../../api/queries";
import type { TrackView } from "../../api/types";
import { TrackPicture } from "../../parts/track-picture";
import { Empty } from "../../shell/states";
import { fits, Measures } from "../tracks";
import type { StepProps } from "./create-page";

const SORTS: { value: string; label: string; by: (a: TrackView, b: TrackView) => number }[] = [
  { value: "bends", label: "Widest bends first", by: (a, b) => (b.min_radius_m ?? 1e9) - (a.min_radius_m ?? 1e9) },
  { value: "short", label: "Shortest first", by: (a, b) => a.length_m - b.length_m },
  { value: "wide", label: "Widest first", by: (a, b) => b.width_m - a.width_m },
  { value: "name", label: "By name", by: (a, b) => a.title.localeCompare(b.title) },
];

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
      <Gallery chosen={draft.track} fault={faults.track} onChoose={(track) => change({ track })} />
    </SpaceBetween>
  );
}

function Gallery({ chosen, fault, onChoose }: { chosen: string; fault: string | undefined; onChoose: (name: string) => void }) {
  const query = useTracks();
  const [text, setText] = useState("");
  const [sort, setSort] = useState(SORTS[0]!);
  // What was chosen when the page was opened comes first, so that it is seen.
  const [first] = useState(chosen);
  const tracks = useMemo(
    () => (query.data?.tracks ?? []).filter((track) => fits(track, text)).sort((a, b) => Number(b.name === first) - Number(a.name === first) || sort.by(a, b)),
    [query.data, text, sort, first],
  );
  const all = query.data?.tracks ?? [];
  return (
    <FormField stretch errorText={fault ?? ""}>
      <Cards
        header={<Header variant="h2" counter={all.length > 0 ? `(${all.length})` : ""}>Track</Header>}
        filter={
          <SpaceBetween direction="horizontal" size="xs">
            <TextFilter filteringText={text} filteringPlaceholder="Find a track" filteringAriaLabel="Find a track" onChange={({ detail }) => setText(detail.filteringText)} />
            <Select ariaLabel="Sort tracks" selectedOption={sort} options={SORTS} onChange={({ detail }) => setSort(SORTS.find((one) => one.value === detail.selectedOption.value) ?? SORTS[0]!)} />
          </SpaceBetween>
        }
        items={tracks}
        trackBy="name"
        loading={query.isLoading}
        loadingText="Loading the tracks"
        empty={<Empty title="No track fits" next={query.isError ? "The tracks could not be loaded." : "None has this in its name."} />}
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
