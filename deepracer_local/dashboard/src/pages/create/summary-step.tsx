/** All of it on one page before it starts. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, type ReactNode, Suspense } from "react";

import { useQueue, useTracks } from "../../api/queries";
import { metres, NOTHING, plural, words } from "../../format";
import { ActionFan } from "../../parts/action-fan";
import { TrackPicture } from "../../parts/track-picture";
import { Loading } from "../../shell/states";
import { ALGORITHMS, type Draft, hyperparametersOf, NETWORKS, tagsOf } from "./draft";
import { saidOfRace } from "./race";

const CodeEditor = lazy(() => import("../../parts/code-editor"));

interface Props {
  draft: Draft;
  onEdit: (step: number) => void;
  /** What is wrong still. */
  children: ReactNode;
}

export function Summary({ draft, onEdit, children }: Props) {
  const track = useTracks().data?.tracks.find((one) => one.name === draft.track);
  const waiting = useQueue().data?.jobs.length ?? 0;
  const ends = [
    draft.maxMinutes && `${draft.maxMinutes} min of training`,
    draft.cleanLaps && `${draft.cleanLaps} clean laps in a row`,
  ].filter(Boolean);
  return (
    <SpaceBetween size="l">
      {children}
      <Part title="Track" onEdit={() => onEdit(0)}>
        <Grid gridDefinition={[{ colspan: { default: 12, xxs: 4 } }, { colspan: { default: 12, xxs: 8 } }]}>
          <TrackPicture name={draft.track} title={track?.title ?? draft.track} />
          <KeyValuePairs
            columns={3}
            items={[
              { label: "Name", value: draft.name },
              { label: "Tags", value: tagsOf(draft).join(", ") || NOTHING },
              { label: "Begins with", value: draft.parent ? `${draft.parent.name}, ${draft.parent.checkpoint} checkpoint` : "nothing learned" },
              { label: "Track", value: track?.title ?? draft.track },
              { label: "Length", value: metres(track?.length_m) },
              { label: "Direction", value: draft.isReversed ? "the other way" : "as drawn" },
              { label: "Race", value: saidOfRace(draft.race) },
              { label: "Curriculum", value: draft.curriculum.trim() === "" ? "none, one stage" : "in stages, as written under Track" },
            ]}
          />
        </Grid>
      </Part>
      <Part title="Reward" onEdit={() => onEdit(1)}>
        <Suspense fallback={<Loading what="the code" />}>
          <CodeEditor label="Reward function, to read" value={draft.reward} minHeight="60px" maxHeight="260px" />
        </Suspense>
      </Part>
      <Part title="Actions" onEdit={() => onEdit(2)}>
        <Grid gridDefinition={[{ colspan: { default: 12, xxs: 4 } }, { colspan: { default: 12, xxs: 8 } }]}>
          <ActionFan space={draft.space} />
          <KeyValuePairs
            columns={2}
            items={[
              { label: "Action space", value: draft.space.type === "discrete" ? `Discrete, ${plural(draft.space.actions.length, "action")}` : "Continuous" },
              { label: "Sensors", value: draft.sensors.map(words).join(", ") },
              { label: "Network", value: NETWORKS.find((one) => one.value === draft.network)?.label ?? NOTHING },
            ]}
          />
        </Grid>
      </Part>
      <Part title="Learning" onEdit={() => onEdit(3)}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Ends after", value: ends.join(", or ") || NOTHING },
            { label: "Starts", value: waiting === 0 ? "at once, or when a slot is free" : `after ${plural(waiting, "job")} in the queue` },
            { label: "Algorithm", value: ALGORITHMS.find(({ value }) => value === draft.algorithm)?.label ?? NOTHING },
            { label: "Cars", value: draft.cars },
            { label: "Seed", value: draft.seed },
            ...hyperparametersOf(draft).map(({ name, label }) => ({ label, value: String(draft.hyperparameters[name]) })),
            { label: "Batch size", value: String(draft.hyperparameters["batch_size"]) },
            ...(draft.algorithm === "sac" ? [] : [{ label: "Loss", value: words(String(draft.hyperparameters["loss_type"])) }]),
          ]}
        />
      </Part>
    </SpaceBetween>
  );
}

function Part({ title, onEdit, children }: { title: string; onEdit: () => void; children: ReactNode }) {
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button ariaLabel={`Change ${title}`} onClick={onEdit}>Change</Button>}>
          {title}
        </Header>
      }
    >
      {children}
    </Container>
  );
}
