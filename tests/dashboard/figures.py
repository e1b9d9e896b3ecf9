"""Figures of the page itself, by a real browser: ``python -m tests.dashboard.figures``.

From moving the pointer over the curves of ten thousand episodes to the painted text of the episode under it; and how
many pictures a second there are while ten ghosts are replayed.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from deepracer_local.db import NewModel, open_database
from deepracer_local.domain import JobKind
from tests.dashboard.browser import launch, visiting
from tests.dashboard.test_lap_figures import evaluated
from tests.integration.service import running_service

N_EPISODES = 10_000
N_HOVERS = 100
N_GHOSTS = 10
REPLAY_S = 6
_EPISODES_PER_UPDATE = 16
_HOVER = """async (share) => {
    const over = document.querySelector(".u-over");
    const box = over.getBoundingClientRect();
    const text = document.querySelector(".hovered");
    const began = performance.now();
    const at = { clientX: box.left + share * box.width, clientY: box.top + box.height / 2, bubbles: true };
    over.dispatchEvent(new MouseEvent("mousemove", at));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return [performance.now() - began, text.textContent];
}"""

_REPLAY = """async (seconds) => {
    document.querySelector("button[aria-label=Play]").click();
    const times = [];
    const next = () => new Promise((done) => requestAnimationFrame(done));
    const end = (await next()) + 1000 * seconds;
    for (let at = 0; at < end; times.push(at)) at = await next();
    return times.slice(1).map((at, i) => at - times[i]);
}"""


def main() -> None:
    """Measures and prints."""
    measure_hovers()
    measure_ghosts()


def measure_ghosts() -> None:
    """Replays ten laps of one evaluation at once."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        speeds_mps = [1.0 if i % 2 else 0.5 for i in range(N_GHOSTS)]
        with evaluated(launch(playwright), Path(folder), speeds_mps) as (page, address):
            lap = address.rpartition("lap=")[2]
            page.goto(address + "1" + "".join(f"&lap={lap}{i}" for i in range(2, N_GHOSTS + 1)))
            page.get_by_role("row", name="of an evaluation").nth(N_GHOSTS - 1).wait_for()
            page.wait_for_load_state("networkidle")
            line = page.context.new_cdp_session(page)
            line.send("Performance.enable", {"timeDomain": "threadTicks"})
            busy_s = _busy_s(line)
            intervals = sorted(page.evaluate(_REPLAY, REPLAY_S))
            busy_ms = 1000 * (_busy_s(line) - busy_s) / len(intervals)
    median, p95 = statistics.median(intervals), intervals[int(0.95 * len(intervals))]
    rate = 1000 * len(intervals) / sum(intervals)
    print(f"{N_GHOSTS} ghosts, {rate:.1f} pictures a second: interval median {median:.1f} ms, p95 {p95:.1f} ms")
    print(f"the page's thread computes {busy_ms:.1f} ms for each of them")


def _busy_s(line: CDPSession) -> float:
    """Returns the processor time of the page's thread so far, which another process does not add to."""
    metrics = line.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def measure_hovers() -> None:
    """Moves the pointer over curves."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        model_id = _write_model(data_dir)
        with (
            running_service(data_dir, "--api-only") as service,
            sync_playwright() as playwright,
            visiting(launch(playwright), service) as visitor,
        ):
            visitor.sign_in()
            visitor.open(f"/models/{model_id}")
            visitor.page.locator(".hovered").first.wait_for()
            visitor.page.wait_for_load_state("networkidle")
            chance = random.Random(1)
            found = [visitor.page.evaluate(_HOVER, chance.random()) for _ in range(N_HOVERS)]
    assert len({text for _, text in found}) > N_HOVERS / 2, "the pointer found too few episodes"
    times = sorted(milliseconds for milliseconds, _ in found)
    p99 = times[int(0.99 * len(times))]
    print(f"{N_EPISODES} episodes, pointer to painted text: median {statistics.median(times):.1f} ms, p99 {p99:.1f} ms")


def _write_model(data_dir: Path) -> str:
    """Writes a model with a long training into the database of a service that does not run yet; returns its id."""
    database = open_database(f"sqlite:///{data_dir / 'service.db'}")
    database.migrate()
    spec = {"train": {"track": "oval"}, "request": {}, "job": {}}
    new = NewModel(name="long", spec=spec, reward_key="none", track="oval")
    model, job = database.jobs.add_with_model("local", new, JobKind.TRAIN, {})
    database.jobs.claim("figures", 3_600.0)
    chance = random.Random(0)
    episodes = [_episode(number, chance) for number in range(N_EPISODES)]
    database.progress.append_episodes(job.id, 1, episodes)
    updates = [_update(episodes[i : i + _EPISODES_PER_UPDATE]) for i in range(0, N_EPISODES, _EPISODES_PER_UPDATE)]
    database.progress.append_metrics(job.id, 1, updates)
    database.jobs.cancelled(job.id, 1)
    database.close()
    return model.id


def _episode(number: int, chance: random.Random) -> dict[str, object]:
    progress = min(100.0, 100.0 * chance.random() * (0.2 + number / N_EPISODES))
    return {
        "episode": number,
        "number": number,
        "phase": "training",
        "iteration": number // _EPISODES_PER_UPDATE,
        "total_steps": 120 * (number + 1),
        "steps": 120,
        "reward": progress * chance.uniform(0.5, 1.5),
        "progress": progress,
        "time_s": 8.0,
        "outcome": "off_track" if progress < 100.0 else "lap_complete",
        "start_ndist": 0.0,
        "is_reversed": False,
    }


def _update(episodes: list[dict[str, object]]) -> dict[str, object]:
    rewards, progress = ([float(str(one[name])) for one in episodes] for name in ("reward", "progress"))
    return {
        "iteration": int(str(episodes[0]["iteration"])) + 1,
        "total_steps": episodes[-1]["total_steps"],
        "episodes": int(str(episodes[-1]["number"])) + 1,
        "training_seconds": 0.1 * int(str(episodes[-1]["number"])),
        "mean_reward": statistics.mean(rewards),
        "mean_progress": statistics.mean(progress),
    }


if __name__ == "__main__":
    main()
