"""What a page says, in words."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client
from django.urls import reverse


def words_of(response: Any) -> str:
    """The words of a response, without its tags and with one space between any two."""
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split()))


def text_of(client: Client, name: str, *arguments: object, **query: object) -> str:
    """The words of a page of the store “shop”, by the name of its address."""
    response = client.get(reverse(name, args=["shop", *arguments]), query)
    assert response.status_code == 200, response.status_code
    return words_of(response)
