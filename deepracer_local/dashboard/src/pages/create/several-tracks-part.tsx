/** Several tracks in one training: the weight, the direction and the cars of each. */
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";

import { useTracks } from "../../api/queries";
import { NOTHING } from "../../format";
import { carsOfRoads, DIRECTIONS, type Direction, type DraftRoad, MOST_TRACKS, otherWay } from "./several-tracks";

interface Props {
  roads: DraftRoad[];
  hasSeveral: boolean;
  isReversed: boolean;
  cars: string;
  fault: string | undefined;
  onToggle: (hasSeveral: boolean) => void;
  onChange: (roads: DraftRoad[]) => void;
}

export function SeveralTracksPart({ roads, hasSeveral, fault, onToggle, ...rest }: Props) {
  return (
    <Container header={<Header variant="h2" description="One network that drives on all of them: each track has cars of its own.">Several tracks</Header>}>
      <SpaceBetween size="m">
        <Toggle checked={hasSeveral} description={`Up to ${MOST_TRACKS}; choose them below.`} onChange={({ detail }) => onToggle(detail.checked)}>
          Train on several tracks at once
        </Toggle>
        {hasSeveral && (
          <FormField stretch errorText={fault ?? ""}>
            <Roads roads={roads} {...rest} />
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Roads({ roads, isReversed, cars, onChange }: Omit<Props, "hasSeveral" | "fault" | "onToggle">) {
  const titles = new Map((useTracks().data?.tracks ?? []).map((track) => [track.name, track.title]));
  const counts = carsOfRoads(roads, cars);
  const set = (i: number, part: Partial<DraftRoad>) => onChange(roads.map((road, k) => (k === i ? { ...road, ...part } : road)));
  return (
    <SpaceBetween size="s">
      {roads.map((road, i) => {
        const title = titles.get(road.track) ?? road.track;
        const other = otherWay(roads, road, isReversed);
        return (
          // Which one it is, is its place in the list: one track may be there in both directions.
          <div key={i} className="road-row" role="group" aria-label={`Track ${i + 1}: ${title}`}>
            <div>
              <Box fontWeight="bold">{title}</Box>
              {i === 0 && <Badge color="blue">main</Badge>}
            </div>
            <FormField label="Weight">
              <Input type="number" step="any" inputMode="decimal" value={road.weight} onChange={({ detail }) => set(i, { weight: detail.value })} />
            </FormField>
            <FormField label="Direction">
              <Select
                selectedOption={DIRECTIONS.find(({ value }) => value === road.direction) ?? null}
                options={[...DIRECTIONS]}
                onChange={({ detail }) => set(i, { direction: detail.selectedOption.value as Direction })}
              />
            </FormField>
            <div>
              <Box variant="awsui-key-label">Cars</Box>
              <span className="numbers">{counts[i] ?? NOTHING}</span>
            </div>
            <SpaceBetween direction="horizontal" size="s">
              {i > 0 && (
                <Button variant="inline-link" ariaLabel={`Make ${title} the main track`} onClick={() => onChange([road, ...roads.filter((_, k) => k !== i)])}>
                  Make it the main one
                </Button>
              )}
              {other && roads.length < MOST_TRACKS && (
                <Button variant="inline-link" ariaLabel={`Drive ${title} the other way too`} onClick={() => onChange([...roads.slice(0, i + 1), other, ...roads.slice(i + 1)])}>
                  The other way too
                </Button>
              )}
              {roads.length > 1 && (
                <Button variant="inline-link" ariaLabel={`Leave out ${title}`} onClick={() => onChange(roads.filter((_, k) => k !== i))}>
                  Leave it out
                </Button>
              )}
            </SpaceBetween>
          </div>
        );
      })}
      <Box color="text-body-secondary" fontSize="body-s">
        Every track gets a car, the others are spread by the weights. Evaluations of the training drive on all of them; the main track is the one of the reward's preview and of
        evaluations that name none. Obstacles stand at the same share of the lap on all of them.
      </Box>
    </SpaceBetween>
  );
}
