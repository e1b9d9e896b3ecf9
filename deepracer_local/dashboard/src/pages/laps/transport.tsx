/** Plays the laps: scrub bar, play and pause, one step on or back, speed, and a link to the instant. */
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import { useEffect, useReducer, useRef } from "react";

import { useNotifications } from "../../shell/notifications";
import { RATES, type ReplayClock, STEP_S } from "./clock";
import { LiveText } from "./live-text";

const SPEEDS = RATES.map((rate) => ({ value: String(rate), label: `${rate} ×` }));
const PAGE_STEPS = 15;

export function Transport({ clock, linkOf }: { clock: ReplayClock; linkOf: (t: number) => string }) {
  const [, render] = useReducer((n: number) => n + 1, 0);
  useEffect(() => clock.onChange(render), [clock]);
  const { notify, fail } = useNotifications();
  const copy = async () => {
    const link = new URL(linkOf(clock.t), window.location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      notify({ type: "success", content: `Copied the link to ${clock.t.toFixed(2)} s.` });
    } catch {
      // Without permission for the clipboard the address bar has the link.
      window.history.replaceState(window.history.state, "", link);
      notify({ type: "info", content: "The browser keeps the clipboard to itself: the link is in its address bar now." });
    }
  };
  const play = () => (clock.isPlaying ? clock.pause() : clock.play());
  return (
    <div className="transport" role="group" aria-label="Replay">
      <Button variant="icon" iconName="angle-left-double" ariaLabel="To the beginning" onClick={() => clock.seek(0)} />
      <Button variant="icon" iconName="angle-left" ariaLabel="One step back" onClick={() => clock.step(-1)} />
      <Button variant="primary" ariaLabel={clock.isPlaying ? "Pause" : "Play"} onClick={play}>
        {clock.isPlaying ? "Pause" : "Play"}
      </Button>
      <Button variant="icon" iconName="angle-right" ariaLabel="One step on" onClick={() => clock.step(1)} />
      <Scrub clock={clock} />
      <LiveText clock={clock} of={(t) => `${t.toFixed(2)} of ${clock.durationS.toFixed(2)} s`} />
      <Select
        ariaLabel="Speed of the replay"
        selectedOption={SPEEDS.find(({ value }) => value === String(clock.rate)) ?? null}
        options={SPEEDS}
        onChange={({ detail }) => clock.setRate(Number(detail.selectedOption.value))}
      />
      <Button iconName="share" onClick={() => void copy().catch((error: unknown) => fail("copy the link", error))}>
        Copy link to this instant
      </Button>
    </div>
  );
}

/** A slider of whole control steps; arrows go one step, page keys a second, Home and End to the ends, space plays. */
function Scrub({ clock }: { clock: ReplayClock }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    let shown = "";
    const follow = () => {
      const element = input.current;
      if (!element) return;
      const most = String(Math.ceil(clock.durationS / STEP_S - 1e-6));
      if (element.max !== most) element.max = most;
      const value = String(Math.round(clock.t / STEP_S));
      const state = clock.isPlaying ? `${value} of ${most}` : `${clock.t} of ${clock.durationS}`;
      if (state === shown) return; // four pictures have one control step; every write has the browser look at the page
      shown = state;
      element.value = value;
      element.setAttribute("aria-valuetext", `${clock.t.toFixed(2)} of ${clock.durationS.toFixed(2)} seconds`);
    };
    follow();
    return clock.onFrame(follow);
  }, [clock]);
  return (
    <input
      ref={input}
      className="scrub"
      type="range"
      aria-label="Instant"
      min={0}
      step={1}
      defaultValue={0}
      onInput={(event) => {
        if (clock.isPlaying) clock.pause();
        clock.seek(Number(event.currentTarget.value) * STEP_S);
      }}
      onKeyDown={(event) => {
        const steps = { PageUp: PAGE_STEPS, PageDown: -PAGE_STEPS }[event.key];
        if (steps === undefined && event.key !== " ") return;
        event.preventDefault();
        if (steps !== undefined) clock.step(steps);
        else if (clock.isPlaying) clock.pause();
        else clock.play();
      }}
    />
  );
}
