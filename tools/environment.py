"""Build `.venv` as this clone needs it: check the machine, download, install, say what took how long.

Run by the Makefile before everything else, with whatever Python the machine has: until the version
is checked, this file needs nothing that an old Python lacks. Pip takes the versions that stand in
`constraints.txt`; what it downloads is kept in `build/wheels`, and installed from there alone.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

PYTHON_OLDEST = (3, 11)
VENV = Path(".venv")
WHEELS = Path("build", "wheels")
INPUTS = (Path("constraints.txt"), Path("pyproject.toml"), Path("tools", "environment.py"))
#: What each environment holds: names of extras; "" is what runs, always there.
EXTRAS = {"run": [""], "dev": ["", "dev"]}
#: Published as source alone: a wheel is made of it once, and kept like the others.
SOURCE_ONLY = ("pyspark",)

#: Where the reader's language stands, as the product reads it: the first that is set counts.
LANGUAGES = ("ARREARS_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
#: The line of each step, as `arrears demo` goes on with: seconds of the download, of the installation.
SECONDS = {
    "en": "download  {:6.1f} s\ninstall   {:6.1f} s\n",
    "zh": "下载      {:6.1f} 秒\n安装      {:6.1f} 秒\n",
}

MISSING = """Arrears needs make, and Python {oldest} or newer with its venv module.
  found     {found}
  to mend   apt-get install python3 python3-venv make
            or name another Python: make PYTHON=/where/it/is/python3 ..."""
FAILED = """{what} failed (exit {code}); the lines above say why.
  to mend   see that a package index can be reached (pip's own settings apply), then run it again"""


def main() -> None:
    """Bring `.venv` to what the named environment holds; quick when it is there already."""
    name = sys.argv[1]
    found = what_is_missing()
    if found:
        sys.exit(MISSING.format(oldest=".".join(map(str, PYTHON_OLDEST)), found=found))
    os.chdir(Path(__file__).resolve().parent.parent)
    digest = digest_of_inputs()
    started = downloaded = installed = time.perf_counter()
    if not is_current(name, digest):
        make_venv(digest)
        wanted = requirements(name)
        download(wanted)
        downloaded = time.perf_counter()
        install(wanted)
        installed = time.perf_counter()
        stamp_of(name).write_text(digest, encoding="utf-8")
    places = [os.environ.get(name, "") for name in LANGUAGES]
    told = SECONDS["zh" if next(filter(None, places), "").lower().startswith("zh") else "en"]
    sys.stdout.write(told.format(downloaded - started, installed - downloaded))
    sys.stdout.flush()


def what_is_missing() -> str:
    """What this Python lacks, in words; the empty text where nothing is missing."""
    if sys.version_info < PYTHON_OLDEST:
        return f"Python {sys.version_info[0]}.{sys.version_info[1]}, {sys.executable}"
    absent = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    return f"{sys.executable} without {' and '.join(absent)}" if absent else ""


def digest_of_inputs() -> str:
    """A digest of all that decides what `.venv` holds: the lists, the Python, the clone's place."""
    digest = hashlib.sha256(f"{sys.version}\n{sys.executable}\n{Path.cwd()}\n".encode())
    for path in INPUTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp_of(name: str) -> Path:
    """The file that says from which inputs an environment was installed."""
    return VENV / f"installed-{name}"


def is_current(name: str, digest: str) -> bool:
    """Whether this environment, or one that holds it, was installed from the same inputs."""
    holders = [holder for holder, extras in EXTRAS.items() if set(EXTRAS[name]) <= set(extras)]
    stamps = [stamp_of(holder) for holder in holders]
    return any(stamp.is_file() and stamp.read_text(encoding="utf-8") == digest for stamp in stamps)


def make_venv(digest: str) -> None:
    """Make `.venv`, anew unless one from the same inputs is there to be added to."""
    if any(is_current(name, digest) for name in EXTRAS):
        return
    run("Making .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])


def requirements(name: str) -> "list[str]":
    """What `pyproject.toml` asks for, and what builds the package itself."""
    import tomllib  # noqa: PLC0415 - an old Python lacks it, and must reach the check first

    document = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    project = document["project"]
    wanted = [*document["build-system"]["requires"], *project["dependencies"]]
    for extra in filter(None, EXTRAS[name]):
        wanted += project["optional-dependencies"][extra]
    return wanted


def download(wanted: "list[str]") -> None:
    """Fetch every wheel into `build/wheels`, from the index that pip is set up for."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    made = ["--wheel-dir", str(WHEELS), "--find-links", str(WHEELS), "--prefer-binary", "--no-deps"]
    for name in filter(wanted.__contains__, SOURCE_ONLY):
        run(f"Making {name}", pip("wheel", *made, "--constraint", "constraints.txt", name))
    settings = ["--dest", str(WHEELS), "--find-links", str(WHEELS), "--only-binary", ":all:"]
    run("The download", pip("download", *settings, "--constraint", "constraints.txt", *wanted))


def install(wanted: "list[str]") -> None:
    """Install what was downloaded, without the network, then this clone itself, editable.

    Pip compiles what it installs, but not what it installs editable: unless somebody does, the
    first command after each set-up, or every command where Python may write no caches, waits.
    """
    offline = ["--no-index", "--find-links", str(WHEELS)]
    run("The installation", pip("install", *offline, "--constraint", "constraints.txt", *wanted))
    itself = ["--no-index", "--no-deps", "--no-build-isolation", "--editable", "."]
    run("The installation of arrears", pip("install", *itself))
    run("Compiling arrears", [str(VENV / "bin" / "python"), "-m", "compileall", "-q", "src"])


def pip(command: str, *words: str) -> "list[str]":
    """A pip command of `.venv`, quiet."""
    settings = ["--quiet", "--disable-pip-version-check"]
    return [str(VENV / "bin" / "python"), "-m", "pip", command, *settings, *words]


def run(what: str, command: "list[str]") -> None:
    """Run a command to its end; where it fails, leave with one message."""
    code = subprocess.run(command, check=False).returncode  # noqa: S603 - our own words, no shell
    if code:
        sys.exit(FAILED.format(what=what, code=code))


if __name__ == "__main__":
    main()
