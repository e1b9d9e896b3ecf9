/** What the network looks at: an evaluated lap step by step, with what it saw, what of it counted, and what it chose. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import Slider from "@cloudscape-design/components/slider";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { useSearchParams } from "wouter";

import { ApiError } from "../../api/client";
import { useEvaluation, useInsight, useModel } from "../../api/queries";
import type { EvaluationView, InsightStep, LapInsight, ModelDetail } from "../../api/types";
import { count, decimal, lapTime, percent } from "../../format";
import { JobProgress } from "../../parts/job-progress";
import { isUnfinished } from "../../parts/status";
import { useTrackTitle } from "../../parts/track-name";
import { useCrumbs } from "../../shell/shell";
import { Empty, Failure, Loaded, Loading } from "../../shell/states";
import { EvaluateModal } from "../model/evaluate-modal";
import { Choices, commandOf } from "./choices";
import { Frame } from "./frame";
import { PlaceOnTrack, ValueCurve } from "./lap-pictures";
import { PACES, usePlayer } from "./player";
import { totalOf } from "./saliency";

const MOST_STRENGTH = 200;

export default function InsightPage({ id, evaluationId }: { id: string; evaluationId: string }) {
  const evaluation = useEvaluation(id, evaluationId);
  return (
    <Loaded query={useModel(id)} what="the model">
      {(model) => (
        <Loaded query={evaluation} what="the evaluation">
          {(found) => <Lap model={model} evaluation={found} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Lap({ model, evaluation }: { model: ModelDetail; evaluation: EvaluationView }) {
  const address = `/models/${model.id}/evaluations/${evaluation.id}/insight`;
  useCrumbs(
    { text: "Models", href: "/models" },
    { text: model.name, href: `/models/${model.id}?tab=evaluations` },
    { text: "What the network looks at", href: address },
  );
  const [search, setSearch] = useSearchParams();
  const lap = Math.max(1, Math.trunc(Number(search.get("lap"))) || 1);
  const title = useTrackTitle(evaluation.track);
  const options = evaluation.laps.map(({ trial, time_s }) => ({ value: String(trial), label: `Lap ${trial}`, description: lapTime(time_s) }));
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={`${model.name} on ${title}, checkpoint ${evaluation.checkpoint}`}
          actions={
            options.length > 0 && (
              <Select
                ariaLabel="Lap"
                selectedOption={options.find((option) => option.value === String(lap)) ?? null}
                options={options}
                placeholder="Choose a lap"
                onChange={({ detail }) => setSearch({ lap: detail.selectedOption.value ?? "1" }, { replace: true })}
              />
            )
          }
        >
          What the network looks at
        </Header>
      }
    >
      {isUnfinished(evaluation) ? (
        <Container>
          <Empty title="The laps are not over yet" next="What the network made of them is written down at the end.">
            <JobProgress job={evaluation} model={model} />
          </Empty>
        </Container>
      ) : (
        <Insight key={lap} model={model} evaluation={evaluation} lap={lap} />
      )}
    </ContentLayout>
  );
}

function Insight({ model, evaluation, lap }: { model: ModelDetail; evaluation: EvaluationView; lap: number }) {
  const query = useInsight(model.id, evaluation.id, lap);
  if (query.data !== undefined) return <Player insight={query.data} />;
  if (!query.isError) return <Loading what="what the network saw" />;
  if (query.error instanceof ApiError && query.error.status === 404) return <NothingWritten model={model} lap={lap} />;
  return <Failure what="what the network saw" error={query.error} retry={() => void query.refetch()} />;
}

function NothingWritten({ model, lap }: { model: ModelDetail; lap: number }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Container>
      <Empty
        title={`Nothing was written down of lap ${lap}`}
        next="Evaluations look into the network unless that is turned off; with another network than the fast one only into the best lap. Older ones did not."
      >
        <Button variant="primary" onClick={() => setOpen(true)}>
          Evaluate again
        </Button>
      </Empty>
      {isOpen && <EvaluateModal model={model} onClose={() => setOpen(false)} />}
    </Container>
  );
}

function Player({ insight }: { insight: LapInsight }) {
  const { steps } = insight;
  const player = usePlayer(steps.map((one) => one.step));
  const [isShown, setShown] = useState(true);
  const [strength, setStrength] = useState(100);
  const step = steps[player.index];
  if (step === undefined) return <Empty title="The car chose nothing on this lap" />;
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
      <Container header={<Header variant="h2">On-board picture</Header>}>
        <SpaceBetween size="m">
          <Frame insight={insight} step={step} strength={isShown ? strength / 100 : 0} />
          <Scrub player={player} insight={insight} />
          <Grid gridDefinition={[{ colspan: { default: 12, xs: 5 } }, { colspan: { default: 12, xs: 7 } }]}>
            <Toggle checked={isShown} onChange={({ detail }) => setShown(detail.checked)}>
              Show what counts
            </Toggle>
            <FormField label="Strength of the colours" stretch>
              <Slider
                min={0}
                max={MOST_STRENGTH}
                step={10}
                value={strength}
                disabled={!isShown}
                ariaLabel="Strength of the colours"
                valueFormatter={(value) => `${value} %`}
                onChange={({ detail }) => setStrength(detail.value)}
              />
            </FormField>
          </Grid>
          <div className="legend">
            <span className="legend-for">makes the chosen action more probable</span>
            <span className="legend-against">makes it less probable</span>
          </div>
          <Box variant="p" fontSize="body-s" color="text-body-secondary">
            The colours show which parts of this one picture the choice hung on, compared with the same picture blurred: not why, and not what
            the network takes them for. {withoutIt(step)}
          </Box>
        </SpaceBetween>
      </Container>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2" description={`Chosen: ${commandOf(step)}`}>What it would do</Header>}>
          <Choices insight={insight} step={step} />
        </Container>
        <Container header={<Header variant="h2" description="The discounted reward that it expects from here on.">Value {decimal(step.value)}</Header>}>
          <ValueCurve insight={insight} step={step} onChoose={player.choose} />
        </Container>
        <Container header={<Header variant="h2" description={`${percent(step.progress)} of the lap, ${decimal(step.time_s)} s, ${decimal(step.speed_mps)} m/s`}>Where it was</Header>}>
          <PlaceOnTrack insight={insight} step={step} />
        </Container>
      </SpaceBetween>
    </Grid>
  );
}

function Scrub({ player, insight }: { player: ReturnType<typeof usePlayer>; insight: LapInsight }) {
  const { steps } = insight;
  const paces = PACES.map((pace) => ({ value: String(pace), label: `${pace} × speed` }));
  const nameOf = (index: number) => `Step ${count(steps[index]?.step)}`;
  return (
    <SpaceBetween size="xs">
      <FormField
        label={`${nameOf(player.index)} of ${count(steps.at(-1)?.step)}`}
        description={<span className="keys-hint">The keys ← and → step, the space bar plays.</span>}
        stretch
      >
        <Slider
          min={0}
          max={Math.max(1, steps.length - 1)}
          value={player.index}
          ariaLabel="Step"
          valueFormatter={nameOf}
          onChange={({ detail }) => player.choose(detail.value)}
        />
      </FormField>
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        <Button iconName="angle-left" ariaLabel="Previous step" onClick={() => player.move(-1)} disabled={player.index === 0} />
        <Button iconName={player.isPlaying ? "pause" : "play"} onClick={player.toggle}>
          {player.isPlaying ? "Pause" : "Play"}
        </Button>
        <Button iconName="angle-right" ariaLabel="Next step" onClick={() => player.move(1)} disabled={player.index === steps.length - 1} />
        <Select
          ariaLabel="Speed"
          selectedOption={paces.find((pace) => pace.value === String(player.pace)) ?? null}
          options={paces}
          onChange={({ detail }) => player.setPace(Number(detail.selectedOption.value))}
        />
      </SpaceBetween>
    </SpaceBetween>
  );
}

/** How much hangs on the picture in all: what its colours add up to is the logarithm of what blurring takes away. */
function withoutIt(step: InsightStep): string {
  const factor = Math.exp(-totalOf(step));
  const chosen = step.action === null ? null : step.probabilities?.[step.action];
  if (chosen == null) return `The blurred picture would make the chosen command ${factor.toFixed(2)} times as probable.`;
  return `The blurred picture would make the chosen action about ${percent(Math.min(100, 100 * chosen * factor))} probable instead of ${percent(100 * chosen)}.`;
}
