"""Pictures of the camera side by side, each with what belongs to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from deepracer_local.domain import ImageArray

_PAPER, _INK = 255, 40
_GAP_PX, _LINE_PX, _TEXT_PX = 8, 13, 11
_MAX_COLUMNS = 6


class SheetCell(NamedTuple):
    """One picture of a sheet."""

    picture: ImageArray
    """uint8 (height, width), grey; all of a sheet have one size."""
    caption: tuple[str, ...]
    """Lines under it."""


def draw_sheet(cells: Sequence[SheetCell], path: Path) -> None:
    """Writes a grey PNG of all pictures in rows, each with its caption; no pixel of a picture is scaled."""
    height, width = cells[0].picture.shape
    columns = min(_MAX_COLUMNS, math.ceil(math.sqrt(len(cells))) + 1, len(cells))
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    heights = [height + _LINE_PX * max(len(cell.caption) for cell in row) + 2 * _GAP_PX for row in rows]
    sheet = Image.new("L", (columns * (width + _GAP_PX) + _GAP_PX, sum(heights) + _GAP_PX), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_TEXT_PX)
    top = _GAP_PX
    for row, row_height in zip(rows, heights, strict=True):
        for i, cell in enumerate(row):
            left = _GAP_PX + i * (width + _GAP_PX)
            sheet.paste(Image.fromarray(cell.picture), (left, top))
            for k, line in enumerate(cell.caption):
                draw.text((left, top + height + 3 + k * _LINE_PX), line, font=font, fill=_INK)
        top += row_height
    sheet.save(path, format="PNG", optimize=True)
