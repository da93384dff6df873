"""Rows with one field broken in each way the platform, or a line, was seen to break one."""

import json
from typing import Any

import pytest

_HUGE = "\0huge"  # stands for a number that json.dumps cannot write

BROKEN: dict[str, Any] = {
    "null": None,
    "NaN": "NaN",
    "infinite": "-Infinity",
    "huge": _HUGE,
    "a string": "s3cret",
    "an empty string": "",
    "an object": {"s3cret": 1},
    "a list": [["s3cret"]],
    "negative": -1e15,
    "a boolean": True,
}


def encoded(value: Any) -> bytes:
    """As JSON, numbers too large for a float included."""
    return json.dumps(value).replace(json.dumps(_HUGE), "1e999999999").encode()


def broken_rows(row: Any) -> list[Any]:
    """Parameters (name, row): ``row``, a list or an object, with one field missing or broken, in every way."""
    keys = range(len(row)) if isinstance(row, list) else row
    missing = [(f"{key} missing", _without(row, key)) for key in keys]
    broken = [(f"{key} {name}", _with(row, key, value)) for key in keys for name, value in BROKEN.items()]
    return [pytest.param(name, changed, id=name) for name, changed in missing + broken]


def _without(row: Any, key: Any) -> Any:
    shorter = row.copy()
    del shorter[key]
    return shorter


def _with(row: Any, key: Any, value: Any) -> Any:
    changed = row.copy()
    changed[key] = value
    return changed
