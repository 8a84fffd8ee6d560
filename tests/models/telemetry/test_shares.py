import pytest

from models.telemetry.shares import percent


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0.0, 0, "0 %"), (0.001, 0, "< 1 %"), (0.31, 0, "31 %"), (0.999, 0, "> 99 %"), (1.0, 0, "100 %"),
        (0.0, 1, "0.0 %"), (0.0004, 1, "< 0.1 %"), (0.001, 1, "0.1 %"), (1 / 3, 1, "33.3 %"), (0.9996, 1, "> 99.9 %"),
        (sum([0.1] * 10), 1, "100.0 %"), (1 / 200, 0, "< 1 %"), (199 / 200, 0, "> 99 %"), (1 / 2000, 1, "0.1 %"),
    ],
)  # fmt: skip
def test_none_and_all_are_said_only_where_they_are_true(share, decimals, text):
    assert percent(share, decimals) == text
