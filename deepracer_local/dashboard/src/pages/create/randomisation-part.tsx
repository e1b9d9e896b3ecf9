/** What differs from episode to episode: a preset with what it is, or a range for each property. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";

import type { RandomisationList, RangeView } from "../../api/types";
import { endsOf, KINDS, OFF, OWN, type Randomisation, rangesOf, saidOfEnds, titleOfRange, unitOfRange } from "./randomisation";

interface Props {
  value: Randomisation;
  known: RandomisationList;
  faultOf: (range: string) => string | undefined;
  onChange: (value: Randomisation) => void;
}

export function RandomisationPart({ value, known, faultOf, onChange }: Props) {
  const preset = known.presets.find(({ name }) => name === value.kind);
  const choose = (kind: string) => {
    // One's own begin with the preset that was looked at, unless some have been written already.
    const ranges = kind === OWN && Object.keys(value.ranges).length === 0 ? rangesOf(preset) : value.ranges;
    onChange({ kind, ranges });
  };
  const set = (range: RangeView, part: Partial<{ low: string; high: string }>) =>
    onChange({ ...value, ranges: { ...value.ranges, [range.name]: { ...endsOf(value.ranges, range), ...part } } });
  return (
    <Container
      header={
        <Header variant="h2" description="What differs from episode to episode, drawn evenly from ranges: the car learns what they have in common.">
          Randomisation
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Tiles ariaLabel="Randomisation" value={value.kind} columns={4} items={KINDS} onChange={({ detail }) => choose(detail.value)} />
        {value.kind !== OFF && (
          <div className="ranges" data-testid="ranges">
            {known.ranges.map((range) => (
              <div key={range.name} className="range-row" role="group" aria-label={titleOfRange(range.name)}>
                <div>
                  <Box fontWeight="bold">{titleOfRange(range.name)}</Box>
                  <Box color="text-body-secondary" fontSize="body-s">
                    {sentence(range)}
                  </Box>
                </div>
                {value.kind === OWN ? (
                  <Ends range={range} value={value} fault={faultOf(range.name)} set={(part) => set(range, part)} />
                ) : (
                  <span className="numbers">{saidOfEnds(preset?.ranges[range.name] ?? [range.specified, range.specified])}</span>
                )}
              </div>
            ))}
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}

interface EndsProps {
  range: RangeView;
  value: Randomisation;
  fault: string | undefined;
  set: (part: Partial<{ low: string; high: string }>) => void;
}

function Ends({ range, value, fault, set }: EndsProps) {
  const { low, high } = endsOf(value.ranges, range);
  const title = titleOfRange(range.name);
  return (
    <FormField errorText={fault ?? ""} constraintText={`${range.low} to ${range.high}, ${unitOfRange(range)}; as specified: ${range.specified}`}>
      <div className="range-ends">
        <Input type="number" step="any" ariaLabel={`${title}, at least`} value={low} onChange={({ detail }) => set({ low: detail.value })} />
        <span>to</span>
        <Input type="number" step="any" ariaLabel={`${title}, at most`} value={high} onChange={({ detail }) => set({ high: detail.value })} />
      </div>
    </FormField>
  );
}

/** "Factor on the friction of the tyres." */
const sentence = ({ description }: RangeView): string => `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
