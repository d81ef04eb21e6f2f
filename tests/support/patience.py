# SPDX-License-Identifier: Apache-2.0
"""Waiting for what has to come: deadlines are far away, and met only by what is broken."""

import time

PATIENCE_S = 600.0


def wait_for(condition, what: str = "", patience_s: float = PATIENCE_S):
    """The first true answer of `condition`; `what` it is, for people."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited in vain for {what or condition.__doc__ or 'something'}")
