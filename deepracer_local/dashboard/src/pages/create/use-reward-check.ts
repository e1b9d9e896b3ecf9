/** Tries the reward function while it is written: once the keys rest, and never two trials at a time. */
import { useEffect, useState } from "react";

import { call, messageOf } from "../../api/client";
import type { CheckAnswer } from "../../api/types";
import type { Finding } from "../../parts/code-editor";

const REST_MS = 350;

export type CheckState = { is: "resting" } | { is: "checking" } | { is: "failed"; message: string } | { is: "done"; answer: CheckAnswer };

export function useRewardCheck(text: string, track: string): { state: CheckState; findings: Finding[] } {
  const [state, setState] = useState<CheckState>({ is: "resting" });
  const [findings, setFindings] = useState<Finding[]>([]);
  useEffect(() => {
    if (text.trim() === "" || track === "") {
      setState({ is: "resting" });
      setFindings([]);
      return undefined;
    }
    const abort = new AbortController();
    const timer = window.setTimeout(async () => {
      setState({ is: "checking" });
      try {
        const body = { reward_function: text, track };
        const answer = await call("POST /api/v1/reward-functions/check", { body, signal: abort.signal });
        setFindings(answer.findings);
        setState({ is: "done", answer });
      } catch (error) {
        if (!abort.signal.aborted) setState({ is: "failed", message: messageOf(error) });
      }
    }, REST_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [text, track]);
  return { state, findings };
}
