/** The stages of a curriculum: what is driven in each, when it is over, and how far the training is. */
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";

import { type EvaluationRow, type MetricsRow, useMetrics, useTrainingEvaluations } from "../../api/queries";
import { type Stage, specOf } from "../../api/spec";
import type { ModelDetail } from "../../api/types";
import { count, NOTHING, percent, plural } from "../../format";

interface Row {
  number: number;
  stage: Stage;
  /** Steps in it so far; null before it begins. */
  steps: number | null;
  evaluation: EvaluationRow | undefined;
  look: NonNullable<EvaluationRow["earlier"]>[number] | undefined;
  isLeft: boolean;
}

export function StagesTable({ model }: { model: ModelDetail }) {
  const stages = specOf(model).curriculum?.stages;
  if (!stages) return null;
  return <Told id={model.id} stages={stages} every={specOf(model).curriculum?.look_back_every ?? 0} />;
}

function Told({ id, stages, every }: { id: string; stages: Stage[]; every: number }) {
  const metrics = useMetrics(id).data ?? [];
  const evaluations = useTrainingEvaluations(id).data ?? [];
  const description = every === 0 ? "Stages that were left are not looked at again." : `${every === 1 ? "Every evaluation" : `Every ${every}th evaluation`} drives in the stages that were left, too: what falls is marked.`;
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" counter={`(${stages.length})`} description={description}>
          Stages
        </Header>
      }
      items={rowsOf(stages, metrics, evaluations)}
      trackBy={({ number }) => String(number)}
      ariaLabels={{ tableLabel: "Stages" }}
      wrapLines
      columnDefinitions={[
        { id: "name", header: "Stage", isRowHeader: true, cell: ({ number, stage }) => `${number} ${stage.name}` },
        { id: "road", header: "Drives", cell: ({ stage }) => saidOfRoad(stage) },
        { id: "until", header: "Until", cell: ({ stage }) => saidOfAdvance(stage) },
        { id: "steps", header: "Steps", cell: ({ steps }) => <span className="numbers">{steps === null ? NOTHING : count(steps)}</span> },
        { id: "completion", header: "Completion", cell: ({ evaluation }) => <span className="numbers">{percent(evaluation?.mean_progress)}</span> },
        { id: "now", header: "Since it was left", cell: ({ isLeft, look }) => <Now isLeft={isLeft} look={look} /> },
      ]}
    />
  );
}

function Now({ isLeft, look }: Pick<Row, "isLeft" | "look">) {
  if (!isLeft || look === undefined) return <>{NOTHING}</>;
  return look.is_forgotten ? <StatusIndicator type="warning">{percent(look.mean_progress)}, forgotten</StatusIndicator> : <span className="numbers">{percent(look.mean_progress)}</span>;
}

function rowsOf(stages: Stage[], metrics: MetricsRow[], evaluations: EvaluationRow[]): Row[] {
  const newest = evaluations.findLast((row) => row.earlier !== undefined);
  let before = 0;
  return stages.map((stage, i) => {
    const number = i + 1;
    const last = metrics.findLast((row) => row.stage === number);
    const steps = last === undefined ? null : last.total_steps - before;
    before = last?.total_steps ?? before;
    return {
      number,
      stage,
      steps,
      evaluation: evaluations.findLast((row) => row.stage === number),
      look: newest?.earlier?.find((one) => one.stage === number),
      isLeft: metrics.some((row) => (row.stage ?? 0) > number),
    };
  });
}

function saidOfRoad(stage: Stage): string {
  const tracks = stage.tracks.map(({ track, reverse }) => `${track}${(reverse ?? stage.race.reverse_dir) ? " the other way" : ""}`);
  const parts = [tracks.join(", "), saidOfObjects(stage.race), stage.max_speed_mps === null ? "" : `at most ${stage.max_speed_mps} m/s`];
  return parts.filter(Boolean).join("; ");
}

function saidOfObjects(race: Stage["race"]): string {
  if (race.race_type === "HEAD_TO_BOT") return `${plural(Number(race["number_of_bot_cars"]), "other car")} at ${race["bot_car_speed"]} m/s`;
  if (race.race_type !== "OBJECT_AVOIDANCE") return "";
  const places = race["object_positions"] as string[];
  const n = places.length > 0 ? places.length : Number(race["number_of_obstacles"]);
  const objects = race["is_obstacle_bot_car"] === true ? plural(n, "standing car") : n === 1 ? "1 box" : `${n} boxes`;
  return race["randomize_obstacle_locations"] === true && places.length === 0 ? `${objects} elsewhere in every episode` : objects;
}

function saidOfAdvance({ advance }: Stage): string {
  if (advance === null) return "the training ends";
  const rules = [
    advance.completion !== null && `${advance.completion} % are completed${advance.evaluations > 1 ? ` ${advance.evaluations} times in a row` : ""}`,
    advance.clean_laps !== null && `${plural(advance.clean_laps, "clean lap")} in a row`,
    advance.max_steps !== null && `${count(advance.max_steps)} steps`,
    advance.max_minutes !== null && `${advance.max_minutes} min`,
  ];
  return rules.filter(Boolean).join(", or ");
}
