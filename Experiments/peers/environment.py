"""The Python virtual environment of the comparisons with other engines."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HOME = ROOT / ".build" / "peers"
# The second file is installed without its dependencies.
REQUIREMENTS = [HERE / "requirements.txt", HERE / "requirements-bare.txt"]


def enter_environment():
    """Restarts the program in the virtual environment, rebuilt if the requirements have changed."""
    environment = HOME / "environment"
    wanted = "".join(path.read_text() for path in REQUIREMENTS)
    installed, python = environment / "installed.txt", environment / "bin" / "python3"
    if not installed.exists() or installed.read_text() != wanted:
        print(f"Installing the other engines in {os.path.relpath(environment)} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        whole, bare = REQUIREMENTS
        subprocess.run([*pip, "--requirement", whole], check=True)
        subprocess.run([*pip, "--no-deps", "--requirement", bare], check=True)
        installed.write_text(wanted)
    if not os.path.samefile(sys.prefix, environment):
        os.execv(python, [python, *sys.argv])
