# SPDX-License-Identifier: Apache-2.0
"""validate.py SCHEMA FILE... - the files by an independent validator."""

import json
import sys

import jsonschema


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    status = 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        for error in validator.iter_errors(document):
            place = ".".join(str(part) for part in error.absolute_path)
            print(f"{path}: {place}: {error.message[:200]}")
            status = 1
    return status


sys.exit(main(*sys.argv[1:]))
