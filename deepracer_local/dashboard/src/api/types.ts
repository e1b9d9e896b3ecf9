/* Written by `python -m tests.dashboard.api_types` from the API's description. Do not edit. */

/** The files of a model. */
export interface AssetList {
  assets: AssetView[];
}

/** A file of a model. */
export interface AssetView {
  name: string;
  kind: string;
  size: number;
  sha256: string;
}

/** What was found; usable unless one of the findings is an error. */
export interface CheckAnswer {
  usable: boolean;
  findings: FindingView[];
  calls: number;
  min_reward: number | null;
  mean_reward: number | null;
  max_reward: number | null;
  microseconds_per_call: number | null;
  /** what the function printed, or the beginning of it */
  printed: string;
}

/** A reward function to try. */
export interface CheckRequest {
  /** the source text */
  reward_function: string;
  /** a name that GET /tracks lists */
  track?: string;
  /** whose objects are on the road; null: made-up ones */
  race: TrainingRace | null;
  /** of the training: the function is tried where its first stage drives; null: on track */
  curriculum: string | Record<string, unknown> | null;
}

/** All checkpoints that are kept, the oldest first, and the rule for the best. */
export interface CheckpointList {
  checkpoints: CheckpointView[];
  best_rule: string;
}

/** A checkpoint that can be evaluated, cloned and downloaded. */
export interface CheckpointView {
  name: string;
  is_best: boolean;
  is_last: boolean;
  size: number;
}

/** What may be removed. */
export interface CleanUp {
  /** younger things stay: they may be waiting for what will point to them */
  older_than_hours?: number;
  /** remove nothing, say what would be removed */
  dry_run?: boolean;
}

/** What was removed, or with ``dry_run`` would be. */
export interface CleanedUp {
  dry_run: boolean;
  artifacts: number;
  artifact_bytes: number;
  run_directories: number;
  run_directory_bytes: number;
  refused: number;
  refused_bytes: number;
  freed_bytes: number;
  keys: string[];
}

/** A new model that begins with the weights of another; what is left out is taken from it. */
export interface CloneModel {
  /** 1 to 64 letters, digits, spaces, dots, hyphens and underscores */
  name: string;
  description?: string;
  tags: string[];
  /** a name that GET /tracks lists */
  track?: string;
  /** several tracks, over which the cars are spread by weight; overrules track */
  tracks: RoadWish[] | null;
  /** drive against the direction of the track's file */
  reverse?: boolean;
  /** objects on the road and starts; null: a time trial */
  race: TrainingRace | null;
  /** the source text */
  reward_function: string | null;
  /** a shipped reward function instead */
  example: string | null;
  /** the content of model_metadata.json, unchanged */
  model_metadata: unknown;
  /** the content of hyperparameters.json */
  hyperparameters: Record<string, unknown> | null;
  /** fast, shallow, deep or deeper; overrules the metadata */
  network: string | null;
  /** ppo or sac; overrules the metadata. sac chooses steering and speed from intervals, which without metadata are 30 degrees to either side and 0.5 to 1 m/s */
  algorithm: string | null;
  /** FRONT_FACING_CAMERA, LEFT_CAMERA, STEREO_CAMERAS, LIDAR, ...; overrules the metadata */
  sensors: string[] | null;
  /** by the sensor's name: rate_hz 1, 3, 5 or 15, delay_steps 0 to 15, noise_sigma (grey levels, m) */
  sensor_settings: Record<string, unknown> | null;
  /** what differs from training episode to training episode: off, mild, strong, or an object of ranges such as {"friction": [0.8, 1.2]}; null: nothing */
  randomisation: string | Record<string, unknown> | null;
  /** stages with rules of advance, each with tracks, race, randomisation or a top speed of its own, as an object, or as text in JSON or YAML; null: one stage */
  curriculum: string | Record<string, unknown> | null;
  camera?: "simulator" | "physical";
  seed?: number;
  cars?: number;
  max_minutes: number | null;
  max_steps: number | null;
  max_episodes: number | null;
  stop_after_clean_laps: number | null;
  /** the reward of a step at which the function fails; null: the first failure ends the training */
  reward_error_floor: number | null;
  /** with a floor: so many failures end the training all the same */
  max_reward_errors?: number;
  /** best, last or a name */
  checkpoint?: string;
}

/** A continuous action space. */
export interface ContinuousActions {
  steering_angle: Interval;
  speed: Interval;
}

/** Laps to drive with a checkpoint of a model. */
export interface CreateEvaluation {
  trials?: number;
  /** best, last or a name */
  checkpoint?: string;
  /** another track than the one trained on */
  track: string | null;
  video?: boolean;
  /** write down what the network made of each picture */
  insight?: boolean;
  /** other rules and objects; without its race_type the training's objects stay; null: these, and the first fault ends an attempt */
  race: EvaluationRace | null;
  /** the direction; null: as in training */
  reverse: boolean | null;
  /** what differs from attempt to attempt, as of a training; null: nothing */
  randomisation: string | Record<string, unknown> | null;
  /** of places and lane changes that are drawn */
  seed?: number;
  /** the id of a model, this one too, to race against; race_type is HEAD_TO_MODEL then */
  opponent: string | null;
  /** of the opponent: best, last or a name */
  opponent_checkpoint?: string;
}

/** Files to make of a checkpoint of a model. */
export interface CreateExport {
  /** best, last or a name */
  checkpoint?: string;
  /** each at most once */
  formats?: ExportFormat[];
}

/** A new model and the training that makes it. */
export interface CreateModel {
  /** 1 to 64 letters, digits, spaces, dots, hyphens and underscores */
  name: string;
  description?: string;
  tags: string[];
  /** a name that GET /tracks lists */
  track?: string;
  /** several tracks, over which the cars are spread by weight; overrules track */
  tracks?: RoadWish[] | null;
  /** drive against the direction of the track's file */
  reverse?: boolean;
  /** objects on the road and starts; null: a time trial */
  race?: TrainingRace | null;
  /** the source text */
  reward_function?: string | null;
  /** a shipped reward function instead */
  example?: string | null;
  /** the content of model_metadata.json, unchanged */
  model_metadata?: unknown;
  /** the content of hyperparameters.json */
  hyperparameters?: Record<string, unknown> | null;
  /** fast, shallow, deep or deeper; overrules the metadata */
  network?: string | null;
  /** ppo or sac; overrules the metadata. sac chooses steering and speed from intervals, which without metadata are 30 degrees to either side and 0.5 to 1 m/s */
  algorithm?: string | null;
  /** FRONT_FACING_CAMERA, LEFT_CAMERA, STEREO_CAMERAS, LIDAR, ...; overrules the metadata */
  sensors?: string[] | null;
  /** by the sensor's name: rate_hz 1, 3, 5 or 15, delay_steps 0 to 15, noise_sigma (grey levels, m) */
  sensor_settings?: Record<string, unknown> | null;
  /** what differs from training episode to training episode: off, mild, strong, or an object of ranges such as {"friction": [0.8, 1.2]}; null: nothing */
  randomisation?: string | Record<string, unknown> | null;
  /** stages with rules of advance, each with tracks, race, randomisation or a top speed of its own, as an object, or as text in JSON or YAML; null: one stage */
  curriculum?: string | Record<string, unknown> | null;
  camera?: "simulator" | "physical";
  seed?: number;
  cars?: number;
  max_minutes?: number | null;
  max_steps?: number | null;
  max_episodes?: number | null;
  stop_after_clean_laps?: number | null;
  /** the reward of a step at which the function fails; null: the first failure ends the training */
  reward_error_floor?: number | null;
  /** with a floor: so many failures end the training all the same */
  max_reward_errors?: number;
}

/** One row of a discrete action space; the numbers are JSON numbers, as the original never converted text. */
export interface DiscreteAction {
  /** degrees, positive is left */
  steering_angle: number;
  /** metres per second */
  speed: number;
}

/** A road to make a track of, or with `dry_run` to look at. */
export interface DrawTrack {
  /** what to call the track; only a dry run does without */
  name: string | null;
  /** its name for people; without one its name */
  title?: string;
  description?: string;
  /** of a smooth loop, [x, y] in metres, in driving order; it starts at the first */
  points: number[][];
  /** from border to border */
  width_m: number;
  /** store nothing, say what would become of it */
  dry_run?: boolean;
}

/** What becomes of a drawing: the smoothed road, its lines lists of [x, y] in metres, and what is wrong with it. */
export interface DrawnTrack {
  usable: boolean;
  findings: TrackFinding[];
  length_m: number;
  min_radius_m: number | null;
  centre: number[][];
  inner: number[][];
  outer: number[][];
  track: TrackView | null;
}

/** What every failed request answers with. */
export interface ErrorBody {
  code: string;
  message: string;
  field: string | null;
  line: number | null;
  request_id: string;
}

/** The evaluations of a model, the newest first. */
export interface EvaluationPage {
  evaluations: EvaluationView[];
  next_token: string | null;
}

/** What an evaluation may choose of a race. */
export interface EvaluationRace {
  /** an empty road, boxes to avoid, other cars that drive, or another model's car */
  race_type?: "TIME_TRIAL" | "OBJECT_AVOIDANCE" | "HEAD_TO_BOT" | "HEAD_TO_MODEL";
  /** boxes on the road of OBJECT_AVOIDANCE */
  number_of_obstacles?: number;
  /** metres along the centre line from box to box */
  min_distance_between_obstacles?: number;
  /** draw other places and lanes for every episode, from the seed */
  randomize_obstacle_locations?: boolean;
  /** fixed boxes, each "share of the lap,lane" with lane -1 outer and any other integer inner; they overrule number and randomization */
  object_positions?: string[];
  /** standing cars instead of boxes */
  is_obstacle_bot_car?: boolean;
  /** other cars on the road of HEAD_TO_BOT */
  number_of_bot_cars?: number;
  /** metres along the centre line from car to car at the start */
  min_distance_between_bot_cars?: number;
  /** draw other places and lanes for every episode, from the seed */
  randomize_bot_car_locations?: boolean;
  /** m/s along the centre line */
  bot_car_speed?: number;
  /** the other cars change lanes now and then, from the seed */
  is_lane_change?: boolean;
  /** at least so many seconds in a lane before it is changed */
  lower_lane_change_time?: number;
  /** at most so many seconds in a lane */
  upper_lane_change_time?: number;
  /** metres that a change of lanes takes */
  lane_change_distance?: number;
  /** metres along the centre line that the other model's car of HEAD_TO_MODEL starts ahead; below 0 behind */
  opponent_distance?: number;
  /** where both start within a metre of each other, the lane of the other model's car: -1 outer, 1 inner; one's own starts in the other one */
  opponent_lane?: -1 | 1;
  /** share of the lap from the track's first row */
  start_position_offset?: number;
  /** laps follow each other without a stop; otherwise each begins at rest at the line */
  is_continuous?: boolean;
  /** how often in an attempt the car is set back on the road after a fault; 0: the first one ends it */
  number_of_resets?: number;
  /** seconds that leaving the track, or driving backwards, costs */
  off_track_penalty?: number;
  /** seconds that a crash costs */
  collision_penalty?: number;
}

/** An evaluation: a job, and its laps when they have been driven. */
export interface EvaluationView {
  id: string;
  kind: JobKind;
  model_id: string;
  status: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  attempt: number;
  queue_position: number | null;
  expected_start_at: string | null;
  waiting_for: string | null;
  progress: Record<string, unknown>;
  message: string | null;
  fault: string | null;
  detail: Record<string, unknown> | null;
  result: Record<string, unknown> | null;
  track: string;
  checkpoint: string;
  trials: number;
  laps: LapRecord[];
  race: EvaluationRace;
  reverse: boolean;
  seed: number;
  opponent: OpponentView | null;
  verdict: Verdict | null;
}

/** One thing that happened to a job. */
export interface Event {
  id: number;
  owner: string;
  job_id: string;
  model_id: string;
  attempt: number;
  at: string;
  event: EventName;
  state: JobState;
  detail: Record<string, unknown>;
}

/** What an event tells: a transition (the names of ``JobEvent``), a submission, or a wish. */
export type EventName = "SUBMIT" | "CLAIM" | "SUCCEED" | "FAIL" | "RETRY" | "LOSE_LEASE" | "CANCEL" | "PAUSE" | "RESUME" | "WISH_CANCEL" | "WISH_PAUSE";

/** All shipped reward functions. */
export interface ExampleList {
  examples: ExampleView[];
}

/** A shipped reward function. */
export interface ExampleView {
  name: string;
  title: string;
  text: string;
}

/** The files that can be made of a trained network. */
export type ExportFormat = "car" | "onnx" | "tflite";

/** The files that were made of the model's checkpoints. */
export interface ExportList {
  exports: ExportView[];
  /** why no archive for the physical car can be made; null: it can */
  why_not_on_the_car: string | null;
}

/** What was written, and how it compares with the network it was made of. */
export interface ExportReport {
  format_version?: 1;
  format: ExportFormat;
  checkpoint: string;
  /** of the checkpoint's weights */
  weights_sha256: string;
  file: string;
  /** bytes */
  size: number;
  sha256: string;
  network: string;
  sensors: string[];
  action_space_type: "discrete" | "continuous";
  /** names in the file, in the order of the sensors */
  inputs: string[];
  output: string;
  /** of driven laps on which the file, read back, was compared */
  frames: number;
  /** share of the frames on which the most probable action is the same; of continuous actions, on which none differs by more than a hundredth of its range */
  agreement: number;
  /** of any probability, or of a continuous action in [-1, 1] */
  largest_difference: number;
  /** to write the file and to test it */
  seconds: number;
}

/** A file that was made of a checkpoint, and what its test found. */
export interface ExportView {
  /** of the asset */
  name: string;
  report: ExportReport;
}

/** What a finding is about; all but WARNING make the function unusable. */
export type FindingKind = "SYNTAX_ERROR" | "IMPORT_ERROR" | "TEST_FAILURE" | "WARNING";

/** One thing to tell the user. */
export interface FindingView {
  kind: FindingKind;
  /** a name for programs; docs/reward_functions.md lists them */
  rule: string;
  /** what was expected, what came, what to do */
  message: string;
  /** 1-based */
  line: number | null;
  /** 1-based, in characters */
  column: number | null;
  /** the text of that line */
  code: string | null;
  /** what the state shows */
  place: string | null;
  /** the state that showed it */
  params: Record<string, unknown> | null;
}

/** What an import made of an archive. What an archive says of laps is no part of it: that proves nothing. */
export interface ImportReport {
  origin: string;
  file: string;
  sha256: string;
  taken: string[];
  not_taken: NotTakenView[];
  has_weights: boolean;
}

/** One decision: what the car saw, what it made of it, and what it then did. */
export interface InsightStep {
  /** of the lap, the first is 1; row `step - 1` of the lap's step trace */
  step: number;
  /** simulated seconds since the episode began */
  time_s: number;
  x_m: number;
  y_m: number;
  yaw_deg: number;
  /** percent of the lap */
  progress: number;
  /** measured */
  speed_mps: number;
  /** the grey on-board picture, every pixel as the network got it: WebP, base64 */
  frame: string;
  /** `rows` times `columns` signed bytes row by row from the top left, base64: what each cell of the picture adds to the log-probability of the chosen action, 127 for `strongest` */
  saliency: string;
  /** largest absolute share of a cell, in natural units of log-probability */
  strongest: number;
  /** of each action; null for continuous actions */
  probabilities: number[] | null;
  /** index of the chosen action; null for continuous actions */
  action: number | null;
  /** chosen, left is positive */
  steering_angle_deg: number;
  chosen_speed_mps: number;
  /** standard deviation; null for discrete actions */
  steering_deviation_deg: number | null;
  /** standard deviation; null for discrete actions */
  speed_deviation_mps: number | null;
  /** discounted reward that the value network expects from here on */
  value: number;
}

/** The ends of one continuous action. */
export interface Interval {
  high: number;
  low: number;
}

/** A job with everything that happened to it, oldest first. */
export interface JobDetail {
  id: string;
  kind: JobKind;
  model_id: string;
  status: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  attempt: number;
  queue_position: number | null;
  expected_start_at: string | null;
  waiting_for: string | null;
  progress: Record<string, unknown>;
  message: string | null;
  fault: string | null;
  detail: Record<string, unknown> | null;
  result: Record<string, unknown> | null;
  events: Event[];
}

/** What a job does. */
export type JobKind = "TRAIN" | "EVALUATE" | "EXPORT" | "IMPORT";

/** Some jobs, and where the next ones begin. */
export interface JobPage {
  jobs: JobView[];
  next_token: string | null;
}

/** Where a job is. */
export type JobState = "QUEUED" | "RUNNING" | "PAUSED" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** A job as clients see it; statuses are those of DeepRacer on AWS. */
export interface JobView {
  id: string;
  kind: JobKind;
  model_id: string;
  status: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  attempt: number;
  queue_position: number | null;
  expected_start_at: string | null;
  waiting_for: string | null;
  progress: Record<string, unknown>;
  message: string | null;
  fault: string | null;
  detail: Record<string, unknown> | null;
  result: Record<string, unknown> | null;
}

/** What a policy made of each picture of a lap. */
export interface LapInsight {
  format_version?: 1;
  lap: number;
  /** the laps of this evaluation that can be looked into */
  laps: number[];
  track: string;
  checkpoint: string;
  width_px: number;
  height_px: number;
  columns: number;
  rows: number;
  action_space: DiscreteAction[] | ContinuousActions;
  steps: InsightStep[];
}

/** One lap or attempt at a lap. */
export interface LapRecord {
  trial: number;
  time_s: number;
  progress: number;
  steps: number;
  outcome: Outcome;
  off_tracks?: number;
  crashes?: number;
  resets?: number;
  penalty_s?: number;
}

/** ``console``: as AWS's console gave logs to download; ``drfc``: as DeepRacer-for-Cloud has them in its bucket. */
export type Layout = "console" | "drfc";

/** One line that a job has printed. */
export interface LogLine {
  number: number;
  attempt: number;
  at: string;
  text: string;
}

/** Lines in order; ask again with the last one's number for more. */
export interface LogPage {
  job_id: string;
  lines: LogLine[];
}

/** A model with its specification and its jobs, the newest first. */
export interface ModelDetail {
  id: string;
  name: string;
  description: string;
  tags: string[];
  status: ModelStatus;
  created_at: string;
  updated_at: string;
  track: string;
  parent_id: string | null;
  parent_checkpoint: string | null;
  best_checkpoint: string | null;
  last_checkpoint: string | null;
  best_lap_time_s: number | null;
  spec: Record<string, unknown>;
  jobs: JobView[];
  imported: ImportReport | null;
}

/** Some models, and where the next ones begin. */
export interface ModelPage {
  models: ModelView[];
  next_token: string | null;
}

/** What a list of models is sorted by. */
export type ModelSort = "CREATED_AT" | "NAME" | "STATUS" | "BEST_LAP_TIME";

/** What a model is doing; always follows from its jobs. */
export type ModelStatus = "QUEUED" | "TRAINING" | "EVALUATING" | "STOPPING" | "PAUSED" | "READY" | "ERROR";

/** A model as clients see it. */
export interface ModelView {
  id: string;
  name: string;
  description: string;
  tags: string[];
  status: ModelStatus;
  created_at: string;
  updated_at: string;
  track: string;
  parent_id: string | null;
  parent_checkpoint: string | null;
  best_checkpoint: string | null;
  last_checkpoint: string | null;
  best_lap_time_s: number | null;
}

/** Something that an import did not take over. */
export interface NotTakenView {
  name: string;
  reason: string;
}

/** Rows in the order in which they were driven; none for an empty road. */
export interface ObjectsAnswer {
  rows: ObjectsRow[];
}

/** What is on the road from this step of an episode on, until the next row of the same episode. */
export interface ObjectsRow {
  episode: number;
  steps: number;
  objects: RoadObjectView[];
}

/** Whom an evaluation races against, and its laps when they have been driven. */
export interface OpponentView {
  model_id: string | null;
  name: string;
  checkpoint: string;
  laps: LapRecord[];
}

/** What an instant of an episode is; the values are the original's ``episode_status``. */
export type Outcome = "prepare" | "in_progress" | "lap_complete" | "off_track" | "crashed" | "reversed" | "immobilized" | "time_up" | "pause";

/** Places over the road, lane by lane at each place along the lap, and what each is paid in each heading. */
export interface PaintedGrid {
  n_along: number;
  /** in halves of the road's width, positive to the left */
  lanes: number[];
  /** against the direction of the road, positive to the left */
  headings_deg: number[];
  /** m; n_along times as many as lanes */
  x: number[];
  /** m */
  y: number[];
  /** heading by heading */
  reward: ((number | null)[])[];
  /** heading by heading; as a lap's */
  params: (Record<string, unknown[]>)[] | null;
}

/** A lap with what each of its steps is paid; all lists have the same length. */
export interface PaintedLap {
  /** `centre`, `left`, `right`, `zigzag`, `cutting` or `recorded` */
  name: string;
  title: string;
  /** m, the front of the car */
  x: number[];
  /** m */
  y: number[];
  /** null where the function failed or there was no time */
  reward: (number | null)[];
  total: number | null;
  /** per step */
  mean: number | null;
  steps: number;
  /** simulated */
  time_s: number;
  /** percent, at the last step */
  progress: number;
  complete: boolean;
  /** by name, a value per step; objects and waypoints left out */
  params: Record<string, unknown[]> | null;
}

/** One part of the service and how it is. */
export interface Part {
  name: string;
  is_healthy: boolean;
  message: string;
  milliseconds: number;
}

/** What a check finds, and what the function pays. */
export interface PreviewAnswer {
  usable: boolean;
  findings: FindingView[];
  calls: number;
  min_reward: number | null;
  mean_reward: number | null;
  max_reward: number | null;
  microseconds_per_call: number | null;
  /** what the function printed, or the beginning of it */
  printed: string;
  laps: PaintedLap[];
  grid: PaintedGrid;
  /** the smallest reward of laps and grid */
  low: number | null;
  high: number | null;
  /** 2 % of the rewards are smaller: where a scale of colours may begin */
  scale_low: number | null;
  scale_high: number | null;
  /** of the race, at the start of a lap and after each step; one entry where nothing moves, none for an empty road; null without with_params */
  objects: RoadObjectView[][] | null;
  /** a sentence where not everything could be tried in time */
  cut: string | null;
}

/** A reward function to paint. */
export interface PreviewRequest {
  /** the source text */
  reward_function: string;
  /** a name that GET /tracks lists */
  track?: string;
  /** drive the track against the order of its rows */
  reverse?: boolean;
  /** shown beside the five sample laps */
  laps: RecordedLap[];
  /** whose objects are on the road; null: none where it is painted, made-up ones where it is checked */
  race: TrainingRace | null;
  /** add what the function was told in every step and place, and what is on the road */
  with_params?: boolean;
  /** of the training: the function is tried where its first stage drives; null: on track */
  curriculum: string | Record<string, unknown> | null;
}

/** All that `randomisation` takes. */
export interface RandomisationList {
  presets: RandomisationPreset[];
  ranges: RangeView[];
}

/** A name that `randomisation` takes. */
export interface RandomisationPreset {
  name: string;
  /** lower and upper end of every range */
  ranges: Record<string, number[]>;
}

/** A range that `randomisation` takes. */
export interface RangeView {
  name: string;
  description: string;
  /** `x`: a factor; `deg`, `steps` of 1/15 s, `m`, `share`, `px`, `grey` levels */
  unit: string;
  /** no end is below it */
  low: number;
  /** no end is above it */
  high: number;
  /** both ends where it is left out */
  specified: number;
  /** its ends are whole numbers */
  is_whole: boolean;
}

/** Whether the service can work. */
export interface Readiness {
  is_ready: boolean;
  version: string;
  parts: Part[];
}

/** A lap that an evaluation of one's own has driven on the same track. */
export interface RecordedLap {
  /** the model's id */
  model: string;
  /** the evaluation's id */
  evaluation: string;
  /** the first is 1 */
  lap: number;
}

/** A box or another car, at one instant. */
export interface RoadObjectView {
  kind: "box" | "car";
  x: number;
  y: number;
  yaw: number;
  length: number;
  width: number;
  height: number;
  speed: number;
}

/** One of several tracks of a training. */
export interface RoadWish {
  /** a name that GET /tracks lists */
  track: string;
  /** its share of the cars, beside the other weights */
  weight?: number;
  /** the direction; null: as reverse of the training */
  reverse?: boolean | null;
}

/** Rows in order; ask again with the last one's number for more. */
export interface Rows {
  rows: (Record<string, unknown>)[];
}

/** What to do where no wall can be put up around a reward function. */
export type SandboxPolicy = "required" | "preferred";

/** What stands around a reward function on the machine of the API. */
export interface SandboxView {
  policy: SandboxPolicy;
  is_safe: boolean;
  message: string;
  layers: string[];
  missing: string[];
  open_probes: string[];
  probes: number;
  system_calls: number | null;
}

/** What may be changed while the service runs. */
export interface ServiceSettings {
  /** jobs side by side in each runner; null: as it was started */
  slots: number | null;
}

/** Step traces in order; ask again with the last one's number for more. */
export interface TraceList {
  traces: TraceView[];
}

/** Steps in order; ask again with the last one's `row` for more. */
export interface TracePage {
  rows: TraceRow[];
}

/** One step: the columns of the CSV under their original names. */
export interface TraceRow {
  /** 0-based place among the rows asked for; the only one that the CSV does not have */
  row: number;
  /** 0-based, in the order in which episodes began */
  episode: number;
  /** of the episode; 1 is the instant at its start, when the car stands */
  steps: number;
  /** m */
  X: number;
  /** m */
  Y: number;
  /** degrees */
  yaw: number;
  /** degrees, left is positive */
  steer: number;
  /** commanded speed in m/s */
  throttle: number;
  /** index of a discrete action, or `[steering speed]` */
  action: string;
  reward: number;
  /** whether the episode ended with this step */
  done: boolean;
  all_wheels_on_track: boolean;
  /** percent of the lap */
  progress: number;
  /** index of the nearest waypoint */
  closest_waypoint: number;
  /** m */
  track_len: number;
  /** simulated seconds since the episode began */
  tstamp: number;
  episode_status: Outcome;
  /** s; the penalty that passed in this step */
  pause_duration: number;
  /** crashes of the episode so far */
  obstacle_crash_counter: number;
  /** seconds since 1970 */
  wall_clock: number;
  /** m/s; the original's traces do not have it */
  measured_speed: number;
}

/** A step trace that can be read. */
export interface TraceView {
  kind: "training" | "evaluation";
  number: number;
  steps: number | null;
  episodes: number | null;
  size: number;
}

/** A track with its lines, each a list of [x, y] in metres. */
export interface TrackDetail {
  name: string;
  title: string;
  description: string;
  length_m: number;
  width_m: number;
  direction: string;
  min_radius_m: number | null;
  n_waypoints: number;
  author: string;
  licence: string;
  is_builtin: boolean;
  centre: number[][];
  inner: number[][];
  outer: number[][];
  is_closed: boolean;
}

/** Something to mend on a drawn road (`error`), or to know (`warning`). */
export interface TrackFinding {
  kind: "error" | "warning";
  rule: string;
  message: string;
  x_m: number | null;
  y_m: number | null;
}

/** All tracks at hand. */
export interface TrackList {
  tracks: TrackView[];
}

/** A track's measures. */
export interface TrackView {
  name: string;
  title: string;
  description: string;
  length_m: number;
  width_m: number;
  direction: string;
  min_radius_m: number | null;
  n_waypoints: number;
  author: string;
  licence: string;
  is_builtin: boolean;
}

/** What a training may choose of a race. */
export interface TrainingRace {
  /** an empty road, boxes to avoid, other cars that drive, or another model's car */
  race_type?: "TIME_TRIAL" | "OBJECT_AVOIDANCE" | "HEAD_TO_BOT" | "HEAD_TO_MODEL";
  /** boxes on the road of OBJECT_AVOIDANCE */
  number_of_obstacles?: number;
  /** metres along the centre line from box to box */
  min_distance_between_obstacles?: number;
  /** draw other places and lanes for every episode, from the seed */
  randomize_obstacle_locations?: boolean;
  /** fixed boxes, each "share of the lap,lane" with lane -1 outer and any other integer inner; they overrule number and randomization */
  object_positions?: string[];
  /** standing cars instead of boxes */
  is_obstacle_bot_car?: boolean;
  /** other cars on the road of HEAD_TO_BOT */
  number_of_bot_cars?: number;
  /** metres along the centre line from car to car at the start */
  min_distance_between_bot_cars?: number;
  /** draw other places and lanes for every episode, from the seed */
  randomize_bot_car_locations?: boolean;
  /** m/s along the centre line */
  bot_car_speed?: number;
  /** the other cars change lanes now and then, from the seed */
  is_lane_change?: boolean;
  /** at least so many seconds in a lane before it is changed */
  lower_lane_change_time?: number;
  /** at most so many seconds in a lane */
  upper_lane_change_time?: number;
  /** metres that a change of lanes takes */
  lane_change_distance?: number;
  /** metres along the centre line that the other model's car of HEAD_TO_MODEL starts ahead; below 0 behind */
  opponent_distance?: number;
  /** where both start within a metre of each other, the lane of the other model's car: -1 outer, 1 inner; one's own starts in the other one */
  opponent_lane?: -1 | 1;
  /** where training episodes begin; evaluation always begins at the offset */
  start_position?: "round_robin" | "random" | "fixed";
  /** share of the lap from the track's first row */
  start_position_offset?: number;
  /** share of the lap from start to start */
  round_robin_advance_dist?: number;
  /** turn round after every training episode */
  alternate_driving_direction?: boolean;
}

/** What may be changed of a model. */
export interface UpdateModel {
  name: string | null;
  description: string | null;
  tags: string[] | null;
}

/** How much room one's files take in the artifact store. */
export interface Usage {
  total_bytes: number;
  bytes_by_kind: Record<string, number>;
}

/** Who has won a race of the type ``HEAD_TO_MODEL``. */
export interface Verdict {
  winner: "model" | "opponent" | "nobody";
  reason: string;
  margin_s: number | null;
}

/** What each route answers when it succeeds. */
export interface Answers {
  "DELETE /api/v1/models/{model_id}": null;
  "DELETE /api/v1/tracks/{name}": null;
  "GET /api/v1/events": string;
  "GET /api/v1/jobs": JobPage;
  "GET /api/v1/jobs/queue": JobPage;
  "GET /api/v1/jobs/{job_id}": JobDetail;
  "GET /api/v1/jobs/{job_id}/events": string;
  "GET /api/v1/jobs/{job_id}/logs": LogPage;
  "GET /api/v1/models": ModelPage;
  "GET /api/v1/models/{model_id}": ModelDetail;
  "GET /api/v1/models/{model_id}/archive": string;
  "GET /api/v1/models/{model_id}/assets": AssetList;
  "GET /api/v1/models/{model_id}/assets/evaluation-logs": string;
  "GET /api/v1/models/{model_id}/assets/physical-car": string;
  "GET /api/v1/models/{model_id}/assets/training-logs": string;
  "GET /api/v1/models/{model_id}/assets/{name}": string;
  "GET /api/v1/models/{model_id}/checkpoints": CheckpointList;
  "GET /api/v1/models/{model_id}/episodes": Rows;
  "GET /api/v1/models/{model_id}/episodes/{number}/trace": TracePage;
  "GET /api/v1/models/{model_id}/episodes/{number}/trace.csv": string;
  "GET /api/v1/models/{model_id}/evaluations": EvaluationPage;
  "GET /api/v1/models/{model_id}/evaluations/{evaluation_id}": EvaluationView;
  "GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/insight": LapInsight;
  "GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/objects": ObjectsAnswer;
  "GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/trace": TracePage;
  "GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/trace.csv": string;
  "GET /api/v1/models/{model_id}/export": string;
  "GET /api/v1/models/{model_id}/exports": ExportList;
  "GET /api/v1/models/{model_id}/logs": LogPage;
  "GET /api/v1/models/{model_id}/metrics": Rows;
  "GET /api/v1/models/{model_id}/reward-function": string;
  "GET /api/v1/models/{model_id}/traces": TraceList;
  "GET /api/v1/models/{model_id}/traces/{kind}/{number}": TracePage;
  "GET /api/v1/models/{model_id}/traces/{kind}/{number}.csv": string;
  "GET /api/v1/models/{model_id}/traces/{kind}/{number}/objects": ObjectsAnswer;
  "GET /api/v1/models/{model_id}/training-evaluations": Rows;
  "GET /api/v1/randomisations": RandomisationList;
  "GET /api/v1/reward-functions/examples": ExampleList;
  "GET /api/v1/sandbox": SandboxView;
  "GET /api/v1/settings": ServiceSettings;
  "GET /api/v1/tracks": TrackList;
  "GET /api/v1/tracks/{name}": TrackDetail;
  "GET /api/v1/tracks/{name}/picture": string;
  "GET /api/v1/usage": Usage;
  "GET /healthz": Record<string, string>;
  "GET /login": null;
  "GET /metrics": string;
  "GET /readyz": Readiness;
  "PATCH /api/v1/models/{model_id}": ModelView;
  "PATCH /api/v1/settings": ServiceSettings;
  "POST /api/v1/clean-up": CleanedUp;
  "POST /api/v1/jobs/{job_id}/cancel": JobView;
  "POST /api/v1/jobs/{job_id}/pause": JobView;
  "POST /api/v1/jobs/{job_id}/resume": JobView;
  "POST /api/v1/links": Record<string, string>;
  "POST /api/v1/models": ModelDetail;
  "POST /api/v1/models/import": ModelDetail;
  "POST /api/v1/models/{model_id}/clone": ModelDetail;
  "POST /api/v1/models/{model_id}/evaluations": EvaluationView;
  "POST /api/v1/models/{model_id}/exports": JobView;
  "POST /api/v1/models/{model_id}/pause": JobView;
  "POST /api/v1/models/{model_id}/resume": JobView;
  "POST /api/v1/models/{model_id}/stop": JobView;
  "POST /api/v1/reward-functions/check": CheckAnswer;
  "POST /api/v1/reward-functions/preview": PreviewAnswer;
  "POST /api/v1/tracks": TrackView;
  "POST /api/v1/tracks/drawn": DrawnTrack;
}
