"""The virtual environment of the peers."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HOME = ROOT / ".build" / "peers"
# The second is installed without what it depends on.
REQUIREMENTS = [HERE / "requirements.txt", HERE / "requirements-bare.txt"]


def enter_environment():
    """Goes on in the virtual environment, which is made anew when the requirements change."""
    environment = HOME / "environment"
    wanted = "".join(path.read_text() for path in REQUIREMENTS)
    installed, python = environment / "installed.txt", environment / "bin" / "python3"
    if not installed.exists() or installed.read_text() != wanted:
        print(f"Installing the peers in {os.path.relpath(environment)} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        whole, bare = REQUIREMENTS
        subprocess.run([*pip, "--requirement", whole], check=True)
        subprocess.run([*pip, "--no-deps", "--requirement", bare], check=True)
        installed.write_text(wanted)
    if not os.path.samefile(sys.prefix, environment):
        os.execv(python, [python, *sys.argv])
