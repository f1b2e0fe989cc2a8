# SPDX-License-Identifier: Apache-2.0
# validate.py: judges kiln's SBOMs by the published schemas and by what their specifications say beyond them.
# validate.py spdx|cyclonedx SCHEMA-DIRECTORY DOCUMENT; status 77 when python3-jsonschema is missing.
import hashlib
import json
import pathlib
import re
import sys
import warnings

try:
    warnings.simplefilter("ignore")
    import jsonschema
except ImportError:
    sys.exit(77)


def additional_items(validator, allowed, instance, schema):
    """As the drafts up to 2019-09 say. Version 4.10 of the package fails when it words its error about items that are mappings."""
    if not validator.is_type(instance, "array") or not isinstance(schema.get("items"), list):
        return
    for number, item in enumerate(instance[len(schema["items"]):], len(schema["items"])):
        if allowed is False:
            yield jsonschema.ValidationError("item %d is one too many" % number)
        elif isinstance(allowed, dict):
            yield from validator.descend(item, allowed, path=number)


def validate(schemas, name, document):
    schema = json.loads((schemas / name).read_text())
    store = {}
    for other in ("spdx.schema.json", "jsf-0.82.schema.json"):
        content = json.loads((schemas / other).read_text())
        store[content.get("$id", other)] = content
        store["http://cyclonedx.org/schema/" + other] = content
    resolver = jsonschema.RefResolver(base_uri=schema.get("$id", ""), referrer=schema, store=store)
    kind = jsonschema.validators.extend(jsonschema.validators.validator_for(schema), {"additionalItems": additional_items})
    errors = list(kind(schema, resolver=resolver, format_checker=jsonschema.FormatChecker()).iter_errors(document))
    for error in errors[:10]:
        print("/".join(map(str, error.absolute_path)), error.message[:300], file=sys.stderr)
    assert not errors, "%d schema errors" % len(errors)


def check_expression(text):
    try:
        from license_expression import get_spdx_licensing
    except ImportError:
        return
    licensing = get_spdx_licensing()
    unknown = [key for key in licensing.unknown_license_keys(licensing.parse(text)) if not key.startswith("LicenseRef-")]
    assert not unknown, unknown


def check_spdx(document):
    elements = document["packages"] + document["files"]
    ids = [element["SPDXID"] for element in elements] + [document["SPDXID"]]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", identifier) for identifier in ids)
    for relation in document["relationships"]:
        assert relation["spdxElementId"] in ids and relation["relatedSpdxElement"] in ids, relation
    described = [r for r in document["relationships"] if r["relationshipType"] == "DESCRIBES"]
    assert [r["spdxElementId"] for r in described] == ["SPDXRef-DOCUMENT"]
    extracted = [entry["licenseId"] for entry in document["hasExtractedLicensingInfos"]]
    assert len(extracted) == len(set(extracted))
    sums = {file["SPDXID"]: [c["checksumValue"] for c in file["checksums"] if c["algorithm"] == "SHA1"] for file in document["files"]}
    assert all(len(sum) == 1 for sum in sums.values())  # 8.4: exactly one SHA-1
    for package in document["packages"]:
        declared = package["licenseDeclared"]
        if declared != "NOASSERTION":
            check_expression(declared)
        for reference in re.findall(r"LicenseRef-[A-Za-z0-9.-]+", declared + package.get("licenseComments", "").rstrip(".")):
            assert reference in extracted, reference
        if package["SPDXID"] == described[0]["relatedSpdxElement"]:
            held = sorted(s for sum in sums.values() for s in sum)
        else:
            held = sorted(sums[r["relatedSpdxElement"]][0] for r in document["relationships"]
                          if r["relationshipType"] == "CONTAINS" and r["spdxElementId"] == package["SPDXID"])
        assert package["filesAnalyzed"] == bool(held)  # 7.8
        code = package.get("packageVerificationCode", {}).get("packageVerificationCodeValue")
        assert code == (hashlib.sha1("".join(held).encode()).hexdigest() if held else None)  # 7.9


def check_cyclonedx(document):
    references = [document["metadata"]["component"]["bom-ref"]]
    for component in document["components"]:
        references += [component["bom-ref"]] + [inner["bom-ref"] for inner in component.get("components", [])]
        for licence in component.get("licenses", []):
            check_expression(licence["expression"])
    assert len(references) == len(set(references))
    for edge in document["dependencies"]:
        assert edge["ref"] in references and all(to in references for to in edge["dependsOn"])


def main():
    kind, schemas, path = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    document = json.loads(pathlib.Path(path).read_bytes())
    if kind == "spdx":
        validate(schemas, "spdx-2.3.schema.json", document)
        check_spdx(document)
    else:
        validate(schemas, "cyclonedx-1.6.schema.json", document)
        check_cyclonedx(document)


main()
