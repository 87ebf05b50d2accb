"""Runs vector files (Appendix D.1) without a process in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .inputs import Fields, InputError
from .operations import OPERATIONS

_DIFFERENCES_SHOWN = 5


def run_directory(directory: Path) -> int:
    """The exit code: 1 when a test failed or there was none."""
    total_passed = total_failed = 0
    for file in sorted(directory.glob("*_test.json")):
        passed, differences = run_file(json.loads(file.read_bytes()))
        print(f"{file.name}: {passed} passed, {len(differences)} failed")
        for difference in differences[:_DIFFERENCES_SHOWN]:
            print(f"  {difference}")
        total_passed += passed
        total_failed += len(differences)
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed or not total_passed else 0


def run_file(document: dict[str, Any]) -> tuple[int, list[str]]:
    """How many tests passed, and what was wrong with the others.

    Every operation is here, so that `acceptable` leaves nothing open: what is answered equals `expect`.
    """
    passed, differences = 0, []
    for group in document["testGroups"]:
        operation = OPERATIONS.get(group["type"])
        if operation is None:
            continue
        for test in group["tests"]:
            if test.get("withdrawn", False):
                continue
            given = {**group.get("params", {}), **test["input"]}
            try:
                difference = first_difference(operation(Fields(given)), test["expect"])
            except InputError as problem:
                difference = str(problem)
            if difference is None:
                passed += 1
            else:
                differences.append(f"tcId {test['tcId']} ({group['type']}): {test['comment']}: {difference}")
    return passed, differences


def first_difference(answered: Any, expected: Any, path: str = "$") -> str | None:
    """Where two JSON values differ."""
    match answered, expected:
        case dict(), dict() if answered.keys() == expected.keys():
            for name in expected:
                if difference := first_difference(answered[name], expected[name], f"{path}.{name}"):
                    return difference
            return None
        case list(), list() if len(answered) == len(expected):
            for i, pair in enumerate(zip(answered, expected, strict=True)):
                if difference := first_difference(*pair, f"{path}[{i}]"):
                    return difference
            return None
    # Python takes True for 1.
    if answered == expected and isinstance(answered, bool) == isinstance(expected, bool):
        return None
    return f"{path}: {json.dumps(answered)}, expected {json.dumps(expected)}"
