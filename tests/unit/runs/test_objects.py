"""What a run writes down of the road."""

from __future__ import annotations

import json
from pathlib import Path

from deepracer_local.domain import Pose, RoadObject
from deepracer_local.runs import ObjectsNotes, RunDirectory, json_lines, objects_beside

BOX = (RoadObject("box", Pose(1.0, 2.0, 0.0), 0.4, 0.3, 0.25),)
MOVED = (RoadObject("car", Pose(1.5, 2.0, 3.0), 0.3, 0.2, 0.2, 0.5),)


def test_a_row_is_written_where_the_road_changed() -> None:
    notes = ObjectsNotes()

    for steps, objects in enumerate([BOX, BOX, MOVED, MOVED], 1):
        notes.add(objects, episode=4, steps=steps)
    notes.add(BOX, episode=5, steps=1)
    notes.add((), episode=6, steps=1)

    assert [(row["episode"], row["steps"], row["objects"][0]["x"]) for row in notes.rows] == [
        (4, 1, 1.0),
        (4, 3, 1.5),
        (5, 1, 1.0),
    ]
    notes.start_anew()
    notes.add(BOX, episode=5, steps=2)
    assert [row["steps"] for row in notes.rows] == [2]  # the new file stands alone


def test_a_road_that_has_become_empty_is_written_down() -> None:
    notes = ObjectsNotes()

    for steps, objects in enumerate([(), MOVED, (), (), MOVED], 1):
        notes.add(objects, episode=0, steps=steps)

    assert [(row["steps"], len(row["objects"])) for row in notes.rows] == [(2, 1), (3, 0), (5, 1)]


def test_objects_lie_beside_their_trace_and_go_with_it(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    notes = ObjectsNotes()
    notes.add(BOX, episode=0, steps=1)
    for iteration in (0, 1):
        run.write_trace("training", iteration, ["row"], notes.rows)
    run.write_trace("evaluation", 1, ["row"])

    kept, cut = (objects_beside(path) for path in run.trace_files("training"))
    assert [json.loads(line) for line in kept.read_text().splitlines()] == notes.rows
    assert kept.read_bytes() == json_lines(notes.rows)
    assert not objects_beside(run.trace_files("evaluation")[0]).exists()
    run.roll_back({}, 1)
    assert kept.exists()
    assert not cut.exists()
    assert [path.stem for path in run.trace_files("training")] == ["0"]
