# SPDX-License-Identifier: Apache-2.0
"""debian.py: kiln on Debian's own archive: packages are fetched once into a store outside the tree, or the case is skipped."""
import os
import subprocess

from tap import Skip

PROGRAM = os.environ["KILN_PROGRAM"]
BASE = os.environ.get("KILN_TEST_CACHE") or os.path.join(os.path.expanduser("~"), ".cache/kiln-tests")
STORE, CACHE = os.path.join(BASE, "store"), os.path.join(BASE, "store-cache")


def kiln(*words, directory):
    """Run in @directory with the shared store; what needs a mirror that is not there is skipped. Returns standard output."""
    environment = {**os.environ, "KILN_STORE": STORE, "KILN_CACHE_DIR": CACHE}
    result = subprocess.run([PROGRAM, *words], cwd=directory, capture_output=True, text=True, check=False, env=environment)
    if result.returncode == 4 or "no mirror" in result.stderr:
        raise Skip(result.stderr.strip().replace("\n", " "))
    assert result.returncode == 0, f"{words}: {result.stderr}"
    return result.stdout
