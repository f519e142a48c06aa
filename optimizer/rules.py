"""The planning rules as data: code, title, and what a planner can do about it, in Chinese and English. No logic.

Hard rules are judged by `check`; each part of the cost belongs to one soft rule. Sources are in RULES.md.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `cost_part` names its part of the cost; empty for a hard rule."""

    code: str
    title_zh: str
    title_en: str
    remedy_zh: str
    remedy_en: str
    cost_part: str = ""

    @property
    def is_hard(self) -> bool:
        """Whether breaking it makes a plan infeasible."""
        return not self.cost_part


HARD_RULES = (
    Rule(
        "ONCE",
        "每项随访恰好安排一次",
        "Every follow-up appears exactly once",
        "删除重复安排或补列为未安排",
        "Remove the double entry, or list it as left",
    ),
    Rule("UNKNOWN", "引用的对象须存在", "Everything named exists in the problem", "核对编号", "Check the id"),
    Rule(
        "CHANNEL",
        "只用允许的随访方式",
        "Only channels that the follow-up allows",
        "改用允许的方式",
        "Use an allowed channel",
    ),
    Rule("WINDOW", "在日期窗口内", "Inside the date window", "改到窗口内的日期", "Move it to a day inside its window"),
    Rule(
        "CLOCK",
        "时钟时限(如结核72小时)前开始",
        "Started before its clock deadline (such as TB 72 h)",
        "提前安排",
        "Plan it earlier",
    ),
    Rule(
        "TIME_WINDOW",
        "在规定时段内开始(如空腹)",
        "Starts inside its time of day (such as fasting)",
        "改到规定时段",
        "Move it into the time of day",
    ),
    Rule(
        "RESIDENT_WINDOW",
        "居民在家时上门",
        "The resident is there",
        "改到居民在家的时间",
        "Choose a time when the resident is there",
    ),
    Rule(
        "STAFF",
        "人员角色、技能、性别符合",
        "Roles, skills and sex of the crew fit",
        "换有资质的人员",
        "Take staff with the qualification",
    ),
    Rule("HEAD_COUNT", "人数足够", "Enough people", "增加一名队员", "Add a member"),
    Rule(
        "HOME_MEDICAL",
        "居家医疗须先评估、知情同意、有照护者",
        "Home medical care needs assessment, consent and a carer",
        "先完成评估和同意书",
        "Complete assessment and consent first",
    ),
    Rule("ORDER_CLASS", "先洁后污", "Clean before infectious", "把感染性访视放到最后", "Put infectious stops last"),
    Rule(
        "JOINT",
        "联合访视: 两个不同团队同时开始",
        "Joint visit: two crews of different teams start together",
        "让两队同一时间到达",
        "Let both crews start at the same time",
    ),
    Rule(
        "CAPACITY",
        "巡诊接诊时间不超",
        "The session's minutes suffice",
        "增加一名人员或分流",
        "Add a member or move residents",
    ),
    Rule("CONTACTS", "巡诊人次不超", "The session's head limit", "分流到其他场次", "Move residents to another session"),
    Rule(
        "SESSION_HALF_DAY",
        "巡诊在允许的半天",
        "The session is on an allowed half-day",
        "改到允许的半天",
        "Move it to an allowed half-day",
    ),
    Rule("SESSION_TIME", "巡诊整段在该半天内", "The session lies inside its half-day", "提早出发", "Leave earlier"),
    Rule("SESSION_STAFF", "巡诊人数和资质符合", "The session's crew fits", "调整巡诊人员", "Change the session's crew"),
    Rule(
        "SESSION_SITE",
        "只在可就诊的巡诊点就诊",
        "Residents are seen only at sites that may absorb them",
        "改到可就诊的巡诊点",
        "Use a site that may absorb them",
    ),
    Rule(
        "SESSION_CLASH",
        "同一地点同一半天只一场",
        "One session at a site in a half-day",
        "错开半天",
        "Use another half-day",
    ),
    Rule(
        "SESSION_SPACING",
        "同一系列巡诊不在同一天",
        "Sessions of a series on different days",
        "错开日期",
        "Use another day",
    ),
    Rule(
        "SESSION_REQUIRED",
        "法定巡诊必须举行",
        "A session that is law is held",
        "补足人员或取消其他任务",
        "Free staff for it",
    ),
    Rule("MEMBER_AVAILABLE", "人员当时在岗", "The member is there", "换在岗人员", "Take somebody who is there"),
    Rule(
        "MEMBER_ONCE",
        "同一人同一时间只在一队",
        "A member is in one crew at a time",
        "取消重复排班",
        "Take the member out of one crew",
    ),
    Rule("MEMBER_FIELD_TIME", "每日外勤时间不超", "Field time of a day", "减少当天任务", "Take work out of that day"),
    Rule("MEMBER_HALF_DAYS", "本周外勤半天数不超", "Half-days in the field", "减少外勤半天", "Use fewer half-days"),
    Rule("CREW_SIZE", "队伍人数在允许范围", "Size of a crew", "调整队伍人数", "Change the size of the crew"),
    Rule(
        "CREW_TEAM",
        "队伍以其队员所属团队名义出队",
        "A crew goes in the name of a member's team",
        "更正团队",
        "Name the team of one of its members",
    ),
    Rule(
        "BASE",
        "队员与车辆同一出发点",
        "Members and vehicle start from the same base",
        "换同一出发点的人员或车辆",
        "Take people and vehicle of one base",
    ),
    Rule(
        "VEHICLE_ONCE",
        "同一车辆同一时间只用一次",
        "A vehicle is used once at a time",
        "换一辆车",
        "Take another vehicle",
    ),
    Rule("SEATS", "座位够", "Seats suffice", "换大车或减人", "Take a larger vehicle or fewer people"),
    Rule("DRIVER", "有人会驾驶", "Somebody can drive", "加一名会驾驶的队员", "Add a member who drives"),
    Rule("SNOW", "雪天不用不宜车辆", "No unfit vehicle in snow", "换适合雪天的车", "Take a vehicle fit for snow"),
    Rule(
        "VEHICLE_TAG",
        "带齐巡诊装备的车",
        "The vehicle carries the session's equipment",
        "换带装备的车",
        "Take the vehicle with the equipment",
    ),
    Rule(
        "WORKING_TIME",
        "在工作时间内出发和返回",
        "Out and back inside working time",
        "减少任务或提早返回",
        "Take stops out or return earlier",
    ),
    Rule("LUNCH", "午休足够", "A lunch break", "留出午休", "Leave room for lunch"),
    Rule("TRAVEL_TIME", "路程时间一致", "Travel takes its time", "按路程时间重排", "Use the travel times"),
    Rule("SERVICE_TIME", "服务时长一致", "Service takes its time", "按规定时长重排", "Use the service times"),
    Rule(
        "PHONE",
        "电话随访: 人员在岗且时间够",
        "Phone calls: staff at hand, minutes suffice",
        "换人或换半天",
        "Use another member or half-day",
    ),
    Rule("PIN", "保持锁定的决定", "A pinned decision is kept", "解除锁定或恢复原安排", "Unpin it or restore it"),
    Rule(
        "LEFT_CLASS",
        "未安排与延后分列正确",
        "Deferred and unplanned are told apart rightly",
        "按窗口重新归类",
        "Sort it by its window",
    ),
)

SOFT_RULES = (
    Rule(
        "UNPLANNED",
        "窗口内未安排",
        "Left although its window closes",
        "增加半天或人员",
        "Add a half-day or staff",
        "unplanned",
    ),
    Rule("OVERDUE", "逾期天数", "Days overdue", "优先安排逾期者", "Plan overdue ones first", "overdue"),
    Rule(
        "SESSION_NOT_HELD",
        "应设巡诊未举行",
        "A wanted session is not held",
        "补足人员",
        "Free staff for it",
        "session_not_held",
    ),
    Rule(
        "DEFERRED",
        "延后到以后的周",
        "Left for a later week",
        "有余力时提前完成",
        "Pull it forward when there is room",
        "deferred",
    ),
    Rule("TRAVEL", "路程", "Travel", "就近成组", "Group by village", "travel"),
    Rule("OVERTIME", "超时", "Overtime", "减少当天任务", "Take work out of that day", "overtime"),
    Rule("LATENESS", "晚于软时段", "Later than a soft time of day", "提早", "Plan it earlier", "lateness"),
    Rule("WAITING", "等待", "Waiting", "调整顺序", "Change the order", "waiting"),
    Rule("STAFFING", "外勤半天人次", "Member half-days in the field", "合并任务", "Join work", "staffing"),
    Rule(
        "CONTINUITY",
        "非签约团队或非首选人员",
        "Not the contract team or a preferred member",
        "由签约团队承担",
        "Let the contract team do it",
        "continuity",
    ),
    Rule(
        "NEIGHBOUR",
        "到邻村巡诊点就诊",
        "Seen at a neighbouring session",
        "在本村设巡诊",
        "Hold a session in the village",
        "neighbour",
    ),
    Rule(
        "RHYTHM",
        "改变固定巡诊时间",
        "A session off its usual half-day",
        "恢复固定时间",
        "Keep the usual half-day",
        "rhythm",
    ),
    Rule(
        "HOME_INSTEAD",
        "可巡诊却上门",
        "At home although a session would do",
        "改为巡诊",
        "Use a session",
        "home_instead",
    ),
    Rule("BALANCE", "负荷均衡", "Balance of burden", "分给负荷轻的人", "Give work to those with less", "balance"),
    Rule("CHANGE", "与原计划不同", "Different from the earlier plan", "尽量不变", "Keep what was planned", "change"),
)

REASONS = (
    Rule(
        "NO_ROOM", "本周已无余量", "No room left this week", "增加人员、半天或车辆", "Add staff, half-days or vehicles"
    ),
    Rule(
        "NOT_WORTH",
        "安排代价高于延后",
        "Costs more than leaving it for later",
        "随邻近任务一并安排",
        "Plan it together with near ones",
    ),
    Rule(
        "NO_SESSION",
        "窗口内无可就诊的巡诊",
        "No session inside its window that could absorb it",
        "在窗口内增设巡诊",
        "Hold a session inside its window",
    ),
    Rule("NOT_OPEN", "窗口未开始", "Its window is not open yet", "等窗口开始", "Wait until it opens"),
    Rule("BY_HAND", "人工移出本周", "Taken out by hand", "需要时再加入计划", "Add it again if it is wanted"),
)

RULES = {rule.code: rule for rule in (*HARD_RULES, *SOFT_RULES, *REASONS)}
COST_PARTS = tuple(rule.cost_part for rule in SOFT_RULES)
