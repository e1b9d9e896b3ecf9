/** What the network gets of the world. */
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";

import { SensorSettingsPart } from "./sensor-settings";
import { CAMERAS, LIDARS, namesOf, type Sectors, type SensorHelp, type SensorSetting, STATE, sensorsOf } from "./sensors";

interface Props {
  sensors: string[];
  locked: boolean;
  fault: string | undefined;
  settings: Record<string, SensorSetting>;
  sectors: Sectors;
  settingsFault: string | undefined;
  onChange: (sensors: string[]) => void;
  onSettings: (settings: Record<string, SensorSetting>) => void;
  onSectors: (sectors: Sectors) => void;
}

export function SensorsPart({ sensors, locked, fault, settings, sectors, settingsFault, onChange, onSettings, onSectors }: Props) {
  const chosen = sensorsOf(sensors);
  const change = (part: Partial<typeof chosen>) => onChange(namesOf({ ...chosen, ...part }));
  return (
    <Container header={<Header variant="h2" description="What the network gets of the world in each step.">Sensors</Header>}>
      <SpaceBetween size="m">
        <Choice label="Camera" all={CAMERAS} value={chosen.camera} disabled={locked} fault={fault} onChange={(camera) => change({ camera })} />
        <Choice label="Lidar" all={LIDARS} value={chosen.lidar} disabled={locked} onChange={(lidar) => change({ lidar })} />
        <Toggle checked={chosen.hasState} disabled={locked} description={STATE.description} onChange={({ detail }) => change({ hasState: detail.checked })}>
          {STATE.label}
        </Toggle>
        <SensorSettingsPart sensors={sensors} settings={settings} sectors={sectors} locked={locked} fault={settingsFault} onSettings={onSettings} onSectors={onSectors} />
      </SpaceBetween>
    </Container>
  );
}

interface ChoiceProps {
  label: string;
  all: SensorHelp[];
  value: string;
  disabled: boolean;
  fault?: string | undefined;
  onChange: (value: string) => void;
}

function Choice({ label, all, value, disabled, fault, onChange }: ChoiceProps) {
  const one = all.find((option) => option.value === value) ?? all[0]!;
  return (
    <FormField label={label} description={one.description} errorText={fault ?? ""}>
      <Select disabled={disabled} selectedOption={{ value: one.value, label: one.label }} options={all.map((option) => ({ ...option }))} onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")} />
    </FormField>
  );
}
