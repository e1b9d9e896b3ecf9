"""Classic mistakes that the rewards of sampled states show; pure functions of what was measured."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from deepracer_local.domain import RewardParams, RewardSamples
from deepracer_local.reward._findings import Finding, FindingKind
from deepracer_local.reward._values import MAX_REWARD

SLOW_SECONDS = 0.005
_NEAR_LIMIT = 0.1 * MAX_REWARD
_N_SETTLING = 5
"""The first rewards of a leg are not compared: a function with a memory still sees the leg before."""
_MUCH_MORE = 1.1
_NOTHING = 1e-6

_FEW = 10
"""Fewer rewards say nothing about flatness."""
_FEW_STEPS = 100
"""Fewer steps say nothing about how often something is paid."""
_RARE = 0.05
_PEAK = 50.0
"""A reward so many times the usual one decides alone what is learned."""
_SMALL = 10.0
"""No peak is feared below."""

Rewards = Sequence[float | None]
"""One per state; None where the call failed."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the states of ``RewardSamples`` were paid, in the same order; empty where they were not tried."""

    tour: Rewards
    driving: Sequence[Rewards] = ()
    standing: Sequence[Rewards] = ()
    backwards: Sequence[Rewards] = ()
    waiting: Rewards = ()
    seconds_per_call: float = 0.0
    """Mean over the tour without its slowest call, which may build what later calls use."""


def find_behaviour(samples: RewardSamples, measured: Measured) -> list[Finding]:
    """Returns warnings about how the rewards behave."""
    # Each explains what the next one would find.
    findings = _flat(measured) or _growth(samples, measured) or _wrong_ways(samples, measured)
    findings += _near_limit(samples, measured)
    if measured.seconds_per_call > SLOW_SECONDS:
        milliseconds = 1000.0 * measured.seconds_per_call
        message = f"One call takes {milliseconds:.1f} ms; every training step waits for it. Compute less per call."
        findings.append(_warning("slow", message))
    return findings


def find_painted(
    laps: Sequence[Sequence[RewardParams]],
    lap_rewards: Sequence[Rewards],
    grid: Sequence[RewardParams],
    grid_rewards: Rewards,
    known: Collection[str],
) -> list[Finding]:
    """Returns warnings about rewards of whole laps and of a grid, each in the order of its states.

    Args:
        laps: the parameters of every step.
        lap_rewards: what these steps were paid.
        grid: the parameters of places.
        grid_rewards: what these places were paid.
        known: the rules that have found something already; what explains as much is not said again.
    """
    steps = [pair for lap, rewards in zip(laps, lap_rewards, strict=True) for pair in zip(lap, rewards, strict=True)]
    places = list(zip(grid, grid_rewards, strict=True))
    findings = [] if "flat" in known else _sparse([reward for _, reward in steps if reward is not None])
    if not {"near-limit", "grows"} & set(known):
        # The last step of a lap may well be paid a prize, and beyond the road a fine is meant to hurt.
        usual = [(params, paid) for params, paid in steps if params["progress"] < 100.0]
        usual += [(params, paid) for params, paid in places if params["all_wheels_on_track"]]
        findings += _peak([(params, paid) for params, paid in usual if paid is not None])
    return findings


def _sparse(rewards: list[float]) -> list[Finding]:
    """Finds a reward that is more than the usual one in hardly any step."""
    if len(rewards) < _FEW_STEPS:
        return []
    [(common, count)] = Counter(rewards).most_common(1)
    others = [reward for reward in rewards if reward != common]
    if not others or len(others) > _RARE * len(rewards) or fmean(others) <= common:
        return []
    message = (
        f"The reward is {common:g} in {count} of {len(rewards)} steps of the laps and more in only {len(others)}: the "
        "car hardly ever meets what is paid, and learns slowly or never. Pay a little for getting nearer to it, too."
    )
    return [_warning("sparse", message)]


def _peak(paid: list[tuple[RewardParams, float]]) -> list[Finding]:
    """Finds places on the road that are paid far more than all others, as where something is divided by almost 0."""
    if len(paid) < _FEW_STEPS:
        return []
    usual = median(abs(reward) for _, reward in paid)
    params, highest = max(paid, key=lambda pair: abs(pair[1]))
    if abs(highest) < _SMALL or abs(highest) < _PEAK * usual:
        return []
    message = (
        f"The reward reaches {highest:.3g} in one place on the road, where {usual:.3g} is usual: a single step then "
        "decides what the car learns. Give it a bound, for example min(reward, 2.0), and divide by nothing that gets "
        "close to 0."
    )
    return [_warning("unbounded", message, "on the road", params)]


def _flat(measured: Measured) -> list[Finding]:
    legs = [*measured.driving, *measured.standing, *measured.backwards]
    rewards = [it for row in (measured.tour, measured.waiting, *legs) for it in row if it is not None]
    if len(rewards) < _FEW or min(rewards) != max(rewards):
        return []
    message = (
        f"The reward is {rewards[0]:g} in all {len(rewards)} states; a flat reward teaches the car nothing. Let it "
        "depend on how the car drives, for example on distance_from_center."
    )
    return [_warning("flat", message)]


def _wrong_ways(samples: RewardSamples, measured: Measured) -> list[Finding]:
    driving, standing, backwards = map(_settled, (measured.driving, measured.standing, measured.backwards))
    if not (driving and standing and backwards):
        return []
    right = _mean(driving)
    findings = []
    if _is_preferred(standing, driving):
        message = (
            f"Standing still is paid {_mean(standing):.3g} a step, driving along the centre line {right:.3g}: the car "
            "learns to stand. Pay for speed or progress."
        )
        findings.append(_warning("pays-standing", message, "standing on the centre line", samples.standing[0][-1]))
    if _is_preferred(backwards, driving):
        message = (
            f"Driving backwards is paid {_mean(backwards):.3g} a step, driving forward {right:.3g}: the car learns to "
            "turn round. Look at the sign, and at how angles are compared."
        )
        findings.append(_warning("pays-backwards", message, "driving against the road", samples.backwards[0][-1]))
    elif _only_falls(driving) and _only_falls([leg[::-1] for leg in backwards]):
        message = (
            f"The reward falls as the car gets on, from {driving[0][0]:.3g} to {driving[0][-1]:.3g} in "
            f"{len(driving[0])} steps, and rises when it drives backwards. Look at the sign of progress."
        )
        findings.append(_warning("pays-backwards", message, "driving against the road", samples.backwards[0][-1]))
    return findings


def _settled(legs: Sequence[Rewards]) -> list[list[float]]:
    """Returns the legs without their first rewards; nothing where a call failed."""
    settled = [[it for it in leg[_N_SETTLING:] if it is not None] for leg in legs]
    is_whole = all(len(leg) > 1 and None not in original for leg, original in zip(settled, legs, strict=True))
    return settled if is_whole else []


def _is_preferred(wrong: list[list[float]], right: list[list[float]]) -> bool:
    """Tells whether the wrong way is worth going and paid clearly more than the best step of the right way, everywhere.

    The right way leads through the same places, so a good place does not count for the wrong way.
    """
    return all(
        fmean(bad) > _NOTHING and fmean(bad) > max(good) + _NOTHING and fmean(bad) > _MUCH_MORE * max(good)
        for bad, good in zip(wrong, right, strict=True)
    )


def _only_falls(legs: list[list[float]]) -> bool:
    return all(leg[-1] < leg[0] and all(after <= before for before, after in itertools.pairwise(leg)) for leg in legs)


def _mean(legs: list[list[float]]) -> float:
    return fmean(it for leg in legs for it in leg)


def _growth(samples: RewardSamples, measured: Measured) -> list[Finding]:
    """Finds a reward that rises at a steady rate while nothing happens but time."""
    rewards = [it for it in measured.waiting if it is not None]
    if len(rewards) < 12 or len(rewards) != len(measured.waiting):
        return []
    rises = [after - before for before, after in itertools.pairwise(rewards)]
    third = len(rises) // 3
    early, late = fmean(rises[:third]), fmean(rises[-third:])
    gain = rewards[-1] - rewards[0]
    if min(rises) < 0.0 or late <= 0.0 or late < 0.5 * early or rewards[-1] <= 0.0:
        return []
    if gain < 0.05 * max(abs(rewards[0]), _NOTHING):
        return []
    message = (
        f"The reward grows while the car stands still, from {rewards[0]:.3g} to {rewards[-1]:.3g} in {len(rewards)} "
        "steps: it counts steps, or adds to what it remembers. Pay each step for itself."
    )
    return [_warning("grows", message, "standing on the centre line", samples.waiting[-1])]


def _near_limit(samples: RewardSamples, measured: Measured) -> list[Finding]:
    paid = [(abs(reward), index) for index, reward in enumerate(measured.tour) if reward is not None]
    if not paid or max(paid)[0] < _NEAR_LIMIT:
        return []
    size, index = max(paid)
    message = (
        f"The reward reaches {size:.3g}; beyond {MAX_REWARD:.0f} the run ends, and learning is steadiest with rewards "
        "of about 1. Scale it down."
    )
    return [_warning("near-limit", message, samples.tour[index].place, samples.tour[index].params)]


def _warning(rule: str, message: str, place: str | None = None, params: RewardParams | None = None) -> Finding:
    return Finding(FindingKind.WARNING, message, rule, place=place, params=params)
