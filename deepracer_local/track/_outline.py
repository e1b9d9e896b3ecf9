"""A track as a small drawing that a page can show at once: SVG, without any drawing library."""

from __future__ import annotations

from html import escape

import numpy as np

from deepracer_local.domain import FloatArray
from deepracer_local.track._track import Track

_MARGIN_M = 0.4


def outline_svg(track: Track) -> str:
    """Returns an SVG document of the road, its centre line and its start, north up; a pixel is a centimetre."""
    points = np.concatenate([track.centre_m, track.inner_m, track.outer_m])
    low, high = points.min(axis=0) - _MARGIN_M, points.max(axis=0) + _MARGIN_M
    width, height = (100.0 * (high - low)).tolist()

    def path(line: FloatArray, *, is_closed: bool) -> str:
        shown = np.column_stack([line[:, 0] - low[0], high[1] - line[:, 1]]) * 100.0
        return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in shown.tolist()) + ("Z" if is_closed else "")

    if track.is_closed:
        road = path(track.outer_m, is_closed=True) + path(track.inner_m, is_closed=True)
    else:
        road = path(np.concatenate([track.inner_m, track.outer_m[::-1]]), is_closed=True)
    start = np.array([track.inner_m[0], track.outer_m[0]])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
        f"<title>{escape(track.title or track.name)}</title>"
        f'<path d="{road}" fill="#4a4e57" fill-rule="evenodd" stroke="#f4f4f0" stroke-width="5"/>'
        f'<path d="{path(track.centre_m, is_closed=track.is_closed)}" fill="none" stroke="#faB224" stroke-width="3" '
        'stroke-dasharray="20 12"/>'
        f'<path d="{path(start, is_closed=False)}" stroke="#ffffff" stroke-width="8"/></svg>'
    )
