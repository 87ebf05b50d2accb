"""Appendix D: every operation under its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .dialects import dead_letter_read
from .envelope import envelope_decode
from .gate import gate_trace
from .inputs import Fields
from .lanes import lane_trace
from .metadata import commit_metadata_decode, commit_metadata_encode
from .move import move
from .partition import partition
from .replay import replay_plan
from .retry import backoff_delay, retry_decision, retry_policy_check
from .text import bound_text
from .trace_context import stamp_trace_id

OPERATIONS: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "Partition": partition,
    "RetryPolicyCheck": retry_policy_check,
    "BackoffDelay": backoff_delay,
    "RetryDecision": retry_decision,
    "BoundText": bound_text,
    "EnvelopeDecode": envelope_decode,
    "Move": move,
    "ReplayPlan": replay_plan,
    "DeadLetterRead": dead_letter_read,
    "CommitMetadataEncode": commit_metadata_encode,
    "CommitMetadataDecode": commit_metadata_decode,
    "GateTrace": gate_trace,
    "LaneTrace": lane_trace,
    "StampTraceId": stamp_trace_id,
}
