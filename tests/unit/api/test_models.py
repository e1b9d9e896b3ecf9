"""Creating models and what may be done with them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import JobSpec
from tests.unit.api.service import OWNER, REWARD, Caller, Connect, assert_error, create_model, finish_training

URL = "/api/v1/models"
METADATA = {
    "action_space": [{"steering_angle": 30, "speed": 0.6, "index": 0}, {"steering_angle": -30, "speed": 0.6}],
    "sensor": ["FRONT_FACING_CAMERA"],
    "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
    "training_algorithm": "clipped_ppo",
    "action_space_type": "discrete",
    "version": "5",
}
HYPERPARAMETERS = {
    "batch_size": 64,
    "beta_entropy": 0.01,
    "discount_factor": 0.995,
    "e_greedy_value": 0.05,
    "epsilon_steps": 10000,
    "exploration_type": "categorical",
    "loss_type": "huber",
    "lr": 0.0003,
    "num_episodes_between_training": 20,
    "num_epochs": 10,
    "stack_size": 1,
    "term_cond_avg_score": 100000,
    "term_cond_max_episodes": 100000,
}


def files(**contents: str | bytes) -> dict[str, Any]:
    return {name: (f"{name}.json", text) for name, text in contents.items()}


def test_a_model_is_created_from_json(client: Caller, services: Services) -> None:
    answer = client.post(URL, json={"name": "First one", "tags": ["a", "b"], "track": "oval", "seed": 7, "cars": 4})

    assert answer.status_code == 202
    model = answer.json()
    assert (model["name"], model["tags"], model["track"], model["status"]) == (
        "First one",
        ["a", "b"],
        "oval",
        "QUEUED",
    )
    assert answer.headers["location"] == f"{URL}/{model['id']}"
    assert (model["spec"]["seed"], model["spec"]["n_envs"]) == (7, 4)
    [job] = model["jobs"]
    assert (job["status"], job["queue_position"], job["waiting_for"]) == ("QUEUED", 1, "a free slot")
    stored = JobSpec.model_validate(services.database.jobs.get(OWNER, job["id"]).spec)
    assert {file.path for file in stored.files} >= {"reward_function.py", "track/oval/track.json"}
    assert all(services.store.stat(file.key).size > 0 for file in stored.files)


def test_a_model_is_created_from_the_original_files(client: Caller, services: Services) -> None:
    form = files(
        reward_function=REWARD,
        model_metadata=json.dumps(METADATA),
        hyperparameters="\ufeff" + json.dumps(HYPERPARAMETERS),
    )

    answer = client.post(URL, files=form, data={"request": json.dumps({"track": "oval"}), "name": "from files"})

    assert answer.status_code == 202, answer.text
    model = answer.json()
    assert model["spec"]["hyperparameters"]["discount_factor"] == 0.995
    assert model["spec"]["model_metadata"]["neural_network"] == "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    assert len(model["spec"]["model_metadata"]["action_space"]) == 2
    assert client.get(f"{URL}/{model['id']}/reward-function").text == REWARD


def test_a_model_reads_the_sensors_that_it_is_given(client: Caller, services: Services) -> None:
    settings = {"LIDAR": {"noise_sigma": 0.01}, "STEREO_CAMERAS": {"delay_steps": 2, "rate_hz": 5}}
    wish = {"track": "oval", "sensors": ["STEREO_CAMERAS", "LIDAR"]}
    form = files(model_metadata=json.dumps(METADATA), sensor_settings=json.dumps(settings))

    from_files = client.post(URL, files=form, data={"request": json.dumps(wish | {"name": "files"})})
    from_json = client.post(URL, json=wish | {"name": "json", "model_metadata": METADATA, "sensor_settings": settings})
    exported = client.get(f"{URL}/{from_files.json()['id']}/export").content
    again = client.post(URL, content=exported, headers={"Content-Type": "application/yaml"})

    for answer in (from_files, from_json, again):
        assert answer.status_code == 202, answer.text
        spec = answer.json()["spec"]
        assert spec["model_metadata"]["sensor"] == ["STEREO_CAMERAS", "LIDAR"]
        assert spec["sensor_settings"] == {
            "LIDAR": {"rate_hz": 15, "delay_steps": 0, "noise_sigma": 0.01},
            "STEREO_CAMERAS": {"rate_hz": 5, "delay_steps": 2, "noise_sigma": 0.0},
        }


def test_a_model_trains_on_several_tracks_and_a_clone_may_go_to_another_one(client: Caller, services: Services) -> None:
    tracks = [{"track": "oval", "weight": 2}, {"track": "chicane"}, {"track": "oval", "reverse": True}]
    model = client.post(URL, json={"name": "m", "tracks": tracks}).json()
    finish_training(services)
    same = client.post(f"{URL}/{model['id']}/clone", json={"name": "same"}).json()
    other = client.post(f"{URL}/{model['id']}/clone", json={"name": "other", "track": "chicane"}).json()

    assert model["track"] == "oval"
    assert [road["track"] for road in model["spec"]["tracks"]] == ["oval", "chicane", "oval"]
    assert same["spec"]["tracks"] == model["spec"]["tracks"]
    assert (other["spec"]["track"], other["spec"]["tracks"]) == ("chicane", [])
    paths = {file["path"] for file in services.database.jobs.get(OWNER, model["jobs"][0]["id"]).spec["files"]}
    assert {"track/oval/track.json", "track/chicane/track.json"} <= paths
    assert client.post(f"{URL}/{model['id']}/evaluations", json={"track": "chicane"}).status_code == 202


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sensors", []),
        ("tracks", []),
        ("tracks", [{"track": "nowhere"}]),
        ("tracks", [{"track": "oval", "weight": 0}]),
        ("tracks", [{"track": "oval"}] * 2),
        ("randomisation", "stong"),
        ("randomisation", 3),
        ("randomisation", {"friction": [0, 1]}),
        ("randomisation", {"grip": [0.8, 1]}),
        ("sensors", ["LIDAR"]),
        ("sensors", ["RADAR"]),
        ("sensors", ["LEFT_CAMERA", "STEREO_CAMERAS"]),
        ("sensors", ["STATE"] * 9),
        ("sensor_settings", 3),
        ("sensor_settings", {"LIDAR": {}}),
        ("sensor_settings", {"FRONT_FACING_CAMERA": {"rate_hz": 10}}),
        ("hyperparameters", {"stack_size": 5}),
        ("name", ""),
        ("name", "../x"),
        ("name", "x" * 65),
        ("name", "a\r\nSet-Cookie: b"),
        ("name", "\u202ename"),
        ("description", "x" * 256),
        ("description", "a\x00b"),
        ("tags", ["<b>"]),
        ("tags", ["t"] * 21),
        ("track", "nowhere"),
        ("track", "/etc/passwd.npy"),
        ("track", "../oval"),
        ("track", "~/x.NPY"),
        ("track", "x.NPY"),
        ("track", ""),
        ("reward_function", "def f(:"),
        ("reward_function", "x = 1"),
        ("reward_function", "x" * 140_001),
        ("reward_function", "# \x00\n" + REWARD),
        ("example", "nothing"),
        ("model_metadata", {}),
        ("model_metadata", METADATA | {"action_space": [{"steering_angle": 30, "speed": -1}]}),
        ("model_metadata", 7),
        ("model_metadata", METADATA | {"version": "\x00"}),
        ("hyperparameters", {"batch_size": 63}),
        ("hyperparameters", {"batchsize": 64}),
        ("hyperparameters", []),
        ("network", "huge"),
        ("camera", "telescope"),
        ("seed", -1),
        ("seed", 2**31),
        ("cars", 0),
        ("cars", 65),
        ("max_minutes", 0),
        ("max_minutes", 1441),
        ("max_steps", 0),
        ("max_steps", 10**400),
        ("max_episodes", 0),
        ("stop_after_clean_laps", 101),
        ("reverse", "perhaps"),
    ],
)
def test_a_bad_field_is_named(client: Caller, services: Services, field: str, value: object) -> None:
    body = {"name": "m", "track": "oval", field: value}

    answer = client.post(URL, json=body)

    named = assert_error(answer, 422, code="INVALID")["field"]
    assert named.split(".")[0] == field
    assert client.get(URL).json()["models"] == []
    assert services.store.list() == []


@pytest.mark.parametrize("field", ["owner", "state", "attempt", "is_admin", "provenance", "best_lap", "id", "status"])
def test_unknown_fields_are_refused(client: Caller, services: Services, field: str) -> None:
    model = create_model(client)
    finish_training(services)
    address = f"{URL}/{model['id']}"

    for method, path, body in [
        ("POST", URL, {"name": "m"}),
        ("PATCH", address, {"name": "n"}),
        ("POST", f"{address}/clone", {"name": "m"}),
        ("POST", f"{address}/evaluations", {}),
        ("POST", "/api/v1/reward-functions/check", {"reward_function": REWARD}),
    ]:
        assert_error(client.request(method, path, json={**body, field: "x"}), 422, field=field)


@pytest.mark.parametrize(
    "text", ['{"name": "m", "description": "\\ud800"}', '{"name": "m", "max_minutes": NaN}', "[]", "7", "", "{"]
)
def test_json_that_is_none_is_refused(client: Caller, text: str) -> None:
    assert_error(client.post(URL, content=text, headers={"Content-Type": "application/json"}), 422, code="INVALID")


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("reward_function", b"\xff\xfe", 422),
        ("hyperparameters", b"{", 422),
        ("hyperparameters", b"{" * 100_000, 422),
        ("model_metadata", b"\xff", 422),
        ("surprise", b"{}", 422),
        ("model_metadata", b" " * 1_000_001, 413),
    ],
)
def test_a_bad_file_is_named(client: Caller, name: str, content: bytes, status: int) -> None:
    answer = client.post(URL, files={name: ("file", content)}, data={"name": "m"})

    assert_error(answer, status, field=name)


def test_a_form_that_is_none_is_refused(client: Caller) -> None:
    broken = {"content": b"nonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}
    without_boundary = {"content": b"nonsense", "headers": {"Content-Type": "multipart/form-data"}}

    assert client.post(URL, **broken).status_code in {400, 422}
    assert client.post(URL, **without_boundary).status_code in {400, 422}
    assert_error(client.post(URL, data={"request": "[]"}, files={"reward_function": b""}), 422)


def test_the_same_key_submits_once(client: Caller, services: Services) -> None:
    body, headers = {"name": "m", "track": "oval"}, {"Idempotency-Key": "k-1"}
    first = client.post(URL, json=body, headers=headers)
    n_files = len(services.store.list())

    again = client.post(URL, json=body, headers=headers)
    other = client.post(URL, json={**body, "seed": 1}, headers=headers)

    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["jobs"][0]["id"] == first.json()["jobs"][0]["id"]
    assert_error(other, 409, code="CONFLICT")
    assert len(client.get(URL).json()["models"]) == 1
    assert len(services.store.list()) == n_files


def test_one_key_of_many_at_once_submits_once(client: Caller) -> None:
    request = ("POST", URL, {"json": {"name": "m", "track": "oval"}, "headers": {"Idempotency-Key": "k"}})

    answers = client.all_of([request] * 8)

    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["id"] for a in answers}) == 1


def test_a_key_of_an_evaluation_stands_for_its_model(client: Caller, services: Services) -> None:
    first, second = create_model(client, name="a"), create_model(client, name="b")
    finish_training(services)
    finish_training(services)
    headers = {"Idempotency-Key": "e"}

    one = client.post(f"{URL}/{first['id']}/evaluations", json={}, headers=headers)
    same = client.post(f"{URL}/{first['id']}/evaluations", json={}, headers=headers)
    other = client.post(f"{URL}/{second['id']}/evaluations", json={}, headers=headers)

    assert one.json()["id"] == same.json()["id"]
    assert_error(other, 409)


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_a_length(client: Caller, key: str) -> None:
    answer = client.post(URL, json={"name": "m"}, headers={"Idempotency-Key": key})

    assert_error(answer, 422, field="idempotency-key")


def test_a_list_is_searched_filtered_sorted_and_paged(client: Caller, services: Services) -> None:
    for name, tag in [("delta", "x"), ("alpha", "y"), ("charlie", "x"), ("bravo", "y")]:
        create_model(client, name=name, tags=[tag], description=f"about {name.upper()}")
    finish_training(services)

    def names(**query: Any) -> list[str]:
        answer = client.get(URL, params=query)
        assert answer.status_code == 200, answer.text
        return [model["name"] for model in answer.json()["models"]]

    assert names() == ["bravo", "charlie", "alpha", "delta"]
    assert names(sort="NAME", descending=False) == ["alpha", "bravo", "charlie", "delta"]
    assert names(search="ABOUT al") == ["alpha"]
    assert names(search="%") == []
    assert names(tag="x") == ["charlie", "delta"]
    assert names(status="READY") == ["delta"]
    assert names(sort="BEST_LAP_TIME", descending=False)[0] == "delta"
    seen, token = [], None
    while True:
        page = client.get(URL, params={"limit": 3, "sort": "NAME", **({"token": token} if token else {})}).json()
        seen += [model["name"] for model in page["models"]]
        token = page["next_token"]
        if token is None:
            break
    assert seen == ["delta", "charlie", "bravo", "alpha"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sort=name;drop table models", "sort"),
        ("status=x", "status"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("token=nonsense", "token"),
        ("token=%00", "token"),
        ("search=%00", "search"),
        ("tag=" + "x" * 33, "tag"),
        ("descending=perhaps", "descending"),
    ],
)
def test_a_bad_query_is_named(client: Caller, query: str, field: str) -> None:
    assert_error(client.get(f"{URL}?{query}"), 422, code="INVALID", field=field)


@pytest.mark.parametrize("search", ["' OR 1=1 --", '"; DROP TABLE models; --', "\\", "é", "🏎", "_", "*"])
def test_a_search_is_text_and_nothing_else(client: Caller, search: str) -> None:
    create_model(client)

    assert client.get(URL, params={"search": search}).json()["models"] == []
    assert len(client.get(URL).json()["models"]) == 1


def test_a_model_is_renamed_described_and_tagged(client: Caller) -> None:
    address = f"{URL}/{create_model(client, tags=['a'])['id']}"

    assert client.patch(address, json={"name": "new"}).json()["name"] == "new"
    assert client.patch(address, json={"description": "d", "tags": ["b"]}).json()["tags"] == ["b"]
    assert client.patch(address, json={}).json()["name"] == "new"
    assert client.patch(address, json={"tags": []}).json()["tags"] == []
    assert_error(client.patch(address, json={"name": "<script>"}), 422, field="name")
    assert_error(client.patch(address, json={"description": "\x00"}), 422, field="description")
    assert_error(client.patch(address, json={"tags": [""]}), 422, field="tags.0")


def test_a_model_is_deleted_with_its_files_when_its_jobs_are_over(client: Caller, services: Services) -> None:
    address = f"{URL}/{create_model(client)['id']}"

    assert_error(client.delete(address), 409, code="CONFLICT")
    finish_training(services)
    client.post(f"{address}/evaluations", json={"track": "chicane"})
    assert_error(client.delete(address), 409, code="CONFLICT")
    client.post(f"{address}/stop")
    answer = client.delete(address)

    assert (answer.status_code, answer.content) == (204, b"")
    assert_error(client.get(address), 404)
    assert services.store.list() == []


def test_a_model_is_paused_resumed_and_stopped(client: Caller) -> None:
    model = create_model(client)
    address = f"{URL}/{model['id']}"

    assert client.post(f"{address}/pause").json()["status"] == "PAUSED"
    assert client.get(address).json()["status"] == "PAUSED"
    assert client.post(f"{address}/resume").json()["status"] == "QUEUED"
    assert_error(client.post(f"{address}/resume"), 409)
    assert client.post(f"{address}/stop").json()["status"] == "CANCELED"
    for action in ("stop", "pause", "resume"):
        assert_error(client.post(f"{address}/{action}"), 409)


def test_a_service_that_is_full_takes_nothing_in(services: Services, connect: Connect, token: str) -> None:
    client = connect(token)
    model = create_model(client)
    finish_training(services)
    full = connect(token, services=replace(services, free_bytes=lambda _folder: 100_000_000))
    address = f"{URL}/{model['id']}"

    for path, body in [(URL, {"name": "m"}), (f"{address}/evaluations", {}), (f"{address}/clone", {"name": "c"})]:
        assert_error(full.post(path, json=body), 507, code="DISK_FULL")

    assert full.get(URL).status_code == 200
    assert len(client.get("/api/v1/jobs").json()["jobs"]) == 1
