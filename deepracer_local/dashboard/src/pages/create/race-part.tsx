/** What is on the road: nothing, boxes, or other cars. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import Toggle from "@cloudscape-design/components/toggle";

import { useTrack } from "../../api/queries";
import { Loaded } from "../../shell/states";
import { freePlace, ObstacleMap } from "./obstacle-map";
import { MOST_BOTS, MOST_OBSTACLES, type Race, RACE_TYPES, type RaceType } from "./race";

interface Props {
  race: Race;
  track: string;
  fault: string | undefined;
  onChange: (race: Race) => void;
}

export function RacePart({ fault, ...props }: Props) {
  return (
    <Container header={<Header variant="h2" description="What is on the road beside your car.">Race</Header>}>
      <SpaceBetween size="l">
        <RaceFields {...props} />
        {fault && <Alert type="error">{fault}</Alert>}
      </SpaceBetween>
    </Container>
  );
}

/** The kind of race, and what that kind asks for. */
export function RaceFields({ race, track, onChange }: Omit<Props, "fault">) {
  const change = (part: Partial<Race>) => onChange({ ...race, ...part });
  return (
    <SpaceBetween size="l">
      <Tiles ariaLabel="Kind of race" value={race.type} columns={3} items={[...RACE_TYPES]} onChange={({ detail }) => change({ type: detail.value as RaceType })} />
      {race.type === "OBJECT_AVOIDANCE" && <Obstacles race={race} track={track} change={change} />}
      {race.type === "HEAD_TO_BOT" && <Bots race={race} change={change} />}
    </SpaceBetween>
  );
}

interface PartProps {
  race: Race;
  change: (part: Partial<Race>) => void;
}

function Obstacles({ race, track, change }: PartProps & { track: string }) {
  const { obstacles } = race;
  return (
    <SpaceBetween size="m">
      <Toggle checked={race.isRandom} description="From the seed, so that they are the same in the next training with it." onChange={({ detail }) => change({ isRandom: detail.checked })}>
        Other places in every episode
      </Toggle>
      <Toggle checked={race.isCar} onChange={({ detail }) => change({ isCar: detail.checked })}>
        Standing cars instead of boxes
      </Toggle>
      {race.isRandom ? (
        <ColumnLayout columns={2}>
          <Count label="Obstacles" help={`1 to ${MOST_OBSTACLES}`} value={race.obstacleCount} onChange={(obstacleCount) => change({ obstacleCount })} />
          <Count label="Distance between them, metres" help="At least 0.5, along the road" value={race.obstacleDistance} onChange={(obstacleDistance) => change({ obstacleDistance })} />
        </ColumnLayout>
      ) : (
        <SpaceBetween size="xs">
          <Loaded query={useTrack(track)} what="the road">
            {(detail) => <ObstacleMap track={detail} obstacles={obstacles} isCar={race.isCar} onChange={(changed) => change({ obstacles: changed })} />}
          </Loaded>
          <Box color="text-body-secondary" fontSize="body-s">
            Drag an obstacle along the road. With the keyboard: ← and → move it, with Shift by a metre; ↑ and ↓ change the lane; Delete removes it.
          </Box>
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="add-plus" disabled={obstacles.length >= MOST_OBSTACLES} disabledReason={`${MOST_OBSTACLES} are the most.`} onClick={() => change({ obstacles: [...obstacles, freePlace(obstacles)] })}>
              Add an obstacle
            </Button>
            <Button disabled={obstacles.length === 0} onClick={() => change({ obstacles: obstacles.slice(0, -1) })}>
              Remove the last
            </Button>
          </SpaceBetween>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

function Bots({ race, change }: PartProps) {
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={3}>
        <Count label="Other cars" help={`1 to ${MOST_BOTS}`} value={race.botCount} onChange={(botCount) => change({ botCount })} />
        <Count label="Their speed, m/s" help="0 to 4" value={race.botSpeed} onChange={(botSpeed) => change({ botSpeed })} />
        <Count label="Distance between them, metres" help="At least 0.5, at the start" value={race.botDistance} onChange={(botDistance) => change({ botDistance })} />
      </ColumnLayout>
      <Toggle checked={race.isBotRandom} onChange={({ detail }) => change({ isBotRandom: detail.checked })}>
        Other places in every episode
      </Toggle>
      <Toggle checked={race.changesLanes} description="Now and then, from the seed." onChange={({ detail }) => change({ changesLanes: detail.checked })}>
        They change lanes
      </Toggle>
      {race.changesLanes && (
        <ColumnLayout columns={2}>
          <Count label="Shortest time in a lane, seconds" help="0.1 to 60" value={race.lowerChange} onChange={(lowerChange) => change({ lowerChange })} />
          <Count label="Longest time in a lane, seconds" help="Up to 60" value={race.upperChange} onChange={(upperChange) => change({ upperChange })} />
        </ColumnLayout>
      )}
    </SpaceBetween>
  );
}

function Count({ label, help, value, onChange }: { label: string; help: string; value: string; onChange: (value: string) => void }) {
  return (
    <FormField label={label} constraintText={help}>
      <Input type="number" step="any" value={value} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
