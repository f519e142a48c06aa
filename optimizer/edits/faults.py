"""What makes an edit nonsense, with what to do about it. A broken rule is no fault."""

from optimizer.errors import Fault, OptimizerError

ADVICE = {
    "UNKNOWN_FOLLOW_UP": ("核对随访编号", "Check the id of the follow-up"),
    "UNKNOWN_SESSION": ("核对巡诊编号", "Check the id of the session"),
    "UNKNOWN_CREW": ("核对队伍编号，或新建一支队伍", "Check the id of the crew, or form a new one"),
    "UNKNOWN_MEMBER": ("核对队员编号", "Check the id of the member"),
    "UNKNOWN_VEHICLE": ("核对车辆编号", "Check the id of the vehicle"),
    "UNKNOWN_TEAM": ("核对团队编号", "Check the id of the team"),
    "UNKNOWN_TARGET": ("核对随访或巡诊编号", "Check the id of the follow-up or session"),
    "UNKNOWN_RULE": ("使用规则表中的代码", "Use a code of the planning rules"),
    "NO_SUCH_HALF_DAY": ("选计划内的半天", "Choose a half-day of the plan"),
    "NO_SUCH_STOP": ("重新载入计划，再选一站", "Load the plan again and choose a stop"),
    "NOT_PLANNED": ("该随访尚未安排，请用“新增”", "It is left at present; add it instead"),
    "ALREADY_PLANNED": ("该随访已安排，请用“移动”", "It is planned at present; move it instead"),
    "ALREADY_LEFT": ("无需操作", "There is nothing to do"),
    "NOT_HELD": ("该巡诊未举行，请先新增", "The session is not held; add it first"),
    "ALREADY_HELD": ("该巡诊已安排，请用“移动”", "The session is held already; move it instead"),
    "OTHER_HALF_DAY": ("选当天该半天出队的队伍，或新建一支", "Choose a crew of that half-day, or form a new one"),
    "NOT_A_HOME_STOP": ("选入户站", "Choose a home stop"),
    "NO_PATIENTS": ("至少选一项随访", "Choose at least one follow-up"),
    "NOBODY": ("至少选一名队员", "Choose at least one member"),
    "ALREADY_IN_CREW": ("该队员已在队中", "The member is in this crew already"),
    "NOT_IN_CREW": ("该队员不在队中", "The member is not in this crew"),
    "SAME_VEHICLE": ("选另一辆车", "Choose another vehicle"),
    "SAME_CREW": ("联合访视需要两支不同的队伍", "A joint visit takes two crews; choose another one"),
    "NOT_JOINT": ("该随访不是联合访视，只选一支队伍", "It is no joint visit; choose one crew only"),
    "NOT_PINNED": ("该对象没有锁定", "It is not pinned"),
    "UNKNOWN_IN_PLAN": ("计划与问题不符，请先修复计划", "The plan does not belong to this problem; repair it first"),
}
"""What to do about a fault, in Chinese and English, by code."""


class EditFaults(OptimizerError, ValueError):
    """Edits that make no sense for a plan; `faults` holds every reason."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} fault(s):\n" + "\n".join(f"- {fault}" for fault in faults))


def edit_fault(code: str, where: str, found: object, expected: str) -> Fault:
    """A fault of an edit with the advice for its code."""
    return Fault(code, where, str(found) if found not in ("", ()) else "nothing", expected, *ADVICE[code])
