"""Why a job could not be done, each reason once: a stable code with words in Chinese and English and what to do."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for failure; `may_pass` tells whether another try is worth it."""

    code: str
    message_zh: str
    message_en: str
    may_pass: bool = False


_REASONS = (
    Reason(
        "WORKER_LOST",
        "计算进程多次中断，已放弃；请检查服务器内存和日志后重新提交",
        "The worker was lost again and again; check memory and logs of the server, then ask for the plan again",
        may_pass=True,
    ),
    Reason(
        "SOLVER_CRASHED",
        "计算程序意外退出；若重复出现，请把任务编号交给管理员",
        "The solver ended unexpectedly; if it happens again, give the job's id to the administrator",
        may_pass=True,
    ),
    Reason(
        "OUT_OF_MEMORY",
        "内存不足；请缩小计划范围，或提高每个任务的内存上限",
        "Not enough memory; plan less at a time, or raise the memory limit of a job",
        may_pass=True,
    ),
    Reason(
        "TOO_LONG",
        "计算超过最长时间，已停止；请减少计算时间或次数后重试",
        "The solve went past its deadline and was stopped; ask for fewer seconds or iterations",
    ),
    Reason(
        "INPUT_FAULTS",
        "数据有错误，无法安排；请按所列逐条改正后重试",
        "The data has faults and cannot be planned; correct every item of the list and try again",
    ),
    Reason(
        "SCENARIO_FAULTS",
        "假设方案的改动已与现有数据不符；请按所列逐条改正后重试",
        "The changes of the scenario do not fit the rows any more; correct every item of the list and try again",
    ),
    Reason(
        "BASE_PLAN",
        "找不到要参照的原计划；请核对 base_plan_id",
        "There is no such plan to stay close to; check base_plan_id",
    ),
    Reason(
        "PARAMETERS",
        "计算参数有误；种子、秒数或次数须在允许范围内",
        "The parameters are wrong; seed, seconds or iterations have to lie within their limits",
    ),
    Reason(
        "ENGINE_MISSING",
        "已设置 Ray 地址但未安装 Ray；请执行 pip install 'xunzhen[ray]'，或去掉 XUNZHEN_RAY_ADDRESS",
        "A Ray address is set but Ray is not installed; pip install 'xunzhen[ray]', or unset XUNZHEN_RAY_ADDRESS",
    ),
    Reason(
        "ENGINE_UNREACHABLE",
        "无法连接 Ray 集群；请检查 XUNZHEN_RAY_ADDRESS 和集群状态",
        "The Ray cluster does not answer; check XUNZHEN_RAY_ADDRESS and the state of the cluster",
        may_pass=True,
    ),
    Reason(
        "ENGINE_FAILED",
        "Ray 集群未能运行任务；请确认每个节点都装有同一版本的 xunzhen",
        "The Ray cluster could not run the task; see that every node has the same version of xunzhen",
        may_pass=True,
    ),
    Reason(
        "STOPPED",
        "已停止，尚无可用的计划",
        "Stopped before there was a plan",
    ),
    Reason(
        "INTERNAL",
        "处理任务时出错；请把任务编号交给管理员",
        "Something went wrong while the job was worked on; give the job's id to the administrator",
        may_pass=True,
    ),
)
REASONS = MappingProxyType({reason.code: reason for reason in _REASONS})


class JobRefused(Exception):
    """A job cannot be done, for one of `REASONS`; faults of an input come with it, without the values found."""

    def __init__(self, code: str, faults: tuple[dict[str, str], ...] = ()) -> None:
        super().__init__(code)
        self.reason = REASONS[code]
        self.faults = faults
