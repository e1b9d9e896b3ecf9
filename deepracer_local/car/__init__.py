"""A physical car on the network: its web server's address, certificate and habits. HTTP out."""

from deepracer_local.car._archive import SUFFIX, CarArchive, read_archive
from deepracer_local.car._client import Car, Pushed, push, read_password
from deepracer_local.car._trust import Trust

__all__ = ["SUFFIX", "Car", "CarArchive", "Pushed", "Trust", "push", "read_archive", "read_password"]
