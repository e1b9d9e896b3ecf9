"""The seam: what the environment asks of a reward function, wherever it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the sandbox's child runs this file without pydantic
    from deepracer_local.domain import RewardParams


class RewardFunction(Protocol):
    """A reward function that is ready to be called.

    Law: ``call`` returns a finite float of at most 1e5 in size or raises ``RewardError``; whatever the user's code
    does to the dictionary it is handed, the caller's ``params`` stay as they were.
    """

    def begin(self) -> None:
        """Tells that a new episode starts. The user's functions, globals and classes live on, as in the original."""
        ...

    def call(self, params: RewardParams) -> float:
        """Returns the reward of one step.

        Raises:
            RewardError: the user's code failed or returned what is no reward; it carries the line and ``params``.
        """
        ...

    def close(self) -> None:
        """Gives back what the function holds; it may be called twice."""
        ...
