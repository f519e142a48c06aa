"""Do roles, skills, sex and head count fit what is done: at home, jointly, at sessions, by phone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from optimizer.check.case import Case, Outing, Service, Visit, option_for
from optimizer.check.sentences import Both, breach, clock, half_day_name, item_name, listed, member_name, session_name
from optimizer.model import Channel, FollowUp, Member, StaffNeed
from optimizer.plan import Violation

CREWS_OF_A_JOINT_VISIT = 2


def judge_staffing(case: Case) -> Iterator[Violation]:
    """STAFF, HEAD_COUNT, JOINT, SESSION_STAFF and PHONE."""
    pairs: dict[str, list[tuple[Outing, Visit]]] = defaultdict(list)
    for service in case.services:
        if service.outing is None or service.visit is None:
            continue
        if service.item.joint and service.channel is Channel.HOME:
            pairs[service.item.id].append((service.outing, service.visit))
        else:
            yield from _judge_service(service, service.outing)
    for name, pair in pairs.items():
        yield from _judge_joint(case.items[name], pair)
    for outing in case.outings:
        for visit in outing.sessions:
            yield from _judge_session_crew(outing, visit)
    yield from _judge_phones(case)


def find_missing(members: Iterable[Member], needs: Iterable[StaffNeed], on: date) -> StaffNeed | None:
    """The first need that too few of the members meet on that date, or None."""
    people = tuple(members)
    return next((need for need in needs if sum(_is_able(member, need, on) for member in people) < need.count), None)


def fits_option(item: FollowUp, outing: Outing) -> bool:
    """Whether a crew satisfies the home option of a follow-up, people and number of them."""
    option = option_for(item, Channel.HOME)
    if option is None or len(outing.members) < option.head_count:
        return False
    return find_missing(outing.members, option.needs, outing.day.date) is None


def need_words(need: StaffNeed) -> Both:
    """A need in words, such as "1 of GP/PH with SMD, sex F"."""
    roles = "/".join(need.roles)
    zh, en = f"至少{need.count}人", f"at least {need.count}"
    zh, en = (f"{zh}角色{roles}", f"{en} of role {roles}") if roles else (zh, f"{en} member(s)")
    if need.skills:
        zh, en = f"{zh}有资质{'、'.join(need.skills)}", f"{en} with {', '.join(need.skills)} valid"
    return Both(f"{zh}性别{need.sex}", f"{en}, sex {need.sex}") if need.sex else Both(zh, en)


def _is_able(member: Member, need: StaffNeed, on: date) -> bool:
    valid = {skill.code for skill in member.skills if skill.valid_until is None or on <= skill.valid_until}
    has_role = not need.roles or member.role in need.roles
    return has_role and valid.issuperset(need.skills) and need.sex in ("", member.sex)


def _people(outing: Outing) -> Both:
    words = listed([f"{member.id} ({member.role})" for member in outing.members])
    return Both(f"队伍{outing.crew.id}：{words.zh}", f"crew {outing.crew.id}: {words.en}")


def _judge_service(service: Service, outing: Outing) -> Iterator[Violation]:
    option = option_for(service.item, service.channel)
    if option is None:
        return
    missing = find_missing(outing.members, option.needs, service.date) if option.needs else None
    if missing is not None:
        yield breach("STAFF", item_name(service.item.id), need_words(missing), _people(outing))
    if len(outing.members) < option.head_count:
        expected = Both(f"至少{option.head_count}人", f"at least {option.head_count} members")
        yield breach("HEAD_COUNT", item_name(service.item.id), expected, len(outing.members))


def _judge_joint(item: FollowUp, pair: list[tuple[Outing, Visit]]) -> Iterator[Violation]:
    name = item_name(item.id)
    if len(pair) != CREWS_OF_A_JOINT_VISIT:
        yield breach("JOINT", name, Both("两支队伍", "two crews"), len(pair))
        return
    (first, first_visit), (second, second_visit) = pair
    crews, stops = (first.crew, second.crew), (first_visit.stop, second_visit.stop)
    days, starts = (first.day.date, second.day.date), [clock(stop.start_seconds) for stop in stops]
    is_apart = first.number != second.number and not set(crews[0].members) & set(crews[1].members)
    is_alone = len(stops[0].follow_ups) == len(stops[1].follow_ups) == 1
    facts = (
        (days[0] == days[1], Both("同一天", "the same day"), listed(days)),
        (starts[0] == starts[1], Both("同时开始", "the same start"), listed(starts)),
        (crews[0].team != crews[1].team, Both("两个不同团队", "two teams"), listed([crew.team for crew in crews])),
        (is_apart, Both("两队人员不重复", "no member in both"), listed([*crews[0].members, *crews[1].members])),
        (
            is_alone,
            Both("该站只做这一项", "nothing else at the stop"),
            listed(stops[0].follow_ups + stops[1].follow_ups),
        ),
    )
    for holds, expected, found in facts:
        if not holds:
            yield breach("JOINT", name, expected, found)
    yield from _judge_joint_staff(item, first, second)


def _judge_joint_staff(item: FollowUp, first: Outing, second: Outing) -> Iterator[Violation]:
    option = option_for(item, Channel.HOME)
    if option is None or item.joint is None:
        return
    orders = ((first, second), (second, first))
    partner_fits = [find_missing(other.members, item.joint.needs, other.day.date) is None for _, other in orders]
    if any(fits_option(item, one) and fits for (one, _), fits in zip(orders, partner_fits, strict=True)):
        return
    staffed = [find_missing(one.members, option.needs, one.day.date) is None for one, _ in orders]
    is_short_of_heads = any(one and other for one, other in zip(staffed, partner_fits, strict=True))
    needs = [need_words(need) for need in (*option.needs, *item.joint.needs)]
    people = [_people(first), _people(second)]
    found = Both("；".join(words.zh for words in people), "; ".join(words.en for words in people))
    if is_short_of_heads:
        expected = Both(f"一队至少{option.head_count}人", f"at least {option.head_count} members in the first crew")
        yield breach("HEAD_COUNT", item_name(item.id), expected, found)
        return
    zh, en = "；".join(words.zh for words in needs), "; ".join(words.en for words in needs)
    yield breach("STAFF", item_name(item.id), Both(f"两队分别满足：{zh}", f"shared between the two crews: {en}"), found)


def _judge_session_crew(outing: Outing, visit: Visit) -> Iterator[Violation]:
    session = visit.session
    assert session is not None, "only known sessions are asked for"
    name = session_name(session.id)
    if not session.min_members <= len(outing.members) <= session.max_members:
        limits = f"{session.min_members}-{session.max_members}"
        yield breach("SESSION_STAFF", name, Both(f"{limits}人", f"{limits} members"), len(outing.members))
    missing = find_missing(outing.members, session.needs, outing.day.date)
    if missing is not None:
        yield breach("SESSION_STAFF", name, need_words(missing), _people(outing))


def _judge_phones(case: Case) -> Iterator[Violation]:
    in_crew = {(name, half_day) for crew in case.plan.crews for name in crew.members for half_day in crew.half_days}
    talking: dict[tuple[str, int], int] = defaultdict(int)
    for service in case.services:
        phone = service.phone
        if phone is None or phone.member not in case.members:
            continue
        member, option = case.members[phone.member], option_for(service.item, Channel.PHONE)
        is_free = phone.half_day in member.field_half_days and (member.id, phone.half_day) not in in_crew
        name = item_name(service.item.id)
        if not (phone.half_day in member.desk_half_days or is_free):
            expected = Both(f"{member.id}当时在岗且不在外勤", f"{member.id} at the desk or free")
            yield breach("PHONE", name, expected, half_day_name(phone.half_day))
        if option is None:
            continue
        talking[member.id, phone.half_day] += option.seconds
        alone = [replace(need, count=1) for need in option.needs]
        missing = find_missing((member,), alone, service.date)
        if missing is not None:
            yield breach("PHONE", name, need_words(missing), f"{member.id} ({member.role})")
    yield from _judge_phone_time(case, talking)


def _judge_phone_time(case: Case, talking: dict[tuple[str, int], int]) -> Iterator[Violation]:
    most = case.parameters.phone_seconds_per_half_day
    for (name, half_day), seconds in talking.items():
        if seconds > most:
            expected = Both(f"电话至多{most}秒", f"at most {most} seconds on the phone")
            yield breach("PHONE", member_name(name, half_day_name(half_day)), expected, seconds)
