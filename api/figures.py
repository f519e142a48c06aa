"""The figures of a finished plan that people look at first; the same for the terminal, the workbook and --json."""

from dataclasses import dataclass

from optimizer.kpis import kpis
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.rules import SOFT_RULES


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its name in both languages."""

    key: str
    name_zh: str
    name_en: str
    value: int | float | None

    @property
    def shown(self) -> str:
        """The value as text: shares in percent, - for a share of nothing."""
        if self.value is None:
            return "-"
        return f"{self.value:.1%}" if isinstance(self.value, float) else f"{self.value:,}"


def figures_of(problem: Problem, plan: Plan) -> tuple[Figure, ...]:
    """The headline figures."""
    known = kpis(problem, plan)
    served = known.home_visits + known.patrol_visits + known.phone_calls
    return (
        Figure("follow_ups", "本周可安排随访", "Follow-ups open this week", len(problem.follow_ups)),
        Figure("due_this_week", "其中窗口本周结束", "of them with a window that ends this week", known.due_this_week),
        Figure("due_in_time", "其中按时安排", "of these in time", known.due_in_time),
        Figure("timeliness_share", "及时率", "Timeliness", known.timeliness_share),
        Figure("overdue_before", "周初已逾期", "Overdue when the week begins", known.overdue_before),
        Figure("overdue_left", "其中仍未安排", "of these left", known.overdue_left),
        Figure("clock_due", "P0 应办", "P0 due this week", known.clock_due),
        Figure("clock_in_time", "P0 按时", "P0 in time", known.clock_in_time),
        Figure("served", "已安排", "Planned", served),
        Figure("home_visits", "上门", "At home", known.home_visits),
        Figure("patrol_visits", "巡诊", "At patrol sessions", known.patrol_visits),
        Figure("phone_calls", "电话", "By phone", known.phone_calls),
        Figure("face_to_face_share", "面访率", "Face to face", known.face_to_face_share),
        Figure("deferred", "延后到以后的周", "Left for later weeks", known.deferred),
        *(
            Figure(f"unplanned_p{priority}", f"窗口内未安排 P{priority}", f"Windows missed, P{priority}", count)
            for priority, count in enumerate(known.unplanned_by_priority)
        ),
        Figure("sessions_wanted", "应设巡诊", "Sessions wanted", known.sessions_wanted),
        Figure("sessions_held", "举行的巡诊", "Sessions held", known.sessions_held),
        Figure("crew_half_days", "出队半天数", "Crew half-days", known.crew_half_days),
        Figure("member_half_days", "外勤半天人次", "Member half-days in the field", known.member_half_days),
        Figure("home_stops", "上门停靠", "Home stops", known.home_stops),
        Figure("travel_minutes", "路程分钟", "Travel minutes", known.travel_minutes),
        Figure("travel_kilometres", "路程公里", "Travel kilometres", round(known.travel_kilometres)),
        Figure("service_minutes", "服务分钟", "Service minutes", known.service_minutes),
        Figure("travel_share", "路程占比", "Travel share", known.travel_share),
    )


@dataclass(frozen=True, slots=True)
class CostPart:
    """One named part of the cost."""

    part: str
    title_zh: str
    title_en: str
    points: int


def cost_parts(parts: dict[str, int]) -> tuple[CostPart, ...]:
    """The parts of a cost with their titles, in the order of the rules."""
    return tuple(
        CostPart(rule.cost_part, rule.title_zh, rule.title_en, parts.get(rule.cost_part, 0)) for rule in SOFT_RULES
    )
