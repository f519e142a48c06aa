"""What the bound of a whole week says, in figures and in words."""

from dataclasses import dataclass, field

from optimizer.gap import ROUGH_PERCENT, gap_percent


@dataclass(frozen=True, slots=True)
class WeekBound:
    """A cost that no plan of the week can be below, as the judge counts it."""

    value: int
    """In cost points; 0 when nothing was proven, for no cost is negative."""
    certain: int
    """The part for follow-ups that nobody may see in this week whatever is done (gate, window, staff, place)."""
    is_complete: bool
    """Whether the programme was solved to its end, so that more time would prove hardly more."""
    parts: dict[str, float] = field(default_factory=dict)
    """What the relaxed week spends on what, roughly; for reports only."""
    statistics: dict[str, float] = field(default_factory=dict)

    def gap_percent(self, cost: int) -> float:
        """See `optimizer.gap`."""
        return gap_percent(self.value, cost)

    def words_en(self, cost: int) -> str:
        """What is proven about a plan of a cost, in English."""
        gap = self.gap_percent(cost)
        if gap == 0.0:
            return (
                f"Proven: no plan of this week can cost less than {self.value:,}; this one is among the best possible."
            )
        if self.value == 0:
            return "Nothing is proven about the best possible cost of this week."
        words = (
            f"Proven: no plan of this week can cost less than {self.value:,}; this one is at most {gap:.1f} % above "
            f"the best possible. {self.certain:,} of that nobody can avoid."
        )
        if gap > ROUGH_PERCENT:
            words += (
                " The bound is rough: it lets people and sessions be divided, and routes be shorter than they are; "
                "the plan may be much nearer to the best."
            )
        return words if self.is_complete else f"{words} With more time it may prove more."

    def words_zh(self, cost: int) -> str:
        """What is proven about a plan of a cost, in Chinese."""
        gap = self.gap_percent(cost)
        if gap == 0.0:
            return f"已证明：本周任何计划的成本都不低于{self.value:,}；本计划已属最优之列。"
        if self.value == 0:
            return "尚未证明本周最低成本的任何下界。"
        words = (
            f"已证明：本周任何计划的成本都不低于{self.value:,}；本计划最多比最优高{gap:.1f}%。"
            f"其中{self.certain:,}是任何安排都无法避免的。"
        )
        if gap > ROUGH_PERCENT:
            words += "该下界较粗：推算时允许把人员和场次拆分，路程也算得偏短；本计划可能离最优近得多。"
        return words if self.is_complete else f"{words}给更多时间可能证明得更多。"
