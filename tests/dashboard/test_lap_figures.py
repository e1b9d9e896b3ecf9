"""The figures of the laps page, from laps that drive known speeds along the centre line of the oval."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, expect

from deepracer_local.client import Client
from deepracer_local.domain import Outcome, StepRecord
from deepracer_local.runs import trace_row
from deepracer_local.track import Track, builtin_tracks_dir, load_track
from tests.dashboard.browser import visiting
from tests.integration.service import Service, api_in_thread, wait_until
from tests.unit.api.service import add_token, finish_training, make_services
from tests.unit.api.traces import claim, csv_of, store

STEP_S = 1 / 15
SLOW_M = (3.0, 5.0)
"""Where the slow lap drives at half the speed: two metres of the first corner."""

ORANGE = """(canvas) => [0, 1].map((half) => {
  const width = Math.floor(canvas.width / 2);
  const {data} = canvas.getContext("2d").getImageData(half * width, 0, width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] > 180 && data[i + 1] < 110 && data[i + 2] < 60) count += 1;
  return count;
})"""
"""Counts the orange pixels in the left half of a canvas and in its right one; the worst corner's mark is orange too."""


@dataclass
class Served:
    """An API in this process, as far as a visitor needs it."""

    url: str
    token: str

    def client(self) -> Client:
        return Client(self.url, self.token)


@pytest.fixture(scope="module")
def laps(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, str]]:
    """A signed-in page, and the address of an evaluation of a steady lap (1) and of one with a slow stretch (2)."""
    with evaluated(browser, tmp_path_factory.mktemp("house"), [1.0, 0.5]) as found:
        yield found


@contextmanager
def evaluated(browser: Browser, folder: Path, slow_mps: list[float]) -> Iterator[tuple[Page, str]]:
    """Gives a signed-in page, and the address of an evaluation with a lap for each speed in the slow stretch."""
    services = make_services(folder)
    track = load_track(builtin_tracks_dir() / "oval")
    with api_in_thread(services) as url:
        served = Served(url, add_token(services.database))
        with served.client() as client:
            model = client.train(name="steady", track="oval")
            finish_training(services)
            evaluation = model.queue_evaluation(trials=len(slow_mps))
        job = claim(services)
        driven = [rows_of(track, i, speed_mps) for i, speed_mps in enumerate(slow_mps)]
        lines = [line for rows, _ in driven for line in rows]
        store(services, job, f"evaluations/{job.attempt}/trace.csv", csv_of(lines), kind="evaluation")
        records = [
            {"trial": i + 1, "time_s": time_s, "progress": 100.0, "steps": len(rows), "outcome": "lap_complete"}
            for i, (rows, time_s) in enumerate(driven)
        ]
        services.database.jobs.succeed(job.id, job.attempt, {"state": "SUCCEEDED", "laps": records})
        with visiting(browser, cast(Service, served)) as visitor:
            visitor.sign_in()
            yield visitor.page, f"{url}/laps?lap={model.id}:evaluation:{evaluation['id']}:"
    services.database.close()


def rows_of(track: Track, episode: int, slow_mps: float) -> tuple[list[str], float]:
    """Returns the trace of a lap at 1 m/s, but ``slow_mps`` in the slow stretch, and its time in s."""
    rows: list[str] = []
    n_halves = 0  # half steps of the fast car: whole numbers, so that the slow stretch is two metres exactly
    while True:
        place_m, time_s = n_halves * STEP_S / 2, len(rows) * STEP_S
        x_m, y_m, heading_rad = track.point_at(place_m % track.length_m)
        is_over = place_m >= track.length_m
        speed_mps = slow_mps if SLOW_M[0] - 1e-9 <= place_m < SLOW_M[1] - 1e-9 else 1.0
        record = StepRecord(
            steps=len(rows) + 1,
            x_m=x_m,
            y_m=y_m,
            yaw_deg=math.degrees(heading_rad),
            steering_angle_deg=0.0,
            speed_mps=speed_mps,
            action="0",
            reward=1.0,
            done=is_over,
            all_wheels_on_track=True,
            progress=min(100.0, 100.0 * place_m / track.length_m),
            closest_waypoint=0,
            track_length_m=track.length_m,
            time_s=time_s,
            outcome=Outcome.LAP_COMPLETE if is_over else Outcome.IN_PROGRESS if rows else Outcome.PREPARE,
            measured_speed_mps=speed_mps,
        )
        rows.append(trace_row(record, episode=episode, wall_clock_s=0.0))
        if is_over:
            return rows, time_s - (place_m - track.length_m)
        n_halves += round(2 * speed_mps)


def test_the_gap_and_the_corner_say_what_the_slow_stretch_cost(laps: tuple[Page, str]) -> None:
    page, address = laps
    page.goto(f"{address}1&lap={address.rpartition('lap=')[2]}2&on=2")
    page.get_by_role("slider", name="Instant").press("End")

    # Two metres at half of 1 m/s take two seconds more.
    expect(page.get_by_role("row", name="Lap 2 of an evaluation").get_by_role("cell").nth(6)).to_have_text("+2.00 s")
    worst = page.get_by_test_id("worst-corner")
    expect(worst).to_contain_text("Corner 1, left, at 4.3 m: 2.00 s lost")
    expect(worst).to_contain_text("against its own best lap. It came in at 1.0 m/s and was down to 0.5 m/s.")
    rows = page.get_by_role("table").filter(has_text="Radius").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(2).get_by_role("cell").nth(6)).to_have_text("0.00 s")


def test_aligned_by_distance_both_are_at_one_place(laps: tuple[Page, str]) -> None:
    page, address = laps
    page.goto(f"{address}1&lap={address.rpartition('lap=')[2]}2&align=distance&t=8")
    rows = page.get_by_role("row", name="of an evaluation")
    times = page.get_by_test_id("readout").locator("dd").first

    expect(times).to_have_text("8.00 s")
    expect(rows).to_have_count(2)
    places = rows.nth(0).get_by_role("cell").nth(5), rows.nth(1).get_by_role("cell").nth(5)
    expect(places[1]).to_have_text(places[0].inner_text())
    page.get_by_role("radio", name="Lap 2").check()

    expect(times).to_have_text("10.00 s")


def test_time_is_painted_as_lost_where_it_was_lost(laps: tuple[Page, str]) -> None:
    page, address = laps
    page.goto(f"{address}2&by=plain")
    ground = page.locator(".laps-map canvas").first
    expect(page.get_by_test_id("worst-corner")).to_contain_text("Corner 1")
    left, right = ground.evaluate(ORANGE)

    page.goto(f"{address}2&by=time-lost")
    expect(page.get_by_test_id("legend")).to_contain_text("lost +0.50 s per m")
    wait_until(lambda: ground.evaluate(ORANGE)[1] > right + 500, "the lost time on the right")

    assert ground.evaluate(ORANGE)[0] == left == 0
