"""The followups sheet: which due items are planned this week, where, when, how and by whom.

What is not for this week (not open yet, done elsewhere, contract ended, known twice) is left out and counted.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from optimizer.due import FollowUpRule, follow_up_rules, parse_time_windows
from optimizer.model import (
    Channel,
    ChannelOption,
    DatedWindow,
    FollowUp,
    HomeMedicalGate,
    Joint,
    OrderClass,
    ServiceClass,
    SiteKind,
    StaffNeed,
)
from optimizer.tables.cells import Row, unique_ids
from optimizer.tables.draft import Labels, Person
from optimizer.tables.half_days import parse_resident_windows
from optimizer.tables.homes import Homes, judge_distances
from optimizer.tables.needs import NEEDS_ADVICE, needs_in_words, needs_of
from optimizer.tables.patrols import Patrols
from optimizer.tables.places import Places
from optimizer.tables.privacy import Pseudonyms, judge_ids
from optimizer.tables.reach import Reach
from optimizer.tables.settings import WEEK, Settings
from optimizer.tables.staff import Staff
from optimizer.weights import MINUTE

FARTHEST_DATE = timedelta(days=3 * 365)
TIMES_ADVICE = ("时段写作 07:00-09:30 14:00-16:00", "write times of day as 07:00-09:30 14:00-16:00")
THERE_ADVICE = ("写作 周二上午 周四14:00-16:00", "write Tue AM, Thu 14:00-16:00")
NO_JOINT = ("无", "none", "否", "no")


@dataclass(slots=True)
class DueItems:
    """The follow-ups read so far with the row of each, and the household sites they brought."""

    follow_ups: list[FollowUp] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    homes: Homes = field(default_factory=Homes)


@dataclass(frozen=True, slots=True)
class World:
    """What the rows refer to."""

    places: Places
    staff: Staff
    settings: Settings
    reach: Reach
    labels: Labels
    residents: Pseudonyms = field(default_factory=lambda: Pseudonyms("R"))
    households: Pseudonyms = field(default_factory=lambda: Pseudonyms("H"))

    @property
    def next_week(self) -> date:
        """The Monday after the plan."""
        last = self.settings.days[-1].date
        return last + timedelta(days=WEEK - last.weekday())


def read_due_items(
    rows: list[Row], places: Places, staff: Staff, patrols: Patrols, settings: Settings, labels: Labels
) -> DueItems:
    """The follow-ups of this week."""
    world = World(places, staff, settings, Reach(places, patrols.sessions, settings.neighbour_metres), labels)
    items = DueItems()
    kept: dict[tuple[str, str], FollowUp] = {}
    for row in unique_ids(rows):
        item = _follow_up(row, world)
        if item is not None and _is_for_this_week(row, item, settings):
            _keep(row, item, kept, items)
    items.follow_ups = [
        _at_home(row, item, world, items) for row, item in zip(items.rows, items.follow_ups, strict=True)
    ]
    judge_ids(rows)
    labels.resident_ids.update(world.residents.sources())
    labels.household_ids.update(world.households.sources())
    judge_distances(items.homes, list(zip(places.sites, places.rows, strict=True)))
    return items


def _keep(row: Row, item: FollowUp, kept: dict[tuple[str, str], FollowUp], items: DueItems) -> None:
    """Add an item, unless the same resident and rule are there already: then the one that closes first stays."""
    key = (item.resident, item.rule)
    other = kept.get(key)
    if other is None:
        items.follow_ups.append(item)
        items.rows.append(row)
        kept[key] = item
        return
    zh, en = "同一居民同一规则重复，保留先到期的一条", "same resident and rule twice; the one that closes first is kept"
    row.log.note("KNOWN_TWICE", zh, en, row.place)
    if item.latest < other.latest:
        place = items.follow_ups.index(other)
        items.follow_ups[place], items.rows[place], kept[key] = item, row, item


def _is_for_this_week(row: Row, item: FollowUp, settings: Settings) -> bool:
    """Whether an item is to be planned now; says in a note why not."""
    first, last = settings.days[0].date, settings.days[-1].date
    ended = row.date("contract_end")
    if row.text("status") and row.choice("status", "statuses", "due") not in {"due", "missed"}:
        row.log.note("NOT_DUE", "状态不是应访或未访，未列入", "left out: neither due nor missed", row.place)
    elif ended is not None and ended < first:
        row.log.note("CONTRACT_ENDED", "签约已到期，未列入", "left out: the contract has ended", row.place)
    elif item.earliest > last:
        row.log.note("NOT_OPEN", "窗口尚未开始，留待以后各周", "left for later weeks: not open yet", row.place)
    else:
        return True
    return False


def _follow_up(row: Row, world: World) -> FollowUp | None:
    """One due item with its village as site, or None after a fault."""
    before = len(row.log.faults)
    code = row.choice("rule", "rules", "")
    rule = follow_up_rules().get(code)
    site = row.reference("site", world.places.ids(SiteKind.VILLAGE, SiteKind.COMMUNITY))
    window = _window(row, rule, world) if rule else None
    if rule is None or window is None or not site:
        return None
    earliest, due, latest, deadline = window
    options = _options(row, rule)
    gate = HomeMedicalGate(row.yes("assessed", False), row.yes("consented", False), row.yes("carer", False))
    service = ServiceClass(row.choice("service_class", "service_classes", rule.service_class))
    item = FollowUp(
        id=row.text("id"),
        resident=world.residents.of(row.text("resident")),
        site=site,
        rule=code,
        earliest=earliest,
        due=due,
        latest=latest,
        channels=options,
        household=world.households.of(row.text("household")),
        hard_end=row.yes("hard_end", rule.hard_end),
        deadline_seconds=deadline,
        patrol_sites=_patrol_sites(row, site, options, world),
        time_windows=row.parsed("times", parse_time_windows, rule.time_windows, TIMES_ADVICE),
        resident_windows=_resident_windows(row, world),
        priority=int(row.choice("priority", "priorities", str(rule.priority))),
        order_class=OrderClass(row.choice("order_class", "order_classes", rule.order_class)),
        team=row.reference("team", world.staff.team_ids),
        preferred_members=row.references("preferred", world.staff.member_ids),
        joint=_joint(row, rule) if any(option.channel is Channel.HOME for option in options) else None,
        service_class=service,
        gate=gate if service is ServiceClass.HOME_MEDICAL else None,
    )
    _note_gate(row, item)
    _note_phone(row)
    return item if len(row.log.faults) == before else None


def _window(row: Row, rule: FollowUpRule, world: World) -> tuple[date, date, date, int | None] | None:
    """Earliest, due and latest date and the clock deadline; what is empty comes from the rule."""
    due = row.date("due")
    if due is None:
        return None
    earliest = row.date("earliest") or due - timedelta(days=rule.before_days)
    latest = row.date("latest") or due + timedelta(days=rule.after_days)
    first = world.settings.days[0].date
    for key, day in (("earliest", earliest), ("due", due), ("latest", latest)):
        if abs(day - first) > FARTHEST_DATE:
            row.fault("DATE_RANGE", key, "日期离本周三年以上；核对年份", "more than three years away; check the year")
            return None
    if not earliest <= due <= latest:
        key = "earliest" if earliest > due else "latest"
        row.fault("ORDER", key, "应满足 最早≤应访≤最晚", "earliest, due and latest have to follow one another")
        return None
    latest, deadline = _last_working(row, earliest, latest, row.clock("deadline"), world)
    return earliest, min(due, latest), latest, deadline


def _last_working(
    row: Row, earliest: date, latest: date, deadline: int | None, world: World
) -> tuple[date, int | None]:
    """A window that closes on closed days right after the plan closes on the plan's last day: nobody works later."""
    last = world.settings.days[-1].date
    if earliest <= last < latest < world.next_week:
        zh, en = "窗口在周末结束，提前到最后一个工作日", "the window ends on the weekend: moved to the last working day"
        row.log.note("WEEKEND", zh, en, row.place)
        return last, None
    return latest, deadline


def _options(row: Row, rule: FollowUpRule) -> tuple[ChannelOption, ...]:
    """The allowed channels with minutes and staff, the rule's own unless the row says otherwise."""
    named = row.choices("channels", "channels")
    wanted = [Channel(name) for name in named] or [option.channel for option in rule.options]
    told, told_patrol = _told_needs(row, "needs"), _told_needs(row, "patrol_needs")
    heads = row.whole("head_count", 1, 10, 0)
    options = []
    for channel in wanted:
        usual = rule.find_option(channel)
        seconds = row.whole(f"{channel}_minutes", 1, 480, usual.seconds // MINUTE if usual else 0) * MINUTE
        if not seconds:
            zh, en = (
                f"此类别没有该方式的时长；填写{channel}分钟",
                f"this rule has no minutes for it; fill in {channel}_minutes",
            )
            row.fault("NO_MINUTES", "channels", zh, en)
            continue
        usual = usual or ChannelOption(channel, seconds)
        needs = usual.needs if told is None else told
        if channel is Channel.PATROL and told_patrol is not None:
            needs = told_patrol
        count = heads if heads and channel is Channel.HOME else usual.head_count
        options.append(ChannelOption(channel, seconds, needs, count))
    return tuple(options)


def _told_needs(row: Row, key: str) -> tuple[StaffNeed, ...] | None:
    """The staff needs that the row itself gives, or None."""
    return needs_of(row, key, ()) if row.text(key) else None


def _patrol_sites(row: Row, site: str, options: tuple[ChannelOption, ...], world: World) -> tuple[str, ...]:
    if not any(option.channel is Channel.PATROL for option in options):
        return ()
    if row.text("patrol_sites"):
        return row.references("patrol_sites", world.places.ids())
    return world.reach.sites_of(site)


def _resident_windows(row: Row, world: World) -> tuple[DatedWindow, ...]:
    days = world.settings.days
    none: tuple[DatedWindow, ...] = ()
    windows = row.parsed("resident_times", lambda text: parse_resident_windows(text, days), none, THERE_ADVICE)
    if row.text("resident_times") and not windows:
        zh, en = (
            "居民在家时间不在本周，按随时在家处理",
            "the resident's times are not in this week: taken as always there",
        )
        row.log.note("RESIDENT_TIMES", zh, en, row.place)
    return windows


def _joint(row: Row, rule: FollowUpRule) -> Joint | None:
    text = row.text("joint")
    if not text:
        return rule.joint
    return None if text in NO_JOINT else Joint(row.parsed("joint", needs_in_words, (), NEEDS_ADVICE))


def _note_gate(row: Row, item: FollowUp) -> None:
    if item.service_class is ServiceClass.HOME_MEDICAL and not (item.gate and item.gate.is_open):
        zh, en = "居家医疗缺评估、同意或照护者，不能上门", "home medical care without assessment, consent or carer"
        row.log.note("GATE", zh, en, row.place)


def _note_phone(row: Row) -> None:
    digits = "".join(char for char in row.text("phone") if char.isdecimal())
    if row.text("phone") and not 10 < len(digits) < 14:
        row.log.note("PHONE_NUMBER", "电话号码位数不对", "phone numbers of a wrong length", row.place)


def _at_home(row: Row, item: FollowUp, world: World, items: DueItems) -> FollowUp:
    """The item at its household's own site where it can be seen at home, else as it is."""
    world.labels.residents[item.id] = Person(row.text("name"), row.text("phone"), row.text("address"))
    can_home = any(option.channel is Channel.HOME for option in item.channels)
    is_shut = item.service_class is ServiceClass.HOME_MEDICAL and not (item.gate and item.gate.is_open)
    if not can_home or is_shut:
        return item
    village = world.places.find(item.site)
    site = items.homes.site_of(row, item, village, world.settings.outside_china)
    return replace(item, site=site.id) if site else item
