"""The data directory of a service: its lock, its token, the names that it answers to."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deepracer_local.api import token_hash
from deepracer_local.cli._composition import open_services
from deepracer_local.cli._data_dir import DataDirLock, allowed_hosts, read_token
from deepracer_local.errors import InvalidInputError, WorldError
from deepracer_local.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_may_be_listened_on(host: str) -> None:
    assert host in allowed_hosts(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org"])
def test_other_addresses_are_refused_with_the_way_to_do_it(host: str) -> None:
    with pytest.raises(InvalidInputError, match="ssh -L"):
        allowed_hosts(host)


def test_one_service_works_in_a_data_directory(settings: Settings) -> None:
    first = DataDirLock(settings, "api")

    with pytest.raises(InvalidInputError, match="process"):
        DataDirLock(settings, "api")

    first.release()
    DataDirLock(settings, "api").release()


def test_only_their_user_can_read_the_data(settings: Settings) -> None:
    open_services(settings).database.close()

    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.token_path.stat().st_mode) == 0o600


def test_the_token_stays_from_start_to_start(settings: Settings) -> None:
    open_services(settings).database.close()
    token = read_token(settings)
    services = open_services(settings)

    assert read_token(settings) == token
    assert services.database.tokens.find(token_hash(token)) is not None
    services.database.close()


def test_a_deleted_token_is_replaced_and_worthless(settings: Settings) -> None:
    open_services(settings).database.close()
    old = read_token(settings)
    settings.token_path.unlink()
    services = open_services(settings)

    assert read_token(settings) != old
    assert services.database.tokens.find(token_hash(old)) is None
    services.database.close()


def test_a_token_that_the_database_does_not_know_is_replaced(settings: Settings) -> None:
    settings.data_dir.mkdir()
    settings.token_path.write_text("drs_of_another_database\n", encoding="utf-8")
    services = open_services(settings)

    assert services.database.tokens.find(token_hash(read_token(settings))) is not None
    services.database.close()


def test_without_a_first_start_there_is_no_token(settings: Settings) -> None:
    with pytest.raises(WorldError, match="serve"):
        read_token(settings)
