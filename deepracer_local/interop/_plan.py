"""From what an archive holds to a model of this program."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deepracer_local.domain import (
    DEFAULT_METADATA,
    Hyperparameters,
    ModelMetadata,
    RaceObjects,
    RaceSpec,
    TrainSpec,
    first_error,
    parse_model_metadata,
)
from deepracer_local.errors import ArchiveError, SpecError, TrackError, UnknownNameError
from deepracer_local.interop._fit import checkpoint_info, require_fit
from deepracer_local.interop._imported import ImportedCheckpoint, ImportedModel
from deepracer_local.interop._names import is_litter, is_wanted, is_weights
from deepracer_local.interop._reader import ArchiveContent
from deepracer_local.interop._settings import WORLDS, NotTaken, read_hyperparameters, read_settings
from deepracer_local.interop._texts import decode_json, decode_settings
from deepracer_local.race import require_room
from deepracer_local.reward import find_example, parse_reward
from deepracer_local.track import Track, load_track

FALLBACK_TRACK = "reinvent_2018"
FRESH_CHECKPOINT = "000000000"
"""What the weights of a frozen graph are called here: nobody knows after how many steps they were saved."""
_GROUPS = (
    (
        re.compile(r".*(?:\.ckpt(?:\.|-).*|\.data-\d+-of-\d+|\.index|\.meta|\.coach_checkpoint)"),
        "TensorFlow checkpoints",
        "they are not read here: weights are taken from a frozen graph, agent/model.pb or model/model_N.pb",
    ),
    (
        re.compile(r".*(?:\.csv|metrics.*\.json|[Mm]etrics/.*|\.jsonl|\.log|result\.json|evaluations?/.*|laps\.json)"),
        "results, traces and logs",
        "what a file says of laps proves nothing: evaluate the model here",
    ),
    (re.compile(r".*\.(?:mp4|png|jpe?g|gif)"), "films and pictures", "this program makes its own"),
    (
        re.compile(r"(?:.*/)?(?:\.lock|\.ready|\.finished|done|ip\.json|checksum\.txt|.*_job_status\.json)"),
        "marks of the original's processes",
        "they mean nothing here",
    ),
)


class _Plan:
    """Puts one model together."""

    def __init__(self, content: ArchiveContent, folder: Path, find_track: Callable[[str], Track]) -> None:
        self.content = content
        self.folder = folder
        self.find_track = find_track
        self.taken: list[str] = []
        self.not_taken: list[NotTaken] = []

    def text(self, name: str, *, below: str = "") -> tuple[str, str] | None:
        """Returns name and content of the file of this name that lies highest, below a folder if one is named."""
        found = [
            path
            for path in self.content.texts
            if path.startswith(below) and (path[len(below) :] == name or path.endswith(f"/{name}"))
        ]
        path = min(found, key=lambda path: (path.count("/"), path), default=None)
        return None if path is None else (path, self.content.texts[path])


def plan_import(
    content: ArchiveContent,
    folder: Path,
    *,
    find_track: Callable[[str], Track],
    track: str | None = None,
) -> ImportedModel:
    """Returns the model that an archive holds.

    Args:
        content: what was read of the archive.
        folder: an own one of the caller's, where a track of the archive is laid out to be read.
        find_track: the tracks at hand; raises ``UnknownNameError`` for a name that is none.
        track: drive on this one, whatever the archive says.

    Raises:
        ArchiveError: there is no model in it.
        MetadataError: ``model_metadata.json`` is not usable.
        RewardError: the reward function cannot be parsed.
        UnknownNameError: there is no track of the name ``track``.
    """
    plan = _Plan(content, folder, find_track)
    specs = [path for path in content.texts if path == "spec.json" or path.endswith("/spec.json")]
    root = min((path.removesuffix("spec.json") for path in specs), key=len, default=None)
    chosen = None if track is None else find_track(track)
    if root is not None:
        return _own(plan, root, chosen)
    known = ("reward_function.py", "model_metadata.json", "training_params.yaml", "hyperparameters.json")
    if not any(plan.text(name) for name in known):
        listing = ", ".join(sorted(content.sizes)[:5]) or "nothing"
        raise ArchiveError(
            f"the archive: expected a model: model_metadata.json, reward_function.py, training_params.yaml, "
            f"hyperparameters.json, agent/model.pb, or what this program exports. It holds: {listing}."
        )
    return _foreign(plan, chosen)


def _own(plan: _Plan, root: str, chosen: Track | None) -> ImportedModel:
    """Returns a model that this program exported."""
    spec = _own_spec(plan, f"{root}spec.json")
    track = chosen or _own_track(plan, root, spec.track)
    spec = _on_one_track(plan, spec, track)
    plan.taken += ["the specification of its training", f"the track {track.name}"]
    reward = _reward(plan, below=root)
    checkpoints = []
    for weights, file in plan.content.weights:
        assert weights.checkpoint is not None
        about = f"{root}checkpoints/{weights.checkpoint}/model.json"
        require_fit(weights, spec.model_metadata, about, stack_size=spec.hyperparameters.stack_size, camera=spec.camera)
        model = decode_json(about, plan.content.texts[about])
        counts = [model.get(name, 0) for name in ("total_steps", "iterations")]
        if not all(type(count) is int and 0 <= count < 1 << 53 for count in counts):
            raise ArchiveError(f"{about}: expected whole numbers for total_steps and iterations.", file=about)
        info = checkpoint_info(weights, spec.model_metadata, total_steps=counts[0], iterations=counts[1])
        checkpoints.append(ImportedCheckpoint(weights.checkpoint, info, file))
        plan.taken.append(f"the weights of checkpoint {weights.checkpoint}")
    index = decode_json("checkpoints/index.json", plan.content.texts.get(f"{root}checkpoints/index.json", "{}"))
    last = index.get("last") or index.get("best")
    if not checkpoints:
        plan.not_taken.append(NotTaken("weights", "there is no checkpoint in it: a clone begins with new ones"))
    _name_the_rest(plan)
    return ImportedModel(
        "an export of deepracer_local",
        spec,
        track,
        reward,
        tuple(checkpoints),
        (index.get("best") or last) if checkpoints else None,
        last if checkpoints else None,
        tuple(plan.taken),
        tuple(plan.not_taken),
    )


def _own_spec(plan: _Plan, path: str) -> TrainSpec:
    """Returns the specification; names that this version does not know are left out and named."""
    given = decode_json(path, plan.content.texts[path])
    for _ in range(100):
        try:
            return TrainSpec.model_validate(given)
        except ValidationError as err:
            unknown = [fault["loc"] for fault in err.errors() if fault["type"] == "extra_forbidden"]
            if not unknown:
                field, message = first_error(err)
                raise ArchiveError(f"{path}: {message}", file=f"{path}: {field}") from err
            for place in unknown:
                parent: Any = given
                for part in place[:-1]:
                    parent = parent[part]
                del parent[place[-1]]
                name = ".".join(map(str, place))
                plan.not_taken.append(NotTaken(f"{path}: {name}", "this version of the program has no such setting"))
    raise ArchiveError(f"{path}: expected a training's specification, got something else.", file=path)


def _on_one_track(plan: _Plan, spec: TrainSpec, track: Track) -> TrainSpec:
    """Returns a training on the one track that the model drives on here; further tracks and stages stay behind."""
    if spec.curriculum is not None:
        plan.not_taken.append(
            NotTaken("the stages of its training", "it has been through them: a clone goes on where the last one drove")
        )
    if len(spec.roads) > 1:
        names = ", ".join(road.label for road in spec.roads[1:])
        plan.not_taken.append(NotTaken(f"its further tracks ({names})", "it drives on the first: name them in a clone"))
    reverse = spec.roads[0].reverse
    race = spec.race if reverse is None else spec.race.model_copy(update={"reverse_dir": reverse})
    return spec.model_copy(update={"track": track.name, "tracks": (), "race": race, "curriculum": None})


def _own_track(plan: _Plan, root: str, name: str) -> Track:
    """Returns the track of the archive, or the one of this name here, or another."""
    design = plan.content.texts.get(f"{root}track/{name}/track.json")
    if design is not None:
        fields = decode_json("track.json", design)
        rows = plan.content.texts.get(f"{root}track/{name}/rows.csv")
        if isinstance(fields, dict) and fields.get("rows") in {None, "rows.csv"}:
            place = plan.folder / "track" / name
            place.mkdir(parents=True)
            (place / "track.json").write_text(design, encoding="utf-8")
            if rows is not None:
                (place / "rows.csv").write_text(rows, encoding="utf-8")
            try:
                return load_track(place)
            except TrackError as err:
                reason = str(err).replace(str(place), f"track/{name}")
                plan.not_taken.append(NotTaken(f"track/{name}", reason))
    return _track_named(plan, name)


def _track_named(plan: _Plan, name: str) -> Track:
    """Returns the track of this name; where there is none another, and says so."""
    for candidate in (name, WORLDS.get(name, name), WORLDS.get(re.sub(r"_c?cw$", "", name), name)):
        try:
            return plan.find_track(candidate)
        except (UnknownNameError, TrackError):
            continue
    plan.not_taken.append(
        NotTaken(
            f"track {name[:80]}",
            f"there is no such track here; {FALLBACK_TRACK} stands in. Choose another with --track, or hand it in with "
            "`deepracer-local tracks import` and import the model again",
        )
    )
    return plan.find_track(FALLBACK_TRACK)


def _foreign(plan: _Plan, chosen: Track | None) -> ImportedModel:
    """Returns a model of the original: a console's or deepracer-for-cloud's folder, or a car's archive."""
    metadata = _metadata(plan)
    hyperparameters = _hyperparameters(plan)
    settings_file = plan.text("training_params.yaml") or plan.text("training_params_1.yaml")
    name, content = settings_file or ("training_params.yaml", "{}")
    race = read_settings(decode_settings(name, content), source=name)
    plan.not_taken += race.not_taken
    plan.taken += [f"the setting {setting}" for setting in race.taken]
    if settings_file is None:
        plan.not_taken.append(NotTaken(name, "it is not there: the rules of a time trial stand"))
    _name_evaluation(plan)
    track = chosen or _track_named(plan, race.track or FALLBACK_TRACK)
    if race.track is None and chosen is None:
        plan.not_taken.append(NotTaken("track", f"none is named; {FALLBACK_TRACK} stands. Choose with --track"))
    rules = _rules(plan, race.race, track)
    reward = _reward(plan)
    checkpoints = _from_graph(plan, metadata, hyperparameters.stack_size)
    if checkpoints:
        metadata = checkpoints[0].info.model_metadata
    spec = TrainSpec(
        track=track.name,
        race=rules,
        model_metadata=metadata or DEFAULT_METADATA,
        hyperparameters=hyperparameters,
        evaluation_laps=race.evaluation_laps,
    )
    _name_the_rest(plan)
    has_reward = plan.text("reward_function.py") is not None
    best = checkpoints[0].name if checkpoints else None
    return ImportedModel(
        "a model folder of the original" if has_reward else "an archive for the physical car",
        spec,
        track,
        reward,
        tuple(checkpoints),
        best,
        best,
        tuple(plan.taken),
        tuple(plan.not_taken),
    )


def _rules(plan: _Plan, race: RaceSpec, track: Track) -> RaceSpec:
    """Returns the rules; where what is on the road has no room on the track, those of an empty one."""
    try:
        require_room(race, track)
    except SpecError as err:
        plan.not_taken.append(NotTaken(f"the objects of {race.race_type}", f"{err} A time trial stands in."))
        return RaceSpec.model_validate(race.model_dump(exclude=set(RaceObjects.model_fields)))
    return race


def _name_evaluation(plan: _Plan) -> None:
    """Says how the evaluation that the archive asks for is asked for here."""
    file = plan.text("evaluation_params.yaml") or plan.text("eval_params.yaml")
    if file is None:
        return
    settings = decode_settings(file[0], file[1])
    trials, world = settings.get("NUMBER_OF_TRIALS", "3"), settings.get("WORLD_NAME", "")
    on = f" --track {world}" if isinstance(world, str) and world else ""
    plan.not_taken.append(
        NotTaken(file[0], f"it is said with each evaluation here: `models evaluate --trials {trials}{on}`")
    )


def _metadata(plan: _Plan) -> ModelMetadata | None:
    file = plan.text("model_metadata.json")
    if file is None:
        plan.not_taken.append(
            NotTaken("model_metadata.json", "it is not there: five steering angles at 1 m/s and the front camera stand")
        )
        return None
    metadata = parse_model_metadata(decode_json(*file), source=file[0])
    plan.taken += ["action space, sensors and network"]
    return metadata


def _hyperparameters(plan: _Plan) -> Hyperparameters:
    file = plan.text("hyperparameters.json")
    if file is None:
        plan.not_taken.append(NotTaken("hyperparameters.json", "it is not there: the original's defaults stand"))
        return Hyperparameters()
    found, not_taken = read_hyperparameters(decode_json(*file), source=file[0])
    plan.not_taken += not_taken
    plan.taken.append("hyperparameters")
    return found


def _reward(plan: _Plan, *, below: str = "") -> str:
    """Returns the reward function, parsed and never run."""
    file = plan.text("reward_function.py", below=below)
    if file is None:
        plan.not_taken.append(
            NotTaken(
                "reward_function.py", "it is not there: the example center_line stands in until you clone with another"
            )
        )
        return find_example("center_line").text
    parse_reward(file[1], file[0])
    plan.taken.append("the reward function")
    return file[1]


def _from_graph(plan: _Plan, metadata: ModelMetadata | None, stack_size: int) -> list[ImportedCheckpoint]:
    """Returns the weights of a frozen graph, as far as they fit the action space."""
    for file, reason in plan.content.unusable.items():
        plan.not_taken.append(NotTaken(file, f"{reason}. A clone begins with new weights"))
    for weights, path in plan.content.weights:
        if metadata is None:
            plan.not_taken.append(
                NotTaken(weights.source, "without model_metadata.json nobody knows what its actions are")
            )
            continue
        try:
            require_fit(weights, metadata, weights.source, stack_size=stack_size)
        except ArchiveError as err:
            plan.not_taken.append(NotTaken(weights.source, str(err).removeprefix(f"{weights.source}: ")))
            continue
        if metadata.neural_network is not weights.network:
            plan.not_taken.append(
                NotTaken(
                    "model_metadata.json: neural_network",
                    f"it says {metadata.neural_network.value}, but the weights are those of a {weights.network.value}",
                )
            )
        fitting = metadata.model_copy(update={"neural_network": weights.network})
        plan.taken.append(f"the policy's weights in {weights.source}; what judges it begins anew")
        info = checkpoint_info(weights, fitting, total_steps=0, iterations=0)
        return [ImportedCheckpoint(FRESH_CHECKPOINT, info, path)]
    if not plan.content.weights and not plan.content.unusable:
        plan.not_taken.append(NotTaken("weights", "there is no frozen graph in it: a clone begins with new ones"))
    return []


def _name_the_rest(plan: _Plan) -> None:
    """Names the files that were not looked at, those of one kind together."""
    groups: dict[tuple[str, str], list[str]] = {}
    read = {weights.source for weights, _ in plan.content.weights} | set(plan.content.unusable)
    others = sorted(name for name in plan.content.sizes if is_weights(name) and name not in read)
    if others:
        groups["other weights", "those of the best and the last checkpoint, or of one graph, are taken"] = others
    for name in sorted(plan.content.sizes):
        if (is_wanted(name) and not name.endswith("metrics.jsonl")) or is_litter(name):
            continue
        for pattern, kind, reason in _GROUPS:
            if pattern.fullmatch(name):
                groups.setdefault((kind, reason), []).append(name)
                break
        else:
            plan.not_taken.append(NotTaken(name, "this program does not know such a file"))
    for (kind, reason), names in groups.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        plan.not_taken.append(NotTaken(f"{kind}: {names[0]}{more}", reason))
