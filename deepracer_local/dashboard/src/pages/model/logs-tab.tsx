/** What the trainer and the reward function print, as they print it, and a search through it. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import Toggle from "@cloudscape-design/components/toggle";
import { useDeferredValue, useEffect, useRef, useState } from "react";

import { EventSocket } from "../../api/socket";
import type { LogLine, ModelDetail } from "../../api/types";
import { jobName, plural, relative } from "../../format";
import { Empty } from "../../shell/states";
import { RewardEvents } from "./reward-events";

/** As many lines as the service keeps of a job. */
const MOST_LINES = 5_000;

export function LogsTab({ model }: { model: ModelDetail }) {
  const options = model.jobs.map((job) => ({ value: job.id, label: `${jobName(job.kind)}, ${relative(job.created_at)}` }));
  const training = model.jobs.find((job) => job.kind === "TRAIN");
  const [jobId, setJobId] = useState(training?.id ?? model.jobs[0]?.id ?? "");
  const [text, setText] = useState("");
  const [isFollowing, setFollowing] = useState(true);
  const search = useDeferredValue(text.trim().toLowerCase());
  const lines = useLog(jobId);
  const box = useRef<HTMLPreElement>(null);
  const shown = search === "" ? lines : lines.filter((line) => line.text.toLowerCase().includes(search));
  const newest = shown.at(-1)?.number;

  useEffect(() => {
    if (isFollowing && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [newest, isFollowing]);

  const save = () => {
    const address = URL.createObjectURL(new Blob([lines.map((line) => `${line.text}\n`).join("")], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${model.name}.log`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <SpaceBetween size="m">
      <Header
        variant="h2"
        description="Prints of the trainer and of the reward function."
        actions={
          <Button iconName="download" disabled={lines.length === 0} onClick={save}>
            Save
          </Button>
        }
      >
        Logs
      </Header>
      <SpaceBetween direction="horizontal" size="m">
        <TextFilter filteringText={text} filteringPlaceholder="Find in the lines" filteringAriaLabel="Find in the lines" countText={search ? plural(shown.length, "line") : ""} onChange={({ detail }) => setText(detail.filteringText)} />
        {options.length > 1 && (
          <Select ariaLabel="Job" selectedOption={options.find((option) => option.value === jobId) ?? null} options={options} onChange={({ detail }) => setJobId(detail.selectedOption.value ?? "")} />
        )}
        <Box padding={{ top: "xxs" }}>
          <Toggle checked={isFollowing} onChange={({ detail }) => setFollowing(detail.checked)}>
            Follow
          </Toggle>
        </Box>
      </SpaceBetween>
      {shown.length === 0 ? (
        <Empty title={search ? "No line has this" : "Nothing has been printed"} next={search ? undefined : "What your reward function prints appears here within a second."} />
      ) : (
        <pre ref={box} className="log" tabIndex={0} role="log" aria-label="Lines">
          {shown.map((line) => (
            <div key={line.number}>
              <span className="number" aria-hidden>
                {line.number}
              </span>
              {visible(line.text)}
            </div>
          ))}
        </pre>
      )}
      {training && jobId === training.id && <RewardEvents model={model} training={training} />}
    </SpaceBetween>
  );
}

/** Follows a job's lines; a connection that breaks goes on after the last one. */
function useLog(jobId: string): LogLine[] {
  const [lines, setLines] = useState<LogLine[]>([]);
  useEffect(() => {
    setLines([]);
    if (jobId === "") return undefined;
    let last = 0;
    const socket = new EventSocket(
      `/api/v1/jobs/${jobId}/ws`,
      (message) => {
        if (message.event !== "log") return;
        const fresh = message.data.lines.filter((line) => line.number > last);
        last = fresh.at(-1)?.number ?? last;
        if (fresh.length > 0) setLines((all) => [...all, ...fresh].slice(-MOST_LINES));
      },
      () => undefined,
      () => ({ log_after: last }),
    );
    return () => socket.close();
  }, [jobId]);
  return lines;
}

/** Control characters as the pictures that Unicode has for them. */
const visible = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (c) => (c === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + c.charCodeAt(0))));
