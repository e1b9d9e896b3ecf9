/** The wizard: defaults that can be trained with at once, four short steps for who wants more, and a summary. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";

import { ApiError, call } from "../../api/client";
import { useExamples, useModel, useRewardText } from "../../api/queries";
import { useNotifications } from "../../shell/notifications";
import { useCrumbs } from "../../shell/shell";
import { Loaded } from "../../shell/states";
import { ActionsStep } from "./actions-step";
import { type Draft, draftOf, type Faults, faultsOf, type Field, newDraft, requestOf } from "./draft";
import { LearningStep } from "./learning-step";
import { RewardStep } from "./reward-step";
import { Summary } from "./summary-step";
import { TrackStep } from "./track-step";

export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  /** Of this step, once they may be shown. */
  faults: Faults;
}

interface Step {
  title: string;
  description?: string;
  fields: Field[];
  render: (props: StepProps) => ReactNode;
}

const DEFAULT_TRACK = "reinvent_2018";
const DEFAULT_EXAMPLE = "center_line";
const STEPS: Step[] = [
  { title: "Track", fields: ["name", "description", "tags", "track", "isReversed", "parent", "race", "curriculum"], render: (props) => <TrackStep {...props} /> },
  { title: "Reward", fields: ["reward"], render: (props) => <RewardStep {...props} /> },
  { title: "Actions", fields: ["sensors", "sensorSettings", "space", "network"], render: (props) => <ActionsStep {...props} /> },
  { title: "Learning", fields: ["algorithm", "maxMinutes", "cleanLaps", "hyperparameters", "seed", "cars"], render: (props) => <LearningStep {...props} /> },
];
/** Which field of the form a field of the request is. */
const FIELDS: Record<string, Field> = {
  reward_function: "reward",
  example: "reward",
  model_metadata: "space",
  network: "network",
  max_minutes: "maxMinutes",
  stop_after_clean_laps: "cleanLaps",
  reverse: "isReversed",
  checkpoint: "parent",
};

export default function CreatePage() {
  useCrumbs({ text: "Train a model", href: "/create" });
  const [search] = useSearchParams();
  const from = search.get("from");
  return from === null ? <Fresh track={search.get("track") ?? DEFAULT_TRACK} /> : <Cloned id={from} checkpoint={search.get("checkpoint") ?? "best"} />;
}

function Fresh({ track }: { track: string }) {
  return (
    <Loaded query={useExamples()} what="the examples">
      {({ examples }) => <Form start={newDraft(track, (examples.find((one) => one.name === DEFAULT_EXAMPLE) ?? examples[0])?.text ?? "")} />}
    </Loaded>
  );
}

function Cloned({ id, checkpoint }: { id: string; checkpoint: string }) {
  const reward = useRewardText(id);
  return (
    <Loaded query={useModel(id)} what="the model to go on from">
      {(model) => (
        <Loaded query={reward} what="its reward function">
          {(text) => <Form start={draftOf(model, text, checkpoint)} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Form({ start }: { start: Draft }) {
  const [draft, setDraft] = useState(start);
  const [active, setActive] = useState(0);
  const [isShowing, setShowing] = useState(false);
  const [refused, setRefused] = useState<Faults>({});
  const [isBusy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const { notify, fail } = useNotifications();
  // However often the network makes the browser ask, one wish makes one model.
  const wish = useRef({ text: "", key: "" });

  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setRefused({});
  };
  const own = faultsOf(draft);
  const faults: Faults = { ...own, ...refused };
  const ofStep = (i: number): Faults =>
    Object.fromEntries(Object.entries(faults).filter(([field]) => STEPS[i]?.fields.some((one) => field === one || field.startsWith(`${one}.`))));
  const faulty = STEPS.map((step, i) => ({ i, title: step.title, messages: Object.values(ofStep(i)) })).filter((one) => one.messages.length > 0);

  const go = (to: number) => {
    // Only the step that is left is looked at; what is wrong elsewhere is named in the summary.
    if (to > active && Object.keys(ofStep(active)).length > 0) {
      setShowing(true);
      return;
    }
    setShowing(false);
    setActive(to);
  };
  const train = async () => {
    if (Object.keys(own).length > 0) {
      const first = faulty[0];
      setShowing(true);
      if (first) setActive(first.i);
      return;
    }
    setBusy(true);
    const body = requestOf(draft);
    const text = JSON.stringify(body);
    if (wish.current.text !== text) wish.current = { text, key: crypto.randomUUID() };
    try {
      const idempotencyKey = wish.current.key;
      const model = draft.parent
        ? await call("POST /api/v1/models/{model_id}/clone", { params: { model_id: draft.parent.id }, body, idempotencyKey })
        : await call("POST /api/v1/models", { body, idempotencyKey });
      void client.invalidateQueries();
      notify({ type: "success", content: `${model.name} is in the queue.` });
      navigate(`/models/${model.id}`);
    } catch (error) {
      setBusy(false);
      const field = error instanceof ApiError && error.field ? formField(error.field) : null;
      if (field === null || !(error instanceof ApiError)) {
        fail("start the training", error);
        return;
      }
      setRefused({ [field]: error.message });
      setShowing(true);
      setActive(STEPS.findIndex((step) => step.fields.some((one) => field === one || field.startsWith(`${one}.`))));
    }
  };

  const props = (i: number): StepProps => ({ draft, change, faults: isShowing ? ofStep(i) : {} });
  return (
    <Wizard
      activeStepIndex={active}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => navigate("/models")}
      onSubmit={() => void train()}
      isLoadingNextStep={isBusy}
      allowSkipTo
      submitButtonText="Train"
      i18nStrings={{
        stepNumberLabel: (n) => `Step ${n}`,
        collapsedStepsLabel: (n, all) => `Step ${n} of ${all}`,
        skipToButtonLabel: () => "Go to the summary",
        navigationAriaLabel: "Steps",
        cancelButton: "Cancel",
        previousButton: "Back",
        nextButton: "Next",
      }}
      secondaryActions={active > 0 && active < STEPS.length ? <Button loading={isBusy} onClick={() => void train()}>Train now</Button> : undefined}
      steps={[
        ...STEPS.map((step, i) => ({
          title: step.title,
          description: i === 0 && draft.parent ? `Begins with the weights of ${draft.parent.name}.` : undefined,
          content: (
            <SpaceBetween size="l">
              {i === 0 && <QuickStart isBusy={isBusy} onTrain={() => void train()} />}
              {step.render(props(i))}
            </SpaceBetween>
          ),
        })),
        {
          title: "Summary",
          content: (
            <Summary draft={draft} onEdit={setActive}>
              {faulty.length > 0 && (
                <Alert type="error" header="Not ready yet">
                  <ul>
                    {faulty.map(({ i, title, messages }) => (
                      <li key={title}>
                        {title}: {messages.join(" ")} <Button variant="inline-link" onClick={() => { setShowing(true); setActive(i); }}>Mend it</Button>
                      </li>
                    ))}
                  </ul>
                </Alert>
              )}
            </Summary>
          ),
        },
      ]}
    />
  );
}

function QuickStart({ isBusy, onTrain }: { isBusy: boolean; onTrain: () => void }) {
  return (
    <Alert
      type="info"
      action={
        <Button variant="primary" loading={isBusy} onClick={onTrain}>
          Train now
        </Button>
      }
    >
      Everything has a default that learns to drive. Train at once, or choose in four short steps.
    </Alert>
  );
}

/** Returns the field of the form that the service named, or null where there is none. */
function formField(name: string): Field | null {
  if (name.startsWith("hyperparameters.")) return name as Field;
  const head = name.split(".")[0] ?? "";
  if (head === "model_metadata" && name.includes("sensor")) return "sensors";
  if (head === "sensor_settings" || name.includes("lidar_config")) return "sensorSettings";
  const known = FIELDS[head] ?? (STEPS.some((step) => step.fields.includes(head as Field)) ? (head as Field) : null);
  return known;
}
