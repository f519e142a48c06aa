"""The door to the measurements: `python -m tests.bench NAME [arguments]`, or without a name a list of them.

Each measurement is a module beside this one with `main(argv: list[str]) -> int`.
"""

import ast
import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def list_benches(folder: Path = FOLDER) -> dict[str, str]:
    """Name and first docstring line of every module that has a `main`, read without importing it."""
    benches = {}
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        has_main = any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)
        if has_main and not path.stem.startswith("_"):
            benches[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return benches


def main(argv: list[str]) -> int:
    """Run the measurement that the first argument names."""
    benches = list_benches()
    if not argv or argv[0] not in benches:
        print("usage: python -m tests.bench NAME [arguments]")
        for name, text in benches.items():
            print(f"  {name:10} {text}")
        return 2 if argv else 0
    module = importlib.import_module(f"tests.bench.{argv[0]}")
    return int(module.main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
