/** Steps 4 to 7, with a model: train it, read its curves, let it drive, improve it. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";

import { call } from "../../api/client";
import { useMetrics, useModel, useTrainingEvaluations } from "../../api/queries";
import type { EvaluationView, JobView, ModelDetail, ModelView } from "../../api/types";
import { count, lapTime, percent, plural } from "../../format";
import { JobProgress } from "../../parts/job-progress";
import { isRunning, isUnfinished, Status } from "../../parts/status";
import { TrackMap } from "../../parts/track-map";
import { Link, useFollow } from "../../shell/link";
import { useNotifications } from "../../shell/notifications";
import { Empty, Loaded, Loading } from "../../shell/states";
import { newDraft, requestOf } from "../create/draft";
import { actionsOf, LEARN_TRACK } from "./first-steps";
import { Halves } from "./halves";
import type { ModelStepProps } from "./learn-page";

const Chart = lazy(() => import("../../parts/chart"));

const MINUTES = 2;
const LAPS = 3;
const CURVES = [
  { label: "Training", colour: "--series-1" },
  { label: "Evaluation", colour: "--series-2", hasPoints: true },
];
const PERCENT: [number, number] = [0, 105];

export function TrainStep({ progress, reward, choice }: ModelStepProps) {
  const { newest } = progress;
  const { start, isBusy } = useStart();
  const train = () =>
    start("start the training", () =>
      call("POST /api/v1/models", {
        body: requestOf({
          ...newDraft(LEARN_TRACK, reward),
          name: "My first car",
          description: "From the page Learn.",
          space: { type: "discrete", actions: actionsOf(choice) },
          maxMinutes: String(MINUTES),
        }),
        idempotencyKey: crypto.randomUUID(),
      }),
    );
  const isTraining = newest !== undefined && ["QUEUED", "TRAINING"].includes(newest.status);
  return (
    <Halves picture={newest ? <Live model={newest} /> : <TrackMap track={LEARN_TRACK} maxHeight={260} />}>
      <Box variant="p">
        Now sixteen cars drive at once, all with the same network. In the beginning they roll dice and leave the road after a metre; that ends an episode, and they begin anew.
      </Box>
      <Box variant="p">
        Every few hundred steps the numbers of the network are moved a little, so that actions that earned more than expected become more likely. The method is called
        proximal policy optimisation: it takes care that no single step changes too much.
      </Box>
      <Button variant={isTraining ? "normal" : "primary"} loading={isBusy} disabled={isTraining} disabledReason="One is on its way already: watch it here." onClick={() => void train()}>
        {`Train for ${plural(MINUTES, "minute")}`}
      </Button>
      {newest && (
        <Box>
          <Status status={newest.status} /> <Link href={`/models/${newest.id}`}>{newest.name}</Link>
        </Box>
      )}
    </Halves>
  );
}

/** What a model does now, on its track. */
function Live({ model }: { model: ModelView }) {
  return (
    <Loaded query={useModel(model.id)} what="the model">
      {(detail) => {
        const job = detail.jobs.find((one) => isRunning(one.status));
        return (
          <SpaceBetween size="m">
            <TrackMap track={detail.track} maxHeight={260} {...(job ? { jobId: job.id } : {})} />
            {job ? <JobProgress job={job} model={detail} /> : <Waiting model={detail} />}
          </SpaceBetween>
        );
      }}
    </Loaded>
  );
}

function Waiting({ model }: { model: ModelDetail }) {
  const job: JobView | undefined = model.jobs.find(isUnfinished);
  if (job?.queue_position != null) return <Box color="text-body-secondary">{`It waits in the queue at place ${job.queue_position}.`}</Box>;
  return <Box color="text-body-secondary">{model.status === "READY" ? "It has been trained. Its cars appear here while it drives." : "Its cars appear here while it drives."}</Box>;
}

export function CurvesStep({ progress, goTo }: ModelStepProps) {
  const { trained } = progress;
  const follow = useFollow();
  return (
    <Halves picture={trained ? <Completion id={trained.id} /> : <NeedsModel goTo={goTo} />}>
      <Box variant="p">
        Two curves tell how it goes. The reward is what an episode earned: it rises when the car learns what you pay for. The completion is how much of the lap it managed: that
        is what you want.
      </Box>
      <Box variant="p">
        When the reward rises and the completion does not, the car has found an easier way to be paid. Then change the reward, not the car. The curve of training usually lies
        below the one of evaluation, because in training the car tries things out on purpose.
      </Box>
      {trained && (
        <Button
          variant="primary"
          href={`/models/${trained.id}`}
          onFollow={(event) => {
            progress.tick("curves");
            follow(event);
          }}
        >
          Open the curves of {trained.name}
        </Button>
      )}
    </Halves>
  );
}

function Completion({ id }: { id: string }) {
  const metrics = useMetrics(id);
  const evaluations = useTrainingEvaluations(id);
  const [rows, laps] = [metrics.data ?? [], evaluations.data ?? []];
  const data = useMemo(() => {
    const driven = new Map(laps.map((row) => [row.iteration, row.mean_progress]));
    return [rows.map((row) => row.total_steps), rows.map((row) => row.mean_progress), rows.map((row) => driven.get(row.iteration) ?? null)] as [number[], (number | null)[], (number | null)[]];
  }, [rows, laps]);
  return (
    <Loaded query={metrics} what="the curves">
      {() => (
        <Suspense fallback={<Loading what="the chart" />}>
          <Box variant="h3">Completion of the lap over steps</Box>
          <Chart label={`Completion of laps over ${count(rows.at(-1)?.total_steps)} steps, at the end ${percent(laps.at(-1)?.mean_progress)}`} data={data} curves={CURVES} format={(value) => `${value.toFixed(0)} %`} range={PERCENT} height={220} />
        </Suspense>
      )}
    </Loaded>
  );
}

export function EvaluateStep({ progress, goTo }: ModelStepProps) {
  const { trained, evaluation } = progress;
  const { start, isBusy } = useStart();
  const drive = (model: ModelView) =>
    start("start the evaluation", () =>
      call("POST /api/v1/models/{model_id}/evaluations", { params: { model_id: model.id }, body: { trials: LAPS, video: false }, idempotencyKey: crypto.randomUUID() }),
    );
  const isDriving = evaluation !== undefined && evaluation.finished_at === null;
  return (
    <Halves picture={!trained ? <NeedsModel goTo={goTo} /> : isDriving ? <Live model={trained} /> : evaluation ? <Laps evaluation={evaluation} /> : <TrackMap track={trained.track} maxHeight={260} />}>
      <Box variant="p">
        In training the car rolls dice between its actions, or it would never find better ones. In an evaluation it does not: it takes the action that it holds for the best, and
        nothing is learned. So an evaluation is the honest test.
      </Box>
      <Box variant="p">
        It drives with the best checkpoint: of all states that were kept during training, the one that drove best. The laps follow each other
        without a stop, so the first one, from a standing start, is a little slower.
      </Box>
      {trained && (
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="primary" loading={isBusy} disabled={isDriving} disabledReason="It drives already." onClick={() => void drive(trained)}>
            {`Drive ${plural(LAPS, "lap")}`}
          </Button>
          {evaluation && (
            <Box padding={{ top: "xxs" }}>
              <Link href={`/models/${trained.id}?tab=evaluations`}>All laps of {trained.name}</Link>
            </Box>
          )}
        </SpaceBetween>
      )}
    </Halves>
  );
}

function Laps({ evaluation }: { evaluation: EvaluationView }) {
  if (evaluation.laps.length === 0) return <Alert type="warning">{evaluation.message ?? "It ended without a lap. Let it drive again."}</Alert>;
  return (
    <div className="numbers">
      <KeyValuePairs columns={1} items={evaluation.laps.map((lap) => ({ label: `Lap ${lap.trial}`, value: lap.progress >= 100 ? `finished in ${lapTime(lap.time_s)}` : `left the road at ${percent(lap.progress)} of the lap` }))} />
    </div>
  );
}

export function ImproveStep({ progress, goTo }: ModelStepProps) {
  const { trained, child } = progress;
  const follow = useFollow();
  const pair = child?.parent_id ? `/models/compare?ids=${child.parent_id},${child.id}` : null;
  return (
    <Halves picture={trained ? <Family parent={child?.parent_id ? "its parent" : trained.name} child={child?.name ?? "the next one"} isThere={child !== undefined} /> : <NeedsModel goTo={goTo} />}>
      <Box variant="p">
        A new training need not begin with dice. A clone begins with the weights of a model and learns on: longer, with another reward, or on another track. Change one thing at a
        time, or you will not know what helped.
      </Box>
      <Box variant="p">First make it safe, then make it fast: once it finishes every lap, give it faster actions and pay for speed.</Box>
      <SpaceBetween direction="horizontal" size="xs">
        {trained && (
          <Button variant="primary" href={`/create?from=${trained.id}`} onFollow={follow}>
            Train on from {trained.name}
          </Button>
        )}
        {pair && (
          <Button href={pair} onFollow={follow}>
            Compare the two
          </Button>
        )}
        <Button href="/tracks/draw" onFollow={follow}>
          Draw a track to race on
        </Button>
      </SpaceBetween>
    </Halves>
  );
}

function Family({ parent, child, isThere }: { parent: string; child: string; isThere: boolean }) {
  const short = (name: string) => (name.length > 20 ? `${name.slice(0, 19)}…` : name);
  return (
    <svg className="family" viewBox="0 0 400 150" role="img" aria-label={`${child} begins with the weights of ${parent}`}>
      {[
        { x: 8, name: parent, note: "trained", isDashed: false },
        { x: 238, name: child, note: isThere ? "goes on from it" : "yours to make", isDashed: !isThere },
      ].map(({ x, name, note, isDashed }) => (
        <g key={x}>
          <rect x={x} y="40" width="154" height="70" rx="10" fill="none" stroke="var(--series-1)" strokeWidth="2" strokeDasharray={isDashed ? "6 5" : "none"} />
          <text x={x + 77} y="72" textAnchor="middle" fontSize="14" fontWeight="600" fill="var(--chart-text)">
            {short(name)}
          </text>
          <text x={x + 77} y="94" textAnchor="middle" fontSize="12" fill="var(--chart-text)">
            {note}
          </text>
        </g>
      ))}
      <path d="M168 75H226M218 68L228 75L218 82" fill="none" stroke="var(--series-5)" strokeWidth="3" />
      <text x="198" y="60" textAnchor="middle" fontSize="12" fill="var(--chart-text)">
        weights
      </text>
    </svg>
  );
}

function NeedsModel({ goTo }: { goTo: ModelStepProps["goTo"] }) {
  return (
    <Empty title="There is no trained model yet" next="Step 4 makes one in two minutes.">
      <Button onClick={() => goTo("train")}>Go to step 4</Button>
    </Empty>
  );
}

/** Asks the service for something and says so where it cannot be done. */
function useStart() {
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const { fail } = useNotifications();
  const start = async (doing: string, ask: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await ask();
      await client.invalidateQueries();
    } catch (error) {
      fail(doing, error);
    }
    setBusy(false);
  };
  return { start, isBusy };
}
