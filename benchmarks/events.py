"""The way of an event after its commit: how fast the relay brings it to the feed, and how fast one reader reads it."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit
from uuid import UUID

import asyncpg

from benchmarks import filling, table
from benchmarks.ground import Ground, NotMeasured, ground, new_tenant
from benchmarks.load import chosen_load
from benchmarks.options import Options
from benchmarks.processes import BARE, SERVICE, Worker, worker
from benchmarks.rounds import Measured, Phase, Stage, interleaved, probe
from benchmarks.templates import templates
from claims_api import launch
from claims_api.events.queries import PAGE
from claims_api.events.work import BATCH, Relay
from claims_api.kit import database
from claims_api.kit.pagination import MAX_LIMIT
