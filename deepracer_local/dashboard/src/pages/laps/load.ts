/** Gets laps from the API: what is known of each, its steps, and the best lap of a model. */
import { type QueryClient, type UseQueryResult, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";

import { type Route, call } from "../../api/client";
import { specOf, stageOf, trackOf, trackOfLabel } from "../../api/spec";
import type { EpisodeRow } from "../../api/queries";
import type { EvaluationView, LapRecord, ModelDetail, TrackDetail } from "../../api/types";
import { plural } from "../../format";
import { type ObjectsOver, objectsOf, type Road } from "./lap-objects";
import { COLUMNS, columnsOf, isAgainst, type Lap, lapOf, type Line, lineOf } from "./lap";
import { type LapName, lapNamed, nameOf } from "../../parts/lap-name";

export interface LoadedLap {
  /** As the address has it. */
  name: string;
  /** What it is when `name` says "best". */
  resolved: LapName;
  model: ModelDetail;
  /** Who drove: the model, or its opponent in a race of two, which may have been deleted since. */
  driver: { id: string | null; name: string };
  /** "lap 2 of an evaluation". */
  title: string;
  track: TrackDetail;
  /** The centre line in the direction in which the lap was driven. */
  line: Line;
  lap: Lap;
  objects: ObjectsOver;
}

/** Says which lap it is, of which model. */
export const titleOf = (lap: LoadedLap): string => `${lap.driver.name}, ${lap.title}`;

/** A row per evaluation that training drove, with its laps. */
export interface TrainingEvaluation {
  iteration: number;
  total_steps: number;
  laps?: LapRecord[];
  /** Of a curriculum, counted from 1. */
  stage?: number;
  /** Of a training on several tracks: the laps of each. */
  tracks?: { track: string; trials: number[] }[];
}

type Answer<R extends Route> = Awaited<ReturnType<typeof call<R>>>;

const SOME = 100;
const MANY = 5_000;
/** So far back is looked for what was on the road of a training episode. */
const MOST_ITERATIONS = 30;
const KEPT = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;

/** The chosen laps in their order. */
export function useLaps(names: string[]): UseQueryResult<LoadedLap>[] {
  const client = useQueryClient();
  return useQueries({ queries: names.map((name) => ({ queryKey: ["lap", name], queryFn: () => load(client, name), ...KEPT })) });
}

/** The best complete lap of a lap's model on its track; null where there is none, or it is that lap itself. */
export function useOwnBest(of: LoadedLap | undefined): UseQueryResult<LoadedLap | null> {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["model", of?.model.id, "own-best", of?.track.name, of && nameOf(of.resolved)],
    queryFn: async () => {
      if (of === undefined || of.resolved.kind === "opponent") return null;
      const best = (await lapsOf(client, of.model.id, of.track.name)).find(({ lap }) => lap.outcome === "lap_complete");
      if (best === undefined || nameOf(best.name) === nameOf(of.resolved)) return null;
      return load(client, nameOf(best.name));
    },
    enabled: of !== undefined,
    ...KEPT,
  });
}

export const evaluationsOf = async (client: QueryClient, id: string): Promise<EvaluationView[]> =>
  (await ask(client, "GET /api/v1/models/{model_id}/evaluations", { model_id: id }, { limit: SOME })).evaluations;

export const trainingEvaluationsOf = async (client: QueryClient, id: string): Promise<TrainingEvaluation[]> =>
  (await ask(client, "GET /api/v1/models/{model_id}/training-evaluations", { model_id: id }, { limit: MANY })).rows as unknown as TrainingEvaluation[];

/** Returns one row of a training's finished episodes; undefined where there is none of that number. */
export async function episodeOf(id: string, number: number): Promise<EpisodeRow | undefined> {
  const { rows } = await call("GET /api/v1/models/{model_id}/episodes", { params: { model_id: id }, query: { after: number - 1, limit: 1 } });
  const row = rows[0] as unknown as EpisodeRow | undefined;
  return row?.number === number ? row : undefined;
}

/** Returns every evaluation lap of a model on a track: the complete ones first, the fastest before; then the furthest. */
async function lapsOf(client: QueryClient, id: string, track: string): Promise<{ name: LapName; lap: LapRecord }[]> {
  const [model, asked, driven] = await Promise.all([modelOf(client, id), evaluationsOf(client, id), trainingEvaluationsOf(client, id)]);
  const laps = asked
    .filter((evaluation) => evaluation.track === track)
    .flatMap((one) => one.laps.map((lap) => ({ name: { kind: "evaluation", model: id, job: one.id, lap: lap.trial } as LapName, lap })));
  for (const row of driven)
    for (const [i, lap] of (row.laps ?? []).entries())
      if (trackOfLap(model, row, i + 1) === track) laps.push({ name: { kind: "training", model: id, number: row.iteration, lap: i + 1 }, lap });
  const rank = (lap: LapRecord) => (lap.outcome === "lap_complete" ? lap.time_s : 1e6 - lap.progress);
  return laps.sort((a, b) => rank(a.lap) - rank(b.lap));
}

/** Returns where a lap was driven that training drove by itself. */
function trackOfLap(model: ModelDetail, row: TrainingEvaluation, lap: number): string {
  const label = row.tracks?.find(({ trials }) => trials.includes(lap))?.track;
  return label === undefined ? trackOf(model, row.stage) : trackOfLabel(label);
}

async function load(client: QueryClient, name: string): Promise<LoadedLap> {
  const wish = lapNamed(name);
  if (wish === null) throw new Error(`Expected MODEL:best, MODEL:evaluation:JOB:LAP, MODEL:opponent:JOB:LAP, MODEL:training:NUMBER:LAP or MODEL:episode:NUMBER, got ${name}.`);
  const model = await modelOf(client, wish.model);
  const resolved = wish.kind === "best" ? (await lapsOf(client, model.id, model.track))[0]?.name : wish;
  if (resolved === undefined) throw new Error(`${model.name} has not driven an evaluation yet. Evaluate it, or choose one of its training episodes.`);
  const { csv, known, track: trackName, title, roads, driver = { id: model.id, name: model.name } } = await driven(client, model, resolved);
  const track = await ask(client, "GET /api/v1/tracks/{name}", { name: trackName });
  const columns = columnsOf(csv);
  const line = lineOf(track.centre, track.is_closed, isAgainst(columns, lineOf(track.centre, track.is_closed, false)));
  const said = wish.kind === "best" ? `its best, ${title}` : title;
  const lap = lapOf(columns, known, line);
  return { name, resolved, model, driver, title: said, track, line, lap, objects: await objectsOf(lap, Number(columns.episode[0]), roads) };
}

interface Driven {
  csv: string;
  known: { outcome: string; timeS: number };
  track: string;
  title: string;
  /** Where to ask for what was on the road, the newest part of it first; none for an empty road. */
  roads: Road[];
  /** Where it is not the model. */
  driver?: LoadedLap["driver"];
}

async function driven(client: QueryClient, model: ModelDetail, name: LapName): Promise<Driven> {
  const columns = COLUMNS.join(",");
  const params = { model_id: model.id };
  if (name.kind === "evaluation" || name.kind === "opponent") {
    const car = name.kind === "opponent" ? "opponent" : "model";
    const place = { ...params, evaluation_id: name.job };
    const [evaluation, csv] = await Promise.all([
      ask(client, "GET /api/v1/models/{model_id}/evaluations/{evaluation_id}", place),
      call("GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/trace.csv", { params: place, query: { car, lap: name.lap, columns } }),
    ]);
    const opponent = name.kind === "opponent" ? evaluation.opponent : null;
    const laps = name.kind === "opponent" ? (opponent?.laps ?? []) : evaluation.laps;
    const lap = laps[name.lap - 1];
    const road: Road = async (episode) => (await call("GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/objects", { params: place, query: { car, episode } })).rows;
    if (lap === undefined) throw new Error(`The evaluation has ${plural(laps.length, "lap")}${car === "opponent" ? " of an opponent" : ""}, not ${name.lap}.`);
    return {
      csv,
      known: { outcome: lap.outcome, timeS: lap.time_s },
      track: evaluation.track,
      title: `lap ${name.lap} of ${evaluation.opponent ? (opponent ? `a race against ${model.name}` : `a race against ${evaluation.opponent.name}`) : "an evaluation"}`,
      roads: evaluation.race.race_type === "TIME_TRIAL" ? [] : [road],
      ...(opponent ? { driver: { id: opponent.model_id, name: opponent.name } } : {}),
    };
  }
  if (name.kind === "training") {
    const number = name.number;
    const [rows, csv] = await Promise.all([
      trainingEvaluationsOf(client, model.id),
      call("GET /api/v1/models/{model_id}/traces/{kind}/{number}.csv", { params: { ...params, kind: "evaluation", number }, query: { lap: name.lap, columns } }),
    ]);
    const row = rows.find(({ iteration }) => iteration === number);
    const laps = row?.laps ?? [];
    const lap = laps[name.lap - 1];
    if (row === undefined || lap === undefined) throw new Error(`The evaluation after ${plural(number, "update")} has ${plural(laps.length, "lap")}, not ${name.lap}.`);
    return { csv, known: { outcome: lap.outcome, timeS: lap.time_s }, track: trackOfLap(model, row, name.lap), title: `lap ${name.lap} after ${plural(number, "update")}`, roads: roadsOf(model, row.stage, "evaluation", [number]) };
  }
  if (name.kind === "best") throw new Error("The best lap has to be found first.");
  const [row, csv] = await Promise.all([
    episodeOf(model.id, name.number),
    call("GET /api/v1/models/{model_id}/episodes/{number}/trace.csv", { params: { ...params, number: name.number }, query: { columns } }),
  ]);
  if (row === undefined) throw new Error(`There is no training episode ${name.number}.`);
  const iterations = Array.from({ length: Math.min(row.iteration + 1, MOST_ITERATIONS) }, (_, back) => row.iteration - back);
  return { csv, known: { outcome: row.outcome ?? "in_progress", timeS: row.time_s }, track: row.track ? trackOfLabel(row.track) : trackOf(model, row.stage), title: `training episode ${name.number}`, roads: roadsOf(model, row.stage, "training", iterations) };
}

/** An episode is in the files of all iterations that it went through. */
function roadsOf(model: ModelDetail, stage: number | null | undefined, kind: "training" | "evaluation", numbers: number[]): Road[] {
  if ((stageOf(model, stage) ?? specOf(model)).race.race_type === "TIME_TRIAL") return [];
  return numbers.map((number) => async (episode) => {
    const params = { model_id: model.id, kind, number: String(number) };
    return (await call("GET /api/v1/models/{model_id}/traces/{kind}/{number}/objects", { params, query: { episode } })).rows;
  });
}

const modelOf = (client: QueryClient, id: string): Promise<ModelDetail> => ask(client, "GET /api/v1/models/{model_id}", { model_id: id });

/** Asks once for what several laps need. */
function ask<R extends Route>(client: QueryClient, route: R, params: Record<string, string>, query: Record<string, number> = {}): Promise<Answer<R>> {
  const isFixed = route === "GET /api/v1/tracks/{name}";
  return client.fetchQuery({
    queryKey: ["model", params["model_id"] ?? "none", "laps", route, params, query],
    queryFn: () => call(route, { params, query }),
    staleTime: isFixed ? Number.POSITIVE_INFINITY : 2_000,
  });
}
