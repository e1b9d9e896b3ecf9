"""Importing a model through the API: what becomes of it, and what is refused."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from deepracer_local.api import Services
from deepracer_local.api._guard import MAX_BODY_BYTES
from deepracer_local.domain import JobKind, TrainSpec, parse_curriculum, with_curriculum
from deepracer_local.interop import _reader
from deepracer_local.interop._layers import Form, Sensor, expected_shapes
from tests.unit.api.service import OTHER, OWNER, Caller, assert_error, create_model
from tests.unit.interop.archives import HYPERPARAMETERS, METADATA, PARAMS, console, own, tar, tar_gz, zipped

ADDRESS = "/api/v1/models/import"


def hand_in(client: Caller, archive: bytes, *, file: str = "My Car.tar.gz", key: str | None = None, **form: str) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(ADDRESS, files={"file": (file, archive)}, data=form, headers=headers)


def imported(client: Caller, archive: bytes, **wish: Any) -> dict[str, Any]:
    answer = hand_in(client, archive, **wish)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/models/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


def stored(services: Services) -> list[str]:
    return [one.key for one in services.store.list("inputs/")]


def test_an_own_export_is_a_model_like_any_other(client: Caller, services: Services) -> None:
    files = own()

    model = imported(client, tar_gz(files, top="car/"))

    address = f"/api/v1/models/{model['id']}"
    assert (model["name"], model["status"], model["track"]) == ("My Car", "READY", "oval")
    assert model["imported"]["origin"] == "an export of deepracer_local"
    assert (model["best_lap_time_s"], client.get(f"{address}/evaluations").json()["evaluations"]) == (None, [])
    assert [job["kind"] for job in model["jobs"]] == ["IMPORT"]
    assert client.get(address).json() == model
    assert client.get(f"{address}/reward-function").text == files["reward_function.py"]
    [checkpoint] = client.get(f"{address}/checkpoints").json()["checkpoints"]
    assert (checkpoint["name"], checkpoint["is_best"], checkpoint["is_last"]) == ("000000512", True, True)
    evaluation = client.post(f"{address}/evaluations", json={"trials": 1})
    assert evaluation.status_code == 202
    clone = client.post(f"{address}/clone", json={"name": "child"})
    assert (clone.status_code, clone.json()["parent_checkpoint"]) == (202, "000000512")
    kinds = []
    while (job := services.database.jobs.claim("w", 60.0, list(JobKind))) is not None:
        kinds.append(job.kind)
        weights = [file["key"] for file in job.spec["files"] if file["path"].endswith("policy.safetensors")]
        assert len(weights) == 1
        assert services.store.stat(weights[0]).size > 1_000_000
        services.database.jobs.succeed(job.id, job.attempt, {})
    assert sorted(kinds) == [JobKind.EVALUATE, JobKind.TRAIN]


@pytest.mark.parametrize("track", [None, "drag_strip"])
def test_of_several_tracks_and_stages_the_main_track_is_taken_over(client: Caller, track: str | None) -> None:
    files = own()
    wish = {"stages": [{"advance": {"max_steps": 9}}, {"tracks": [{"track": "chicane", "reverse": True}, "oval"]}]}
    spec = with_curriculum(TrainSpec.model_validate(files["spec.json"]), parse_curriculum(wish))
    files["spec.json"] = spec.model_dump(mode="json")

    model = imported(client, tar_gz(files), **({} if track is None else {"track": track}))

    assert (model["track"], model["spec"]["tracks"], model["spec"]["curriculum"]) == (track or "chicane", [], None)
    assert model["spec"]["race"]["reverse_dir"]
    left = [one["name"] for one in model["imported"]["not_taken"]]
    assert left[:2] == ["the stages of its training", "its further tracks (oval)"]
    assert client.post(f"/api/v1/models/{model['id']}/evaluations", json={"trials": 1}).status_code == 202


def test_an_export_of_an_import_imports_again(client: Caller) -> None:
    first = imported(client, tar_gz(own()))
    again = imported(client, client.get(f"/api/v1/models/{first['id']}/archive").content, file="again.tar.gz")

    def weights(model: dict[str, Any]) -> list[str]:
        assets = client.get(f"/api/v1/models/{model['id']}/assets").json()["assets"]
        return [one["sha256"] for one in assets if one["name"].endswith("policy.safetensors")]

    assert weights(first) == weights(again)
    assert first["spec"] == again["spec"]
    assert again["imported"]["not_taken"] == []


def test_a_folder_of_the_original_brings_its_settings_and_names_the_rest(client: Caller) -> None:
    params = PARAMS + 'CHANGE_START_POSITION: "False"\nMIN_EVAL_TRIALS: "5"\nNUM_WORKERS: "4"\nROLE_ARN: "x"\n'
    hyperparameters = HYPERPARAMETERS | {"num_epochs": 99, "colour": 1}
    files = console(training_params__yaml=None) | {
        "training_params.yaml": params,
        "hyperparameters.json": hyperparameters,
        "model/12_Step-3456.ckpt.data-00000-of-00001": b"\x80\x04xx",
        "metrics/TrainingMetrics.json": {"metrics": []},
        "notes.txt": "hello",
    }

    model = imported(client, zipped(files), file="console.zip")

    spec, report = model["spec"], model["imported"]
    reasons = {one["name"]: one["reason"] for one in report["not_taken"]}
    assert (spec["race"]["reverse_dir"], spec["race"]["start_position"], spec["evaluation_laps"]) == (True, "fixed", 5)
    assert spec["hyperparameters"]["num_epochs"] == 10
    assert spec["model_metadata"]["action_space"] == METADATA["action_space"]
    assert {
        "training_params.yaml: CAR_COLOR",
        "training_params.yaml: WHATEVER",
        "training_params.yaml: NUM_WORKERS",
        "training_params.yaml: ROLE_ARN",
        "hyperparameters.json: num_epochs",
        "hyperparameters.json: colour",
        "TensorFlow checkpoints: model/12_Step-3456.ckpt.data-00000-of-00001",
        "results, traces and logs: metrics/TrainingMetrics.json",
        "notes.txt",
        "weights",
    } == set(reasons)
    assert all(len(reason) > 10 for reason in reasons.values())
    assert report["has_weights"] is False


def test_a_model_without_weights_is_cloned_with_new_ones_and_its_own_rules(client: Caller, services: Services) -> None:
    model = imported(client, tar(console(training_params__yaml=None) | {"training_params.yaml": PARAMS}))
    address = f"/api/v1/models/{model['id']}"

    assert_error(client.post(f"{address}/evaluations", json={}), 409, code="CONFLICT")
    clone = client.post(f"{address}/clone", json={"name": "child", "max_steps": 100}).json()

    assert (clone["parent_id"], clone["parent_checkpoint"], clone["status"]) == (model["id"], None, "QUEUED")
    assert clone["spec"]["race"] == model["spec"]["race"]
    job = services.database.jobs.claim("w", 60.0, list(JobKind))
    assert job is not None
    assert not [file for file in job.spec["files"] if file["path"].startswith("initial/")]


OBSTACLES = """WORLD_NAME: "oval"
RACE_TYPE: "OBJECT_AVOIDANCE"
NUMBER_OF_OBSTACLES: "3"
MIN_DISTANCE_BETWEEN_OBSTACLES: "2.5"
RANDOMIZE_OBSTACLE_LOCATIONS: "true"
IS_OBSTACLE_BOT_CAR: "false"
OBJECT_POSITIONS: ["0.25,-1", "0.5,1"]
"""
BOTS = """WORLD_NAME: "oval"
RACE_TYPE: "HEAD_TO_BOT"
NUMBER_OF_BOT_CARS: "2"
BOT_CAR_SPEED: "0.3"
IS_LANE_CHANGE: "True"
UPPER_LANE_CHANGE_TIME: "2.5"
LOWER_LANE_CHANGE_TIME: "1.5"
"""


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (OBSTACLES, {"number_of_obstacles": 3, "object_positions": ["0.25,-1", "0.5,1"]}),
        (BOTS, {"number_of_bot_cars": 2, "bot_car_speed": 0.3, "is_lane_change": True, "lower_lane_change_time": 1.5}),
    ],
)
def test_the_race_of_the_console_arrives_and_a_clone_keeps_it(
    client: Caller, params: str, expected: dict[str, Any]
) -> None:
    model = imported(client, tar(console() | {"training_params.yaml": params}))

    address = f"/api/v1/models/{model['id']}"
    race = model["spec"]["race"]
    clone = client.post(f"{address}/clone", json={"name": "child", "max_steps": 100}).json()
    other = client.post(f"{address}/clone", json={"name": "empty road", "race": {}, "max_steps": 100}).json()

    assert race.items() >= expected.items()
    assert not [one for one in model["imported"]["not_taken"] if "params" in one["name"]]
    assert clone["spec"]["race"] == race
    assert other["spec"]["race"]["race_type"] == "TIME_TRIAL"


def test_objects_that_have_no_room_on_the_track_are_named(client: Caller) -> None:
    crowded = BOTS + 'MIN_DISTANCE_BETWEEN_BOT_CARS: "50"\n'

    model = imported(client, tar(console() | {"training_params.yaml": crowded}))

    [said] = [one for one in model["imported"]["not_taken"] if "HEAD_TO_BOT" in one["name"]]
    assert "min_distance_between_bot_cars" in said["reason"]
    assert model["spec"]["race"]["race_type"] == "TIME_TRIAL"


@pytest.mark.parametrize(
    ("sensors", "algorithm", "stack_size"),
    [(("STEREO_CAMERAS", "LIDAR"), "clipped_ppo", 1), (("FRONT_FACING_CAMERA",), "sac", 2)],
    ids=["several sensors", "sac"],
)
def test_any_model_of_this_program_is_cloned_and_evaluated_after_a_round_trip(
    client: Caller, services: Services, sensors: tuple[str, ...], algorithm: str, stack_size: int
) -> None:
    files = own(n_actions=None, sensors=sensors, algorithm=algorithm, stack_size=stack_size)
    first = imported(client, tar(files))
    archive = client.get(f"/api/v1/models/{first['id']}/archive").content

    again = imported(client, archive, file="again.tar.gz")

    address = f"/api/v1/models/{again['id']}"
    [key] = [
        one.key for one in services.database.artifacts.list(again["id"]) if one.name.endswith("policy.safetensors")
    ]
    with services.store.open(key) as stored_weights:
        ours, theirs = load(stored_weights.read()), load(files["checkpoints/000000512/policy.safetensors"])
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    assert again["spec"] == first["spec"]
    assert again["imported"]["not_taken"] == []
    assert client.post(f"{address}/evaluations", json={"trials": 1}).status_code == 202
    clone = client.post(f"{address}/clone", json={"name": "child", "max_steps": 100})
    assert (clone.status_code, clone.json()["parent_checkpoint"]) == (202, "000000512")


def test_ids_and_keys_of_others_in_an_archive_have_no_effect(
    client: Caller, other_client: Caller, services: Services
) -> None:
    theirs = imported(other_client, tar(own()))
    artifact = services.database.artifacts.list(theirs["id"])[0]
    claims = {"owner": OTHER, "model_id": theirs["id"], "parent_id": theirs["id"], "job_id": theirs["jobs"][0]["id"]}
    claims |= {"files": [{"path": "initial/policy.safetensors", "key": artifact.key}], "reward_key": artifact.key}
    claims |= {"url": f"/api/v1/models/{theirs['id']}/archive"}
    files = own()
    before = other_client.get(f"/api/v1/models/{theirs['id']}").json()

    model = imported(client, tar(files | {"spec.json": files["spec.json"] | claims}))

    assert (model["id"] != theirs["id"], model["parent_id"]) == (True, None)
    assert {one["name"] for one in model["imported"]["not_taken"]} == {f"spec.json: {name}" for name in claims}
    ours = {one.key for one in services.database.artifacts.list(model["id"])}
    assert ours.isdisjoint(one.key for one in services.database.artifacts.list(theirs["id"]))
    assert theirs["id"] not in json.dumps(services.database.models.get(OWNER, model["id"]).spec["job"])
    assert artifact.key not in json.dumps(services.database.models.get(OWNER, model["id"]).spec["job"])
    assert other_client.get(f"/api/v1/models/{theirs['id']}").json() == before
    assert_error(client.get(f"/api/v1/models/{theirs['id']}"), 404, code="NOT_FOUND")


def test_an_export_holds_plain_files_with_plain_names_alone(client: Caller, services: Services) -> None:
    model = imported(client, tar_gz(own()))

    content = client.get(f"/api/v1/models/{model['id']}/archive").content

    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        members = archive.getmembers()
        texts = b"".join(
            (archive.extractfile(one) or io.BytesIO()).read() for one in members if not one.name.endswith("safetensors")
        )
    assert len({one.name for one in members}) == len(members) > 4
    for one in members:
        assert one.isreg()
        assert not one.linkname
        assert one.name.startswith("My_Car/")
        assert ".." not in one.name.split("/")
        assert (one.mode, one.uid, one.gid, one.uname, one.gname, one.mtime) == (0o644, 0, 0, "", "", 0)
    for secret in (model["id"], "/tmp/", "inputs/"):
        assert secret.encode() not in texts


def test_a_track_that_is_not_here_is_named_and_another_can_be_chosen(client: Caller) -> None:
    files = console() | {"training_params.yaml": 'WORLD_NAME: "Tokyo_Training_track"\n'}

    fallen_back, chosen = imported(client, tar(files)), imported(client, tar(files), track="serpent")

    [missing] = [one for one in fallen_back["imported"]["not_taken"] if one["name"].startswith("track")]
    assert missing["name"] == "track Tokyo_Training_track"
    assert "--track" in missing["reason"]
    assert (fallen_back["track"], chosen["track"]) == ("reinvent_2018", "serpent")
    assert not [one for one in chosen["imported"]["not_taken"] if one["name"].startswith("track")]
    assert imported(client, tar(console() | {"training_params.yaml": "WORLD_NAME: reinvent_base"}))["track"] == (
        "reinvent_2018"
    )
    assert_error(hand_in(client, tar(files), track="nowhere"), 422, field="track")


def test_the_same_key_imports_once(client: Caller, services: Services) -> None:
    archive = tar(console())

    first, again = imported(client, archive, key="k"), imported(client, archive, key="k")

    assert first["id"] == again["id"]
    assert len([key for key in stored(services) if key.endswith("reward_function.py")]) == 1
    assert_error(hand_in(client, tar(own()), key="k"), 409, code="CONFLICT")


@pytest.mark.parametrize(
    ("archive", "field"),
    [
        (b"", "file"),
        (tar({"notes.txt": "x"}), "file"),
        (tar(console() | {"../x": "x"}), "file"),
        (tar(console() | {"model_metadata.json": '{"action_space": []}'}), "action_space"),
        (tar(console() | {"reward_function.py": "def reward_function(params:"}), "reward_function"),
    ],
    ids=["empty", "no model", "traversal", "no actions", "no Python"],
)
def test_what_is_refused_leaves_nothing(client: Caller, services: Services, archive: bytes, field: str) -> None:
    assert_error(hand_in(client, archive), 422, field=field)

    assert services.database.models.count(OWNER) == 0
    assert stored(services) == []


def test_a_reader_that_is_killed_leaves_nothing(
    client: Caller, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    child = tmp_path / "child.py"
    child.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setattr(_reader, "_CHILD", child)

    assert_error(hand_in(client, tar(console())), 422, field="file")

    assert (services.database.models.count(OWNER), stored(services)) == (0, [])


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"hello" * 100,
        _reader.HEADER.pack(_reader.FrameKind.DONE, 0),
        _reader.HEADER.pack(_reader.FrameKind.WALL, 2**60),
    ],
    ids=["nothing", "noise", "no wall", "endless"],
)
def test_a_reader_that_lies_is_not_believed(
    client: Caller, services: Services, said: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"import os\nos.write(1, {said!r})\n")
    monkeypatch.setattr(_reader, "_CHILD", child)

    assert_error(hand_in(client, tar(console())), 422, field="file")
    assert services.database.models.count(OWNER) == 0


def test_numbers_that_a_reader_says_are_looked_at_again(
    client: Caller, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    form = Form("FAST_CONVOLUTIONAL_NETWORK", "clipped_ppo", (Sensor("LEFT_CAMERA", (120, 160, 1)),), True, 3, False)
    about = {"source": "a", "checkpoint": None, "network": form.network, "algorithm": form.algorithm} | {
        "sensors": [list(sensor) for sensor in form.sensors],
        "is_alone": True,
        "n_outputs": 3,
        "is_continuous": False,
        "shapes": {name: list(shape) for name, shape in expected_shapes(form).items()},
    }
    frames = b""
    for kind, body in (
        (_reader.FrameKind.WALL, json.dumps({"layers": [], "missing": []}).encode()),
        (_reader.FrameKind.WEIGHTS, json.dumps(about).encode()),
        (_reader.FrameKind.NUMBERS, np.full(100, np.nan, "<f4").tobytes()),
    ):
        frames += _reader.HEADER.pack(kind, len(body)) + body
    child = tmp_path / "child.py"
    child.write_text(f"import os\nos.write(1, {frames!r})\n")
    monkeypatch.setattr(_reader, "_CHILD", child)

    assert_error(hand_in(client, tar(console())), 422, field="file")


def test_an_archive_may_be_larger_than_other_bodies_and_not_endless(client: Caller) -> None:
    padding = console() | {"film.mp4": np.random.default_rng(1).bytes(MAX_BODY_BYTES + 1)}

    assert imported(client, tar(padding))["status"] == "READY"
    too_long = client.post(ADDRESS, content=b"x", headers={"Content-Length": "500000000"})
    assert_error(too_long, 413, code="TOO_LARGE")


def test_deleting_an_imported_model_removes_all_its_files(client: Caller, services: Services) -> None:
    model = imported(client, tar(own()))
    create_model(client)
    before = stored(services)

    assert client.delete(f"/api/v1/models/{model['id']}").status_code == 204

    left = stored(services)
    assert len(left) < len(before)
    assert not [key for key in left if "checkpoints" in key]
