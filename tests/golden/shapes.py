"""What sections 1 and 7 of docs/protocol.md share: deterministic CBOR, layouts, hashes and ids."""

import hashlib
import json
import pathlib

import cbor2

GOLDEN = pathlib.Path(__file__).parent

# Layouts: b16: byte string of 16, b: any length, n: unsigned, t: text, {"?": x}: x or null, [x]: array of x,
# (..): fixed array.
HEAD = ("b32", "n", "b32")
ITEM = ("n", "b16", "n", "b", "n", "b", "n", ("b", "n", "b"), ["b32"], "b32", "b")
PUSH_RESULT = {0: ("n", "n", "n", "b32"), 1: ("n",), 2: ("n", "t", [("t", "t")]), 3: ("n",)}


class Refused(Exception):
    """A decoder's refusal; its text is the code."""


def need(condition, code="bad_bytes"):
    if not condition:
        raise Refused(code)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def u64(number):
    return number.to_bytes(8, "big")


def canonical(data):
    """Decodes one value and demands that these are its only bytes."""
    try:
        value = cbor2.loads(data)
        again = cbor2.dumps(value, canonical=True)
    except Exception as error:  # any failure of the library is one refusal here
        raise Refused("bad_bytes") from error
    need(again == data)
    return value


def shape(value, layout):
    """Checks a value against a layout of fixed-length arrays."""
    if layout is None:
        return
    if isinstance(layout, tuple):
        need(isinstance(value, list) and len(value) == len(layout))
        for part, part_layout in zip(value, layout):
            shape(part, part_layout)
    elif isinstance(layout, list):
        need(isinstance(value, list))
        for part in value:
            shape(part, layout[0])
    elif isinstance(layout, dict):
        if value is not None:
            shape(value, layout["?"])
    elif layout == "push_result":
        need(isinstance(value, list) and value and value[0] in PUSH_RESULT)
        shape(value, PUSH_RESULT[value[0]])
    elif layout == "n":
        need(type(value) is int and 0 <= value < 2**64)
    elif layout == "t":
        need(isinstance(value, str))
    elif layout == "bool":
        need(isinstance(value, bool))
    else:
        need(isinstance(value, bytes))
        need(layout == "b" or len(value) == int(layout[1:]))


def device_id(team, signing_key, kem_key_hash):
    return sha256(b"meguri/v1/device", team, signing_key, kem_key_hash)[:16]


def load(path):
    return json.loads((GOLDEN / f"{path}.json").read_text(encoding="utf-8"))
