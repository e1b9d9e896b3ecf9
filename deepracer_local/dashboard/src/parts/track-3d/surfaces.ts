/** Pictures that are painted once and laid over surfaces, so that nothing has to be loaded. */
import { CanvasTexture, RepeatWrapping, SRGBColorSpace } from "three";

const SIZE_PX = 256;

/** The same numbers between 0 and 1 every time: a scene looks the same after a reload. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

export function asphalt(): CanvasTexture {
  return painted(1, (context, random) => {
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, SIZE_PX, SIZE_PX);
    for (let i = 0; i < 5200; i++) {
      const grey = 200 + Math.floor(random() * 55);
      context.fillStyle = `rgb(${grey},${grey},${grey})`;
      context.fillRect(random() * SIZE_PX, random() * SIZE_PX, 2, 2);
    }
  });
}

export function grass([dark, light]: [string, string]): CanvasTexture {
  return painted(2, (context, random) => {
    context.fillStyle = dark;
    context.fillRect(0, 0, SIZE_PX, SIZE_PX);
    context.fillStyle = light;
    context.fillRect(0, 0, SIZE_PX / 2, SIZE_PX);
    for (let i = 0; i < 2600; i++) {
      context.fillStyle = random() < 0.5 ? "rgba(0,0,0,0.07)" : "rgba(255,255,255,0.06)";
      context.fillRect(random() * SIZE_PX, random() * SIZE_PX, 2, 4);
    }
  });
}

/** The number on a car's roof. */
export function roofNumber(text: string): CanvasTexture {
  return painted(3, (context) => {
    context.beginPath();
    context.arc(SIZE_PX / 2, SIZE_PX / 2, SIZE_PX * 0.47, 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill();
    context.fillStyle = "#10151c";
    context.font = `700 ${text.length > 2 ? 110 : 150}px system-ui, "DejaVu Sans", sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, SIZE_PX / 2, SIZE_PX / 2 + 10);
  });
}

/** The soft dark spot under a car. */
export function shadow(): CanvasTexture {
  return painted(4, (context) => {
    const fade = context.createRadialGradient(SIZE_PX / 2, SIZE_PX / 2, SIZE_PX * 0.12, SIZE_PX / 2, SIZE_PX / 2, SIZE_PX / 2);
    fade.addColorStop(0, "rgba(0,0,0,0.62)");
    fade.addColorStop(0.6, "rgba(0,0,0,0.34)");
    fade.addColorStop(1, "rgba(0,0,0,0)");
    context.fillStyle = fade;
    context.fillRect(0, 0, SIZE_PX, SIZE_PX);
  });
}

function painted(seed: number, paint: (context: CanvasRenderingContext2D, random: () => number) => void): CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE_PX;
  const context = canvas.getContext("2d");
  if (context) paint(context, randomFrom(seed));
  const made = new CanvasTexture(canvas);
  made.wrapS = made.wrapT = RepeatWrapping;
  made.colorSpace = SRGBColorSpace;
  made.anisotropy = 8;
  return made;
}
