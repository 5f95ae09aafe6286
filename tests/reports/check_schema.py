#!/usr/bin/python3
"""check_schema.py SCHEMA REPORT...: validates each report; exit code 77 without python3-jsonschema."""

import json
import sys


def refuse(name):
    raise ValueError(f"{name} is not JSON")


def main(schema_path, *report_paths):
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = False
    for path in report_paths:
        with open(path, encoding="utf-8") as file:
            report = json.load(file, parse_constant=refuse)
        for error in validator.iter_errors(report):
            failed = True
            print(f"{path}: {error.json_path}: {error.message[:200]}")
        failed |= rejects_nothing(validator, report, path)
    return 1 if failed else 0


def rejects_nothing(validator, report, path):
    """A schema that lets everything pass proves nothing: without a field the report must fail."""
    failed = False
    for field in list(report):
        rest = {name: value for name, value in report.items() if name != field}
        if validator.is_valid(rest):
            failed = True
            print(f"{path}: the schema does not miss {field}")
    for field in list(report["results"][0]) if report["results"] else []:
        result = {k: v for k, v in report["results"][0].items() if k != field}
        if validator.is_valid(dict(report, results=[result])):
            failed = True
            print(f"{path}: the schema does not miss results[].{field}")
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
