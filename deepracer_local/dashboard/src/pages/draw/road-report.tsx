/** What the road measures, and what is wrong with it, by the numbers that are on the road. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import LiveRegion from "@cloudscape-design/components/live-region";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";

import type { TrackFinding } from "../../api/types";
import { metres, NOTHING, plural } from "../../format";
import { MIN_POINTS } from "./spline";
import type { RoadCheck } from "./use-road-check";

interface Props {
  check: RoadCheck;
  nPoints: number;
  isCounterClockwise: boolean;
  onShow: (finding: TrackFinding) => void;
}

const SPEEDS_MPS = [1, 3];

export function RoadReport({ check, nPoints, isCounterClockwise, onShow }: Props) {
  const { answer } = check;
  const length = answer?.length_m ? answer.length_m : null;
  return (
    <Container header={<Header variant="h2">Check</Header>}>
      <SpaceBetween size="m">
        <LiveRegion>
          <div data-testid="road-check">
            <Verdict check={check} nPoints={nPoints} />
          </div>
        </LiveRegion>
        {answer && answer.findings.length > 0 && (
          <ol className="draw-findings">
            {answer.findings.map((finding, i) => (
              <li key={i}>
                <span className={`draw-number-badge is-${finding.kind}`} aria-hidden>
                  {i + 1}
                </span>
                <div>
                  <Box variant="span">
                    {finding.kind === "error" ? "Error: " : "Warning: "}
                    {finding.message}
                  </Box>
                  {finding.x_m !== null && (
                    <Box fontSize="body-s">
                      <Button variant="inline-link" ariaLabel={`Show ${i + 1} on the road`} onClick={() => onShow(finding)}>
                        x {place(finding.x_m)}, y {place(finding.y_m)}
                      </Button>
                    </Box>
                  )}
                </div>
              </li>
            ))}
          </ol>
        )}
        <div className="numbers">
          <KeyValuePairs
            columns={2}
            minColumnWidth={110}
            items={[
              { label: "Length", value: metres(length, 2) },
              { label: "Tightest bend", value: length === null ? NOTHING : answer?.min_radius_m == null ? "straight" : `radius ${metres(answer.min_radius_m, 2)}` },
              ...SPEEDS_MPS.map((speed) => ({ label: `A lap at ${speed} m/s`, value: length === null ? NOTHING : `${(length / speed).toFixed(1)} s` })),
              { label: "Direction", value: length === null ? NOTHING : isCounterClockwise ? "Counter-clockwise" : "Clockwise" },
            ]}
          />
        </div>
      </SpaceBetween>
    </Container>
  );
}

/** Without a zero below zero. */
const place = (value: number | null): string => metres(value === null ? null : Math.round(value * 100) / 100 + 0, 2);

function Verdict({ check, nPoints }: { check: RoadCheck; nPoints: number }) {
  if (nPoints < MIN_POINTS) return <StatusIndicator type="pending">{`Set ${plural(MIN_POINTS - nPoints, "more point")}: a loop has at least ${MIN_POINTS}.`}</StatusIndicator>;
  if (check.error !== null) return <Alert type="error" header="The road could not be looked at">{check.error}</Alert>;
  if (check.answer === null) return <StatusIndicator type="loading">Loading the check</StatusIndicator>;
  const nErrors = check.answer.findings.filter((finding) => finding.kind === "error").length;
  const nWarnings = check.answer.findings.length - nErrors;
  if (nErrors > 0) return <StatusIndicator type="error">{`${plural(nErrors, "error")} to mend`}</StatusIndicator>;
  if (nWarnings > 0) return <StatusIndicator type="warning">{`Drivable, with ${plural(nWarnings, "warning")}`}</StatusIndicator>;
  return <StatusIndicator type="success">It can be driven on</StatusIndicator>;
}
