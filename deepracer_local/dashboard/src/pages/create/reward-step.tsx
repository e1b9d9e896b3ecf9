/** The reward function: an editor with findings at their lines, examples, and a file dropped on it. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useRef } from "react";

import { useExamples } from "../../api/queries";
import { decimal, plural } from "../../format";
import { Loading } from "../../shell/states";
import type { StepProps } from "./create-page";
import { type CheckState, useRewardCheck } from "./use-reward-check";

const CodeEditor = lazy(() => import("../../parts/code-editor"));
const MOST_CHARACTERS = 140_000;

export function RewardStep({ draft, change, faults }: StepProps) {
  const examples = useExamples();
  const { state, findings } = useRewardCheck(draft.reward, draft.track);
  const picker = useRef<HTMLInputElement>(null);
  const options = (examples.data?.examples ?? []).map((example) => ({ value: example.name, label: example.title, description: example.name }));
  const taken = examples.data?.examples.find((example) => example.text === draft.reward);
  const read = async (file: File | undefined) => {
    if (file) change({ reward: (await file.text()).slice(0, MOST_CHARACTERS) });
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Called after every step, fifteen times a simulated second. The more it returns, the more of the same the car will do."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="upload" onClick={() => picker.current?.click()}>
                Open a file
              </Button>
              <input ref={picker} type="file" accept=".py,text/x-python" hidden aria-hidden onChange={(event) => void read(event.target.files?.[0])} />
            </SpaceBetween>
          }
        >
          Reward function
        </Header>
      }
    >
      <SpaceBetween size="m">
        <FormField label="Begin with an example" description="It replaces what is below.">
          <Select
            selectedOption={taken ? { value: taken.name, label: taken.title } : null}
            placeholder="Choose an example"
            options={options}
            statusType={examples.isError ? "error" : examples.isLoading ? "loading" : "finished"}
            errorText="The examples could not be loaded"
            onChange={({ detail }) => {
              const example = examples.data?.examples.find((one) => one.name === detail.selectedOption.value);
              if (example) change({ reward: example.text });
            }}
          />
        </FormField>
        <FormField
          stretch
          label="Code"
          description={
            <>
              Type <Box variant="code">params[&quot;</Box> for what it is told. You may drop a reward_function.py here.
            </>
          }
          errorText={faults.reward ?? ""}
        >
          <div
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              if (event.dataTransfer.files.length === 0) return;
              event.preventDefault();
              void read(event.dataTransfer.files[0]);
            }}
          >
            <Suspense fallback={<Loading what="the editor" />}>
              <CodeEditor label="Reward function" value={draft.reward} findings={findings} onChange={(reward) => change({ reward })} />
            </Suspense>
          </div>
        </FormField>
        <div aria-live="polite" data-testid="reward-check">
          <CheckResult state={state} track={draft.track} />
        </div>
      </SpaceBetween>
    </Container>
  );
}

function CheckResult({ state, track }: { state: CheckState; track: string }) {
  if (state.is === "resting") return <StatusIndicator type="pending">Not tried yet</StatusIndicator>;
  if (state.is === "checking") return <StatusIndicator type="loading">Trying it on {track}</StatusIndicator>;
  if (state.is === "failed") return <Alert type="warning" header="It could not be tried">{state.message}</Alert>;
  const { answer } = state;
  const figures = `${plural(answer.calls, "state")} of ${track}, rewards from ${decimal(answer.min_reward, 3)} to ${decimal(answer.max_reward, 3)}, ${decimal(answer.microseconds_per_call, 1)} µs a call`;
  return (
    <SpaceBetween size="xs">
      {answer.usable && <StatusIndicator type="success">It works: {figures}</StatusIndicator>}
      {answer.findings.map((finding, i) => (
        <Alert key={i} type={finding.kind === "WARNING" ? "warning" : "error"}>
          {finding.line !== null && <Box variant="strong">Line {finding.line}: </Box>}
          {finding.message}
          {finding.place && ` (${finding.place})`}
        </Alert>
      ))}
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
