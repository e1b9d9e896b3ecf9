/** The lines in which two texts differ, with some around them. */

export interface DiffLine {
  kind: "same" | "removed" | "added" | "gap";
  text: string;
}

const AROUND = 2;
/** Beyond so many pairs of lines all of the old text is shown as removed and all of the new one as added. */
const MOST_PAIRS = 4_000_000;

/** Returns what leads from one text to the other; empty where they are equal. */
export function diffOf(before: string, after: string): DiffLine[] {
  if (before === after) return [];
  const [old, now] = [before.split("\n"), after.split("\n")];
  if (old.length * now.length > MOST_PAIRS) return [...old.map((text) => ({ kind: "removed" as const, text })), ...now.map((text) => ({ kind: "added" as const, text }))];
  return shortened(aligned(old, now));
}

/** Walks along a longest common subsequence of lines. */
function aligned(old: string[], now: string[]): DiffLine[] {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--)
    for (let k = now.length - 1; k >= 0; k--)
      lengths[i * width + k] =
        old[i] === now[k] ? lengths[(i + 1) * width + k + 1]! + 1 : Math.max(lengths[(i + 1) * width + k]!, lengths[i * width + k + 1]!);
  const lines: DiffLine[] = [];
  let [i, k] = [0, 0];
  while (i < old.length || k < now.length) {
    if (i < old.length && k < now.length && old[i] === now[k]) {
      lines.push({ kind: "same", text: old[i]! });
      i++;
      k++;
    } else if (i < old.length && (k === now.length || lengths[(i + 1) * width + k]! >= lengths[i * width + k + 1]!)) lines.push({ kind: "removed", text: old[i++]! });
    else lines.push({ kind: "added", text: now[k++]! });
  }
  return lines;
}

/** Leaves out what is far from any change. */
function shortened(lines: DiffLine[]): DiffLine[] {
  const isNear = lines.map((_, i) => lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(({ kind }) => kind !== "same"));
  return lines.flatMap((line, i) => (isNear[i] ? [line] : isNear[i - 1] || i === 0 ? [{ kind: "gap" as const, text: "…" }] : []));
}
