"""Between the store and the planner: folders in, weeks out, plans kept, changed and published."""

from api.weeks.counts import Counts
from api.weeks.errors import (
    ChangeFault,
    ChangeFaults,
    InfeasiblePlanError,
    NothingToUndoError,
    PlanStateError,
    UnknownPartsError,
    WeekFaults,
    WeeksError,
)
from api.weeks.gathering import judge_changes, keep_roads, prepare_week, roads_file, week_folder
from api.weeks.importing import Imported, import_folder
from api.weeks.keeping import Publication, archive, new_revision, publish, store_plan, undo, week_name
from api.weeks.reading import keep_problem, pins_of, plan_of, problem_of, revision_of
from api.weeks.recent import keep_verdict, verdict_of

__all__ = [
    "ChangeFault",
    "ChangeFaults",
    "Counts",
    "Imported",
    "InfeasiblePlanError",
    "NothingToUndoError",
    "PlanStateError",
    "Publication",
    "UnknownPartsError",
    "WeekFaults",
    "WeeksError",
    "archive",
    "import_folder",
    "judge_changes",
    "keep_problem",
    "keep_roads",
    "keep_verdict",
    "new_revision",
    "pins_of",
    "plan_of",
    "prepare_week",
    "problem_of",
    "publish",
    "revision_of",
    "roads_file",
    "store_plan",
    "undo",
    "verdict_of",
    "week_folder",
    "week_name",
]
