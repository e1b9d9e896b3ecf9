/** The lines in which two texts differ, as programmers read them. */
import { useMemo } from "react";

import { diffOf } from "./text-diff";

const SIGNS = { same: " ", removed: "−", added: "+", gap: "" };
const SAID = { same: "", removed: "removed: ", added: "added: ", gap: "" };

export function TextDiff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = useMemo(() => diffOf(before, after), [before, after]);
  return (
    <pre className="diff" tabIndex={0} role="region" aria-label={label}>
      {lines.map(({ kind, text }, i) => (
        // Lines may be equal: only the place tells them apart.
        <div key={i} className={kind}>
          <span aria-hidden>{SIGNS[kind]} </span>
          {SAID[kind] && <span className="unseen">{SAID[kind]}</span>}
          {text}
        </div>
      ))}
    </pre>
  );
}
