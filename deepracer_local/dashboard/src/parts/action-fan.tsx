/** The action space as a fan: an arrow for each action, its direction the steering, its length the speed. */
import type { ActionSpace } from "../pages/create/draft";

const SIZE = 300;
const CENTRE = SIZE / 2;
const BOTTOM = 190;
const RADIUS = 165;

export function ActionFan({ space }: { space: ActionSpace }) {
  const fastest = space.type === "discrete" ? Math.max(0.1, ...space.actions.map((a) => a.speed)) : space.speed.high;
  const rings = [1 / 3, 2 / 3, 1];
  const label =
    space.type === "discrete"
      ? `${space.actions.length} actions up to ${fastest} m/s`
      : `Any steering from ${space.steering.low}° to ${space.steering.high}° at ${space.speed.low} to ${space.speed.high} m/s`;
  return (
    <svg className="fan" viewBox={`0 0 ${SIZE} ${BOTTOM + 26}`} role="img" aria-label={label}>
      {rings.map((share) => (
        <g key={share}>
          <path d={arc(share * RADIUS)} fill="none" stroke="var(--chart-grid)" />
          <text x={CENTRE + 4} y={BOTTOM - share * RADIUS - 3} fontSize="10" fill="var(--chart-text)">
            {(share * fastest).toFixed(1)} m/s
          </text>
        </g>
      ))}
      {space.type === "continuous" ? (
        <path d={sector(space, fastest)} fill="var(--series-1)" fillOpacity="0.28" stroke="var(--series-1)" strokeWidth="2" />
      ) : (
        space.actions.map((action, i) => {
          const [x, y] = tip(action.steering_angle, (action.speed / fastest) * RADIUS);
          return (
            // Two actions may be equal while they are typed: only the place tells them apart.
            <g key={i} stroke="var(--series-1)" fill="var(--series-1)">
              <title>{`Action ${i}: ${action.steering_angle}° at ${action.speed} m/s`}</title>
              <line x1={CENTRE} y1={BOTTOM} x2={x} y2={y} strokeWidth="2" />
              <circle cx={x} cy={y} r="4.5" />
            </g>
          );
        })
      )}
      <rect x={CENTRE - 7} y={BOTTOM - 4} width="14" height="22" rx="3" fill="var(--series-5)" />
      <text x="8" y={BOTTOM + 18} fontSize="10" fill="var(--chart-text)">
        left +
      </text>
      <text x={SIZE - 8} y={BOTTOM + 18} fontSize="10" textAnchor="end" fill="var(--chart-text)">
        right −
      </text>
    </svg>
  );
}

/** Where an arrow of `length` ends; positive angles point to the left. */
function tip(degrees: number, length: number): [number, number] {
  // Small angles would lie on each other: the picture spreads them to twice their size.
  const angle = (Math.max(-90, Math.min(90, 2 * degrees)) * Math.PI) / 180;
  return [CENTRE - length * Math.sin(angle), BOTTOM - length * Math.cos(angle)];
}

function arc(radius: number): string {
  const [x1, y1] = tip(45, radius);
  const [x2, y2] = tip(-45, radius);
  return `M${x1} ${y1}A${radius} ${radius} 0 0 1 ${x2} ${y2}`;
}

function sector(space: Extract<ActionSpace, { type: "continuous" }>, fastest: number): string {
  const [inner, outer] = [(space.speed.low / fastest) * RADIUS, (space.speed.high / fastest) * RADIUS];
  const [a, b] = [tip(space.steering.high, outer), tip(space.steering.low, outer)];
  const [c, d] = [tip(space.steering.low, inner), tip(space.steering.high, inner)];
  return `M${a.join(" ")}A${outer} ${outer} 0 0 1 ${b.join(" ")}L${c.join(" ")}A${inner} ${inner} 0 0 0 ${d.join(" ")}Z`;
}
