"""The closed set of changes that a scenario may make, as JSON; things are named by the ids of their sheets."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from api.service.bodies import Body, Date, RowId, Text, Word, YesNo, refused

MOST_CHANGES = 50


class HalfDayChange(Body):
    """Half a day of the week, or with no half the whole day."""

    date: Date
    half: Literal["am", "pm"] | None = None


HalfDays = Annotated[tuple[HalfDayChange, ...], Field(min_length=1, max_length=14)]
Ids = Annotated[tuple[RowId, ...], Field(min_length=1, max_length=5_000)]


class SettingChange(Body):
    """Another working hour, rule or price; keys are those of `GET /v1/settings`."""

    kind: Literal["setting"]
    key: Word
    value: Text


class MemberChange(Body):
    """A member who is away, or there although the sheet says no; without half-days all of the week."""

    kind: Literal["member_unavailable", "member_available"]
    member: Word
    half_days: HalfDays | None = None


class VehicleAdded(Body):
    """One more vehicle, with the columns of its sheet."""

    kind: Literal["vehicle_added"]
    vehicle: Word
    mode: Literal["car", "ebike", "escooter", "bicycle", "foot"]
    seats: Annotated[int, Field(ge=1, le=60)]
    base: Word
    needs_driver: YesNo | None = None
    snow_ok: YesNo | None = None
    equipment: Text | None = None


class VehicleRemoved(Body):
    """A vehicle less."""

    kind: Literal["vehicle_removed"]
    vehicle: Word


class SessionAdded(Body):
    """One more patrol session, with the columns of its sheet."""

    kind: Literal["session_added"]
    session: Word
    site: Word
    half_days: HalfDays
    team: Word | None = None
    times: Annotated[int, Field(ge=1, le=14)] | None = None
    minutes: Annotated[int, Field(ge=10, le=600)] | None = None
    needs: Text | None = None
    law: YesNo | None = None


class SessionRemoved(Body):
    """A row of sessions less."""

    kind: Literal["session_removed"]
    session: Word


class SessionForbidden(Body):
    """A session that is not held on these half-days."""

    kind: Literal["session_forbidden"]
    session: Word
    half_days: HalfDays


class FollowUpsLeftOut(Body):
    """Follow-ups that are not planned: those of our ids, or all of a rule, of a team, or of both."""

    kind: Literal["follow_ups_left_out"]
    ids: Ids | None = None
    rule: Word | None = None
    team: Word | None = None

    @model_validator(mode="after")
    def _names_some(self) -> "FollowUpsLeftOut":
        if self.ids is None and self.rule is None and self.team is None:
            advice = "给出 ids、rule 或 team", "Give ids, rule or team"
            raise refused("NOTHING_NAMED", "one of ids, rule and team", *advice)
        return self


class FollowUpsTakenIn(Body):
    """Follow-ups that are planned although they are settled or not due, by our ids."""

    kind: Literal["follow_ups_taken_in"]
    ids: Ids


class ChannelClosed(Body):
    """Nobody is seen this way; follow-ups that have no other way are left out."""

    kind: Literal["channel_closed"]
    channel: Literal["home", "patrol", "phone"]


ChangeBody = Annotated[
    SettingChange
    | MemberChange
    | VehicleAdded
    | VehicleRemoved
    | SessionAdded
    | SessionRemoved
    | SessionForbidden
    | FollowUpsLeftOut
    | FollowUpsTakenIn
    | ChannelClosed,
    Field(discriminator="kind"),
]
ChangeBodies = Annotated[tuple[ChangeBody, ...], Field(max_length=MOST_CHANGES)]
