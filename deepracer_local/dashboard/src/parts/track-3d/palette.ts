/** The colours of the scene by day and by night; those of the road and the cars are the map's. */
import { Color } from "three";

import { CAR_COLOURS } from "../track-drawing";

export interface Palette {
  isDark: boolean;
  /** Straight up, and at the horizon, where the ground fades into it. */
  sky: Color;
  horizon: Color;
  grass: [string, string];
  road: Color;
  edge: Color;
  line: Color;
  leaves: Color;
  trunk: Color;
  light: { sky: Color; ground: Color; ambient: number; sun: number; sunColour: Color };
  cars: Color[];
  box: Color;
  bot: Color;
  objectEdge: Color;
}

export function paletteOf(style: CSSStyleDeclaration, isDark: boolean): Palette {
  const colour = (name: string) => new Color(style.getPropertyValue(name).trim());
  const cars = CAR_COLOURS.map(colour);
  const road = { line: colour("--road-line"), cars, box: colour("--box"), bot: colour("--bot"), objectEdge: colour("--object-edge") };
  return isDark
    ? {
        ...road,
        isDark,
        sky: new Color("#060b16"),
        horizon: new Color("#1b2a40"),
        grass: ["#15291d", "#1a3224"],
        road: new Color("#3a4250"),
        edge: new Color("#d5dae2"),
        leaves: new Color("#17402c"),
        trunk: new Color("#33261c"),
        light: { sky: new Color("#c4d2ec"), ground: new Color("#22332a"), ambient: 2.3, sun: 1.9, sunColour: new Color("#e9eeff") },
      }
    : {
        ...road,
        isDark,
        sky: new Color("#5d9fd8"),
        horizon: new Color("#dcebf5"),
        grass: ["#7fae66", "#88b76e"],
        road: new Color("#59616d"),
        edge: new Color("#ffffff"),
        leaves: new Color("#4f8a4c"),
        trunk: new Color("#7a5c43"),
        light: { sky: new Color("#ffffff"), ground: new Color("#8fa57f"), ambient: 1.9, sun: 1.9, sunColour: new Color("#fff3dc") },
      };
}
