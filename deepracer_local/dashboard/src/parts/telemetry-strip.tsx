/** Speed, steering, reward and progress of one car, a few times a second: faster nobody can read. */
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Select from "@cloudscape-design/components/select";
import FormField from "@cloudscape-design/components/form-field";
import { useEffect, useState } from "react";

import { carsOn } from "../api/leader";
import { type Seen, useLive } from "../api/live";
import { decimal, NOTHING, percent, words } from "../format";

const READ_MS = 200;
const LEADER = "leader";

interface Props {
  jobId: string;
  /** What the job calls the track whose cars are told of; null where it has no other. */
  road: string | null;
  chosen: number | null;
  onChoose: (car: number | null) => void;
}

export function TelemetryStrip({ jobId, road, chosen, onChoose }: Props) {
  const live = useLive();
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    const timer = window.setInterval(() => setSeen(live.telemetry.get(jobId) ?? null), READ_MS);
    return () => window.clearInterval(timer);
  }, [live, jobId]);
  const cars = carsOn(seen?.current.cars ?? [], road);
  const followed = chosen ?? live.leaderOf(jobId, road);
  const car = cars.find((one) => one.car === followed) ?? null;
  const options = [
    { value: LEADER, label: "The one that is furthest" },
    ...cars.map((one) => ({ value: String(one.car), label: `Car ${one.car + 1}` })),
  ];
  const selected = options.find((option) => option.value === (chosen === null ? LEADER : String(chosen))) ?? options[0];
  return (
    <div className="numbers">
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: "Car",
            value: (
              <FormField>
                <Select
                  ariaLabel="Car to follow"
                  selectedOption={selected ?? null}
                  options={options}
                  onChange={({ detail }) => onChoose(detail.selectedOption.value === LEADER ? null : Number(detail.selectedOption.value))}
                />
              </FormField>
            ),
          },
          { label: "Speed", value: car ? `${decimal(car.speed)} m/s` : NOTHING },
          { label: "Steering", value: car ? `${decimal(car.steering, 1)}°` : NOTHING },
          { label: "Reward of the step", value: car ? decimal(car.reward) : NOTHING },
          { label: "Progress", value: car ? percent(car.progress) : NOTHING },
          { label: "It is", value: seen ? `${words(seen.current.phase)}${cars.length === 0 ? ", on another track" : ""}` : "between two looks" },
        ]}
      />
    </div>
  );
}
