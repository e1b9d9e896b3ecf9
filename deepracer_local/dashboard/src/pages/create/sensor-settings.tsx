/** What is less than ideal about the sensors, and how the lidar's sectors are made. */
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { CAMERAS, IDEAL, LIDARS, RATES_HZ, SECTOR_COUNTS, type Sectors, SECTORS, type SensorSetting, STATE } from "./sensors";

interface Props {
  sensors: string[];
  settings: Record<string, SensorSetting>;
  sectors: Sectors;
  locked: boolean;
  fault: string | undefined;
  onSettings: (settings: Record<string, SensorSetting>) => void;
  onSectors: (sectors: Sectors) => void;
}

const ALL = [...CAMERAS, ...LIDARS, STATE];

export function SensorSettingsPart({ sensors, settings, sectors, locked, fault, onSettings, onSectors }: Props) {
  return (
    <ExpandableSection headerText="Late, slow or noisy sensors" headerDescription="A real camera is late, a real lidar noisy. Here they are ideal." {...(fault ? { expanded: true } : {})}>
      <FormField stretch errorText={fault ?? ""}>
        <SpaceBetween size="m">
          {sensors.map((name) => (
            <Setting key={name} name={name} setting={settings[name] ?? IDEAL} onChange={(setting) => onSettings({ ...settings, [name]: setting })} />
          ))}
          {sensors.includes(SECTORS) && <SectorNumbers sectors={sectors} locked={locked} onChange={onSectors} />}
        </SpaceBetween>
      </FormField>
    </ExpandableSection>
  );
}

function Setting({ name, setting, onChange }: { name: string; setting: SensorSetting; onChange: (setting: SensorSetting) => void }) {
  const change = (part: Partial<SensorSetting>) => onChange({ ...setting, ...part });
  const title = ALL.find(({ value }) => value === name)?.label ?? CAMERAS[0]!.label;
  const unit = LIDARS.some(({ value }) => value === name) ? "metres" : name === STATE.value ? "of each number" : "grey levels";
  return (
    <div role="group" aria-label={title}>
      <Box variant="h4">{title}</Box>
      <ColumnLayout columns={3}>
        <FormField label="Measurements a second">
          <Select
            selectedOption={{ value: setting.rate, label: setting.rate }}
            options={RATES_HZ.map((rate) => ({ value: rate, label: rate }))}
            onChange={({ detail }) => change({ rate: detail.selectedOption.value ?? IDEAL.rate })}
          />
        </FormField>
        <FormField label="Delay, steps" constraintText="0 to 15, of a fifteenth of a second">
          <Input type="number" inputMode="numeric" value={setting.delay} onChange={({ detail }) => change({ delay: detail.value })} />
        </FormField>
        <FormField label={`Noise, ${unit}`} constraintText="0 to 128, standard deviation">
          <Input type="number" step="any" inputMode="decimal" value={setting.noise} onChange={({ detail }) => change({ noise: detail.value })} />
        </FormField>
      </ColumnLayout>
    </div>
  );
}

function SectorNumbers({ sectors, locked, onChange }: { sectors: Sectors; locked: boolean; onChange: (sectors: Sectors) => void }) {
  return (
    <div role="group" aria-label="Sectors of the lidar">
      <Box variant="h4">Sectors of the lidar</Box>
      <ColumnLayout columns={3}>
        <FormField label="Sectors" constraintText="All round">
          <Select
            disabled={locked}
            selectedOption={{ value: sectors.count, label: sectors.count }}
            options={SECTOR_COUNTS.map((count) => ({ value: count, label: count }))}
            onChange={({ detail }) => onChange({ ...sectors, count: detail.selectedOption.value ?? sectors.count })}
          />
        </FormField>
        <FormField label="Steps of distance in each" constraintText="1 to 64">
          <Input type="number" inputMode="numeric" disabled={locked} value={sectors.values} onChange={({ detail }) => onChange({ ...sectors, values: detail.value })} />
        </FormField>
        <FormField label="Up to, metres" constraintText="More than 0.15, at most 12">
          <Input type="number" step="any" inputMode="decimal" disabled={locked} value={sectors.clipM} onChange={({ detail }) => onChange({ ...sectors, clipM: detail.value })} />
        </FormField>
      </ColumnLayout>
    </div>
  );
}
