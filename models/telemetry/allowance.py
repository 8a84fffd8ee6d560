"""How much memory the record of a run may take, and for what."""

from dataclasses import dataclass

mebibyte = 2**20


@dataclass(frozen=True)
class Allowance:
    """Bytes for everything that is kept of the present run and of earlier ones.

    Curves are of a fixed length and take at most `curves`, whatever is allowed in all.
    """

    memory: int = 256 * mebibyte
    """In all."""

    @property
    def curves(self) -> int:
        """For the figures of the steps and epochs of the present run."""
        return 40 * mebibyte

    @property
    def looks(self) -> int:
        """For looks inside: histograms and statistics of the layers."""
        return self.memory // 8

    @property
    def earlier(self) -> int:
        """For the curves of earlier runs."""
        return self.memory // 8

    @property
    def states(self) -> int:
        """For states of the network, each of which a run can begin from."""
        return max(0, self.memory - self.curves - self.looks - self.earlier)

    @property
    def largest_state(self) -> int:
        """A larger state is not worth taking: the first, the best and the newest would not fit together."""
        return self.states // 4
