#!/usr/bin/env python3
"""A second implementation of protocol v1, written from docs/protocol.md alone.

It decodes and re-encodes every vector of tests/golden with cbor2, verifies every signature, opens everything sealed and
seals it again with `cryptography`, recomputes every hash and chain, and holds each against docs/protocol-v1.cddl with
pycddl. It shares no code with the Rust crates. Exit status 0 means that all agree.

    python3 -m venv .venv && .venv/bin/pip install -r tests/golden/requirements.txt
    .venv/bin/python tests/golden/check_vectors.py
"""

import base64
import hashlib
import hmac
import re
import sys

import cbor2
import pycddl
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import sealed
import shapes
from shapes import HEAD, ITEM, PUSH_RESULT, Refused, canonical, device_id, need, sha256, shape, u64

DOCS = shapes.GOLDEN.parents[1] / "docs"
PAGE = DOCS / "protocol.md"
CDDL = DOCS / "protocol-v1.cddl"
CONTEXT = {"item": b"meguri/v1/item", "control": b"meguri/v1/control", "head": b"meguri/v1/head"}

# Layout of control bodies, by kind.
KEYS = ("b32", "b32")
ENVELOPE = ("b16", "b32")
LISTING = ("n", "b32")
GENERATION = ("n", "b", "b", [ENVELOPE])
BODIES = {
    0: ("b16", "t", "n", ["b32"]),
    1: ("t", "t", "n", "b32"),
    2: ("b32", "bool"),
    3: ("n", ["b32"]),
    4: (["t"], "b32"),
    5: ("b32",),
    6: ("t",),
    7: ("n",),
    16: ("b16", "n", "b16", "b", KEYS, GENERATION),
    17: ("b16", "b"),
    18: ("b16", "n", GENERATION),
    19: ("b16", "n", KEYS, "b32"),
    20: ("b16", "n", GENERATION),
    21: ("b32", "b32", "b32"),
    32: ("b16", "n", "b16", HEAD),
    33: ("b16", "n", [HEAD], {"?": LISTING}, "b32", {"?": "n"}),
    34: ("b16", "n"),
    35: ("b16", "n"),
    36: ("n", "b32", [HEAD], [ENVELOPE], [("n", "b48")]),
    37: ("b16", [HEAD], {"?": LISTING}, "b32", "n", "b"),
    38: ("n",),
    39: ("n",),
    40: ("b16", "n", "b32"),
    41: ("b16", "n", "n"),
    42: (),
}
CONTROL = ("n", "b", "n", "b", "n", None)
ATTACHMENT = ("b16", "b")
ACK = ("b16", "n", "b32")
ERROR = ("t", [("t", "t")])
API = {
    "info": (["n"], "b32", "b16", "t", {"?": "b16"}, [("t", "n")], "t", "n", "t"),
    "heads_reply": (["b"], [("b16", ACK)], "b", [("b16", "n")]),
    "pull_request": ([("b16", "n", "n")], "n"),
    "pull_record": ("b16", "n", "n", "b", [ATTACHMENT]),
    "push_request": ([("b", [ATTACHMENT])],),
    "attachment": ATTACHMENT,
    "push_result": "push_result",
    "push_reply": (["push_result"], ["b"]),
    "ack": ACK,
    "ack_request": ([ACK],),
    "quarantine_reply": ([("b", "n")],),
    "error_body": ERROR,
}


def protected(kid):
    return cbor2.dumps({1: -19, 4: kid}, canonical=True)


def kid_of(header):
    kid = canonical(header).get(4) if header else None
    need(isinstance(kid, bytes) and header == protected(kid) and len(kid) in (0, 16))
    return kid


def verify(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature as error:
        raise Refused("bad_signature") from error


def decode(raw):
    """A frame: (what, payload list, payload bytes, [(kid, message maker, signature)])."""
    cose = canonical(raw)
    need(isinstance(cose, list) and len(cose) == 4)
    header, unprotected, payload, last = cose
    need(isinstance(header, bytes) and unprotected == {} and isinstance(payload, bytes))
    fields = canonical_version(payload)
    what = {6: "control", 11: "item"}.get(len(fields))
    need(what is not None)
    shape(fields, CONTROL if what == "control" else ITEM)
    if what == "control":
        need(fields[4] in BODIES or fields[4] >= 64, "version_too_old")
        shape(fields[5], BODIES.get(fields[4]))
    context = CONTEXT[what]
    if isinstance(last, bytes):
        need(len(last) == 64)
        message = cbor2.dumps(["Signature1", header, context, payload], canonical=True)
        return what, fields, payload, [(kid_of(header), message, last)]
    need(header == b"" and isinstance(last, list) and last)
    signatures = []
    for entry in last:
        need(isinstance(entry, list) and len(entry) == 3 and entry[1] == {})
        message = cbor2.dumps(["Signature", b"", entry[0], context, payload], canonical=True)
        signatures.append((kid_of(entry[0]), message, entry[2]))
    kids = [kid for kid, _, _ in signatures]
    need(kids == sorted(set(kids)))
    return what, fields, payload, signatures


def canonical_version(payload):
    """The version is judged before the length."""
    try:
        fields = cbor2.loads(payload)
    except Exception:
        # A wrong length may leave bytes short or over; the version still speaks first.
        need(len(payload) > 1 and payload[1] == 1 or len(payload) < 2, "version_too_old")
        raise Refused("bad_bytes")
    need(isinstance(fields, list) and fields and type(fields[0]) is int)
    need(fields[0] == 1, "version_too_old")
    return canonical(payload)


def load(name):
    return shapes.load(f"wire/{name}")


def check_frame(vector):
    raw = bytes.fromhex(vector["raw"])
    what, fields, payload, signatures = decode(raw)
    assert sha256(raw).hex() == vector["id"], "frame id"
    assert payload.hex() == vector["payload"], "payload"
    keys = {sha256(bytes.fromhex(key))[:16]: bytes.fromhex(key) for key in vector["signers"]}
    assert len(signatures) == len(keys), "one signature per signer"
    for kid, message, signature in signatures:
        key = keys[kid] if vector["shape"] == "sign" else next(iter(keys.values()))
        verify(key, message, signature)
        wrong = bytearray(message)
        wrong[-1] ^= 1
        try:
            verify(key, bytes(wrong), signature)
        except Refused:
            pass
        else:
            raise AssertionError("a changed message verifies")
    return what, fields, signatures


def check_control_feed(name):
    """A feed's controls: chain, feed id, generation of ids of devices."""
    vectors = load(name)
    feed = bytes.fromhex(vectors[0]["id"])[:16]
    previous = b""
    devices = {}
    for number, vector in enumerate(vectors, start=1):
        what, fields, signatures = check_frame(vector)
        assert what == "control" and vector["kind"] == fields[4]
        assert fields[1] == (b"" if number == 1 else feed), "feed"
        assert fields[2] == number == vector["cseq"], "cseq"
        assert fields[3] == previous, "prev_hash"
        assert vector["feed"] == feed.hex()
        previous = bytes.fromhex(vector["id"])
        if name == "team":
            check_team_author(vector, fields, signatures, feed, devices)
    return len(vectors)


def check_team_author(vector, fields, signatures, team, devices):
    kind, body = fields[4], fields[5]
    kid = signatures[0][0]
    key = bytes.fromhex(vector["signers"][0])
    if kind == 16:
        assert kid == b"" and key == body[4][0], "a genesis is signed by its device"
        assert body[5][3][0][0] == sha256(key)[:16], "its recipient is the key id"
        devices[device_id(team, *body[4])] = body[4][0]
    elif kid in devices:
        assert devices[kid] == key, "kid is the device id"
    else:
        assert kid == sha256(key)[:16] and kind == 19, "the Kit adds a device"
    if kind == 19:
        devices[device_id(team, *body[2])] = body[2][0]


def check_items():
    previous, feed = b"", None
    for number, vector in enumerate(load("items"), start=1):
        what, fields, _ = check_frame(vector)
        assert what == "item" and fields[4] == number and fields[5] == previous
        assert feed in (None, fields[1])
        feed, previous = fields[1], bytes.fromhex(vector["id"])
        assert fields[2] > 2 or (fields[2] == 1) == (fields[3] == b""), "doc is empty in class 1"
        assert cbor2.dumps(fields[:10], canonical=True).hex() == vector["aad"], "aad"
    return number


def check_ids():
    v = load("ids")
    hexed = bytes.fromhex
    d = v["device_id"]
    device = device_id(hexed(d["team"]), hexed(d["signing_key"]), hexed(d["kem_key_hash"]))
    assert device.hex() == d["device"]
    assert sha256(hexed(v["key_id"]["signing_key"]))[:16].hex() == v["key_id"]["id"]
    d = v["doc_id"]
    assert sha256(hexed(d["space"]), d["name"].encode())[:16].hex() == d["doc"]
    assert sha256(hexed(v["h0"]["feed"])).hex() == v["h0"]["h"]
    d = v["h_next"]
    running = sha256(hexed(d["previous"]), u64(d["ssn"]), u64(d["received_ms"]), hexed(d["id"]))
    assert running.hex() == d["h"]
    return len(v)


def check_heads():
    vectors = load("heads")
    for vector in vectors:
        header, unprotected, payload, signature = canonical(bytes.fromhex(vector["raw"]))
        key = bytes.fromhex(vector["relay_key"])
        assert unprotected == {} and header == protected(sha256(key)[:16])
        fields = canonical(payload)
        shape(fields, ("n", "b16", "b16", "n", "b32"))
        said = [1, *(bytes.fromhex(vector[k]) for k in ("store_id", "feed"))]
        assert fields == [*said, vector["ssn"], bytes.fromhex(vector["h"])]
        message = ["Signature1", header, CONTEXT["head"], payload]
        verify(key, cbor2.dumps(message, canonical=True), signature)
    return len(vectors)


def check_requests():
    vectors = load("requests")
    for r in vectors["requests"]:
        names = ["@method", "@authority", "@path", "@query"]
        values = [r["method"], r["authority"], r["path"], "?" + r["query"]]
        if r["body"] is not None:
            digest = base64.b64encode(sha256(bytes.fromhex(r["body"]))).decode()
            assert r["content-digest"] == f"sha-256=:{digest}:"
            names.append("content-digest")
            values.append(r["content-digest"])
        quoted = " ".join(f'"{name}"' for name in names)
        parameters = (
            f'({quoted});keyid="{r["keyid"]}";nonce="{r["nonce"]}"'
            ';alg="ed25519";tag="meguri/v1"'
        )
        lines = [f'"{name}": {value}' for name, value in zip(names, values)]
        base = "\n".join([*lines, f'"@signature-params": {parameters}'])
        assert base == r["base"], "signature base"
        assert r["signature-input"] == "sig=" + parameters
        text = r["signature"]
        assert text.startswith("sig=:") and text.endswith(":")
        verify(bytes.fromhex(r["key"]), base.encode(), base64.b64decode(text[5:-1]))
    n = vectors["nonce"]
    bucket = u64(n["now_ms"] // 300_000)
    mac = hmac.new(bytes.fromhex(n["key"]), b"meguri/v1/nonce" + bucket, hashlib.sha256)
    nonce = base64.urlsafe_b64encode(bucket + mac.digest()[:16]).decode().rstrip("=")
    assert nonce == n["nonce"]
    return len(vectors["requests"]) + 1


def check_api():
    vectors = load("api")
    assert {v["name"] for v in vectors} == set(API), "one vector per body"
    codes = {text for text, _ in load("codes")}
    variants = set()
    for vector in vectors:
        value = canonical(bytes.fromhex(vector["bytes"]))
        shape(value, API[vector["name"]])
        if vector["name"] == "error_body":
            assert value[0] in codes
        if vector["name"] == "push_result":
            variants.add(value[0])
    assert variants == set(PUSH_RESULT), "one vector per result"
    return len(vectors)


def check_codes():
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \| ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert load("codes") == [[text, int(status)] for text, status in rows], "the codes of section 6, in order"
    return len(rows)


def check_hints():
    vectors = load("hints")
    for vector in vectors:
        assert vector["data"] == f'{vector["feed"]} {vector["ssn"]}' and len(vector["feed"]) == 32
    return len(vectors)


def check_refused():
    vectors = load("refused")
    for vector in vectors:
        try:
            decode(bytes.fromhex(vector["raw"]))
        except Refused as refusal:
            assert str(refusal) == vector["code"], f'{vector["name"]}: {refusal}'
        else:
            raise AssertionError(f'{vector["name"]} was taken')
    return len(vectors)


def check_cddl():
    """Every vector is in the grammar; one with a field more, a feed of 5 bytes or a float is not."""
    grammar = CDDL.read_text(encoding="utf-8")
    schemas = {}
    by_kind = {int(kind): rule for rule, kind in re.findall(r"(\S+) = .*kind: (\d+), body", grammar)}
    assert set(by_kind) == set(BODIES), "one rule per kind"

    def in_grammar(rule, data):
        if rule not in schemas:
            schemas[rule] = pycddl.Schema(f"start = {rule}\n{grammar}")
        schemas[rule].validate_cbor(data)

    count = 0
    for name in ("directory", "team", "space", "notebook", "items"):
        for vector in load(name):
            payload = bytes.fromhex(vector["payload"])
            rule = "item" if name == "items" else by_kind.get(vector["kind"], "later-control")
            in_grammar(rule, payload)
            in_grammar("frame", bytes.fromhex(vector["raw"]))
            fields = cbor2.loads(payload)
            for other in ([*fields, 0], [fields[0], b"short", *fields[2:]]):
                try:
                    in_grammar(rule, cbor2.dumps(other, canonical=True))
                except pycddl.ValidationError:
                    continue
                raise AssertionError(f'{vector["name"]}: the grammar takes too much')
            count += 1
    others = [(vector["name"].replace("_", "-"), bytes.fromhex(vector["bytes"])) for vector in load("api")]
    others += [("signed-head", canonical(bytes.fromhex(vector["raw"]))[2]) for vector in load("heads")]
    for vector in map(sealed.Unhexed, [sealed.seal("items").fields, *sealed.seal("plaintexts")]):
        others.append(("plaintext", sealed.open_item(vector)[0]))
        if vector["kind"] == 0:
            others.append(("changes", vector.bytes))
    for case in map(sealed.Unhexed, sealed.seal("envelopes")["envelopes"]):
        others.append((canonical(case.info)[0].removeprefix("meguri/v1/") + "-info", case.info))
    slots = sealed.seal("enrolment")
    others += [("offer", slots.offer), ("reveal", slots.reveal), ("outcome", slots.outcome)]
    others.append(("outcome", slots.outcome_without_directory))
    for rule, data in others:
        in_grammar(rule, data)
        other = cbor2.dumps([1.5, *cbor2.loads(data)[1:]], canonical=True)
        try:
            in_grammar(rule, other)
        except pycddl.ValidationError:
            continue
        raise AssertionError(f"{rule}: the grammar takes too much")
    return count + len(others)


def main():
    checks = {
        "ids": check_ids,
        "directory": lambda: check_control_feed("directory"),
        "team": lambda: check_control_feed("team"),
        "space": lambda: check_control_feed("space"),
        "notebook": lambda: check_control_feed("notebook"),
        "items": check_items,
        "heads": check_heads,
        "requests": check_requests,
        "api": check_api,
        "hints": check_hints,
        "codes": check_codes,
        "refused": check_refused,
        **sealed.CHECKS,
        "cddl": check_cddl,
    }
    for name, check in checks.items():
        print(f"{name}: {check()} vectors agree")
    kinds = {v["kind"] for name in ("directory", "team", "space", "notebook") for v in load(name)}
    assert kinds >= set(BODIES), f"kinds without a vector: {set(BODIES) - kinds}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
