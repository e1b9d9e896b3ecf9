/** What is pushed: one connection for the whole page, and the state that it keeps up to date. Nothing is polled. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";

import { type Leaders, leadersOf } from "./leader";
import { EventSocket, type LinkState, type LiveMessage, type Progress, type Telemetry } from "./socket";
import type { Event } from "./types";

type Listener = () => void;

/** Where a job's cars are and were a moment ago, and the number of the one that is furthest on each track. */
export interface Seen {
  current: Telemetry;
  previous: Telemetry | null;
  atMs: number;
  leaders: Leaders;
}

/** The newest progress and telemetry of each running job, and how the connection is. */
export class LiveStore {
  state: LinkState = "connecting";
  /** Another one after any model was made, changed or deleted; kept over a broken connection. */
  models: string | null = null;
  readonly telemetry = new Map<string, Seen>();
  private readonly progress = new Map<string, Progress>();
  private readonly listeners = new Set<Listener>();
  private readonly eventListeners = new Set<(event: Event) => void>();
  private readonly frameListeners = new Set<(picture: Blob) => void>();
  private socket: EventSocket | null = null;

  readonly subscribe = (listener: Listener): Listener => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  onEvent(listener: (event: Event) => void): Listener {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  onFrame(listener: (picture: Blob) => void): Listener {
    this.frameListeners.add(listener);
    return () => this.frameListeners.delete(listener);
  }

  /** Asks for what a car's network sees, for the next seconds; false where there is no connection now. */
  wantFrame(jobId: string, car: number): boolean {
    return this.socket?.send({ job_id: jobId, frame: car }) ?? false;
  }

  /** Through this connection questions go to the service. */
  connectTo(socket: EventSocket | null): void {
    this.socket = socket;
  }

  readonly takeFrame = (picture: Blob): void => {
    for (const listener of this.frameListeners) listener(picture);
  };

  /** Returns the number of the car that is furthest on a track of a job; null while nothing drives there. */
  leaderOf(jobId: string, road: string | null): number | null {
    const leaders = this.telemetry.get(jobId)?.leaders;
    return leaders?.get(road ?? "") ?? leaders?.get("") ?? null;
  }

  progressOf(jobId: string): Progress | undefined {
    return this.progress.get(jobId);
  }

  setState(state: LinkState): void {
    this.state = state;
    this.tell();
  }

  /** Takes a message in; returns the progress that it replaces. */
  take(message: LiveMessage): Progress | undefined {
    if (message.event === "telemetry") {
      const before = this.telemetry.get(message.data.job_id);
      const isOn = before?.current.phase === message.data.phase;
      const leaders = leadersOf(message.data.cars, isOn ? before.leaders : null);
      this.telemetry.set(message.data.job_id, { current: message.data, previous: isOn ? before.current : null, atMs: performance.now(), leaders });
      return undefined;
    }
    if (message.event === "progress") {
      const before = this.progress.get(message.data.job_id);
      this.progress.set(message.data.job_id, message.data);
      this.tell();
      return before;
    }
    if (message.event === "job") {
      if (message.data.state !== "RUNNING") this.telemetry.delete(message.data.job_id);
      for (const listener of this.eventListeners) listener(message.data);
    }
    return undefined;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const Live = createContext<LiveStore | null>(null);

/** Connects, and gives what is pushed to the components inside. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const store = useMemo(() => new LiveStore(), []);
  useEffect(() => {
    let hasBeenOpen = false;
    const socket = new EventSocket(
      "/api/v1/events/ws",
      (message) => follow(client, store, message),
      (state) => {
        // Before its first event a connection does not know where it was: ask for everything again.
        if (state === "open" && hasBeenOpen && socket.lastId === null) void client.invalidateQueries();
        hasBeenOpen ||= state === "open";
        store.setState(state);
      },
      undefined,
      store.takeFrame,
    );
    store.connectTo(socket);
    return () => {
      store.connectTo(null);
      socket.close();
    };
  }, [client, store]);
  return <Live.Provider value={store}>{children}</Live.Provider>;
}

export function useLive(): LiveStore {
  const store = useContext(Live);
  if (store === null) throw new Error("useLive is for components inside LiveProvider");
  return store;
}

export function useLinkState(): LinkState {
  const store = useLive();
  return useSyncExternalStore(store.subscribe, () => store.state);
}

/** Returns the newest progress of a job; `known` is what the API said of it before. */
export function useProgress(jobId: string | undefined, known?: Record<string, unknown>): Partial<Progress> {
  const store = useLive();
  const pushed = useSyncExternalStore(store.subscribe, () => (jobId ? store.progressOf(jobId) : undefined));
  return pushed ?? (known as Partial<Progress> | undefined) ?? {};
}

/** Makes outdated what a message says has changed. */
function follow(client: QueryClient, store: LiveStore, message: LiveMessage): void {
  const before = store.take(message);
  const outdated = (...key: string[]) => void client.invalidateQueries({ queryKey: key });
  if (message.event === "job") {
    const { model_id: model, job_id: job } = message.data;
    for (const key of ["models", "jobs", "queue", "usage"]) outdated(key);
    outdated("model", model);
    outdated("job", job);
  } else if (message.event === "models") {
    const { version } = message.data;
    if (store.models !== null && store.models !== version) {
      // By somebody else, or in another window: what is open is looked at again.
      for (const key of ["models", "model", "usage"]) outdated(key);
    }
    store.models = version;
  } else if (message.event === "progress") {
    const { model_id: model, iterations } = message.data;
    if (before === undefined) {
      // The first sign of life: it is not starting any more.
      outdated("model", model);
      outdated("jobs");
    }
    if (before?.iterations !== iterations) {
      outdated("rows", model);
      outdated("model", model, "assets");
    }
    if (before?.best_lap_time_s !== message.data.best_lap_time_s || before?.best_progress !== message.data.best_progress)
      outdated("checkpoints", model);
  }
}
