/** How far a running job is: its share of the stop rule that will most likely end it, and its figures. */
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import StatusIndicator from "@cloudscape-design/components/status-indicator";

import { useProgress } from "../api/live";
import type { Progress } from "../api/socket";
import { specOf, type StopRules } from "../api/spec";
import type { JobView, ModelDetail } from "../api/types";
import { count, decimal, duration, lapTime, percent, words } from "../format";

/** What a stop rule says, as a sentence's end: "10 minutes". */
export function saidOf(stop: StopRules): string {
  const rules = [
    stop.max_minutes && `${stop.max_minutes} min of training`,
    stop.max_steps && `${count(stop.max_steps)} steps`,
    stop.max_episodes && `${count(stop.max_episodes)} episodes`,
    stop.clean_laps && `${stop.clean_laps} clean laps in a row`,
  ];
  return rules.filter(Boolean).join(", or ");
}

export function JobProgress({ job, model }: { job: JobView; model: ModelDetail }) {
  const progress = useProgress(job.id, job.progress);
  if (job.kind === "EVALUATE") return <EvaluationProgress progress={progress} />;
  if (job.kind === "EXPORT") {
    const what = progress.phase === "writing" ? "Writing and testing the file" : "Driving a lap for its test";
    return <StatusIndicator type="loading">{what}</StatusIndicator>;
  }
  const stop = specOf(model).stop;
  const shares = [
    stop.max_minutes && progress.training_seconds ? progress.training_seconds / 60 / stop.max_minutes : 0,
    stop.max_steps && progress.total_steps ? progress.total_steps / stop.max_steps : 0,
    stop.max_episodes && progress.episodes ? progress.episodes / stop.max_episodes : 0,
  ];
  const share = Math.min(1, Math.max(...shares));
  return (
    <ProgressBar
      value={Math.round(share * 100)}
      label={`${saidOfStage(progress)}${progress.phase ? words(progress.phase) : "Starting"}`}
      description={`Ends after ${saidOf(stop)}`}
      additionalInfo={progress.training_seconds === undefined ? "Building the worlds of the cars" : `${duration(progress.training_seconds)} of training`}
    />
  );
}

const saidOfStage = ({ stage, stages, stage_name: name }: Partial<Progress>): string =>
  stage === undefined ? "" : `Stage ${stage} of ${stages}, ${name}. `;

function EvaluationProgress({ progress }: { progress: Partial<Progress> }) {
  const { laps = 0, planned_laps: planned } = progress;
  if (planned === undefined) return <StatusIndicator type="loading">Starting</StatusIndicator>;
  const isDriving = progress.phase === "driving" && laps < planned;
  const after = progress.phase === "looking" ? "Looking into the network" : "Filming the best lap";
  return (
    <ProgressBar
      value={Math.round((100 * laps) / planned)}
      label={isDriving ? `Driving lap ${laps + 1} of ${planned}` : after}
      description={`Best lap so far ${lapTime(progress.best_lap_time_s)}`}
    />
  );
}

export function TrainingFigures({ job }: { job: JobView }) {
  const progress = useProgress(job.id, job.progress);
  return (
    <div className="numbers">
      {(progress.forgotten_stages ?? []).map((stage) => (
        <StatusIndicator key={stage} type="warning">
          Stage {stage} is forgotten: it is completed less than when it was left
        </StatusIndicator>
      ))}
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Steps", value: count(progress.total_steps) },
          { label: "Policy updates", value: count(progress.iterations) },
          { label: "Episodes", value: count(progress.episodes) },
          { label: "Mean reward", value: decimal(progress.mean_reward) },
          { label: "Best completion", value: percent(progress.best_progress) },
          { label: "Best lap", value: lapTime(progress.best_lap_time_s) },
        ]}
      />
    </div>
  );
}
