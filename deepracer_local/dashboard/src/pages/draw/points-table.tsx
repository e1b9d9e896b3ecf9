/** The points as numbers: the same drawing for who types. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import Table from "@cloudscape-design/components/table";
import { useEffect, useState } from "react";

import { MAX_POINTS, type Point } from "./spline";

interface Props {
  points: Point[];
  selected: number | null;
  onMove: (i: number, point: Point) => void;
  onInsertAfter: (i: number) => void;
  onRemove: (i: number) => void;
  onStartHere: (i: number) => void;
}

export function PointsTable({ points, selected, onMove, onInsertAfter, onRemove, onStartHere }: Props) {
  const isFull = points.length >= MAX_POINTS;
  return (
    <div className="draw-points">
      <Table
        variant="borderless"
        stickyHeader={false}
        contentDensity="compact"
        items={points.map((point, i) => ({ ...point, i }))}
        trackBy={(item) => String(item.i)}
        ariaLabels={{ tableLabel: "Points of the centre line" }}
        empty={<Box color="text-body-secondary">No point yet: click on the ground.</Box>}
        columnDefinitions={[
          {
            id: "number",
            header: "Point",
            isRowHeader: true,
            cell: ({ i }) => (
              <Box variant={i === selected ? "strong" : "span"}>
                {i + 1}
                {i === 0 && <span className="wide-only"> (start)</span>}
              </Box>
            ),
          },
          { id: "x", header: "x in m", cell: ({ i, x, y }) => <Metres label={`x of point ${i + 1} in metres`} value={x} onChange={(value) => onMove(i, { x: value, y })} /> },
          { id: "y", header: "y in m", cell: ({ i, x, y }) => <Metres label={`y of point ${i + 1} in metres`} value={y} onChange={(value) => onMove(i, { x, y: value })} /> },
          {
            id: "actions",
            header: <span className="wide-only">Actions</span>,
            cell: ({ i }) => (
              <div className="draw-actions">
                <span className="wide-only">
                  <Button variant="icon" iconName="add-plus" disabled={isFull} ariaLabel={`Insert a point after point ${i + 1}`} onClick={() => onInsertAfter(i)} />
                  <Button variant="icon" iconName="flag" disabled={i === 0} ariaLabel={`Start at point ${i + 1}`} onClick={() => onStartHere(i)} />
                </span>
                <Button variant="icon" iconName="remove" ariaLabel={`Delete point ${i + 1}`} onClick={() => onRemove(i)} />
              </div>
            ),
          },
        ]}
      />
    </div>
  );
}

/** Takes a number over when it is one; what is half typed stays as it is. */
function Metres({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText((before) => (Number(before) === value && before.trim() !== "" ? before : String(value))), [value]);
  const isNumber = text.trim() !== "" && Math.abs(Number(text)) <= 1000;
  return (
    <div className="draw-number">
      <Input
        value={text}
        inputMode="decimal"
        ariaLabel={label}
        invalid={!isNumber}
        onChange={({ detail }) => {
          setText(detail.value);
          const typed = Number(detail.value);
          if (detail.value.trim() !== "" && Math.abs(typed) <= 1000) onChange(typed);
        }}
        onBlur={() => !isNumber && setText(String(value))}
      />
    </div>
  );
}
