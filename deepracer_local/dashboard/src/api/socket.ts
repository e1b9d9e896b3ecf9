/** A WebSocket of events that comes back by itself and then goes on after the last event that it saw. */
import type { Event, LogLine, RoadObjectView } from "./types";

export interface CarState {
  car: number;
  x: number;
  y: number;
  /** Degrees, counter-clockwise from the x axis. */
  yaw: number;
  /** m/s */
  speed: number;
  /** Degrees, left is positive. */
  steering: number;
  reward: number;
  /** Percent of the lap. */
  progress: number;
  steps: number;
  /** What is on the road that it drives on; left out where that is empty. */
  objects?: RoadObjectView[];
}

export interface Telemetry {
  job_id: string;
  model_id: string;
  number: number;
  /** The service's clock when the cars were there: seconds since 1970. */
  at_s: number;
  phase: string;
  cars: CarState[];
}

/** What a running job says of itself; which fields there are depends on its kind. */
export interface Progress {
  job_id: string;
  model_id: string;
  phase?: string;
  total_steps?: number;
  iterations?: number;
  episodes?: number;
  training_seconds?: number;
  mean_reward?: number | null;
  mean_progress?: number | null;
  best_progress?: number | null;
  best_lap_time_s?: number | null;
  clean_laps_in_a_row?: number;
  laps?: number;
  planned_laps?: number;
  /** Of a curriculum: the present stage, counted from 1. */
  stage?: number;
  stages?: number;
  stage_name?: string;
  /** Stages that were left, and whose completion has fallen since. */
  forgotten_stages?: number[];
}

export type LiveMessage =
  | { event: "job"; id: number; data: Event }
  | { event: "models"; id: null; data: { version: string } }
  | { event: "progress"; id: null; data: Progress }
  | { event: "telemetry"; id: null; data: Telemetry }
  | { event: "log"; id: null; data: { job_id: string; lines: LogLine[] } };

/** `ended`: the service has told everything; `refused`: the sign-in is not valid any more. */
export type LinkState = "connecting" | "open" | "waiting" | "ended" | "refused";

const POLICY_VIOLATION = 1008;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 8_000;

export class EventSocket {
  /** The last event's id; null before the first one. */
  lastId: number | null = null;
  private socket: WebSocket | null = null;
  private pauseMs = FIRST_PAUSE_MS;
  private timer = 0;
  private isClosed = false;

  /** `queryOf` is asked at every attempt: what has been seen by then is part of the address. */
  constructor(
    private readonly path: string,
    private readonly onMessage: (message: LiveMessage) => void,
    private readonly onState: (state: LinkState) => void,
    private readonly queryOf: () => Record<string, number> = () => ({}),
    private readonly onPicture: (picture: Blob) => void = () => undefined,
  ) {
    window.addEventListener("online", this.retryNow);
    this.connect();
  }

  close(): void {
    this.isClosed = true;
    window.removeEventListener("online", this.retryNow);
    window.clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Asks the service for something; false where there is no connection now. */
  send(question: Record<string, unknown>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(question));
    return true;
  }

  /** Comes back at once where it waits for its next attempt. */
  readonly retryNow = (): void => {
    if (this.isClosed || this.socket !== null) return;
    window.clearTimeout(this.timer);
    this.connect();
  };

  private connect(): void {
    const address = new URL(this.path, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const query = { ...(this.lastId === null ? {} : { after: this.lastId }), ...this.queryOf() };
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
    this.onState("connecting");
    const socket = new WebSocket(address);
    this.socket = socket;
    let hasOpened = false;
    socket.onopen = () => {
      hasOpened = true;
      this.pauseMs = FIRST_PAUSE_MS;
      this.onState("open");
    };
    socket.onmessage = ({ data }) => {
      if (data instanceof Blob) this.onPicture(data);
      if (typeof data !== "string") return;
      const message = JSON.parse(data) as LiveMessage;
      if (message.id !== null) this.lastId = message.id;
      this.onMessage(message);
    };
    socket.onclose = ({ code }) => void this.onClosed(code, hasOpened);
  }

  private async onClosed(code: number, hasOpened: boolean): Promise<void> {
    this.socket = null;
    if (this.isClosed) return;
    // A browser does not say why a WebSocket was not opened; the same question over HTTP is answered.
    const isRefused = code === POLICY_VIOLATION || (!hasOpened && (await isSignedOut()));
    if (this.isClosed) return;
    if (code === 1000 || isRefused) {
      this.isClosed = true;
      this.onState(isRefused ? "refused" : "ended");
      return;
    }
    this.onState("waiting");
    this.timer = window.setTimeout(() => this.connect(), this.pauseMs * (0.75 + Math.random() / 2));
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

async function isSignedOut(): Promise<boolean> {
  try {
    return (await fetch("/api/v1/settings")).status === 401;
  } catch {
    return false;
  }
}
