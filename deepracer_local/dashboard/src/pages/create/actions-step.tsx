/** What the car can do in a step: a list of actions or a range, as table and as fan. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import Tiles from "@cloudscape-design/components/tiles";
import { useState } from "react";

import { messageOf } from "../../api/client";
import { ActionFan } from "../../parts/action-fan";
import type { StepProps } from "./create-page";
import { type Action, type ActionSpace, grid, NETWORKS, spaceOf } from "./draft";
import { SensorsPart } from "./sensors-part";

export const CONTINUOUS: ActionSpace = { type: "continuous", steering: { low: -30, high: 30 }, speed: { low: 0.5, high: 2 } };
const ANGLE_COUNTS = [3, 5, 7].map((n) => ({ value: String(n), label: `${n} angles` }));
const SPEED_COUNTS = [1, 2, 3].map((n) => ({ value: String(n), label: n === 1 ? "1 speed" : `${n} speeds` }));

export function ActionsStep({ draft, change, faults }: StepProps) {
  const { space } = draft;
  const locked = draft.parent !== null;
  const network = NETWORKS.find((one) => one.value === draft.network);
  return (
    <SpaceBetween size="l">
      {locked && (
        <Alert type="info">
          This model goes on from {draft.parent?.name}. Its network has learned for this kind and number of actions, so these stay;
          angles and speeds may change.
        </Alert>
      )}
      <Container header={<Header variant="h2" description="What the car can do in each step.">Action space</Header>}>
        <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
          <SpaceBetween size="m">
            <Tiles
              ariaLabel="Kind of action space"
              value={space.type}
              columns={2}
              items={[
                { value: "discrete", label: "Discrete", description: "A list to choose from. Learns sooner.", disabled: locked },
                { value: "continuous", label: "Continuous", description: "Any angle and speed in a range. Drives smoother.", disabled: locked },
              ]}
              onChange={({ detail }) => {
                if (detail.value !== space.type) change({ space: detail.value === "continuous" ? CONTINUOUS : { type: "discrete", actions: grid(30, 5, 1, 1) } });
              }}
            />
            {space.type === "discrete" ? (
              <Discrete space={space} locked={locked} onChange={(actions) => change({ space: { type: "discrete", actions } })} />
            ) : (
              <Continuous space={space} onChange={(changed) => change({ space: changed })} />
            )}
            {faults.space && <Alert type="error">{faults.space}</Alert>}
            {!locked && <Paste onTake={(taken) => change({ space: taken })} />}
          </SpaceBetween>
          <div>
            <ActionFan space={space} />
            <Box textAlign="center" color="text-body-secondary" fontSize="body-s">
              Directions are drawn at twice their angle.
            </Box>
          </div>
        </Grid>
      </Container>
      <SensorsPart
        sensors={draft.sensors}
        locked={locked}
        fault={faults.sensors}
        settings={draft.sensorSettings}
        sectors={draft.sectors}
        settingsFault={faults.sensorSettings}
        onChange={(sensors) => change({ sensors })}
        onSettings={(sensorSettings) => change({ sensorSettings })}
        onSectors={(sectors) => change({ sectors })}
      />
      <Container header={<Header variant="h2">Network</Header>}>
        <FormField label="Network" description={network?.description}>
          <Select
            disabled={locked}
            selectedOption={network ? { value: network.value, label: network.label } : null}
            options={NETWORKS.map(({ value, label, description }) => ({ value, label, description }))}
            onChange={({ detail }) => change({ network: detail.selectedOption.value ?? "fast" })}
          />
        </FormField>
      </Container>
    </SpaceBetween>
  );
}

function Discrete({ space, locked, onChange }: { space: Extract<ActionSpace, { type: "discrete" }>; locked: boolean; onChange: (actions: Action[]) => void }) {
  const { actions } = space;
  const set = (i: number, part: Partial<Action>) => onChange(actions.map((action, k) => (k === i ? { ...action, ...part } : action)));
  return (
    <SpaceBetween size="m">
      {!locked && <Spread onChange={onChange} />}
      <Table
        variant="borderless"
        contentDensity="compact"
        ariaLabels={{ tableLabel: "Actions" }}
        items={actions.map((action, i) => ({ ...action, i }))}
        columnDefinitions={[
          { id: "i", header: "Action", cell: ({ i }) => i, width: 80 },
          { id: "angle", header: "Steering, degrees", cell: ({ i, steering_angle }) => <NumberInput label={`Steering of action ${i}, degrees`} value={steering_angle} onChange={(value) => set(i, { steering_angle: value })} /> },
          { id: "speed", header: "Speed, m/s", cell: ({ i, speed }) => <NumberInput label={`Speed of action ${i}, m/s`} value={speed} onChange={(value) => set(i, { speed: value })} /> },
          {
            id: "remove",
            header: "",
            width: 60,
            cell: ({ i }) => <Button variant="icon" iconName="remove" ariaLabel={`Remove action ${i}`} disabled={locked || actions.length === 1} onClick={() => onChange(actions.filter((_, k) => k !== i))} />,
          },
        ]}
        footer={
          <Button iconName="add-plus" disabled={locked} onClick={() => onChange([...actions, { steering_angle: 0, speed: actions.at(-1)?.speed ?? 1 }])}>
            Add an action
          </Button>
        }
      />
    </SpaceBetween>
  );
}

/** Makes a list out of granularities, as the AWS console did. */
function Spread({ onChange }: { onChange: (actions: Action[]) => void }) {
  const [angles, setAngles] = useState(ANGLE_COUNTS[1]!);
  const [speeds, setSpeeds] = useState(SPEED_COUNTS[0]!);
  const [angle, setAngle] = useState(30);
  const [speed, setSpeed] = useState(1);
  return (
    <ExpandableSection headerText="Spread actions evenly">
      <ColumnLayout columns={2}>
        <FormField label="Largest angle, degrees">
          <NumberInput label="Largest angle, degrees" value={angle} onChange={setAngle} />
        </FormField>
        <FormField label="Angles">
          <Select selectedOption={angles} options={ANGLE_COUNTS} onChange={({ detail }) => setAngles(detail.selectedOption as typeof angles)} />
        </FormField>
        <FormField label="Highest speed, m/s">
          <NumberInput label="Highest speed, m/s" value={speed} onChange={setSpeed} />
        </FormField>
        <FormField label="Speeds">
          <Select selectedOption={speeds} options={SPEED_COUNTS} onChange={({ detail }) => setSpeeds(detail.selectedOption as typeof speeds)} />
        </FormField>
        <Button onClick={() => onChange(grid(angle, Number(angles.value), speed, Number(speeds.value)))}>Replace the list</Button>
      </ColumnLayout>
    </ExpandableSection>
  );
}

function Continuous({ space, onChange }: { space: Extract<ActionSpace, { type: "continuous" }>; onChange: (space: ActionSpace) => void }) {
  return (
    <ColumnLayout columns={2}>
      <FormField label="Lowest steering angle, degrees">
        <NumberInput label="Lowest steering angle, degrees" value={space.steering.low} onChange={(low) => onChange({ ...space, steering: { ...space.steering, low } })} />
      </FormField>
      <FormField label="Highest steering angle, degrees">
        <NumberInput label="Highest steering angle, degrees" value={space.steering.high} onChange={(high) => onChange({ ...space, steering: { ...space.steering, high } })} />
      </FormField>
      <FormField label="Lowest speed, m/s">
        <NumberInput label="Lowest speed, m/s" value={space.speed.low} onChange={(low) => onChange({ ...space, speed: { ...space.speed, low } })} />
      </FormField>
      <FormField label="Highest speed, m/s">
        <NumberInput label="Highest speed, m/s" value={space.speed.high} onChange={(high) => onChange({ ...space, speed: { ...space.speed, high } })} />
      </FormField>
    </ColumnLayout>
  );
}

function Paste({ onTake }: { onTake: (space: ActionSpace) => void }) {
  const [text, setText] = useState("");
  const [fault, setFault] = useState("");
  const take = () => {
    try {
      onTake(spaceOf(JSON.parse(text)));
      setFault("");
    } catch (error) {
      setFault(messageOf(error));
    }
  };
  return (
    <ExpandableSection headerText="Paste a model_metadata.json">
      <SpaceBetween size="s">
        <FormField label="model_metadata.json" stretch errorText={fault}>
          <Textarea value={text} rows={5} spellcheck={false} placeholder='{"action_space": [{"steering_angle": -30, "speed": 0.6}, …]}' onChange={({ detail }) => setText(detail.value)} />
        </FormField>
        <Button disabled={text.trim() === ""} onClick={take}>
          Use it
        </Button>
      </SpaceBetween>
    </ExpandableSection>
  );
}

/** Keeps what is typed as it is typed; a number that is not one yet is NaN, which the form then names. */
function NumberInput({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  const [text, setText] = useState(String(value));
  const shown = Object.is(Number(text), value) || Number.isNaN(value) ? text : String(value);
  return (
    <Input
      type="number"
      step="any"
      ariaLabel={label}
      value={shown}
      invalid={Number.isNaN(value)}
      onChange={({ detail }) => {
        setText(detail.value);
        onChange(detail.value.trim() === "" ? Number.NaN : Number(detail.value));
      }}
    />
  );
}
