"""What a bound says, in figures and in words."""

from dataclasses import dataclass, field

from optimizer.gap import ROUGH_PERCENT, gap_percent


@dataclass(frozen=True, slots=True)
class BoundParams:
    """How the bound goes about it."""

    wanted_percent: float = 0.0
    """Stop as soon as the proven gap to the given cost is no more than this."""
    workers: int = 2
    """Routes priced side by side; the answer does not depend on it."""
    search_iterations: int = 20_000
    """Length of the search that is run first when no plan is given."""
    most_cuts: int = 30
    """Cuts of one round; 0: none."""

    def __post_init__(self) -> None:
        if self.workers < 1 or self.search_iterations < 1:
            raise ValueError("workers and search_iterations must be at least 1")
        if self.wanted_percent < 0 or self.most_cuts < 0:
            raise ValueError("wanted_percent and most_cuts must not be negative")


@dataclass(frozen=True, slots=True)
class Bound:
    """A cost that no plan can be below."""

    value: int
    """In cost points; 0 when nothing was proven, for no cost is negative."""
    is_complete: bool
    """Whether the method ran to its end, so that more time would prove nothing more."""
    has_dropped_rules: bool = False
    """Whether the input has rules that the bound leaves out: shared limits, joint starts, waiting, loads, groups."""
    statistics: dict[str, float] = field(default_factory=dict)

    def gap_percent(self, cost: int) -> float:
        """See `optimizer.gap`."""
        return gap_percent(self.value, cost)

    def words_en(self, cost: int) -> str:
        """What is proven about a plan of a cost, in English."""
        gap = self.gap_percent(cost)
        if gap == 0.0:
            return f"Proven: no plan can cost less than {self.value}; this plan is one of the best possible."
        if self.value == 0:
            return "Nothing is proven yet: the time was too short for a bound."
        parts = [f"Proven: no plan can cost less than {self.value}; this plan is at most {gap:.1f} % above the best."]
        if gap > ROUGH_PERCENT:
            parts.append("The bound is rough: the plan may be much better than this figure says.")
        if self.has_dropped_rules:
            parts.append("Limits shared by crews, common starts, waiting, loads and day combinations are not counted.")
        if not self.is_complete:
            parts.append("With more time it may prove more.")
        return " ".join(parts)

    def words_zh(self, cost: int) -> str:
        """What is proven about a plan of a cost, in Chinese."""
        gap = self.gap_percent(cost)
        if gap == 0.0:
            return f"已证明：任何计划的成本都不低于 {self.value}；本计划已是最优之一。"
        if self.value == 0:
            return "尚未证明任何下界：时间太短。"
        parts = [f"已证明：任何计划的成本都不低于 {self.value}；本计划最多比最优计划高 {gap:.1f}%。"]
        if gap > ROUGH_PERCENT:
            parts.append("该下界较粗：计划的实际质量可能比这个数字好得多。")
        if self.has_dropped_rules:
            parts.append("班组之间共用的时限、联合出诊的同时开始、等待时间、载量和日期组合未计入下界。")
        if not self.is_complete:
            parts.append("给更多时间可能得到更紧的下界。")
        return "".join(parts)
