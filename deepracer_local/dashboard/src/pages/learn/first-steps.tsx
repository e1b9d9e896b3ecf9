/** Steps 1 to 3, which need no model: the picture, the actions, the reward. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useState } from "react";

import { call, messageOf } from "../../api/client";
import type { CheckAnswer } from "../../api/types";
import { count, decimal, plural } from "../../format";
import { ActionFan } from "../../parts/action-fan";
import { Loading } from "../../shell/states";
import { type Action, grid } from "../create/draft";
import { CarView } from "./car-view";
import { Halves } from "./halves";
import type { StepProps } from "./learn-page";

const CodeEditor = lazy(() => import("../../parts/code-editor"));

export const LEARN_TRACK = "oval";
const ANGLES = ["3", "5", "7"];
const MAX_ANGLE_DEG = 30;
const SPEED_MPS = 1;

/** How many directions and speeds, as their buttons are called. */
export interface Choice {
  angles: string;
  speeds: string;
}

export const actionsOf = ({ angles, speeds }: Choice): Action[] => grid(MAX_ANGLE_DEG, Number(angles), SPEED_MPS * Number(speeds), Number(speeds));

export function SeeStep({ progress }: StepProps) {
  const [atM, setAtM] = useState(0);
  const [isGrey, setGrey] = useState(true);
  return (
    <Halves picture={<CarView track={LEARN_TRACK} atM={atM} isGrey={isGrey} />}>
      <Box variant="p">
        The car has one eye, a camera at its front. Fifteen times a second it takes a picture of 160 × 120 grey points. This picture is all that it gets: no map, no place,
        no speed.
      </Box>
      <Box variant="p">
        A neural network turns the picture into a decision: two hundred thousand numbers, and sums and products with them. At the beginning they are random, and so are its
        decisions. Training changes the numbers. Nobody writes down how to drive.
      </Box>
      <SegmentedControl
        label="How to show the picture"
        selectedId={isGrey ? "car" : "person"}
        options={[
          { id: "car", text: "What the car gets" },
          { id: "person", text: "What you would see" },
        ]}
        onChange={({ detail }) => setGrey(detail.selectedId === "car")}
      />
      <Button
        variant="primary"
        onClick={() => {
          setAtM((before) => before + 1);
          progress.tick("see");
        }}
      >
        Drive on 1 m
      </Button>
    </Halves>
  );
}

export function ActStep({ progress, choice, setChoice }: StepProps) {
  const actions = actionsOf(choice);
  const choose = (part: Partial<Choice>) => {
    setChoice({ ...choice, ...part });
    progress.tick("act");
  };
  return (
    <Halves picture={<ActionFan space={{ type: "discrete", actions }} />}>
      <Box variant="p">
        For each picture the network picks one action from a list: how far to steer, and how fast to go. The list is called the action space. Each arrow in the picture is one
        action; its length is the speed.
      </Box>
      <Box variant="p">
        A short list is learned sooner. A long one can drive more smoothly and faster, and takes longer. Five directions at one speed are a good beginning.
      </Box>
      <SegmentedControl
        label="Directions"
        selectedId={choice.angles}
        options={ANGLES.map((id) => ({ id, text: `${id} directions` }))}
        onChange={({ detail }) => choose({ angles: detail.selectedId })}
      />
      <SegmentedControl
        label="Speeds"
        selectedId={choice.speeds}
        options={["1", "2"].map((id) => ({ id, text: plural(Number(id), "speed") }))}
        onChange={({ detail }) => choose({ speeds: detail.selectedId })}
      />
      <Box color="text-body-secondary">{`${plural(actions.length, "action")}, the fastest ${decimal(SPEED_MPS * Number(choice.speeds), 1)} m/s. Step 4 trains with them.`}</Box>
    </Halves>
  );
}

type Trial = { is: "none" | "running" } | { is: "failed"; message: string } | { is: "done"; answer: CheckAnswer };

export function RewardStep({ progress, reward, setReward }: StepProps) {
  const [trial, setTrial] = useState<Trial>({ is: "none" });
  const tryIt = async () => {
    setTrial({ is: "running" });
    try {
      const answer = await call("POST /api/v1/reward-functions/check", { body: { reward_function: reward, track: LEARN_TRACK } });
      setTrial({ is: "done", answer });
      if (answer.usable) progress.tick("reward");
    } catch (error) {
      setTrial({ is: "failed", message: messageOf(error) });
    }
  };
  return (
    <Halves
      picture={
        <div className="code-box">
          <Suspense fallback={<Loading what="the editor" />}>
            <CodeEditor
              label="Reward function"
              value={reward}
              minHeight="190px"
              maxHeight="320px"
              findings={trial.is === "done" ? trial.answer.findings : []}
              onChange={(text) => {
                setReward(text);
                setTrial({ is: "none" });
              }}
            />
          </Suspense>
        </div>
      }
    >
      <Box variant="p">
        You never tell the car how to steer. After each step a small Python function of yours gives that step a number, the reward. Learning means: do more of what earns more,
        counted over the seconds that follow and not only this one.
      </Box>
      <Box variant="p">
        This one pays for the middle of the road. Change it if you like: type <Box variant="code">params[&quot;</Box> and the editor lists all that the function is told. Pay
        for the wrong thing and the car will learn the wrong thing, very well.
      </Box>
      <Button variant="primary" loading={trial.is === "running"} onClick={() => void tryIt()}>
        Try it on the oval
      </Button>
      <TrialResult trial={trial} />
    </Halves>
  );
}

function TrialResult({ trial }: { trial: Trial }) {
  if (trial.is === "failed") return <Alert type="error">{trial.message}</Alert>;
  if (trial.is !== "done") return null;
  const { usable, calls, min_reward: low, max_reward: high, findings } = trial.answer;
  const first = findings[0];
  return (
    <SpaceBetween size="xs">
      {usable ? (
        <Alert type="success">{`It works: on ${count(calls)} states of the oval it pays ${decimal(low)} to ${decimal(high)}.`}</Alert>
      ) : (
        <Alert type="error">{`${first?.line ? `Line ${first.line}: ` : ""}${first?.message ?? "It cannot be used."}`}</Alert>
      )}
      {usable && first && <Box color="text-body-secondary">{first.message}</Box>}
    </SpaceBetween>
  );
}
