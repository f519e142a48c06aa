"""What the door says: each refusal with its status, a stable code, and words for both languages.

AccessError
  NotSignedIn, WrongCredentials, SecondFactorNeeded, AccountLocked, PasswordExpired, CsrfMissing   who are you
  NotAllowed, SetUpNeeded                                                                          you may not
  AccessFaults                                                                 the account or key asked for is wrong
  SingleSignOnOff, SingleSignOnFailed, ProviderUnreachable          no provider, a bad answer of it, or none at all
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessFault:
    """One thing wrong with what was sent: where (JSON pointer) and what to do, in both languages."""

    pointer: str
    code: str
    advice_zh: str
    advice_en: str


class AccessError(Exception):
    """A refusal; class attributes say how it is answered."""

    status = 403
    code = "NOT_ALLOWED"
    title_zh = "没有此权限"
    title_en = "Not allowed"
    advice_zh = "请向安全管理员申请权限"
    advice_en = "Ask the security administrator for this permission"

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer."""
        return {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}

    @property
    def faults(self) -> tuple[AccessFault, ...]:
        """Single faults behind the refusal, when there are any."""
        return ()


class NotSignedIn(AccessError):
    """No credential, or one that is unknown, expired, revoked or idle for too long."""

    status, code = 401, "NOT_SIGNED_IN"
    title_zh, title_en = "未登录或登录已失效", "Not signed in, or the sign-in has ended"
    advice_zh, advice_en = (
        "请重新登录，或检查 API 密钥是否过期",
        "Sign in again, or check whether the API key has expired",
    )


class WrongCredentials(AccessError):
    """Name, password or code do not fit; which one is not told."""

    status, code = 401, "WRONG_CREDENTIALS"
    title_zh, title_en = "用户名、密码或验证码不正确", "The name, the password or the code is wrong"
    advice_zh, advice_en = (
        "请核对后重试；连续 5 次失败将锁定账户",
        "Check and try again; five failures lock the account",
    )


class SecondFactorNeeded(AccessError):
    """The password fits; the code of the second factor is missing."""

    status, code = 401, "SECOND_FACTOR_NEEDED"
    title_zh, title_en = "需要动态验证码", "A one-time code is needed"
    advice_zh, advice_en = "请连同验证器中的 6 位数字重新登录", "Sign in again with the six digits of the authenticator"


class AccountLocked(AccessError):
    """Too many failures; `retry_seconds` until the next try."""

    status, code = 429, "ACCOUNT_LOCKED"
    title_zh, title_en = "失败次数过多，账户已暂时锁定", "Too many failures: the account is locked for a while"
    advice_zh, advice_en = "请稍后再试，或请安全管理员解锁", "Try again later, or ask the security administrator"

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(f"locked for {retry_seconds} s")
        self.retry_seconds = retry_seconds

    @property
    def headers(self) -> dict[str, str]:
        """When to come back."""
        return {"Retry-After": str(self.retry_seconds)}


class CsrfMissing(AccessError):
    """A change was asked for with the cookie, but without the token that only our own pages know."""

    code = "CSRF_TOKEN_MISSING"
    title_zh, title_en = "缺少或错误的 CSRF 令牌", "The CSRF token is missing or wrong"
    advice_zh, advice_en = "请在 X-CSRF-Token 中带上 /v1/me 给出的令牌", "Send the token of /v1/me as X-CSRF-Token"


class NotAllowed(AccessError):
    """The caller is known and may not do this."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class SetUpNeeded(AccessError):
    """The caller has to set up a second factor or a new password before anything else."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.code = "SECOND_FACTOR_SET_UP_NEEDED" if what == "second_factor" else "PASSWORD_CHANGE_NEEDED"
        if what == "second_factor":
            self.title_zh, self.title_en = "须先设置动态验证码", "Set up a second factor first"
            self.advice_zh = "先调用 /v1/me/second-factor 并确认"
            self.advice_en = "Call /v1/me/second-factor and confirm it"
        else:
            self.title_zh, self.title_en = "密码已过期或须更改", "The password has expired or must be changed"
            self.advice_zh = "先调用 /v1/me/password 更改密码"
            self.advice_en = "Change it with /v1/me/password"


class AccessFaults(AccessError):
    """What was asked for is wrong; `faults` holds all of it."""

    status, code = 422, "ACCESS_INPUT_WRONG"
    title_zh, title_en = "账户或密钥的内容有误", "The account or key asked for is wrong"
    advice_zh, advice_en = "请逐条改正后重试", "Correct every item and try again"

    def __init__(self, faults: tuple[AccessFault, ...]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.code}" for fault in faults))
        self._faults = faults

    @property
    def faults(self) -> tuple[AccessFault, ...]:
        """Everything that is wrong."""
        return self._faults


class AccessNotFound(AccessError):
    """There is no such account or key, as far as the caller can see."""

    status, code = 404, "NOT_FOUND"
    title_zh, title_en = "没有这个账户或密钥", "There is no such account or key"
    advice_zh, advice_en = "请核对编号和所属机构", "Check the id and the organisation"


class SingleSignOnFailed(AccessError):
    """The provider refused, or its answer could not be trusted; `reason` is a stable word for logs."""

    status, code = 401, "SINGLE_SIGN_ON_FAILED"
    title_zh, title_en = "统一认证登录失败", "Single sign-on failed"
    advice_zh, advice_en = "请重新登录；多次失败请联系管理员", "Start again; if it keeps failing, ask the administrator"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SingleSignOnOff(AccessError):
    """No provider is configured."""

    status, code = 404, "SINGLE_SIGN_ON_OFF"
    title_zh, title_en = "未启用统一认证登录", "Single sign-on is not set up"
    advice_zh, advice_en = (
        "请用用户名和密码登录，或配置 XUNZHEN_OIDC_ISSUER",
        "Sign in with a password, or set XUNZHEN_OIDC_ISSUER",
    )


class ProviderUnreachable(AccessError):
    """The provider of single sign-on does not answer."""

    status, code = 503, "SINGLE_SIGN_ON_UNREACHABLE"
    title_zh, title_en = "统一认证服务没有应答", "The single sign-on provider does not answer"
    advice_zh, advice_en = "请稍后重试，或用用户名和密码登录", "Try again later, or sign in with a password"

    @property
    def headers(self) -> dict[str, str]:
        """When to come back."""
        return {"Retry-After": "30"}
