"""Painting reward functions by the service: what it answers, what it refuses, and what it leaves behind."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from typer.testing import CliRunner

from deepracer_local.api import Services
from deepracer_local.api._errors import ApiError
from deepracer_local.api._services import PREVIEWS_AT_ONCE
from deepracer_local.api._turns import Turns
from deepracer_local.cli._reward import app as commands
from deepracer_local.domain import Outcome, StepRecord
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import SpecError
from deepracer_local.runs import trace_row
from tests.integration.service import wait_until
from tests.unit.api.service import NOWHERE, REWARD, Caller, Connect, assert_error, create_model, finish_training
from tests.unit.api.traces import claim, csv_of, store

URL = "/api/v1/reward-functions/preview"
HEAD = "def reward_function(params):\n"


def preview(client: Caller, text: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(URL, json={"reward_function": text, "track": "oval", **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_five_laps_and_a_grid_are_painted(client: Caller) -> None:
    answer = preview(client, HEAD + "    return params['speed']\n")

    assert answer["usable"]
    assert [lap["name"] for lap in answer["laps"]] == ["centre", "left", "right", "zigzag", "cutting"]
    assert all(lap["complete"] and None not in lap["reward"] for lap in answer["laps"])
    assert answer["laps"][4]["mean"] > answer["laps"][0]["mean"]
    assert (answer["low"], answer["high"]) == (1.5, 2.0)
    assert answer["cut"] is None


def test_the_objects_of_the_race_are_there(client: Caller) -> None:
    text = HEAD + '    return 1.0 / (6 - len(params["objects_location"]))\n'
    race = {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 6}

    assert preview(client, text)["usable"]
    for reverse in (False, True):
        answer = preview(client, text, race=race, reverse=reverse)
        assert not answer["usable"]
        assert any("ZeroDivisionError" in finding["message"] for finding in answer["findings"])
    wish = {"reward_function": text, "track": "oval", "race": race | {"min_distance_between_obstacles": 40.0}}
    refused = client.post(URL, json=wish)
    assert_error(refused, 422, field="race.number_of_obstacles")


def test_laps_and_grid_are_painted_with_the_race_on_the_road(client: Caller) -> None:
    text = HEAD + "    return 0.001 if params['is_crashed'] else float(1 + len(params['objects_location']))\n"
    boxes = {"race_type": "OBJECT_AVOIDANCE", "object_positions": ["0.25,-1", "0.6,1"]}
    bots = {"race_type": "HEAD_TO_BOT", "number_of_bot_cars": 3}

    alone = preview(client, text, with_params=True)
    among = preview(client, text, race=boxes, with_params=True)
    behind = preview(client, text, race=bots, with_params=True)

    assert (alone["low"], alone["high"], alone["objects"]) == (1.0, 1.0, [])
    assert (among["low"], among["high"]) == (0.001, 3.0)
    assert [[one["kind"] for one in instant] for instant in among["objects"]] == [["box", "box"]]
    assert len(behind["objects"]) == 1 + max(lap["steps"] for lap in behind["laps"])
    assert behind["objects"][0][0]["x"] != behind["objects"][60][0]["x"]
    assert any(among["laps"][0]["params"]["object_in_camera"])
    assert preview(client, text, race=boxes)["objects"] is None


def test_it_finds_what_a_check_finds(client: Caller) -> None:
    for body in ("return params['trackwidth']", "return (", "return 1.0", "return params['steps']"):
        wish = {"reward_function": HEAD + f"    {body}\n", "track": "oval"}
        checked = client.post("/api/v1/reward-functions/check", json=wish).json()

        painted = preview(client, wish["reward_function"])

        assert painted["findings"] == checked["findings"]
        assert painted["usable"] == checked["usable"]


def test_the_other_direction_is_driven_on_request(client: Caller) -> None:
    text = HEAD + "    return 1.0 if params['is_reversed'] else 0.5\n"

    forward, backward = preview(client, text), preview(client, text, reverse=True)

    assert (forward["high"], backward["low"]) == (0.5, 1.0)
    assert forward["laps"][0]["x"][40] != backward["laps"][0]["x"][40]


@pytest.mark.parametrize("race", [None, {"race_type": "HEAD_TO_BOT", "number_of_bot_cars": 2}], ids=["alone", "bots"])
def test_the_command_paints_the_same(client: Caller, tmp_path: Path, race: dict[str, Any] | None) -> None:
    file, picture = tmp_path / "mine.py", tmp_path / "mine.png"
    file.write_text(HEAD + "    return params['distance_from_center'] + params['speed']\n", encoding="utf-8")

    line = ["preview", str(file), "--track", "oval", "--json", "--picture", str(picture)]
    result = CliRunner().invoke(commands, line if race is None else [*line, "--bots", "2"])

    painted = preview(client, file.read_text(encoding="utf-8"), race=race)
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert (printed["laps"], printed["grid"]) == (painted["laps"], painted["grid"])
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_says_what_each_lap_is_paid(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(HEAD + "    return 1.0\n", encoding="utf-8")

    result = CliRunner().invoke(commands, ["preview", str(file), "--track", "oval"])

    assert result.exit_code == 0
    assert "Zig-zag" in result.stdout
    assert "WARNING (flat)" in result.stdout


def test_a_recorded_lap_is_shown_beside_the_others(client: Caller, services: Services) -> None:
    recorded = drive_lap(client, services)

    answer = preview(client, HEAD + "    return params['progress']\n", laps=[recorded], with_params=True)

    lap = answer["laps"][5]
    assert (lap["name"], lap["title"]) == ("recorded", "m, lap 1")
    assert lap["reward"] == sorted(lap["reward"])
    assert lap["params"]["steps"] == [float(i + 2) for i in range(lap["steps"])]
    assert lap["params"]["distance_from_center"][0] < 0.1


def test_only_ones_own_laps_on_the_same_track_are_taken(
    client: Caller, other_client: Caller, services: Services
) -> None:
    recorded = drive_lap(client, services)

    def asked(by: Caller, track: str = "oval", **changes: Any) -> Any:
        return by.post(URL, json={"reward_function": REWARD, "track": track, "laps": [recorded | changes]})

    assert_error(asked(other_client), 404)
    assert_error(asked(client, model=NOWHERE), 404)
    assert_error(asked(client, lap=2), 404)
    assert_error(asked(client, lap=0), 422, field="laps.0.lap")
    assert_error(asked(client, track="chicane"), 422, field="laps.0")
    assert asked(client).status_code == 200


def drive_lap(client: Caller, services: Services) -> dict[str, Any]:
    """Lets an evaluation of a new model leave the trace of some steps on the oval; returns its name for a preview."""
    model = create_model(client)
    finish_training(services)
    evaluation = client.post(f"/api/v1/models/{model['id']}/evaluations", json={"trials": 1}).json()
    env = DeepRacerEnv("oval", lambda _: 1.0, simulator="kinematic")
    _, info = env.reset(seed=0)
    records: list[StepRecord] = [info["record"]]
    for _ in range(12):
        records.append(env.step(2)[4]["record"])
    env.close()
    job = claim(services)
    lines = [trace_row(record, episode=0, wall_clock_s=1.7e9) for record in records]
    store(services, job, f"evaluations/{job.attempt}/trace.csv", csv_of(lines), kind="evaluation")
    lap = {"trial": 1, "steps": len(lines), "time_s": 1.0, "progress": 5.0, "outcome": Outcome.OFF_TRACK.value}
    services.database.jobs.succeed(job.id, job.attempt, {"state": "SUCCEEDED", "laps": [lap]})
    return {"model": model["id"], "evaluation": evaluation["id"], "lap": 1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reward_function"),
        ({"reward_function": REWARD, "track": "nowhere"}, "track"),
        ({"reward_function": "x" * 140_001}, "reward_function"),
        ({"reward_function": REWARD, "laps": [{"model": "a", "evaluation": "b", "lap": 1}] * 6}, "laps"),
        ({"reward_function": REWARD, "laps": [{"model": "a"}]}, "laps.0.evaluation"),
    ],
)
def test_a_bad_request_is_named(client: Caller, body: dict[str, Any], field: str) -> None:
    assert_error(client.post(URL, json=body), 422, field=field)


@pytest.mark.parametrize(
    "body",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os\n    try: os.fork()\n    except PermissionError: pass\n    return 1 / 0",
        "while True: pass",
        "x = 'a' * 10**10",
    ],
    ids=["kill", "fork", "loop", "memory"],
)
def test_a_hostile_function_leaves_no_process(client: Caller, services: Services, body: str) -> None:
    answer = preview(client, HEAD + f"    {body}\n    return 1.0\n")

    assert not answer["usable"]
    assert preview(client, HEAD + "    return params['x']\n")["usable"]
    services.children.close()
    assert children() == []


def test_the_next_preview_finds_a_process_ready(client: Caller, services: Services) -> None:
    preview(client, REWARD)
    ready = wait_for_the_ready()

    preview(client, REWARD)

    assert ready[0] not in wait_for_the_ready()


def test_nothing_waits_before_the_first_preview(services: Services) -> None:
    assert services.children.take() is None
    assert children() == []


def test_a_ready_process_that_has_died_is_passed_over(client: Caller) -> None:
    preview(client, REWARD)
    for pid in wait_for_the_ready():
        os.kill(pid, 9)
    wait_until(lambda: not children(), "their end")

    assert preview(client, REWARD)["usable"]


def test_a_closed_service_starts_no_more(services: Services) -> None:
    services.children.close()

    services.children.refill()

    assert children() == []


def test_many_at_once_wait_their_turn_and_too_many_are_refused(
    services: Services, connect: Connect, token: str
) -> None:
    own = replace(services, preview_turns=Turns(at_once=1, waiting=2))
    client = connect(token, services=own)

    answers = client.all_of([("POST", URL, {"json": {"reward_function": REWARD, "track": "oval"}})] * 5)
    own.children.close()

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 200, 200, 429, 429]


def test_whoever_has_gone_away_is_passed_over() -> None:
    turns = Turns(at_once=1, waiting=1)
    worked: list[int] = []

    async def gone() -> bool:
        return False

    async def ask() -> None:
        with pytest.raises(ApiError):
            await turns.run(lambda: worked.append(1), is_wanted=gone)
        await turns.run(lambda: worked.append(2))

    anyio.run(ask)
    assert worked == [2]


@pytest.mark.parametrize("lap", ["x", "a/b", "a/b/c", "a/b/-1"])
def test_the_command_names_a_lap_that_it_cannot_read(tmp_path: Path, lap: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(REWARD, encoding="utf-8")

    result = CliRunner().invoke(commands, ["preview", str(file), "--lap", lap, "--service"])

    assert isinstance(result.exception, SpecError)
    assert result.exception.field == "lap"


def wait_for_the_ready() -> list[int]:
    """Returns all that are kept ready; one that is being started is not yet seen as what it will be."""
    return wait_until(lambda: found if len(found := children()) == PREVIEWS_AT_ONCE else [], "ready processes")


def children() -> list[int]:
    """Returns the processes for reward functions that this one has started, the oldest first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z" and b"_child.py" in command:
            found.append(int(folder.name))
    return sorted(found)
