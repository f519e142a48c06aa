"""The integration guide, run as it stands: every command of `api/README.md` in one shell, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = f"""#!/bin/sh
exec "{sys.executable}" -c "from api.cli import main; main()" "$@"
"""
START = """set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the guide is written for a POSIX shell")
def test_the_guide_leads_from_an_empty_folder_to_a_plan_written_back(repository: Path, tmp_path: Path) -> None:
    text = (repository / "api" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    script = START + "".join(blocks)
    command = tmp_path / "bin" / "xunzhen"
    command.parent.mkdir()
    command.write_text(COMMAND, encoding="utf-8")
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XUNZHEN_")}
    environment = {**kept, "PYTHONPATH": str(repository), "PYTHONUTF8": "1"}
    environment["PATH"] = f"{command.parent}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert done.returncode == 0, said
    assert "审计链完整" in done.stdout, said
    assert (tmp_path / "week.xlsx").read_bytes()[:2] == b"PK"
    assert '"status"' in (tmp_path / "result.json").read_text(encoding="utf-8")
    counts = [int(found) for found in re.findall(r'"appointments": ?(\d+)', done.stdout)]
    assert counts, said
    assert counts[-1] > 0, said
