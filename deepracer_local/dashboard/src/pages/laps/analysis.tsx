/** What one lap tells: what its line is painted by, which corner costs most, and which actions it took. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";

import { decimal, metres, NOTHING } from "../../format";
import { Empty } from "../../shell/states";
import { actionsOf } from "./actions";
import type { CornerReport } from "./corners";
import { colourOf, gradientOf, type Heat, type Measure, MEASURE_LABELS } from "./heat";
import type { Lap } from "./lap";

export function HeatLegend({ heat, measure }: { heat: Heat | null; measure: Measure }) {
  if (heat === null)
    return (
      <Box color="text-body-secondary" fontSize="body-s">
        There is no other complete lap of this model on this track to lose time against. Evaluate the model for more laps.
      </Box>
    );
  if (measure === "off-track")
    return (
      <div className="heat-legend swatches" data-testid="legend">
        <span>
          <span className="swatch" style={{ background: colourOf(heat, heat.low) }} />
          All wheels on the track
        </span>
        <span>
          <span className="swatch" style={{ background: colourOf(heat, heat.high) }} />A wheel off the track
        </span>
      </div>
    );
  const scale = [heat.low, (heat.low + heat.high) / 2, heat.high].map((value, i) => {
    const number = measure === "steering" ? Math.abs(value) : value;
    const unit = heat.unit === "°" ? "°" : ` ${heat.unit}`;
    return `${heat.words ? `${heat.words[i]} ` : ""}${measure === "time-lost" ? signed(number) : decimal(number, heat.digits)}${unit}`;
  });
  return (
    <div className="heat-legend" data-testid="legend" role="group" aria-label={`Scale: ${MEASURE_LABELS[measure]}`}>
      <div className="ramp" style={{ background: gradientOf(heat) }} />
      <div className="ends numbers">
        {scale.map((text) => (
          <span key={text}>{text}</span>
        ))}
      </div>
    </div>
  );
}

interface CornersProps {
  report: CornerReport[];
  worst: CornerReport | null;
  /** "its own best lap", "its own pace". */
  against: string;
  title: string;
}

export function Corners({ report, worst, against, title }: CornersProps) {
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" description={`Of ${title}. Time is lost against ${against}.`}>
          Corners
        </Header>
      }
      filter={
        <Box padding={{ bottom: "s" }} fontWeight="bold">
          <span data-testid="worst-corner">{worst && sentenceOf(worst, against)}</span>
        </Box>
      }
      items={report}
      trackBy={(one) => String(one.corner.number)}
      empty={<Empty title="No corner" next="The lap did not get to one, or the track has none that is tighter than 4 m." />}
      columnDefinitions={[
        { id: "corner", header: "Corner", isRowHeader: true, cell: ({ corner }) => `${corner.number}, ${corner.side}` },
        { id: "at", header: "At", cell: ({ corner }) => number(metres(corner.apexM)) },
        { id: "radius", header: "Radius", cell: ({ corner }) => number(metres(corner.radiusM, 2)) },
        { id: "entry", header: "Entry", cell: (one) => number(`${decimal(one.entryMps)} m/s`) },
        { id: "min", header: "Slowest", cell: (one) => number(`${decimal(one.minMps)} m/s`) },
        { id: "exit", header: "Exit", cell: (one) => number(`${decimal(one.exitMps)} m/s`) },
        { id: "time", header: "Time", cell: (one) => number(`${decimal(one.timeS)} s`) },
        { id: "lost", header: "Lost", cell: (one) => number(one.lostS === null ? NOTHING : `${signed(one.lostS)} s`) },
        { id: "off", header: "Steps off", cell: (one) => number(one.isEnd ? `${one.offSteps}, ended here` : String(one.offSteps)) },
      ]}
    />
  );
}

/** Less is not worth a word. */
const LEAST_LOSS_S = 0.01;

const number = (text: string) => <span className="numbers nowrap">{text}</span>;

const signed = (value: number): string => `${value >= 0.005 ? "+" : value <= -0.005 ? "−" : ""}${Math.abs(value).toFixed(2)}`;

/** A way that is longer by less is the same way. */
const LONGER_M = 0.1;
const SLOWER_MPS = 0.1;

function sentenceOf(report: CornerReport, against: string): string {
  const { corner, lostS, longerM, isBegin, isEnd, minMps, entryMps, offSteps } = report;
  const place = `Corner ${corner.number}, ${corner.side}, at ${metres(corner.apexM)}`;
  if (isEnd) return `${place}: the lap ended here. It ${isBegin ? "began in this corner" : `came in at ${decimal(entryMps, 1)} m/s`}.`;
  if ((lostS ?? 0) < LEAST_LOSS_S) return `No corner loses time against ${against}. ${place}, gains least: ${signed(lostS ?? 0)} s.`;
  const off = offSteps > 0 ? `, with a wheel off the track for ${offSteps === 1 ? "a step" : `${offSteps} steps`}` : "";
  const lost = `${place}: ${decimal(lostS)} s lost against ${against}${off}.`;
  const isLonger = longerM !== null && longerM >= LONGER_M;
  const speed = isLonger && entryMps - minMps < SLOWER_MPS ? "" : ` It came in at ${decimal(entryMps, 1)} m/s and was down to ${decimal(minMps, 1)} m/s.`;
  return `${lost}${speed}${isLonger ? ` Its way was ${metres(longerM)} longer.` : ""}`;
}

export function Actions({ lap, title }: { lap: Lap; title: string }) {
  const actions = actionsOf(lap);
  const most = Math.max(...actions.map((one) => one.share), 0.01);
  return (
    <Container header={<Header variant="h2" description={`What ${title} asked of the car, by steering and speed.`}>Actions</Header>}>
      {actions.length === 0 ? (
        <Empty title="No action" next="The lap ended at its start." />
      ) : (
        <dl className="bars numbers" data-testid="actions">
          {actions.map((action) => (
            <div key={action.label} className="row">
              <dt>{action.label}</dt>
              <dd style={{ margin: 0 }} aria-hidden="true">
                <div className="bar" style={{ width: `${(100 * action.share) / most}%` }} />
              </dd>
              <dd style={{ margin: 0 }}>
                {(100 * action.share).toFixed(0)} % ({action.count})
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Container>
  );
}
