"""Answers the commands of Appendix D as JSON Lines on stdio, or runs the vectors: `--vectors DIR`."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

from . import SPEC_VERSION
from .inputs import Fields, InputError
from .operations import OPERATIONS
from .vectors import run_directory

_HELLO = {
    "protocol": 1,
    "spec": SPEC_VERSION,
    "name": "sluice-spec-python",
    "version": SPEC_VERSION,
    "language": "python",
    "runtime": f"{platform.python_implementation()} {platform.python_version()}",
    "client": {"name": "none", "version": "0"},
    "capabilities": {"vectors": list(OPERATIONS)},
}


def main(arguments: list[str]) -> int:
    match arguments:
        case []:
            return serve()
        case ["--vectors", directory]:
            return run_directory(Path(directory))
        case _:
            print("usage: python3 -m sluice_spec [--vectors DIR]", file=sys.stderr)
            return 2


def serve() -> int:
    for line in sys.stdin.buffer:
        reply, stop = answer(line)
        print(json.dumps(reply), flush=True)
        if stop:
            break
    return 0


def answer(line: bytes) -> tuple[dict[str, Any], bool]:
    """The reply to one line, and whether it was the last one."""
    identity = None
    try:
        try:
            # ValueError: no JSON, no UTF-8, or an integer of thousands of digits.
            command = Fields(json.loads(line, parse_constant=_refuse_constant), "command")
        except (ValueError, RecursionError) as problem:
            raise InputError(f"the line is not JSON: {problem}") from problem
        identity = command.raw("id")
        match command.text("cmd"):
            case "hello":
                return {"id": identity, "ok": _HELLO}, False
            case "stop":
                return {"id": identity, "ok": {"forced": False}}, True
            case "vector" if (operation := OPERATIONS.get(command.text("op"))) is not None:
                return {"id": identity, "ok": operation(command.object("input"))}, False
            case _:
                return {"id": identity, "error": {"code": "unsupported"}}, False
    except InputError as problem:
        return {"id": identity, "error": {"code": "input", "message": str(problem)}}, False


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
