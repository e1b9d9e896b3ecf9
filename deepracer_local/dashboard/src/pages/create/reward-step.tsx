/** The reward function: an editor with findings at their lines, what it pays beside it, examples, a file dropped on it. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type DragEvent, lazy, Suspense, useMemo, useRef, useState } from "react";

import { useExamples } from "../../api/queries";
import type { RecordedLap } from "../../api/types";
import { decimal, plural } from "../../format";
import { Confirm } from "../../parts/confirm";
import { writtenAt } from "../../parts/reward-parameters";
import { Loading } from "../../shell/states";
import type { StepProps } from "./create-page";
import { faultOfRace, raceRequestOf } from "./race";
import { RecordedLaps } from "./recorded-laps";
import { RewardExamples } from "./reward-examples";
import { type Mark, RewardPreview } from "./reward-preview";
import { type Preview, useRewardPreview } from "./use-reward-preview";

const CodeEditor = lazy(() => import("../../parts/code-editor"));
const MOST_CHARACTERS = 140_000;
const START: Mark = { scene: { is: "laps", lap: 0 }, place: 0 };

export function RewardStep({ draft, change, faults }: StepProps) {
  const examples = useExamples().data?.examples ?? [];
  const [laps, setLaps] = useState<RecordedLap[]>([]);
  const [mark, setMark] = useState(START);
  const [isOpen, setOpen] = useState(false);
  const [wish, setWish] = useState<{ text: string; name: string } | null>(null);
  const [refused, setRefused] = useState("");
  const untouched = useRef(draft.reward);
  const preview = useRewardPreview({ text: draft.reward, track: draft.track, isReversed: draft.isReversed, laps, race: faultOfRace(draft.race) ? null : raceRequestOf(draft.race), curriculum: draft.curriculum });
  const scene = useMemo(() => sceneOf(mark, preview), [mark, preview]);
  const values = useMemo(() => {
    const told = preview.picture?.told;
    return writtenAt(scene.scene.is === "laps" ? told?.laps[scene.scene.lap] : told?.grid[scene.scene.heading], scene.place);
  }, [scene, preview.picture?.told]);

  const take = (text: string) => {
    untouched.current = text;
    setRefused("");
    change({ reward: text });
  };
  /** Edits are lost only by somebody who has said so. */
  const replace = (text: string, name: string) => {
    const isOwn = draft.reward.trim() !== "" && draft.reward !== untouched.current && examples.every((one) => one.text !== draft.reward);
    if (isOwn && text !== draft.reward) setWish({ text, name });
    else take(text);
  };
  const read = async (file: File | undefined) => {
    if (!file) return;
    const text = await file.text();
    if (text.length > MOST_CHARACTERS || text.includes("\u0000")) setRefused(`Expected Python of at most ${MOST_CHARACTERS} characters, got ${file.name}, which is no such file. Choose another.`);
    else replace(text.replaceAll("\r\n", "\n"), file.name);
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Called after every step, fifteen times a simulated second. The more it returns, the more of the same the car will do."
          actions={<FileButton onFile={(file) => void read(file)} />}
        >
          Reward function
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ExpandableSection headerText="Begin with an example" expanded={isOpen} onChange={({ detail }) => setOpen(detail.expanded)}>
          {isOpen && (
            <RewardExamples
              track={draft.track}
              isReversed={draft.isReversed}
              text={draft.reward}
              onUse={(text) => {
                setOpen(false);
                replace(text, "the example");
              }}
            />
          )}
        </ExpandableSection>
        <div className="reward-columns">
          <SpaceBetween size="m">
            <FormField
              stretch
              label="Code"
              description={
                <>
                  Type <Box variant="code">params[&quot;</Box> for what it is told. You may drop a reward_function.py here.
                </>
              }
              errorText={faults.reward ?? refused}
            >
              <DropZone onFile={(file) => void read(file)}>
                <Suspense fallback={<Loading what="the editor" />}>
                  <CodeEditor
                    label="Reward function"
                    value={draft.reward}
                    findings={preview.findings}
                    values={values}
                    maxHeight="640px"
                    onChange={(reward) => change({ reward })}
                  />
                </Suspense>
              </DropZone>
            </FormField>
            <div aria-live="polite" data-testid="reward-check">
              <Verdict preview={preview} track={draft.track} />
            </div>
          </SpaceBetween>
          <section aria-label="What it pays" data-testid="reward-preview" data-state={preview.is}>
            <SpaceBetween size="m">
              <RewardPreview picture={preview.picture} mark={scene} values={values} onMark={setMark} isRunning={preview.is === "running"} />
              <RecordedLaps track={draft.track} laps={laps} onChange={setLaps} />
            </SpaceBetween>
          </section>
        </div>
      </SpaceBetween>
      {wish && (
        <Confirm title="Replace your code?" verb="Replace" onConfirm={async () => take(wish.text)} onClose={() => setWish(null)}>
          What you have written is lost when {wish.name} takes its place.
        </Confirm>
      )}
    </Container>
  );
}

function FileButton({ onFile }: { onFile: (file: File | undefined) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button iconName="upload" onClick={() => picker.current?.click()}>
        Open a file
      </Button>
      <input
        ref={picker}
        type="file"
        accept=".py,text/x-python"
        hidden
        aria-hidden
        onChange={(event) => {
          onFile(event.target.files?.[0]);
          event.target.value = ""; // the same file may be opened again
        }}
      />
    </>
  );
}

/** Takes a file before the editor does, which would write it in the middle of the text. */
function DropZone({ onFile, children }: { onFile: (file: File | undefined) => void; children: React.ReactNode }) {
  const [isOver, setOver] = useState(false);
  const hasFile = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return (
    <div
      className={isOver ? "drop-zone is-over" : "drop-zone"}
      onDragOverCapture={(event) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDropCapture={(event) => {
        setOver(false);
        if (!hasFile(event)) return;
        event.preventDefault();
        event.stopPropagation();
        onFile(event.dataTransfer.files[0]);
      }}
    >
      {children}
    </div>
  );
}

/** Keeps the mark on something that there is: recorded laps come and go, tracks are of different lengths. */
function sceneOf(mark: Mark, { picture }: Preview): Mark {
  if (!picture) return mark;
  const { laps, grid } = picture.answer;
  const scene = mark.scene.is === "laps" && mark.scene.lap >= laps.length ? START.scene : mark.scene;
  const n = scene.is === "laps" ? (laps[scene.lap]?.steps ?? 1) : grid.x.length;
  return { scene, place: Math.min(mark.place, n - 1) };
}

const VERDICTS: Record<string, string> = {
  flat: "Flat",
  sparse: "Sparse",
  unbounded: "Without a bound",
  "near-limit": "Far too large",
  grows: "Grows with time",
  "pays-standing": "Pays for standing still",
  "pays-backwards": "Pays for going backwards",
  slow: "Slow",
};

function Verdict({ preview, track }: { preview: Preview; track: string }) {
  const { is, answer } = preview;
  if (is === "failed") return <Alert type="warning" header="It could not be tried">{preview.message}</Alert>;
  if (answer === null) return is === "running" ? <StatusIndicator type="loading">Trying it on {track}</StatusIndicator> : <StatusIndicator type="pending">Not tried yet</StatusIndicator>;
  const figures = `Tried on ${plural(answer.calls, "state")} of ${track}, rewards from ${decimal(answer.min_reward, 3)} to ${decimal(answer.max_reward, 3)}, ${decimal(answer.microseconds_per_call, 1)} µs a call`;
  return (
    <SpaceBetween size="xs">
      {is === "running" && <StatusIndicator type="loading">Trying it on {track}</StatusIndicator>}
      {is !== "running" && answer.usable && (
        <div>
          <StatusIndicator type="success">It works</StatusIndicator>
          <Box variant="small" display="block" color="text-body-secondary">
            {figures}
          </Box>
        </div>
      )}
      {answer.findings.map((finding, i) => (
        <Alert key={i} type={finding.kind === "WARNING" ? "warning" : "error"} header={VERDICTS[finding.rule]}>
          {finding.line !== null && <Box variant="strong">Line {finding.line}: </Box>}
          {finding.message}
          {finding.place && ` (${finding.place})`}
        </Alert>
      ))}
      {answer.cut && <Alert type="warning">{answer.cut}</Alert>}
      {answer.printed && (
        <ExpandableSection headerText="What it printed">
          <pre className="log">{answer.printed}</pre>
        </ExpandableSection>
      )}
      {!answer.usable && (
        <Box variant="small">
          Training starts when this is mended. <Link href="/docs" external variant="primary" fontSize="body-s">API reference</Link>
        </Box>
      )}
    </SpaceBetween>
  );
}
