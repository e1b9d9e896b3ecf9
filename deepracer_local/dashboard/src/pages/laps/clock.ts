/** The time of a replay. It runs by itself and tells who draws; React hears only of what changes rarely. */

export const RATES = [0.25, 0.5, 1, 2, 4, 8] as const;
/** A control step lasts so long. */
export const STEP_S = 1 / 15;

type Listener = () => void;

export class ReplayClock {
  /** Seconds since the laps began. */
  t = 0;
  rate = 1;
  isPlaying = false;
  durationS = 0;
  private readonly drawers = new Set<Listener>();
  private readonly watchers = new Set<Listener>();
  private frame = 0;
  private seenMs = 0;

  /** Calls at every instant that is shown: up to sixty times a second. */
  readonly onFrame = (listener: Listener): Listener => {
    this.drawers.add(listener);
    return () => this.drawers.delete(listener);
  };

  /** Calls when it begins or stops to play, when its rate changes, and when somebody has put it to an instant. */
  readonly onChange = (listener: Listener): Listener => {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  };

  play(): void {
    if (this.isPlaying || this.durationS === 0) return;
    if (this.t >= this.durationS) this.t = 0;
    this.isPlaying = true;
    this.seenMs = performance.now();
    this.frame = window.requestAnimationFrame(this.run);
    this.tell(this.watchers);
  }

  pause(): void {
    window.cancelAnimationFrame(this.frame);
    this.isPlaying = false;
    this.tell(this.drawers);
    this.tell(this.watchers);
  }

  seek(t: number): void {
    this.t = Math.min(Math.max(t, 0), this.durationS);
    this.tell(this.drawers);
    this.tell(this.watchers);
  }

  /** Goes on or back by whole control steps, and stops there. */
  step(steps: number): void {
    if (this.isPlaying) this.pause();
    this.seek((Math.round(this.t / STEP_S) + steps) * STEP_S);
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.tell(this.watchers);
  }

  /** Sets how long the replay is; the instant stays where it can. */
  setDuration(durationS: number): void {
    this.durationS = durationS;
    if (this.t > durationS && durationS > 0) this.t = durationS;
    this.tell(this.drawers);
  }

  private readonly run = (nowMs: number): void => {
    this.t += (Math.max(0, nowMs - this.seenMs) / 1000) * this.rate;
    this.seenMs = nowMs;
    if (this.t >= this.durationS) {
      this.t = this.durationS;
      this.pause();
      return;
    }
    this.tell(this.drawers);
    this.frame = window.requestAnimationFrame(this.run);
  };

  private tell(listeners: Set<Listener>): void {
    for (const listener of listeners) listener();
  }
}
