"""The documents themselves: problem and plan in and out, results out. Nothing is repaired or guessed."""

from optimizer.documents.forms import PLAN_FORMAT, PROBLEM_FORMAT, RESULT_FORMAT
from optimizer.documents.reading import read_document
from optimizer.documents.writing import document_text, fields_of, plain
from optimizer.plan import Plan, Result
from optimizer.problem import Problem


def problem_to_json(problem: Problem) -> str:
    """A problem as a JSON document."""
    return document_text(PROBLEM_FORMAT, fields_of(problem))


def problem_from_json(text: str) -> Problem:
    """The problem of a document. Raises DocumentFaults when it cannot be read, ProblemFaults when it makes no sense."""
    return Problem(**read_document(text, PROBLEM_FORMAT, Problem))


def plan_to_json(plan: Plan) -> str:
    """A plan as a JSON document."""
    return document_text(PLAN_FORMAT, fields_of(plan))


def plan_from_json(text: str) -> Plan:
    """The plan of a document. Raises DocumentFaults when it cannot be read; whether it is any good says `check`."""
    return Plan(**read_document(text, PLAN_FORMAT, Plan))


def result_to_json(result: Result) -> str:
    """A result as a JSON document, with the total of its cost."""
    fields = plain(result)
    fields["cost"] = {"total": result.cost.total, "parts": fields["cost"]["parts"]}
    return document_text(RESULT_FORMAT, fields)
