#!/usr/bin/env python3
"""One door to the project on a machine that has nothing but Python: demo, test, check, lock.

The first use makes `.venv` beside this file, installs the locked packages and compiles the search kernels;
later uses start at once. It needs the standard library only and changes nothing outside this folder.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets first
    sys.exit(
        "Xunzhen needs Python 3.11 or newer; this is Python %d.%d (%s).\n"  # noqa: UP031 - old Pythons read this line
        "Xunzhen 需要 Python 3.11 或更新版本。" % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "xunzhen-ready.json"  # written last: an environment without it is not trusted
MAKING = VENV / "xunzhen-making"  # written first: an environment with it may be thrown away
KERNEL_STAMP = VENV / "xunzhen-kernels"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
XUNZHEN = BIN / ("xunzhen.exe" if os.name == "nt" else "xunzhen")
DEMO = ROOT / "demo"
DEMO_WEEK = "2026-W48"
NETWORK_SECONDS = "600"
MOST_TEST_PROCESSES = 4
"""Each takes up to a gigabyte."""
LOCK_COMMAND = [
    *("pip", "compile", "pyproject.toml", "--group", "dev", "--universal", "--python-version", "3.11", "--quiet"),
    *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "-o", "requirements.lock"),
]


class SetupError(RuntimeError):
    """The environment could not be made; the message says what to do."""


def say(text: str) -> None:
    """Print one line at once, in whatever the console can show."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def environment() -> dict[str, str]:
    """The variables for our child processes: our own Python only, UTF-8, patient with slow networks."""
    values = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX"}}
    values.update(VIRTUAL_ENV=str(VENV), PYTHONUTF8="1", PATH=f"{BIN}{os.pathsep}{values.get('PATH', '')}")
    values.setdefault("UV_HTTP_TIMEOUT", NETWORK_SECONDS)
    values.setdefault("PIP_DEFAULT_TIMEOUT", NETWORK_SECONDS)
    values.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    values.setdefault("UV_LINK_MODE", "copy")  # hard links across disks only earn a warning
    return values


def run(*command: str | Path, quiet: bool = False) -> int:
    """Run a command in the project's folder and give its exit code; `quiet` shows output only after a failure."""
    words = [str(word) for word in command]
    if not quiet:
        return subprocess.run(words, cwd=ROOT, env=environment(), check=False).returncode
    done = subprocess.run(words, cwd=ROOT, env=environment(), check=False, capture_output=True)
    if done.returncode:
        say((done.stdout + done.stderr).decode("utf-8", "replace").strip())
    return done.returncode


def wanted_stamp() -> dict[str, str]:
    """What an up-to-date environment was made from; venvs cannot be moved, so the place counts."""
    files = (LOCK, ROOT / "pyproject.toml")
    digest = hashlib.sha256(b"\0".join(path.read_bytes().replace(b"\r\n", b"\n") for path in files))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return {"inputs": digest.hexdigest(), "python": version, "platform": sys.platform, "place": str(ROOT)}


def read_stamp() -> dict[str, str]:
    """The stamp of the present environment, empty if there is none that can be trusted."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and PYTHON.exists() else {}


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the set-up lock; the system frees it when the process ends, however it ends."""
    with open(ROOT / ".venv.lock", "a+b") as handle:
        told = False
        while not try_lock(handle.fileno()):
            if not told:
                say("Another run.py is setting up this folder; waiting for it …")
                told = True
            time.sleep(0.3)
        yield


def try_lock(descriptor: int) -> bool:
    """Take the lock if it is free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def ensure_environment() -> bool:
    """Make `.venv` if it is missing or out of date; True when something was done."""
    if read_stamp() == wanted_stamp() and XUNZHEN.exists():
        return False
    with only_one():
        if read_stamp() == wanted_stamp() and XUNZHEN.exists():
            return False  # the one we waited for has made it
        make_environment()
    return True


def make_environment() -> None:
    """Make or refresh the environment; the stamp goes first and comes back last."""
    start, before = time.monotonic(), read_stamp()
    STAMP.unlink(missing_ok=True)
    reusable = {k: v for k, v in before.items() if k != "inputs"} == {
        k: v for k, v in wanted_stamp().items() if k != "inputs"
    }
    if not reusable:
        create_venv(ours=bool(before) or MAKING.exists())
    say("Installing the locked packages (a minute or so the first time; 1.2 GB on disk) …")
    install_packages()
    install_project()
    STAMP.write_text(json.dumps(wanted_stamp(), indent=1), encoding="utf-8")
    MAKING.unlink(missing_ok=True)
    say(f"Environment ready in {time.monotonic() - start:.0f} s: {VENV}")


def create_venv(ours: bool) -> None:
    """Make an empty virtual environment; one that a person made by hand is kept and filled."""
    if VENV.exists() and not ours:
        code = "import sys; sys.exit(sys.version_info < (3, 11))"
        if not PYTHON.exists() or run(PYTHON, "-c", code, quiet=True):
            raise SetupError(f"{VENV} is no working environment of Python 3.11 or newer: move it away, try again.")
        say(f"Using the environment found at {VENV}")
        return
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir(parents=True, exist_ok=True)
    MAKING.touch()
    say(f"Making an environment with Python {sys.version.split()[0]} in {VENV} …")
    if run(sys.executable, "-m", "venv", VENV, quiet=True):
        raise SetupError("`python3 -m venv` failed. On Debian or Ubuntu: apt install python3-venv.")


def locked_lines(name: str) -> str:
    """The lock file's lines for one package, hashes included."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*$", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SetupError(f"{LOCK.name} holds no {name}: it was cut or edited by hand; restore it.")
    return found.group(0) + "\n"


def package_source() -> list[str]:
    """uv's option for the package index that pip is set up with, so that a mirror set once works for both."""
    if any(os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")):
        return []
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    done = subprocess.run(command, env=environment(), check=False, capture_output=True, text=True)
    found = re.search(r"^[^=\n]*\.index-url='(.+)'$", done.stdout, re.MULTILINE)
    return ["--default-index", found.group(1)] if found else []


def install_packages() -> None:
    """Install exactly what the lock file says, every file checked against its hash: by uv, else by pip."""
    with tempfile.TemporaryDirectory() as folder:
        bootstrap = Path(folder) / "uv.lock"
        bootstrap.write_text(locked_lines("uv"), encoding="utf-8")
        pip: tuple[str | Path, ...] = (PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes")
        has_uv = run(*pip, "-r", bootstrap, quiet=True) == 0
    uv: tuple[str | Path, ...] = (PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON)
    if has_uv and run(*uv, "--require-hashes", *package_source(), "-r", LOCK, quiet=True) == 0:
        return
    say("uv could not install; trying with pip …")
    if run(PYTHON, "-m", "ensurepip", quiet=True) or run(*pip, "-r", LOCK):
        raise SetupError(
            "The packages could not be installed (see above). Check the network or set a mirror "
            "(pip config set global.index-url …), then run the same command again.\n"
            "软件包安装失败:请检查网络或设置镜像源,然后重新运行同一命令。"
        )


def install_project() -> None:
    """Put the project itself and the command `xunzhen` into the environment, built by the locked hatchling."""
    uv = (PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON)
    options = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
    if run(*uv, *options, quiet=True) and run(PYTHON, "-m", "pip", "install", "--quiet", *options):
        raise SetupError("The project itself could not be installed (see above).")
    if not XUNZHEN.exists():
        raise SetupError(f"The command {XUNZHEN} is missing after the installation.")


def kernel_sources() -> str:
    """A hash over the optimizer's sources: when it changes, kernels may have to be compiled again."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "optimizer").rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def ensure_kernels() -> None:
    """Compile the search kernels into their cache on disk, if they have changed since the last time."""
    package = ROOT / "optimizer" / "routing"
    if not (package.exists() or package.with_suffix(".py").exists()):
        return
    wanted = kernel_sources()
    if has_kernels(wanted):
        return
    with only_one():
        if has_kernels(wanted):
            return
        say("Compiling the search kernels (once, one to two minutes) …")
        start = time.monotonic()
        if run(PYTHON, "-c", "from optimizer.solve import warm; warm()"):
            raise SetupError("The search kernels could not be compiled (see above).")
        KERNEL_STAMP.write_text(wanted, encoding="utf-8")
        say(f"Kernels compiled in {time.monotonic() - start:.0f} s.")


def has_kernels(wanted: str) -> bool:
    """Whether the cache holds the kernels of exactly these sources."""
    return KERNEL_STAMP.exists() and KERNEL_STAMP.read_text(encoding="utf-8") == wanted


def demo(arguments: Sequence[str]) -> int:
    """Write the invented demo township, plan its week through the service, serve; --plan-only: files, no service."""
    options = [word for word in arguments if word != "--plan-only"]
    if not {"--seconds", "--iterations"} & set(options):
        options += ["--seconds", "60"]
    week = ("--week", DEMO_WEEK)
    code = 0 if (DEMO / "settings.csv").exists() else run(XUNZHEN, "demo", DEMO, *week)
    if code:
        return code
    if "--plan-only" in arguments:
        return plan_demo([*week, "--seed", "1", *options])
    return run(XUNZHEN, "demo-service", DEMO, *week, "--seed", "1", *options)


def plan_demo(options: Sequence[str]) -> int:
    """Plan the demo township's lists into files and judge the plan."""
    out = DEMO / "plan"
    code = run(XUNZHEN, "plan", DEMO, "-o", out, *options)
    code = code or run(XUNZHEN, "check", out / "problem.json", out / "plan.json")
    if code == 0:
        say(f"Lists 清单: {DEMO}\nPlan 计划: {out / 'week.xlsx'}\nMap 地图: {out / 'map.png'}")
    return code


def test(arguments: Sequence[str]) -> int:
    """Run the test suite, or the part of it that the arguments name; several processes share its files."""
    side_by_side = ("-n", str(min(MOST_TEST_PROCESSES, os.cpu_count() or 1)), "--dist", "loadfile")
    return run(PYTHON, "-m", "pytest", *side_by_side, *arguments)


def check(arguments: Sequence[str]) -> int:
    """Format, lint, types, architecture, documents, lock file: everything that must hold before a commit."""
    module = (PYTHON, "-m")
    suites = ("tests/test_architecture.py", "tests/test_docs.py", "tests/test_house.py")
    steps: dict[str, tuple[str | Path, ...]] = {
        "format": (*module, "ruff", "format", "--check", "--quiet", "."),
        "lint": (*module, "ruff", "check", "--quiet", "."),
        "types": (*module, "mypy"),
        "OpenAPI document": (*module, "api.service.openapi", "--check"),
        "architecture, documents, lock file": (*module, "pytest", "--quiet", "--tb=short", *suites, *arguments),
        "installed packages": (*module, "uv", "pip", "check", "--quiet", "--python", PYTHON),
    }
    failed = []
    for name, command in steps.items():
        start = time.monotonic()
        code = run(*command, quiet=True)
        say(f"{'FAILED' if code else 'ok':>6}  {name} ({time.monotonic() - start:.0f} s)")
        failed += [name] if code else []
    if "format" in failed:
        say("        to put the format right: .venv/bin/python -m ruff format .")
    return 1 if failed else 0


def lock(arguments: Sequence[str]) -> int:
    """Write requirements.lock anew from pyproject.toml; `--upgrade` takes newer versions."""
    return run(PYTHON, "-m", "uv", *LOCK_COMMAND, *package_source(), *arguments)


def main(argv: Sequence[str]) -> int:
    """Read the command, make sure of the environment, do it."""
    commands = {"demo": demo, "test": test, "check": check, "lock": lock}
    lines = "\n".join(f"  {name:6} {(command.__doc__ or '').strip()}" for name, command in commands.items())
    parser = argparse.ArgumentParser(
        prog="run.py",
        description=f"Xunzhen 巡诊: week planner for family-doctor teams.\n\n{lines}",
        epilog="Further words go on to the command: run.py test tests/optimizer -k lunch",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=commands)
    chosen = parser.parse_args(argv[:1] or ["--help"]).command
    try:
        is_new = ensure_environment()
        if is_new or chosen in {"demo", "test"}:
            ensure_kernels()
    except (SetupError, OSError) as error:
        say(f"run.py: {error}")
        return 1
    return commands[chosen](argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
