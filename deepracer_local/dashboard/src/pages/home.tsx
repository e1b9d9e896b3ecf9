/** What runs, what waits, what there is, and one button to the first training. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";

import { call } from "../api/client";
import { useProgress } from "../api/live";
import { useRunningJobs, useModel, useModels, useQueue } from "../api/queries";
import { trackOf } from "../api/spec";
import type { JobView, ModelDetail, ModelView } from "../api/types";
import { count, dateTime, jobName, lapTime, relative } from "../format";
import { JobProgress, TrainingFigures } from "../parts/job-progress";
import { addressOfLaps } from "../parts/lap-name";
import { Status } from "../parts/status";
import { TrackName, useTrackTitle } from "../parts/track-name";
import { TrackMap } from "../parts/track-map";
import { Link, useFollow } from "../shell/link";
import { useNotifications } from "../shell/notifications";
import { useCrumbs } from "../shell/shell";
import { Empty, Loaded } from "../shell/states";

const RECENT = { search: "", status: null, tag: null, sort: "CREATED_AT", descending: true, limit: 6, token: null } as const;

export function HomePage() {
  useCrumbs();
  const follow = useFollow();
  const models = useModels(RECENT);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Train, evaluate and race DeepRacer cars on this machine."
          actions={
            <Button variant="primary" href="/create" onFollow={follow}>
              Train a model
            </Button>
          }
        >
          Home
        </Header>
      }
    >
      <Loaded query={models} what="your models">
        {(page) =>
          page.models.length === 0 ? (
            <FirstTraining />
          ) : (
            <SpaceBetween size="l">
              <Running />
              <Queue />
              <Recent models={page.models} />
            </SpaceBetween>
          )
        }
      </Loaded>
    </ContentLayout>
  );
}

function FirstTraining() {
  const [isBusy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const follow = useFollow();
  const client = useQueryClient();
  const { fail } = useNotifications();
  const start = async () => {
    setBusy(true);
    try {
      const model = await call("POST /api/v1/models", {
        body: { name: "My first model", track: "oval", example: "center_line", max_minutes: 10 },
        idempotencyKey: crypto.randomUUID(),
      });
      void client.invalidateQueries();
      navigate(`/models/${model.id}`);
    } catch (error) {
      fail("start the first training", error);
      setBusy(false);
    }
  };
  return (
    <Container header={<Header variant="h2">Your first training</Header>}>
      <Grid gridDefinition={[{ colspan: { default: 12, m: 6 } }, { colspan: { default: 12, m: 6 } }]}>
        <SpaceBetween size="m">
          <Box variant="p">
            A car sees the road through a camera and drives. Every step it takes is paid by a small Python function, the
            reward. It learns to earn more. With the defaults it drives a whole lap after a few minutes.
          </Box>
          <Box variant="p">
            This starts sixteen cars on the oval for ten minutes. They are paid for staying near the centre line. You can
            watch them, stop at any time and keep what they have learned.
          </Box>
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" loading={isBusy} onClick={() => void start()}>
              Start the first training
            </Button>
            <Button href="/create" onFollow={follow}>
              Choose everything myself
            </Button>
          </SpaceBetween>
          <Box>
            New to this? <Link href="/learn">Learn how it works</Link> in ten minutes.
          </Box>
        </SpaceBetween>
        <TrackMap track="oval" maxHeight={260} />
      </Grid>
    </Container>
  );
}

function Running() {
  return (
    <Loaded query={useRunningJobs()} what="the running jobs">
      {({ jobs }) => (
        <SpaceBetween size="l">
          {jobs.length === 0 && (
            <Container header={<Header variant="h2">Running now</Header>}>
              <Empty title="Nothing runs" next="Train a model, or evaluate one: it appears here and drives." />
            </Container>
          )}
          {jobs.map((job) => (
            <RunningJob key={job.id} job={job} />
          ))}
        </SpaceBetween>
      )}
    </Loaded>
  );
}

function RunningJob({ job }: { job: JobView }) {
  return (
    <Loaded query={useModel(job.model_id)} what="the model">
      {(model) => <RunningModel job={job} model={model} />}
    </Loaded>
  );
}

function RunningModel({ job, model }: { job: JobView; model: ModelDetail }) {
  const follow = useFollow();
  const track = trackOf(model, useProgress(job.id, job.progress).stage);
  const title = useTrackTitle(track);
  return (
        <Container
          header={
            <Header
              variant="h2"
              description={`${jobName(job.kind)} on ${title}, begun ${relative(job.started_at)}`}
              actions={
                <Button href={`/models/${model.id}`} onFollow={follow}>
                  Open
                </Button>
              }
            >
              {model.name}
            </Header>
          }
        >
          <Grid gridDefinition={[{ colspan: { default: 12, s: 5 } }, { colspan: { default: 12, s: 7 } }]}>
            <TrackMap track={track} jobId={job.id} maxHeight={240} />
            <SpaceBetween size="l">
              <JobProgress job={job} model={model} />
              {job.kind === "TRAIN" && <TrainingFigures job={job} />}
            </SpaceBetween>
          </Grid>
        </Container>
  );
}

function Queue() {
  const queue = useQueue();
  const jobs = queue.data?.jobs ?? [];
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" counter={jobs.length > 0 ? `(${jobs.length})` : ""} description="Jobs that wait for a free slot, in the order in which they start.">
          Queue
        </Header>
      }
      loading={queue.isLoading}
      loadingText="Loading the queue"
      items={jobs}
      trackBy="id"
      empty={<Empty title="Nobody waits" next="What you start now begins at once." />}
      columnDefinitions={[
        { id: "place", header: "Place", cell: (job) => count(job.queue_position), width: 90 },
        { id: "model", header: "Model", cell: (job) => <ModelName id={job.model_id} /> },
        { id: "kind", header: "Job", cell: (job) => jobName(job.kind) },
        { id: "start", header: "Expected start", cell: (job) => <span title={dateTime(job.expected_start_at)}>{relative(job.expected_start_at)}</span> },
        { id: "why", header: "Waits for", cell: (job) => job.waiting_for ?? "" },
      ]}
    />
  );
}

function ModelName({ id }: { id: string }) {
  const model = useModel(id);
  return <Link href={`/models/${id}`}>{model.data?.name ?? id}</Link>;
}

/** The time of a model's best lap, which can be watched. */
function BestLap({ model }: { model: ModelView }) {
  const time = <span className="numbers">{lapTime(model.best_lap_time_s)}</span>;
  if (model.best_lap_time_s === null) return time;
  return (
    <Link href={addressOfLaps([{ kind: "best", model: model.id }])} ariaLabel={`Replay the best lap of ${model.name}, ${lapTime(model.best_lap_time_s)}`}>
      {time}
    </Link>
  );
}

function Recent({ models }: { models: ModelView[] }) {
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" actions={<Link href="/models">All models</Link>}>
          Recent models
        </Header>
      }
      items={models}
      trackBy="id"
      columnDefinitions={[
        { id: "name", header: "Name", cell: (model) => <Link href={`/models/${model.id}`}>{model.name}</Link>, isRowHeader: true },
        { id: "status", header: "Status", cell: (model) => <Status status={model.status} /> },
        { id: "track", header: "Track", cell: (model) => <TrackName name={model.track} /> },
        { id: "lap", header: "Best lap", cell: (model) => <BestLap model={model} /> },
        { id: "made", header: "Made", cell: (model) => <span title={dateTime(model.created_at)}>{relative(model.created_at)}</span> },
      ]}
    />
  );
}
