"""How much memory the record of a run may take, and for what."""

from dataclasses import dataclass

mebibyte = 2**20


@dataclass(frozen=True)
class Allowance:
    """Bytes for everything that is kept of the present run and of earlier ones."""

    memory: int = 256 * mebibyte
    """In all."""

    @property
    def curves(self) -> int:
        """For the figures of the steps and epochs of the present run: these are as many as they are, whatever is allowed."""
        return 40 * mebibyte

    @property
    def looks(self) -> int:
        """For looks inside: histograms and statistics of the layers."""
        return self.memory // 8

    @property
    def earlier(self) -> int:
        """For the curves of earlier runs."""
        return self.memory // 8

    def states_beside(self, others: int) -> int:
        """For states of the network, where curves and looks take `others`."""
        return max(0, self.memory - self.earlier - others)

    @property
    def largest_state(self) -> int:
        """A larger state is not worth taking: the first, the best and the newest might not fit together."""
        return self.states_beside(self.curves + self.looks) // 4
