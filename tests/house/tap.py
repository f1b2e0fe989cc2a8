# SPDX-License-Identifier: Apache-2.0
"""tap.py: the tests of this folder as TAP: every function test_* of the calling module is one case."""
import os
import signal
import sys
import tempfile
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = os.path.join(ROOT, "tools")


class Skip(Exception):
    """Raised by a case that cannot run here, with the reason."""


def heed_signals():
    """nohup, and shells that start something in the background, let it ignore signals; what is tested would inherit that."""
    for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGQUIT, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


def main(cases):
    """Run every test_* in @cases (a module's globals()), each with a fresh directory; returns the exit status."""
    heed_signals()
    tests = [(name[5:].replace("_", " "), case) for name, case in cases.items() if name.startswith("test_")]
    failed = 0
    print(f"1..{len(tests)}")
    for number, (name, case) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as directory:
            try:
                case(directory)
                print(f"ok {number} - {name}", flush=True)
            except Skip as reason:
                print(f"ok {number} - {name} # SKIP {reason}", flush=True)
            except Exception:  # noqa: BLE001 - whatever goes wrong is this case's failure
                failed += 1
                print(f"not ok {number} - {name}")
                for line in traceback.format_exc().splitlines():
                    print(f"# {line}", flush=True)
    return 1 if failed else 0


def write(directory, files):
    """Make @files (path -> text) below @directory."""
    for path, text in files.items():
        full = os.path.join(directory, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def equal(actual, expected):
    assert actual == expected, f"{actual!r} instead of {expected!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in:\n{text}"


def run_cases(cases):
    sys.exit(main(cases))
