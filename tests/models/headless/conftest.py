"""Commands as a person types them, run in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import main
from models.storage.files import save
from tests.models.headless.samples import small_experiment


@dataclass(frozen=True)
class Answer:
    """What a command came to."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run main.py with these arguments."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        code = main.main([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return run


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show no layer to the trainings of a test: no figure depends on looks, and to trace them is half of a short run."""
    from models.engine import session

    prober = session.Prober
    monkeypatch.setattr(session, "Prober", lambda network, model, x: prober((), model, x))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The file of a small experiment."""
    path = tmp_path / "small.wiggle.json"
    save(small_experiment(), path)
    return path
