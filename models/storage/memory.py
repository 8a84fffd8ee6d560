"""How much memory this computer has."""

import os
from pathlib import Path


def host_memory(entry: str = "MemTotal") -> int | None:
    """Bytes by an entry of /proc/meminfo; elsewhere what the system says is installed, or none."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{entry}:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
