import type { JobKind } from "./api/types";

/** Numbers and times as people read them, always with their unit. */

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const DATE_TIME = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
export const NOTHING = "–";

type Maybe = number | null | undefined;

export const count = (value: Maybe): string => (value == null ? NOTHING : NUMBER.format(value));

/** 3 → "3 laps", 1 → "1 lap". */
export const plural = (value: number, word: string): string => `${count(value)} ${word}${value === 1 ? "" : "s"}`;

export const metres = (value: Maybe, digits = 1): string => (value == null ? NOTHING : `${value.toFixed(digits)} m`);

export const percent = (value: Maybe): string => (value == null ? NOTHING : `${value.toFixed(value >= 99.95 || value === 0 ? 0 : 1)} %`);

export const lapTime = (seconds: Maybe): string => (seconds == null ? NOTHING : `${seconds.toFixed(3)} s`);

export const decimal = (value: Maybe, digits = 2): string => (value == null ? NOTHING : value.toFixed(digits));

/** 75 → "1 min 15 s". */
export function duration(seconds: Maybe): string {
  if (seconds == null) return NOTHING;
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

export function bytes(value: Maybe): string {
  if (value == null) return NOTHING;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [size, i] = [value, 0];
  while (size >= 1000 && i < units.length - 1) [size, i] = [size / 1000, i + 1];
  return `${size.toFixed(i === 0 || size >= 100 ? 0 : 1)} ${units[i]}`;
}

export const dateTime = (text: string | null | undefined): string => (text ? DATE_TIME.format(new Date(text)) : NOTHING);

/** "3 minutes ago", "in 2 hours". */
export function relative(text: string | null | undefined, now = Date.now()): string {
  if (!text) return NOTHING;
  const seconds = (new Date(text).getTime() - now) / 1000;
  const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 0 ? "in less than a minute" : "just now";
}

/** "off_track" → "Off track". */
export function words(name: string | null | undefined): string {
  if (!name) return NOTHING;
  const text = name.replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const JOB_NAMES: Record<JobKind, string> = { TRAIN: "Training", EVALUATE: "Evaluation", EXPORT: "Export", IMPORT: "Import" };

/** What a job of this kind is called. */
export function jobName(kind: JobKind): string {
  return JOB_NAMES[kind];
}
