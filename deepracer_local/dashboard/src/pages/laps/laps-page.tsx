/** Replays laps of any models, one over the other, and says where one loses its time. The address has all of the choice. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSearchParams } from "wouter";

import { messageOf } from "../../api/client";
import { useModels } from "../../api/queries";
import { lapTime } from "../../format";
import { useFollow } from "../../shell/link";
import { useCrumbs } from "../../shell/shell";
import { Empty, Loaded, Loading } from "../../shell/states";
import "./laps.css";
import { addressOfLaps, type LapName, MOST_LAPS, nameOf } from "../../parts/lap-name";
import { titleOf, useLaps } from "./load";
import { Picker } from "./picker";
import { Replayed } from "./replayed";

export default function LapsPage() {
  useCrumbs({ text: "Laps", href: "/laps" });
  const [search, setSearch] = useSearchParams();
  const [isAdding, setAdding] = useState(false);
  const names = [...new Set(search.getAll("lap"))].slice(0, MOST_LAPS);
  const queries = useLaps(names);
  const found = queries.flatMap((query) => (query.data ? [query.data] : []));
  const track = found[0]?.track.name;
  // Laps of two tracks cannot be laid over each other: those of the first lap's track are shown.
  const laps = found.filter((one) => one.track.name === track);
  const strays = found.filter((one) => one.track.name !== track);
  const change = (next: string[]) =>
    setSearch(
      (before) => {
        const changed = new URLSearchParams(before);
        changed.delete("lap");
        changed.delete("t");
        for (const name of next) changed.append("lap", name);
        return changed;
      },
      { replace: names.length > 0 },
    );
  const add = (lap: LapName) => {
    setAdding(false);
    change([...names, nameOf(lap)]);
  };
  const remove = (name: string) => change(names.filter((one) => one !== name));
  const isFull = names.length >= MOST_LAPS;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Replay laps over each other, and see where time is lost."
          actions={
            <Button iconName="add-plus" disabled={isFull} disabledReason={`${MOST_LAPS} laps are as many as can be told apart. Remove one first.`} onClick={() => setAdding(true)}>
              Add a lap
            </Button>
          }
        >
          Laps
        </Header>
      }
    >
      <SpaceBetween size="l">
        {names.length === 0 && <Start onAdd={() => setAdding(true)} />}
        {queries.map((query, i) =>
          query.isError ? (
            <Alert key={names[i]} type="error" header="A lap could not be loaded" action={<Button onClick={() => remove(names[i] ?? "")}>Leave it out</Button>}>
              {messageOf(query.error)}
            </Alert>
          ) : null,
        )}
        {strays.length > 0 && (
          <Alert type="warning" header="Not all laps are on one track" action={<Button onClick={() => change(names.filter((name) => !strays.some((one) => one.name === name)))}>Leave them out</Button>}>
            Only laps on {laps[0]?.track.title} are shown, the track of the first. On others: {strays.map(titleOf).join(", ")}.
          </Alert>
        )}
        {queries.some((query) => query.isLoading) ? <Loading what="the laps" /> : laps.length > 0 && <Replayed key={names.join()} laps={laps} onRemove={remove} />}
      </SpaceBetween>
      {isAdding && <Picker model={found.at(-1)?.model.id ?? null} onAdd={add} onClose={() => setAdding(false)} />}
    </ContentLayout>
  );
}

const FASTEST = { search: "", status: null, tag: null, sort: "BEST_LAP_TIME", descending: false, limit: 10, token: null } as const;

/** What there is before a lap is chosen. */
function Start({ onAdd }: { onAdd: () => void }) {
  const follow = useFollow();
  return (
    <Container header={<Header variant="h2">Which laps?</Header>}>
      <Loaded query={useModels(FASTEST)} what="the models">
        {({ models }) => {
          const driven = models.filter((model) => model.best_lap_time_s !== null);
          const best = driven.map((model): LapName => ({ kind: "best", model: model.id }));
          if (models.length === 0)
            return (
              <Empty title="No model yet">
                <Button variant="primary" href="/create" onFollow={follow}>
                  Train a model
                </Button>
              </Empty>
            );
          return (
            <SpaceBetween size="m">
              <Box>
                A lap of an evaluation, or any episode of a training, is driven again here at the speed you like; up to {MOST_LAPS} of
                them as ghosts of each other.
              </Box>
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="primary" onClick={onAdd}>
                  Choose a lap
                </Button>
                {driven.slice(0, 3).map((model) => (
                  <Button key={model.id} href={addressOfLaps([{ kind: "best", model: model.id }])} onFollow={follow}>
                    {model.name}: best, {lapTime(model.best_lap_time_s)}
                  </Button>
                ))}
                {sameTrack(driven.map((model) => model.track)) && (
                  <Button href={addressOfLaps(best)} onFollow={follow}>
                    The best laps of {driven.length} models
                  </Button>
                )}
              </SpaceBetween>
            </SpaceBetween>
          );
        }}
      </Loaded>
    </Container>
  );
}

const sameTrack = (tracks: string[]): boolean => tracks.length > 1 && new Set(tracks).size === 1;
