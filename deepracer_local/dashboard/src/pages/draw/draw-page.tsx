/** Draws a track: click a centre line, set the width, see what is wrong, and train on it in the same minute. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import Slider from "@cloudscape-design/components/slider";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { useLocation } from "wouter";

import { ApiError, call, messageOf } from "../../api/client";
import type { TrackFinding } from "../../api/types";
import { metres, plural } from "../../format";
import { useNotifications } from "../../shell/notifications";
import { useCrumbs } from "../../shell/shell";
import { PointsTable } from "./points-table";
import { RoadCanvas } from "./road-canvas";
import { RoadReport } from "./road-report";
import { beginWith, changed, forget, inserted, keep, kept, middleAfter, mirrored, moved, nameOf, reversed, type Sketch, startingAt, TEMPLATES, without } from "./sketch";
import { MAX_POINTS, type Point, roadOf } from "./spline";
import { bodyOf, useRoadCheck } from "./use-road-check";
import { fitted, type Size, type Viewport, zoomed } from "./viewport";

const [NARROWEST, WIDEST] = [0.3, 2];
const SNAPS = [0, 0.1, 0.25, 0.5].map((step) => ({ value: String(step), label: step === 0 ? "Off" : metres(step, 2) }));
const ZOOM = 1.3;
const NO_FINDINGS: TrackFinding[] = [];

export default function DrawPage() {
  useCrumbs({ text: "Tracks", href: "/tracks" }, { text: "Draw a track", href: "/tracks/draw" });
  const [history, change] = useReducer(changed, null, () => beginWith(kept()));
  const { sketch, selected } = history;
  const { points, width } = sketch;
  const [snap, setSnap] = useState(SNAPS[1]!);
  const [view, setView] = useState<Viewport | null>(null);
  const [fits, setFits] = useState(0);
  const [size, setSize] = useState<Size>({ width: 800, height: 520 });
  const focus = useRef<number | null>(null);
  const { isSaving, fault, setFault, save } = useSave(sketch);
  const check = useRoadCheck(sketch);
  const road = useMemo(() => roadOf(points, width), [points, width]);
  // Only when asked: a ground that moves under the hand cannot be drawn on.
  const whole = useMemo(() => fitted(points, size, width), [size, fits]);
  useEffect(() => keep(sketch), [sketch]);

  const edit = (part: Partial<Sketch>, name = "", to?: number | null) => change({ type: "edit", name, part, ...(to === undefined ? {} : { selected: to }) });
  const insert = (i: number, point: Point) => {
    if (points.length >= MAX_POINTS) return;
    focus.current = i;
    edit({ points: inserted(points, i, point) }, "", i);
  };
  const remove = (i: number) => {
    const left = points.length - 1;
    focus.current = left === 0 ? null : Math.min(i, left - 1);
    edit({ points: without(points, i) }, "", focus.current);
  };
  const move = (i: number, point: Point) => edit({ points: moved(points, i, point) }, `move ${i}`, i);
  const fit = () => {
    setView(null);
    setFits((n) => n + 1);
  };
  const choose = (id: string) => {
    const template = TEMPLATES.find((one) => one.id === id);
    if (template) edit({ points: template.points }, "", null);
    else if (id === "empty") edit({ points: [] }, "", null);
    else if (id === "mirror") edit({ points: mirrored(points) });
    else if (id === "reverse") edit({ points: reversed(points) }, "", null);
    if (template || id === "empty") fit();
  };
  const onKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return;
    const key = event.key.toLowerCase();
    if (key === "z") change({ type: event.shiftKey ? "redo" : "undo" });
    else if (key === "y") change({ type: "redo" });
    else return;
    event.preventDefault();
  };
  const show = (finding: TrackFinding) => {
    if (finding.x_m !== null && finding.y_m !== null) setView({ x: finding.x_m, y: finding.y_m, scale: Math.max(90, (view ?? whole).scale) });
  };
  const canSave = check.answer?.usable === true && !check.isChecking;
  const reason = check.isChecking ? "The road is being looked at." : "Mend what is marked on the road first.";
  const findings = check.answer?.findings ?? NO_FINDINGS;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="A smooth loop through the points that you set. It can be trained on at once."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button loading={isSaving === "tracks"} disabled={!canSave} disabledReason={reason} onClick={() => void save("tracks")}>
                Save
              </Button>
              <Button variant="primary" loading={isSaving === "train"} disabled={!canSave} disabledReason={reason} onClick={() => void save("train")}>
                Save and train
              </Button>
            </SpaceBetween>
          }
        >
          Draw a track
        </Header>
      }
    >
      <div className="draw" onKeyDown={onKey}>
        <div className="draw-layout">
          <div className="draw-first">
            <Container
              header={
                <div className="draw-tools">
                  <SpaceBetween direction="horizontal" size="xs">
                    <ButtonDropdown
                      items={[
                        { text: "Begin with", items: [...TEMPLATES.map(({ id, text }) => ({ id, text })), { id: "empty", text: "Nothing" }] },
                        { text: "Change", items: [{ id: "mirror", text: "Mirror" }, { id: "reverse", text: "Reverse the direction" }] },
                      ]}
                      onItemClick={({ detail }) => choose(detail.id)}
                    >
                      Shape
                    </ButtonDropdown>
                    <Button iconName="undo" ariaLabel="Undo" disabled={history.past.length === 0} onClick={() => change({ type: "undo" })} />
                    <Button iconName="redo" ariaLabel="Redo" disabled={history.future.length === 0} onClick={() => change({ type: "redo" })} />
                    <Button iconName="remove" ariaLabel="Delete the point" disabled={selected === null || selected >= points.length} onClick={() => selected !== null && remove(selected)} />
                  </SpaceBetween>
                  <SpaceBetween direction="horizontal" size="xs">
                    <Button iconName="zoom-out" ariaLabel="Zoom out" onClick={() => setView(zoomed(view ?? whole, size, 1 / ZOOM))} />
                    <Button iconName="zoom-to-fit" ariaLabel="Show the whole road" onClick={fit} />
                    <Button iconName="zoom-in" ariaLabel="Zoom in" onClick={() => setView(zoomed(view ?? whole, size, ZOOM))} />
                  </SpaceBetween>
                </div>
              }
              footer={
                <Box color="text-body-secondary" fontSize="body-s">
                  <span id="draw-keys">
                    Click to set a point, on the road to insert one, drag to move it. Arrow keys move a point (with Shift ten times as far), Enter inserts one behind it,
                    Delete removes it. Drag the ground to move it, Ctrl and wheel zoom.
                  </span>
                </Box>
              }
              disableContentPaddings
            >
              <RoadCanvas
                sketch={sketch}
                road={road}
                selected={selected}
                findings={findings}
                snap={Number(snap.value)}
                view={view ?? whole}
                onView={setView}
                size={size}
                onSize={setSize}
                onSelect={(i) => change({ type: "select", selected: i })}
                onInsert={insert}
                onMove={move}
                onRemove={remove}
                onSettle={() => change({ type: "settle" })}
                focus={focus}
              />
            </Container>
          </div>
          <div className="draw-side">
            <SpaceBetween size="l">
              <RoadReport check={check} nPoints={points.length} isCounterClockwise={isCounterClockwise(points)} onShow={show} />
              <Container header={<Header variant="h2">Road</Header>}>
                <SpaceBetween size="m">
                  <FormField label="Width" description="From border to border, in metres." stretch>
                    <div className="draw-width">
                      <Slider
                        value={Math.min(WIDEST, Math.max(NARROWEST, width))}
                        min={NARROWEST}
                        max={WIDEST}
                        step={0.05}
                        hideFillLine
                        valueFormatter={(value) => metres(value, 2)}
                        ariaLabel="Width of the road"
                        onChange={({ detail }) => edit({ width: Math.round(detail.value * 100) / 100 }, "width")}
                      />
                      <Input
                        type="number"
                        step={0.05}
                        value={String(width)}
                        ariaLabel="Width of the road in metres"
                        invalid={!(width > 0)}
                        onChange={({ detail }) => edit({ width: Math.min(100, Number(detail.value)) }, "width")}
                      />
                    </div>
                  </FormField>
                  <FormField label="Snap points to">
                    <Select selectedOption={snap} options={SNAPS} onChange={({ detail }) => setSnap(SNAPS.find((one) => one.value === detail.selectedOption.value) ?? SNAPS[0]!)} />
                  </FormField>
                </SpaceBetween>
              </Container>
              <Container header={<Header variant="h2">Name</Header>}>
                <SpaceBetween size="m">
                  <FormField label="Title" errorText={fault} constraintText={`Saved as ${nameOf(sketch.title) || "…"}`}>
                    <Input
                      value={sketch.title}
                      onChange={({ detail }) => {
                        setFault("");
                        edit({ title: detail.value.slice(0, 100) }, "title");
                      }}
                    />
                  </FormField>
                  <FormField label={<>Description <i>- optional</i></>}>
                    <Input value={sketch.description} onChange={({ detail }) => edit({ description: detail.value.slice(0, 2000) }, "description")} />
                  </FormField>
                </SpaceBetween>
              </Container>
            </SpaceBetween>
          </div>
          <div className="draw-last">
            <Container header={<Header variant="h2" counter={`(${points.length})`}>Points</Header>}>
              <PointsTable
                points={points}
                selected={selected}
                onMove={move}
                onInsertAfter={(i) => insert(i + 1, middleAfter(points, i, road))}
                onRemove={remove}
                onStartHere={(i) => edit({ points: startingAt(points, i) }, "", 0)}
              />
            </Container>
          </div>
        </div>
        {points.length >= MAX_POINTS && <Alert type="info">{plural(MAX_POINTS, "point")} are all that a track may have.</Alert>}
      </div>
    </ContentLayout>
  );
}

/** Saves the drawing and goes on to the tracks, or to a training on it. */
function useSave(sketch: Sketch) {
  const [isSaving, setSaving] = useState<"" | "tracks" | "train">("");
  const [fault, setFault] = useState("");
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const { notify, fail } = useNotifications();
  const save = async (then: "tracks" | "train") => {
    const name = nameOf(sketch.title);
    if (name === "") {
      setFault("Expected a title with a letter or digit in it.");
      return;
    }
    setSaving(then);
    try {
      const body = { ...bodyOf(sketch), name, title: sketch.title.trim(), description: sketch.description.trim() };
      const { length_m } = await call("POST /api/v1/tracks/drawn", { body });
      forget();
      for (const queryKey of [["tracks"], ["track", name]]) void client.invalidateQueries({ queryKey });
      notify({ type: "success", content: `Saved ${sketch.title}: ${metres(length_m)} long.` });
      navigate(then === "train" ? `/create?track=${encodeURIComponent(name)}` : "/tracks");
    } catch (error) {
      setSaving("");
      if (error instanceof ApiError && (error.status === 409 || error.field === "name")) setFault(messageOf(error));
      else fail("save the track", error);
    }
  };
  return { isSaving, fault, setFault, save };
}

const isCounterClockwise = (points: Point[]): boolean =>
  points.reduce((area, point, i) => {
    const next = points[(i + 1) % points.length] as Point;
    return area + point.x * next.y - next.x * point.y;
  }, 0) > 0;
