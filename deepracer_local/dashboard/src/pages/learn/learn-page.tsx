/** Ten minutes in seven short steps, each with something to press; what is done is ticked. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type ComponentType, useEffect, useRef, useState } from "react";

import { useCrumbs } from "../../shell/shell";
import { Loading } from "../../shell/states";
import { CurvesStep, EvaluateStep, ImproveStep, TrainStep } from "./model-steps";
import { ActStep, type Choice, RewardStep, SeeStep } from "./first-steps";
import { type Progress, type StepId, useTicks } from "./ticks";

export interface StepProps {
  progress: Progress;
  /** The reward function of step 3, with which step 4 trains. */
  reward: string;
  setReward: (text: string) => void;
  /** The actions of step 2, as well. */
  choice: Choice;
  setChoice: (choice: Choice) => void;
}

/** What a step is given beside: the way to another one. */
export interface ModelStepProps extends StepProps {
  goTo: (id: StepId) => void;
}

const STEPS: { id: StepId; title: string; Content: ComponentType<ModelStepProps> }[] = [
  { id: "see", title: "What the car sees", Content: SeeStep },
  { id: "act", title: "What it may do", Content: ActStep },
  { id: "reward", title: "Say what is good", Content: RewardStep },
  { id: "train", title: "Press Train, and watch", Content: TrainStep },
  { id: "curves", title: "Read the curves", Content: CurvesStep },
  { id: "evaluate", title: "Let it drive for real", Content: EvaluateStep },
  { id: "improve", title: "Make it better, and race", Content: ImproveStep },
];
const REWARD = `def reward_function(params):
    # In metres.
    distance = params["distance_from_center"]
    width = params["track_width"]

    # 1 in the middle, 0 at the border.
    share = distance / (0.5 * width)
    return max(0.0, 1.0 - share)
`;

export default function LearnPage() {
  useCrumbs({ text: "Learn", href: "/learn" });
  const progress = useTicks();
  const [reward, setReward] = useState(REWARD);
  const [choice, setChoice] = useState<Choice>({ angles: "5", speeds: "1" });
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="How a car learns to drive by itself: ten minutes, seven short steps, each with something to press."
          actions={progress.beginAgain && <Button onClick={progress.beginAgain}>Begin again</Button>}
        >
          Learn
        </Header>
      }
    >
      {progress.isKnown ? <Steps progress={progress} reward={reward} setReward={setReward} choice={choice} setChoice={setChoice} /> : <Loading what="the steps" />}
    </ContentLayout>
  );
}

function Steps(props: StepProps) {
  const { done } = props.progress;
  const firstOpen = STEPS.findIndex((step) => !done.has(step.id));
  const [open, setOpen] = useState(firstOpen < 0 ? 0 : firstOpen);
  const list = useRef<HTMLOListElement>(null);
  const hasMoved = useRef(false);
  const goTo = (i: number) => {
    hasMoved.current = true;
    setOpen(i);
  };
  useEffect(() => {
    if (!hasMoved.current) return;
    const heading = list.current?.children[open]?.querySelector<HTMLElement>("[aria-expanded]");
    heading?.focus({ preventScroll: true });
    heading?.scrollIntoView({ block: "nearest" });
  }, [open]);
  return (
    <SpaceBetween size="l">
      <ProgressBar
        value={Math.round((100 * done.size) / STEPS.length)}
        label="Your way through"
        description={done.size === STEPS.length ? "All done: you have trained, tested and improved a car." : `${done.size} of ${STEPS.length} steps done`}
      />
      <ol ref={list} className="learn-steps">
        {STEPS.map(({ id, title, Content }, i) => (
          <li key={id}>
            <ExpandableSection
              variant="container"
              headingTagOverride="h2"
              headerText={`${i + 1}. ${title}`}
              headerActions={done.has(id) ? <StatusIndicator type="success">Done</StatusIndicator> : undefined}
              expanded={i === open}
              onChange={({ detail }) => setOpen(detail.expanded ? i : -1)}
            >
              {i === open && (
                <SpaceBetween size="l">
                  <Content {...props} goTo={(to) => goTo(STEPS.findIndex((step) => step.id === to))} />
                  {i + 1 < STEPS.length && (
                    <Box>
                      <Button variant={done.has(id) ? "primary" : "normal"} iconName="angle-down" iconAlign="right" onClick={() => goTo(i + 1)}>
                        {`Next: ${STEPS[i + 1]?.title.toLowerCase()}`}
                      </Button>
                    </Box>
                  )}
                </SpaceBetween>
              )}
            </ExpandableSection>
          </li>
        ))}
      </ol>
    </SpaceBetween>
  );
}
