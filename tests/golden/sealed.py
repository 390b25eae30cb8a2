"""Sections 7 and 8 of docs/protocol.md: what is sealed opens, and is sealed again to the same bytes where no
randomness is inside. Decision 5 for the policy, `crates/seal/src/slots.rs` for the key slots, which are never sent."""

import hashlib
import json
import re
import unicodedata

import cbor2
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shapes import HEAD, ITEM, canonical, device_id, load, sha256, shape, u64


def seal(name):
    vectors = load(f"seal/{name}")
    return vectors if isinstance(vectors, list) else Unhexed(vectors)


class Unhexed:
    """A vector whose fields are read as bytes (`vector.key`) or as they stand (`vector["key"]`)."""

    def __init__(self, fields):
        self.fields = fields

    def __getitem__(self, key):
        return self.fields[key]

    def __getattr__(self, key):
        return bytes.fromhex(self.fields[key])


# ---- section 7


def hkdf(key, *info, salt=None, length=32):
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=b"".join(info)).derive(key)


class Aead:
    """`AEAD(HKDF(…), …)`: 44 bytes, key and nonce."""

    def __init__(self, key, *info, salt=None):
        derived = hkdf(key, *info, salt=salt, length=44)
        self.cipher, self.nonce = ChaCha20Poly1305(derived[:32]), derived[32:]

    def seal(self, plaintext, aad=b""):
        return self.cipher.encrypt(self.nonce, plaintext, aad)

    def open(self, ciphertext, aad=b""):
        return self.cipher.decrypt(self.nonce, ciphertext, aad)


def padme(length):
    exponent = length.bit_length() - 1
    dropped = max(0, exponent - max(exponent, 1).bit_length())
    mask = (1 << dropped) - 1
    return (length + mask) & ~mask


def padded(content, least=0):
    return (content + b"\x80").ljust(max(padme(len(content) + 1), least), b"\0")


def unpadded(plaintext):
    content = plaintext.rstrip(b"\0")
    assert content[-1] == 0x80
    return content[:-1]


SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def x_wing(private):
    """The private key of a seed (draft-connolly-cfrg-xwing-kem: SHAKE-256 to both halves), and the public one's bytes."""
    both = hashlib.shake_256(private).digest(96)
    halves = MLKEM768PrivateKey.from_seed_bytes(both[:64]), X25519PrivateKey.from_private_bytes(both[64:])
    return MLKEM768X25519PrivateKey(*halves), b"".join(half.public_key().public_bytes_raw() for half in halves)


def check_envelopes():
    """Infos are in the grammar (check_cddl), and each envelope opens under its own info alone."""
    v = seal("envelopes")
    key, public = x_wing(v.private_key)
    assert public == v.public_key and len(public) == 1216, "X-Wing public key"
    for case in map(Unhexed, v["envelopes"]):
        canonical(case.info)
        assert len(case.envelope) == 1120 + len(case.plaintext) + 16
        assert SUITE.decrypt(case.envelope, key, case.info) == case.plaintext
        try:
            SUITE.decrypt(case.envelope, key, case.info + b"\0")
        except InvalidTag:
            continue
        raise AssertionError("another info opens it")
    return len(v["envelopes"])


def text_under(key, sealed, *context):
    """salt, then AEAD of the padded text of at least 64 bytes."""
    plaintext = Aead(key, *context, salt=sealed[:32]).open(sealed[32:])
    content = unpadded(plaintext)
    assert plaintext == padded(content, 64)
    return content.decode()


def check_keys():
    v = seal("keys")
    seed, older = v.generation_2_seed, v.generation_1_seed
    kem, public = x_wing(hkdf(seed, b"kem"))
    assert public == v.generation_2_public_key
    assert Aead(seed, b"prev").seal(older) == v.generation_2_previous and len(v.generation_2_previous) == 48
    assert text_under(seed, v.name_sealed_by_generation_2, b"staff", v.staff) == v["name"]
    k4, k5 = v.epoch_4_key, v.epoch_5_key
    assert hkdf(k5, b"kcv") == v.epoch_5_kcv
    assert Aead(k5, b"wrap", v.feed, u64(5), u64(4)).seal(k4) == v.epoch_5_wraps_4 and len(v.epoch_5_wraps_4) == 48
    assert text_under(k5, v.reason_sealed_by_epoch_5, b"reason", v.feed) == v["reason"]
    info = ["meguri/v1/epoch", v.feed, 5, v.epoch_5_kcv, v.team, 2, v.device]
    assert SUITE.decrypt(v.epoch_5_envelope_to_generation_2, kem, cbor2.dumps(info, canonical=True)) == k5
    version, sign_seed, kem_private = canonical(v.device_secrets)
    signing = Ed25519PrivateKey.from_private_bytes(sign_seed).public_key().public_bytes_raw()
    assert version == 1 and device_id(v.team, signing, sha256(x_wing(kem_private)[1])) == v.device_id_in_team
    return 8


def open_item(v):
    """The plaintext of an item, from the ten fields before its ciphertext."""
    fields = canonical(v.aad)
    shape(fields, ITEM[:10])
    assert fields[9] == v.salt and fields[6] == 5
    cipher = Aead(v.epoch_5_key, b"item", fields[1], v.device, salt=v.salt)
    plaintext = cipher.open(v.ciphertext, v.aad)
    content = unpadded(plaintext)
    assert plaintext == padded(content)
    version, kind, codec, packed = canonical(content)
    assert (version, kind, codec) == (1, v["kind"], v["codec"])
    return content, packed


def check_sealed_items():
    vectors = [seal("items"), *map(Unhexed, seal("plaintexts"))]
    for v in vectors:
        _, packed = open_item(v)
        assert packed == v.bytes
    assert {v["kind"] for v in vectors} == {0, 1, 2, 3, 4}, "one vector per kind"
    v = seal("items-packed")
    _, packed = open_item(v)
    unpacked = cbor2.dumps([[v["written_at_ms"], v["zone_min"], v["clock_offset_ms"], v.change]], canonical=True)
    assert zstandard.frame_content_size(packed) == len(unpacked), "the frame records its size"
    assert zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False) == unpacked
    return len(vectors) + 1


def whole_changes(unpacked):
    """The changes of an item, linked ones rebuilt from the one before."""
    before, found = None, []
    for *clock, change, linked in ((*r, None) if len(r) == 4 else r for r in canonical(unpacked)):
        if linked is not None:
            assert linked == 1
            body = b"\x01" + before + change
            hashed = b"\x01" + leb128(len(body)) + body
            change = bytes.fromhex("856f4a83") + sha256(hashed)[:4] + hashed
        before = sha256(change[8:])
        found.append((clock, change))
    return found


def leb128(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def check_linked():
    """A change without header and dependency is rebuilt from the one before it."""
    vector = seal("changes-linked")
    found = whole_changes(vector.unpacked)
    for clock, change in found:
        assert clock == [vector[k] for k in ("written_at_ms", "zone_min", "clock_offset_ms")]
        assert change[4:8] == sha256(change[8:])[:4], "checksum"
    assert [change.hex() for _, change in found] == vector["changes"]
    assert len(canonical(vector.unpacked)[1]) == 5
    in_item = next(v for v in seal("plaintexts") if v["name"] == "changes_linked")
    assert [change for _, change in whole_changes(bytes.fromhex(in_item["bytes"]))] == [c for _, c in found]
    return 2


CHUNK = 1 << 20


def sealed_blob(key, content):
    plaintext = padded(content)
    parts = [plaintext[at : at + CHUNK] for at in range(0, len(plaintext), CHUNK)]
    nonces = [n.to_bytes(11, "big") + bytes([n == len(parts) - 1]) for n in range(len(parts))]
    return b"".join(ChaCha20Poly1305(key).encrypt(nonce, part, b"") for nonce, part in zip(nonces, parts))


def check_blobs():
    v = seal("blobs")
    assert sealed_blob(v.key, v.content) == v.sealed and sha256(v.sealed) == v.id
    length = int(re.search(r"(\d+) bytes", v["long_content"])[1])
    long = sealed_blob(v.key, bytes(n % 251 for n in range(length)))
    assert len(long) == v["long_sealed_length"] and sha256(long) == v.long_id
    return 2


def check_slots():
    """The key slots of a profile: Argon2id of the passphrase in NFKC, and the keystore's secret behind it."""
    v = seal("slots")
    version, slots = canonical(v.keys_cbor)
    passphrases = {"keystore+passphrase": (v["passphrase_beside_keystore"], v.keystore_secret)}
    passphrases["passphrase"] = (v["passphrase_alone"], b"")
    assert version == 1 and {kind for kind, _ in slots} == set(passphrases)
    for kind, (memory, passes, lanes, salt, sealed) in slots:
        passphrase, keystore = passphrases[kind]
        argon = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
        key = argon.derive(unicodedata.normalize("NFKC", passphrase).encode()) + keystore
        assert Aead(key, b"slot", kind.encode()).open(sealed) == v.database_key
    return len(slots)


# ---- section 8

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def secret_of(code):
    """The secret in a code, its check bits checked."""
    bits = "".join(f"{CROCKFORD.index(c):05b}" for c in code)
    size = len(bits) // 8
    secret = int(bits[: size * 8], 2).to_bytes(size, "big")
    check = f'{sha256(b"meguri/v1/code", secret)[0]:08b}'
    assert bits[size * 8 :] == check[: len(bits) % 8], "check bits"
    return secret


def check_enrolment():
    v = seal("enrolment")
    secret, scanned = secret_of(v["code"]), secret_of(v["scanned_code"])
    assert (len(v["code"]), len(secret)) == (26, 16) and (len(v["scanned_code"]), len(scanned)) == (52, 32)
    mailbox = hkdf(secret, b"mbox")
    assert mailbox == v.mailbox and hkdf(scanned, b"mbox") == v.scanned_mailbox
    opened = [Aead(secret, b"slot", bytes([n])).open(getattr(v, f"slot_{n}"), mailbox) for n in range(5)]
    for n, private in ((3, v.admin_kem_private_key), (4, v.newcomer_kem_private_key)):
        info = cbor2.dumps(["meguri/v1/mailbox", mailbox, n], canonical=True)
        opened[n] = SUITE.decrypt(opened[n], x_wing(private)[0], info)
    offer, commit, n_admin, reveal, outcome = opened
    assert offer == v.offer and n_admin == v.admin_nonce and reveal == v.reveal and outcome == v.outcome
    shape(canonical(offer), ("n", HEAD, "b32", "b", "b32"))
    assert canonical(offer)[3] == x_wing(v.admin_kem_private_key)[1]
    shape(canonical(reveal), ("n", "b32", "b32", "b"))
    assert commit == v.commit == sha256(*canonical(reveal)[1:])
    assert canonical(reveal)[1:] == [v.newcomer_nonce, v.newcomer_signing_key, v.newcomer_kem_key]
    for bytes_of_4 in (outcome, v.outcome_without_directory):
        shape(canonical(bytes_of_4), ("n", "b", {"?": "b32"}, ["b32"], {"?": ("b32", "b32")}, "b"))
    ikm = v.newcomer_nonce + n_admin + commit + sha256(offer)
    number = int.from_bytes(hkdf(ikm)[:8], "big") % 10**6
    assert f"{number:06}" == v["digits"]
    policies(json.loads(canonical(outcome)[5]))
    return 5 + 2


def policies(policy):
    assert set(policy) == {"name", "profession", "pins"}
    pins = canonical(bytes.fromhex(policy["pins"]))
    shape(pins, ("n", {"?": "b16"}, [("b16", "n", "b32")]))
    assert pins[0] == 1 and [p[0] for p in pins[2]] == sorted({p[0] for p in pins[2]})
    return pins


def check_policy():
    """What stands in slot 4 under `policy` (decision 5)."""
    vectors = load("device/policy")
    for vector in vectors:
        policy = json.loads(vector["policy"])
        _, store, feeds = policies(policy)
        assert (policy["name"], policy["profession"]) == (vector["name"], vector["profession"])
        assert vector["store"] == (store and store.hex())
        assert vector["feeds"] == [[feed.hex(), ssn, h.hex()] for feed, ssn, h in feeds]
    return len(vectors)


CHECKS = {
    "envelopes": check_envelopes,
    "keys": check_keys,
    "sealed items": check_sealed_items,
    "linked changes": check_linked,
    "blobs": check_blobs,
    "key slots": check_slots,
    "enrolment": check_enrolment,
    "policy": check_policy,
}
