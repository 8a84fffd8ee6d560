"""Which versions are at work."""

from pathlib import Path

project = Path(__file__).parents[2]
"""The folder of main.py."""


def wiggle_version() -> str:
    """Wiggle's own version, as pyproject.toml declares it."""
    import tomllib

    with (project / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def versions() -> dict[str, str]:
    """What a run depends on, by name; imports none of it."""
    import platform
    from importlib.metadata import version as installed

    libraries = {name: installed(name) for name in ("tensorflow", "keras", "numpy")}
    return {"python": platform.python_version(), **libraries, "wiggle": wiggle_version()}
