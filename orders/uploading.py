"""A file on its way from a browser: straight to disk, under a name of ours, no further than the limit."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

from accounts.models import Store, User
from lib.private_files import private_folder, remove_old_files
from orders.models import Import

ARRIVING = "arriving"  # the folder of files that aren't whole yet, on the disk where they will stay


class ArrivingFile(TemporaryUploadedFile):
    """An upload beside the kept files, so that keeping it is a change of name, and never in memory."""

    def __init__(self, name: str, content_type: str | None, charset: str | None) -> None:
        folder = private_folder(ARRIVING)
        file = tempfile.NamedTemporaryFile(dir=folder, suffix=".upload")  # noqa: SIM115  # closed by the request
        UploadedFile.__init__(self, file, name, content_type or "", 0, charset)


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes an upload to disk; of one that is too large it keeps nothing and sets `too_large`.

    What is still on its way is let pass: a browser shows no answer to a request that it couldn't finish.
    """

    def __init__(self, request: HttpRequest, limit: int) -> None:
        super().__init__(request)
        self.limit = limit
        self.received = 0
        self.too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.file = ArrivingFile(self.file_name or "", self.content_type, self.charset)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.limit:
            self.too_large = True
            self.file.close()
            raise SkipFile
        self.file.write(raw_data)

    def upload_interrupted(self) -> None:
        """The browser went away: nothing of the file stays."""
        if hasattr(self, "file"):
            self.file.close()


def remove_interrupted_uploads(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Removes what a killed web server left of files that were on their way; returns how many they were."""
    return remove_old_files(f"{ARRIVING}/*.upload", older_than=older_than)


def keep_upload(*, store: Store, file: UploadedFile[Any], by: User) -> Import:
    """Keeps an uploaded file under a random name; what it was called is only a text."""
    import_ = Import(store=store, filename=(file.name or "file")[-255:], size=file.size or 0, imported_by=by)
    import_.file.save(uuid4().hex, file, save=False)
    try:
        import_.save()
    except BaseException:
        import_.file.delete(save=False)
        raise
    return import_
