/** The shipped reward functions as cards, each with a picture of what it pays on the chosen track. */
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useQuery } from "@tanstack/react-query";

import { call } from "../../api/client";
import { useExamples, useTrack } from "../../api/queries";
import type { ExampleView, PreviewAnswer, TrackDetail } from "../../api/types";
import { RewardMap, type Scene } from "../../parts/reward-map";
import { Loaded } from "../../shell/states";

const FORWARD: Scene = { is: "grid", heading: 0 };

/** One picture after the other: whoever types meanwhile does not wait for ten. */
let turn: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work, work);
  turn = done.catch(() => undefined);
  return done;
}

interface Props {
  track: string;
  isReversed: boolean;
  /** What is in the editor. */
  text: string;
  onUse: (text: string) => void;
}

export function RewardExamples({ track, isReversed, text, onUse }: Props) {
  const detail = useTrack(track);
  return (
    <Loaded query={useExamples()} what="the examples">
      {({ examples }) => (
        <ul className="examples">
          {examples.map((example) => (
            <li key={example.name}>
              <Painted example={example} track={track} isReversed={isReversed} detail={detail.data} />
              <Box variant="p" fontSize="body-s">
                {example.title}
              </Box>
              {example.text === text ? (
                <Badge color="blue">In the editor</Badge>
              ) : (
                <Button ariaLabel={`Use this: ${example.title}`} onClick={() => onUse(example.text)}>
                  Use this
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Painted({ example, track, isReversed, detail }: { example: ExampleView; track: string; isReversed: boolean; detail: TrackDetail | undefined }) {
  const preview = useQuery<PreviewAnswer>({
    queryKey: ["preview", example.name, track, isReversed],
    queryFn: ({ signal }) =>
      inTurn(() => call("POST /api/v1/reward-functions/preview", { body: { reward_function: example.text, track, reverse: isReversed }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!detail || !preview.data) return <div className="example-blank" aria-hidden />;
  return <RewardMap detail={detail} answer={preview.data} scene={FORWARD} label={`What it pays on ${detail.title}: ${example.title}`} maxHeight={110} />;
}
