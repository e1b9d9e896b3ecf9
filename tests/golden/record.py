"""Drives the golden episodes. ``python -m tests.golden.record`` writes them anew: look at the difference before you
commit it, for it says that the same actions now drive another lap.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deepracer_local.env import DeepRacerEnv

FOLDER = Path(__file__).parent
EPISODES = {
    "reinvent_2018": [(0, 1.0), (12, 1.5), (-9, 2.0), (25, 1.0), (0, 3.0)],
    "serpent": [(0, 0.6), (20, 0.8), (-20, 0.8), (5, 1.2)],
    "drag_strip": [(0, 4.0), (0, 0.4), (2, 4.0)],
}
"""Track -> actions, each held for twelve steps, over and over until the episode ends or 120 steps are driven."""
KEYS = (
    *("x", "y", "heading", "progress", "projection_distance", "distance_from_center", "track_width", "speed"),
    *("steering_angle", "closest_waypoints", "is_left_of_center", "all_wheels_on_track", "is_offtrack", "steps"),
)


def drive(track: str) -> list[dict[str, Any]]:
    """Returns every third instant of the track's golden episode."""
    actions = EPISODES[track]
    env = DeepRacerEnv(track, action_space=[{"steering_angle": angle, "speed": speed} for angle, speed in actions])
    env.reset(seed=0)
    instants, ended = [], False
    for step in range(120):
        observation, reward, terminated, truncated, info = env.step(step // 12 % len(actions))
        ended = terminated or truncated
        if step % 3 == 0 or ended:
            params = {key: info["reward_params"][key] for key in KEYS}
            seen = {"mean": float(observation.mean()), "left": float(observation[:, :80].mean())}
            speed_mps = info["record"].measured_speed_mps
            instants.append(
                params | {"reward": reward, "outcome": info["outcome"], "measured_speed": speed_mps, "picture": seen}
            )
        if ended:
            break
    env.close()
    return instants


def file_of(track: str) -> Path:
    """Returns where the golden episode of ``track`` is kept."""
    return FOLDER / f"{track}.json"


if __name__ == "__main__":
    for name in EPISODES:
        rows = [json.dumps(instant) for instant in drive(name)]
        file_of(name).write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
