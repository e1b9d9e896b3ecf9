"""Jobs for a runner under test, and a runner in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deepracer_local.artifacts import ArtifactStore, MemoryStore
from deepracer_local.db import Database, Job, NewModel, open_database
from deepracer_local.domain import JobKind, JobSpec, StopRules, StoredFile, TrainSpec
from deepracer_local.track import builtin_tracks_dir, find_track, save_track
from deepracer_local.workers.runner import Runner

PATIENCE_S = 240.0
GOOD_REWARD = "def reward_function(params):\n    return 1.0 - params['distance_from_center'] / params['track_width']\n"


class Workshop:
    """A database, a store and run directories of one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database: Database = open_database(f"sqlite:///{folder / 'service.db'}")
        self.database.migrate()
        self.store: ArtifactStore = MemoryStore()

    def submit(self, *, reward: str = GOOD_REWARD, **changes: Any) -> Job:
        """Queues a training on the oval."""
        values: dict[str, Any] = {"track": "oval", "n_envs": 4, "seed": 3, "stop": StopRules(max_steps=512)}
        spec = TrainSpec(**(values | changes))
        number = self.database.models.count("local")
        prefix = f"jobs/test-{number}"
        self.store.put(f"{prefix}/reward_function.py", reward.encode())
        files = [StoredFile(path="reward_function.py", key=f"{prefix}/reward_function.py")]
        save_track(find_track("oval", [builtin_tracks_dir()]), self.folder / "oval")
        for name in ("track.json", "rows.csv"):
            self.store.put(f"{prefix}/{name}", self.folder / "oval" / name)
            files.append(StoredFile(path=f"track/oval/{name}", key=f"{prefix}/{name}"))
        job_spec = JobSpec(train=spec, files=tuple(files)).model_dump(mode="json")
        model = NewModel(name=f"model {number}", spec={"job": job_spec}, reward_key=files[0].key)
        return self.database.jobs.add_with_model("local", model, JobKind.TRAIN, job_spec)[1]

    @contextmanager
    def runner(self, *, lease_s: float = 15.0) -> Iterator[None]:
        """A runner that works in a thread until the block ends."""
        runs_dir = self.folder / "jobs"
        worker = Runner(self.database, self.store, runs_dir=runs_dir, worker_id="test", slots=2, lease_s=lease_s)
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(PATIENCE_S)

    def job(self, job_id: str) -> Job:
        """Returns the job as it is now."""
        return self.database.jobs.get("local", job_id)

    def wait(self, job_id: str, until: Callable[[Job], bool]) -> Job:
        """Waits until a job is as wanted."""
        pause = threading.Event()
        end_at = time.monotonic() + PATIENCE_S
        while not until(job := self.job(job_id)):
            if time.monotonic() > end_at:
                raise AssertionError(f"still {job.state}, wish {job.wish}, {job.message}, {job.progress}")
            pause.wait(0.05)
        return job
