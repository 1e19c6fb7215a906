"""Pages of segments: the overview, one segment, who moved, how fresh they are, and asking for a refresh."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import EVERYONE, MANAGERS, StoreRequest, store_page
from accounts.models import Store
from jobs.models import Job
from jobs.running import enqueue
from lib.keyset import page_of
from lib.pages import render_page
from segments import move_queries, queries
from segments.addresses import NOBODY
from segments.customer_queries import DEFAULT_SORT, SORTS, CustomerFilter, customer_page
from segments.models import Segment
from segments.overview import PERIODS, Measure, overview
from segments.passages import moves_page
from segments.segment_detail import segment_detail
from segments.tasks import REFRESH
