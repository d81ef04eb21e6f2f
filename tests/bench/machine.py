# SPDX-License-Identifier: Apache-2.0
"""The machine under the measurements: what it is, and what else it was doing meanwhile."""

import os
import pathlib
import platform
import time

TICKS = os.sysconf("SC_CLK_TCK")


def first_line(path: str) -> str | None:
    try:
        return pathlib.Path(path).read_text().strip() or None
    except OSError:
        return None


def field(path: str, name: str) -> str | None:
    for line in (first_line(path) or "").splitlines():
        if line.split(":")[0].strip() == name:
            return line.partition(":")[2].strip()
    return None


def describe() -> dict:
    flags = set((field("/proc/cpuinfo", "flags") or field("/proc/cpuinfo", "Features") or "").split())
    wanted = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "aes", "asimd")
    return {
        "cpu": field("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "flags": [name for name in wanted if name in flags],
        "governor": first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
        or "not visible here",
        "memory_mb": int((field("/proc/meminfo", "MemTotal") or "0").split()[0]) // 1024,
        "memory_free_mb": int((field("/proc/meminfo", "MemAvailable") or "0").split()[0]) // 1024,
        "kernel": platform.release(),
        "load": os.getloadavg()[0],
    }


def busy_and_stolen() -> tuple[float, float]:
    """Seconds of processor time spent by anybody, and taken by the host, since the start."""
    numbers = [int(n) for n in first_line("/proc/stat").splitlines()[0].split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = numbers[:8]
    return (user + nice + system + irq + softirq) / TICKS, steal / TICKS


class Watch:
    """What others did while we measured: their cores, and the host's steal, as shares of one core.

    Only our own children count as ours, and only those that have ended by then; what a server of
    ours did is given to `stop`."""

    def __enter__(self):
        self.load = os.getloadavg()[0]
        self.began = time.monotonic()
        self.busy, self.stolen = busy_and_stolen()
        self.own = self.own_cpu()
        return self

    @staticmethod
    def own_cpu() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system

    def __exit__(self, *_):
        took = max(time.monotonic() - self.began, 0.01)
        busy, stolen = busy_and_stolen()
        others = busy - self.busy - (self.own_cpu() - self.own)
        self.others = round(max(others / took, 0), 2)
        self.steal = round(max((stolen - self.stolen) / took, 0), 2)

    def state(self) -> dict:
        return {"load": round(self.load, 2), "others": self.others, "steal": self.steal}


def await_quiet(patience_s: float, most_others: float = 0.3) -> None:
    """Waits until others use less than a third of a core, but not for ever."""
    deadline = time.monotonic() + patience_s
    while True:
        with Watch() as watch:
            time.sleep(1)
        if watch.others + watch.steal < most_others or time.monotonic() > deadline:
            return
