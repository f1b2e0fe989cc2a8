# SPDX-License-Identifier: Apache-2.0
"""What python3-packaging says of versions and specifiers. Lines in: check V, order A B, range V RANGE, tab-separated; a word out for each."""
import sys

try:
    import packaging
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version
except ImportError:
    sys.exit(77)

OLD = int(packaging.__version__.split(".")[0]) < 26


def unsure(version, specifier):
    """Before 26, packaging left the specification in some corners: it decided < and > near a pre-, post- or local release by the
    numbers alone, === by the normal form, and prefixes wrongly with an epoch or when not in normal form."""
    if specifier.operator in "<>":
        return Version(Version(specifier.version).base_version) == Version(Version(version).base_version)
    bare = specifier.version.removesuffix(".*")
    return specifier.operator == "===" or "!" in bare + version or bare != str(Version(bare))


def check(version):
    try:
        Version(version)
    except InvalidVersion:
        return 0
    return 1


def order(a, b):
    a, b = Version(a), Version(b)
    return (a > b) - (a < b)


def within(version, text):
    specifiers = SpecifierSet(text)
    if OLD and any(unsure(version, one) for one in specifiers):
        return "?"
    return int(bool(Version(version)) and specifiers.contains(version, prereleases=True))


for line in sys.stdin:
    task, *words = line.rstrip("\n").split("\t")
    try:
        print({"check": check, "order": order, "range": within}[task](*words))
    except (InvalidVersion, InvalidSpecifier):
        print("!")
