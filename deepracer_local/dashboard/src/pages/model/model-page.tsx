/** One model: what it is doing, what it has learned, what it was asked for, and all that can be done with it. */
import Alert from "@cloudscape-design/components/alert";
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useSearchParams } from "wouter";

import { useModel } from "../../api/queries";
import { roadsOf } from "../../api/roads";
import type { JobView, ModelDetail } from "../../api/types";
import { count, dateTime, jobName, lapTime, NOTHING, relative } from "../../format";
import { isRunning, isUnfinished, Status } from "../../parts/status";
import { TrackName } from "../../parts/track-name";
import { Link } from "../../shell/link";
import { useCrumbs } from "../../shell/shell";
import { Loaded } from "../../shell/states";
import { ModelButtons } from "./buttons";
import { EvaluationsTab } from "./evaluations-tab";
import { FilesTab } from "./files-tab";
import { LogsTab } from "./logs-tab";
import { State } from "./reward-events";
import { SettingsTab } from "./settings-tab";
import { TrainingTab } from "./training-tab";

export default function ModelPage({ id }: { id: string }) {
  return (
    <Loaded query={useModel(id)} what="the model">
      {(model) => <Model model={model} />}
    </Loaded>
  );
}

function Model({ model }: { model: ModelDetail }) {
  useCrumbs({ text: "Models", href: "/models" }, { text: model.name, href: `/models/${model.id}` });
  const [search, setSearch] = useSearchParams();
  const training = model.jobs.find((job) => job.kind === "TRAIN");
  const current = model.jobs.find((job) => isRunning(job.status)) ?? model.jobs.find(isUnfinished) ?? training;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={model.description} info={<Tags tags={model.tags} />} actions={<ModelButtons model={model} />}>
          {model.name}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {current && <Notice job={current} />}
        <Facts model={model} job={current} />
        <Tabs
          activeTabId={search.get("tab") ?? "training"}
          onChange={({ detail }) => setSearch({ tab: detail.activeTabId }, { replace: true })}
          ariaLabel="About this model"
          tabs={[
            { id: "training", label: "Training", content: <TrainingTab model={model} job={current} /> },
            { id: "evaluations", label: "Evaluations", content: <EvaluationsTab model={model} /> },
            { id: "logs", label: "Logs", content: <LogsTab model={model} /> },
            { id: "settings", label: "Settings", content: <SettingsTab model={model} /> },
            { id: "files", label: "Files", content: <FilesTab model={model} /> },
          ]}
        />
      </SpaceBetween>
    </ContentLayout>
  );
}

function Facts({ model, job }: { model: ModelDetail; job: JobView | undefined }) {
  return (
    <KeyValuePairs
      columns={4}
      items={[
        {
          label: "Status",
          value: (
            <>
              <Status status={model.status} />
              {job && <Since job={job} />}
            </>
          ),
        },
        { label: "Best lap", value: <span className="numbers">{lapTime(model.best_lap_time_s)}</span> },
        { label: "Track", value: <OwnTracks model={model} /> },
        { label: "Made", value: <span title={dateTime(model.created_at)}>{relative(model.created_at)}</span> },
        ...(model.parent_id === null ? [] : [{ label: "Goes on from", value: <Parent id={model.parent_id} checkpoint={model.parent_checkpoint} /> }]),
        ...(job?.queue_position != null
          ? [
              { label: "Place in the queue", value: count(job.queue_position) },
              { label: "Waits for", value: job.waiting_for ?? NOTHING },
              { label: "Expected start", value: <span title={dateTime(job.expected_start_at)}>{relative(job.expected_start_at)}</span> },
            ]
          : []),
      ]}
    />
  );
}

/** The main track, and how many there are besides. */
function OwnTracks({ model }: { model: ModelDetail }) {
  const others = roadsOf(model).length - 1;
  return (
    <>
      <TrackName name={model.track} />
      {others > 0 && ` and ${others} more`}
    </>
  );
}

/** Since when it is so, and why. */
function Since({ job }: { job: JobView }) {
  const [word, at] = job.finished_at ? ["ended", job.finished_at] : job.status === "QUEUED" ? ["asked for", job.created_at] : ["begun", job.started_at];
  const reason = job.result?.["reason"];
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      <span title={dateTime(at)}>
        {word} {relative(at)}
      </span>
      {typeof reason === "string" && ` after ${reason}`}
    </Box>
  );
}

function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <SpaceBetween direction="horizontal" size="xxs">
      {tags.map((tag) => (
        <Badge key={tag} color="blue">
          {tag}
        </Badge>
      ))}
    </SpaceBetween>
  );
}

function Parent({ id, checkpoint }: { id: string; checkpoint: string | null }) {
  const parent = useModel(id);
  if (parent.isError) return <>a model that was deleted</>;
  return (
    <>
      <Link href={`/models/${id}`}>{parent.data?.name ?? id}</Link>
      {checkpoint && `, checkpoint ${checkpoint}`}
    </>
  );
}

/** Says what went wrong, and what to do. */
function Notice({ job }: { job: JobView }) {
  if (job.status === "FAILED") {
    const line = job.detail?.["line"];
    const state = job.detail?.["params"];
    return (
      <Alert type="error" header={`The ${jobName(job.kind).toLowerCase()} failed`}>
        {typeof line === "number" && !job.message?.includes(`line ${line}`) && `Line ${line} of the reward function: `}
        {job.message ?? "The logs say more."}
        {job.fault === "USER" && " Mend it, then train a new model that goes on from this one, or from nothing."}
        {state !== null && typeof state === "object" && <State params={state as Record<string, unknown>} />}
      </Alert>
    );
  }
  if (job.status === "PAUSED") return <Alert type="info">Paused. Resume goes on from the same step.</Alert>;
  if (job.status === "QUEUED" && job.message) return <Alert type="warning">The last attempt ended: {job.message}</Alert>;
  return null;
}
