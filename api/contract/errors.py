"""What can go wrong between us and a contract system.

ContractError
├── VendorFaults (ValueError)   a mapping file is wrong; carries all of its faults
├── NotAnswered                 no answer, or one of overload or failure: try again later
├── BadAnswer                   an answer that cannot be read: try again later
└── Refused                     the other side understood and said no: trying again does not help

Texts of these errors hold codes and places, never a word of the answer.
"""

from optimizer.errors import Fault


class ContractError(Exception):
    """Base of all errors of the exchange: a stable code and what to do, in Chinese and English."""

    def __init__(self, code: str, message_zh: str, message_en: str) -> None:
        self.code = code
        self.message_zh = message_zh
        self.message_en = message_en
        super().__init__(f"{code}: {message_zh} / {message_en}")


class VendorFaults(ContractError, ValueError):
    """A mapping file does not fit; `faults` holds every reason."""

    def __init__(self, name: str, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        lines = "".join(f"\n- {fault}" for fault in faults)
        super().__init__("VENDOR_FILE", f"厂商文件 {name} 有误", f"vendor file {name} is wrong:{lines}")


class NotAnswered(ContractError):
    """There was no answer, or the other side says that it cannot answer now."""

    def __init__(self, code: str, message_zh: str, message_en: str, wait_seconds: float = 0.0) -> None:
        super().__init__(code, message_zh, message_en)
        self.wait_seconds = wait_seconds
        """How long the other side wants us to wait."""


class BadAnswer(ContractError):
    """The answer is not what was agreed."""


class Refused(ContractError):
    """The other side refuses the request itself."""
