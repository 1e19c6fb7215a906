"""Private files: folders for our eyes only, and files that go when their time is over."""

from __future__ import annotations

import os
import stat
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from lib.private_files import private_folder, remove_old_files


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> object:
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield tmp_path / "files"


def written(path: Path, *, age: timedelta) -> Path:
    path.write_bytes(b"Anna Bell")
    then = time.time() - age.total_seconds()
    os.utime(path, (then, then))
    return path


def test_a_folder_and_those_above_it_are_for_us_alone(media: Path) -> None:
    folder = private_folder("exports", "7")
    assert folder == media / "exports" / "7"
    assert private_folder("exports", "7") == folder
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)} == {0o700}


def test_old_files_of_the_pattern_are_removed_and_no_others() -> None:
    folder, other = private_folder("exports", "7"), private_folder("imports")
    old = written(folder / "1.csv", age=timedelta(hours=25))
    new = written(folder / "2.csv", age=timedelta(hours=23))
    elsewhere = written(other / "3.csv", age=timedelta(days=900))
    assert remove_old_files("exports/*/*", older_than=timedelta(hours=24)) == 1
    assert (old.exists(), new.exists(), elsewhere.exists()) == (False, True, True)
    assert remove_old_files("exports/*/*", older_than=timedelta(hours=24)) == 0


def test_nothing_is_removed_where_there_are_no_folders_yet() -> None:
    assert remove_old_files("exports/*/*", older_than=timedelta(0)) == 0
