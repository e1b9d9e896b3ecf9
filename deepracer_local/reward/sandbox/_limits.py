"""What a reward function may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """The budgets of one reward function; beyond any of them its process is killed."""

    import_s: float = 5.0
    """Wall-clock seconds for executing the module, each time that it is executed."""
    call_s: float = 1.0
    """Wall-clock seconds for one call."""
    round_trip_s: float = 20.0
    """Wall-clock seconds for all calls of one question together, and for all imports: whoever watches a trainer takes
    one that is silent for half a minute for dead."""
    memory_bytes: int = 512 << 20
    """Address space of the whole process, of which Python and numpy take 100 MB."""
    large_memory_bytes: int = 1 << 30
    """The same where the text names scipy or shapely, whose libraries take 200 MB more."""
    episode_output_bytes: int = 64 << 10
    """Printed in one episode of one car."""
    total_output_bytes: int = 1 << 20
    """Printed by all cars together, from first to last."""


DEFAULT_LIMITS = SandboxLimits()
