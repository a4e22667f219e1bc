"""Decodes the vector files with an independent MessagePack library, names the fields as PROTOCOL.md
does, and compares with the .json file beside each. Usage: check_vectors.py FOLDER [--write]"""

import hashlib
import json
import pathlib
import sys

import msgpack

SIDES = ["primary", "standby"]
VALUES = ["DOWN", "SLOW", "UP", "CANNOT_TELL"]
SEVERITIES = ["SLOW", "DOWN"]
STEPS = ["pause", "switch", "resume"]
RESULTS = ["VOID", "PASS", "FAIL"]
CAUSES = ["conviction", "operator", "failback"]
ROUTES = ["unknown", "primary", "standby", "paused", "foreign", "mixed"]
MODES = ["observe", "act"]
REASONS = ["ok", "over-latency", "status", "body", "no-answer", "references-failed",
           "references-inflated", "timer-late", "config-differs", "local", "bot", "platform"]
SAMPLES = ["ok", "over-latency", "status", "body", "dns", "refused", "connect-timeout", "tls",
           "timeout", "reset", "proxy", "local", "bot", "platform"]
STATES = ["NONE", "PAUSING", "DRAINING", "READY", "SWITCHING", "VERIFYING", "RESUMING",
          "RETREATING", "BLOCKED", "DONE", "SWITCHED_UNVERIFIED", "ABORTED"]
INPUTS = ["open-with-pause", "open-direct", "paused", "drained", "switch-intent", "switched",
          "verified", "verify-expired", "abort", "resumed", "stuck", "stuck-while-paused",
          "paused-too-long", "release", "superseded", "late-write", "emptied"]
OUTCOMES = ["applied", "superseded", "stuck"]
OPERATIONS = ["failover", "failback", "hold", "release", "arm", "disarm", "ack", "hold-all",
              "release-all"]
WHYS = ["none", "healthy", "no-quorum", "not-leader", "term-not-applied", "time-in-doubt",
        "observe-mode", "on-hold", "cooldown", "budget", "aborts", "concurrent",
        "destination-not-better", "destination-unknown", "route-unread", "route-foreign",
        "move-open", "no-move", "intent-open", "no-intent", "illegal", "too-early", "stale",
        "unknown-service", "duplicate", "already-serving", "expectation", "full", "fail-quorum",
        "operator", "acquitted", "lapsed", "forbidden", "not-found", "rejected", "unverified",
        "paused-too-long", "adopted", "too-few-voters", "data-lost", "rate-limited", "late-write",
        "failback", "cannot-act", "level", "locked-out", "half-moved"]


class Mismatch(Exception):
    pass


def unpack(data):
    value = msgpack.unpackb(data, raw=False, strict_map_key=True, use_list=True)
    if msgpack.packb(value, use_bin_type=True) != data:
        raise Mismatch("not in the shortest form")
    return value


# A field's type is a function from the decoded value to what stands in the JSON.

def number(value):
    if type(value) is not int:
        raise Mismatch(f"{value!r} is no integer")
    return value


def flag(value):
    if type(value) is not bool:
        raise Mismatch(f"{value!r} is no boolean")
    return value


def text(value):
    if type(value) is not str:
        raise Mismatch(f"{value!r} is no text")
    return value


def octets(value):
    if type(value) is not bytes:
        raise Mismatch(f"{value!r} is no bin")
    return value.hex()


def word(words):
    return lambda value: words[number(value)]


def many(of):
    return lambda value: [of(item) for item in value]


def optional(of):
    return lambda value: None if value is None else of(value)


def row(*fields):
    """An array of exactly these (name, type) fields."""
    def decode(value):
        if type(value) is not list or len(value) != len(fields):
            raise Mismatch(f"{value!r} is no array of {len(fields)}")
        return {name: of(item) for (name, of), item in zip(fields, value)}
    return decode


def longer(fields, *further):
    """As a row of the fields, or also of what higher wire levels add, each at the end."""
    def decode(value):
        named = list(fields)
        for more in further:
            if type(value) is list and len(value) > len(named):
                named.extend(more)
        return row(*named)(value)
    return decode


def numbers(*names):
    return [(name, number) for name in names]


BASE = row(*numbers("version", "body_hash"))
SAMPLE = longer((("result", word(SAMPLES)),
                 *numbers("dns_us", "connect_us", "tls_us", "first_byte_us", "total_us", "late_ms",
                          "status"),
                 ("reused", flag)), (("detail", text),))
SIDE_VOTE = row(("value", word(VALUES)), ("reason", word(REASONS)), ("sample", SAMPLE),
                *numbers("reference_count", "reference_failed", "reference_inflated"))
VOTE = row(*numbers("voter", "service", "config_hash", "inquiry", "ballot", "nonce", "sequence",
                    "probed_wall_ms"),
           ("primary", SIDE_VOTE), ("standby", SIDE_VOTE))


def leaf(value):
    octets(value)
    return VOTE(unpack(value))


VOTES_HEADER = row(("cluster_id", octets), *numbers("voter", "incarnation", "sequence"))
SETTINGS = longer((("config_hash", number), ("mode", word(MODES)), *numbers("rule_fail", "rule_of"),
               ("consecutive", flag),
               *numbers("min_zones", "max_calls", "max_aborts", "verify_reads", "verify_canaries",
                        "budget_moves", "max_concurrent", "priority"),
               ("versioned", flag), ("failback_auto", flag),
               *numbers("within_ms", "interval_ms", "confirm_interval_ms", "ballot_deadline_ms"),
               ("drain_ms", row(*numbers("slow", "down", "planned"))),
               *numbers("paused_max_ms", "verify_every_ms", "verify_within_ms", "propagation_ms",
                        "cooldown_ms", "budget_window_ms", "failback_after_ms", "blind_after_ms")),
               numbers("failback_longest_ms", "actuator_deadline_ms"),
               numbers("drain_every_ms"))
NODE = row(("id", number), ("name", text), ("zone", text), ("key", octets))
SIDE_CLOSE = row(("result", word(RESULTS)), ("severity", word(SEVERITIES)),
                 ("votes", row(*[(value, number) for value in VALUES])), ("zones", number))
OPENING = row(("to", word(SIDES)), ("cause", word(CAUSES)), ("force", flag),
              ("first_step", word(STEPS)), ("base", BASE))
PARTS = many(row(("state", word(ROUTES)), ("version", number)))
EMPTY = row()
ACTOR = row(("actor", text), ("reason", text))
HOLDING = row(("actor", text), ("reason", text), ("indefinite", flag), ("for_ms", number))

EVIDENCE = row(("header", VOTES_HEADER), ("vote", leaf), *numbers("count", "position"),
               ("path", many(octets)), ("signature", octets))
EVIDENCE_LIST = row(("version", number), ("items", many(EVIDENCE)))


def evidence_bytes(value):
    octets(value)
    return EVIDENCE_LIST(unpack(value))


COMMANDS = {
    0: ("noop", EMPTY),
    1: ("cluster", row(("cluster_id", octets), ("nodes", many(NODE)))),
    2: ("service-set", row(("name", text), ("settings", SETTINGS))),
    3: ("inquiry-open", row(("voter", number), ("side", word(SIDES)), ("value", word(VALUES)))),
    4: ("ballot-close", row(*numbers("inquiry", "ballot"), ("primary", optional(SIDE_CLOSE)),
                            ("standby", optional(SIDE_CLOSE)), ("move", optional(OPENING)))),
    5: ("inquiry-lapse", row(*numbers("inquiry"))),
    6: ("move-open", row(("move", optional(OPENING)), ("actor", text), ("reason", text),
                         ("expects", flag), ("expected", word(SIDES)))),
    7: ("intent", row(("move", number), ("step", word(STEPS)), ("attempt", number),
                      ("base", BASE))),
    8: ("outcome", longer((("move", number), ("step", word(STEPS)), ("attempt", number),
                           ("outcome", word(OUTCOMES)), ("why", word(WHYS)),
                           ("state", word(ROUTES)), ("version", number)),
                          (("may_land", flag),), (("correlation", text), ("parts", PARTS)))),
    9: ("move-input", row(("move", number), ("input", word(INPUTS)), ("why", word(WHYS)))),
    10: ("route-seen", longer((("state", word(ROUTES)), ("version", number)),
                              (("parts", PARTS),))),
    11: ("hold", HOLDING),
    12: ("release", ACTOR),
    13: ("arm", ACTOR),
    14: ("disarm", ACTOR),
    15: ("tick", EMPTY),
    16: ("ack", ACTOR),
    17: ("level", row(*numbers("level"))),
    18: ("member", row(*numbers("node", "incarnation"), ("voter", flag))),
    19: ("hold-all", HOLDING),
    20: ("release-all", ACTOR),
    21: ("token-intent", row(("platform", text), *numbers("generation", "seed_hash"))),
    22: ("token-set", row(("platform", text), *numbers("generation", "life_ms"),
                          ("sealed", octets))),
    23: ("token-locked-out", row(("platform", text), ("generation", number))),
}


def command(value):
    name, content = COMMANDS[value[1]]
    return row(("level", number), ("kind", lambda kind: name),
               *numbers("service", "elapsed_ms", "request_id"), ("content", content),
               ("evidence", optional(evidence_bytes)))(value)


def command_bytes(value):
    octets(value)
    return command(unpack(value))


ENTRY = row(*numbers("term", "kind"), ("payload", command_bytes))
CAMPAIGN = row(*numbers("last_index", "last_term", "nonce"), ("transfer", flag),
               ("round", number))
CAMPAIGN_REPLY = row(("granted", flag), *numbers("nonce", "retry_ms"))
RAFT = {
    0: ("prevote", CAMPAIGN),
    1: ("prevote-reply", CAMPAIGN_REPLY),
    2: ("vote", CAMPAIGN),
    3: ("vote-reply", CAMPAIGN_REPLY),
    4: ("append", row(*numbers("prev_index", "prev_term", "commit", "round"),
                      ("entries", many(ENTRY)))),
    5: ("append-reply", row(("matched", flag), *numbers("match_index", "hint_index", "round"))),
    6: ("snapshot", row(*numbers("index", "index_term", "offset", "total"), ("chunk", octets),
                        ("round", number))),
    7: ("snapshot-reply", row(*numbers("index", "received"), ("installed", flag),
                              ("round", number))),
    8: ("timeout-now", row(*numbers("round"))),
}


def raft(value):
    name, content = RAFT[value[0]]
    return row(("kind", lambda kind: name), *numbers("to", "term"), ("content", content))(value)


STAMP = row(*numbers("stamp_us"))
ID = row(("cluster_id", octets))
FRAMES = {
    0: ("votes", row(("header", VOTES_HEADER), ("votes", many(leaf)), ("signature", octets))),
    1: ("call", row(*numbers("service", "inquiry", "ballot", "term", "nonce", "config_hash",
                             "deadline_ms"))),
    2: ("raft", raft),
    3: ("ping", STAMP),
    4: ("pong", STAMP),
    5: ("init-ask", EMPTY),
    6: ("init-answer", row(("cluster_id", octets), ("last_index", number), ("empty", flag),
                           ("incarnation", number))),
    7: ("init-set", ID),
    8: ("init-done", ID),
    9: ("operate", row(("request_id", number), ("kind", word(OPERATIONS)), ("service", text),
                       ("actor", text), ("reason", text), ("force", flag), ("expects", flag),
                       ("expected", word(SIDES)), ("indefinite", flag), ("for_ms", number))),
    10: ("operated", row(("request_id", number),
                         ("state", word(["answered", "not-leader", "no-quorum"])),
                         ("accepted", flag), ("why", word(WHYS)), ("move", number),
                         ("earliest_ms", number))),
    11: ("hello", row(("level", number), ("can_act", flag))),
    12: ("join", row(*numbers("level"))),
    13: ("admit", row(("cluster_id", octets), ("incarnation", number))),
}


CONTEXT_OUTCOMES = ["stored", "same", "older", "conflict", "full", "failed"]
VERSION = row(("seq", number), ("deleted", flag), ("stamp", number), ("hash", octets))
CONTEXT_ENTRY = row(("id", text), ("version", VERSION), ("follows", flag), ("age_ms", number),
                    ("sealed", octets), ("secret", octets))
CONTEXT_FRAMES = [
    ("PUT", row(("repair", flag), ("entry", CONTEXT_ENTRY))),
    ("HELD", row(("outcome", word(CONTEXT_OUTCOMES)), ("version", optional(VERSION)))),
    ("GET", text),
    ("ENTRY", row(("id", text), ("entry", optional(CONTEXT_ENTRY)))),
    ("PAGE-ASK", text),
    ("PAGE", row(("more", flag), ("stubs", many(row(("id", text), ("version", VERSION)))))),
    ("HELLO", flag),
    ("WRITTEN", row(("id", text), ("seq", number))),
]


def context(value):
    name, body = CONTEXT_FRAMES[number(value[3])]
    whole = row(("version", number), ("cluster", text), ("sender", number), ("kind", lambda _: name),
                ("round", number), ("store_id", number), ("complete", flag), ("body", body))
    return whole(value)


def frame(value):
    name, body = FRAMES[value[4]]
    return row(("version", number), ("cluster_id", octets), *numbers("sender", "incarnation"),
               ("kind", lambda kind: name), ("sequence", number), ("body", body))(value)


BALLOT = row(*numbers("index", "inquiry", "ballot"), ("result", word(RESULTS)),
             ("severity", word(SEVERITIES)), ("closed_ms", number))
INQUIRY = row(*numbers("index", "opened_ms", "voter"), ("side", word(SIDES)), ("ballots", number),
              *[(f"{side}_{name}", of) for side in SIDES
                for name, of in (("closed", number), ("convicted", flag),
                                 ("severity", word(SEVERITIES)))],
              ("gate", word(WHYS)))
INTENT = row(*numbers("index", "term"), ("step", word(STEPS)), ("attempt", number),
             ("to", word(SIDES)), ("base", BASE))
STEP = row(("attempt", number), ("outcome", word(OUTCOMES)), ("why", word(WHYS)),
           ("correlation", text))
MOVE = longer((("id", number), ("state", word(STATES)), ("cause", word(CAUSES)),
           ("severity", word(SEVERITIES)), ("from", word(SIDES)), ("to", word(SIDES)),
           ("resume_to", word(SIDES)), ("force", flag), ("actor", text), ("reason", text),
           *numbers("attempt", "canaries"), ("why", word(WHYS)),
           *numbers("opened_ms", "state_ms", "paused_ms"), ("intent", INTENT)),
           (("steps", row(*[(step, STEP) for step in STEPS])),))
HOLD = row(("active", flag), ("indefinite", flag), ("until_ms", number), ("actor", text),
           ("reason", text))
SERVICE_1 = (("name", text), ("settings", SETTINGS), ("mode", word(MODES)),
              ("serving", word(SIDES)), ("route", word(ROUTES)),
              *numbers("route_version", "route_ms"), ("primary", many(BALLOT)),
              ("standby", many(BALLOT)), ("inquiry", INQUIRY), ("move", MOVE), ("hold", HOLD),
              ("cooldown_until_ms", number), ("reverse_exempt", flag), ("would_have_moved", flag),
              ("blind", word(WHYS)), ("moves", many(number)), ("aborts", many(number)))
LATE = row(("step", word(STEPS)), ("to", word(SIDES)), ("attempt", number), ("base", BASE),
           ("until_ms", number))
SERVICE = longer(SERVICE_1, (("settings_level", number), ("late", many(LATE)),
                             ("failovers", many(number)), ("failback_from_ms", number)),
                 (("parts", PARTS),))
MEMBER = row(("voter", flag), ("incarnation", number))
TOKEN = row(("platform", text),
            *numbers("seed_hash", "generation", "intended", "intent", "intent_term"),
            ("locked_out", flag), *numbers("set_ms", "life_ms"), ("sealed", octets))
REQUEST = row(("id", number), ("accepted", flag), ("why", word(WHYS)), ("move", number))


def used_requests(value):
    """Empty places of the ring are left out of the JSON."""
    return [request for request in map(REQUEST, value) if request["id"] != 0]


def ledger(value):
    return longer((*numbers("level", "index", "term", "now_ms"), ("cluster_id", octets),
                   ("nodes", many(NODE)), ("services", many(SERVICE)),
                   ("request_next", number), ("requests", used_requests)),
                  (("members", many(MEMBER)), ("hold", HOLD), ("tokens", many(TOKEN))))(value)


def fold(hashes):
    """The Merkle root: an odd last hash goes up as it is."""
    while len(hashes) > 1:
        pairs = [hashlib.sha256(b"\x01" + left + right).digest()
                 for left, right in zip(hashes[0::2], hashes[1::2])]
        hashes = pairs + (hashes[-1:] if len(hashes) % 2 else [])
    return hashes[0]


def message(header, count, root):
    """What a voter signs, behind its domain."""
    cluster_id, voter, incarnation, sequence = header
    return (cluster_id + bytes([voter]) + incarnation.to_bytes(8, "big")
            + sequence.to_bytes(8, "big") + count.to_bytes(2, "big") + root)


def walk(vote, count, position, path):
    """From a leaf up to the root."""
    node, path = hashlib.sha256(b"\x00" + vote).digest(), list(path)
    while count > 1:
        if position ^ 1 < count:
            sibling = path.pop(0)
            pair = node + sibling if position % 2 == 0 else sibling + node
            node = hashlib.sha256(b"\x01" + pair).digest()
        position, count = position // 2, (count + 1) // 2
    if path:
        raise Mismatch("the path is too long")
    return node


def check_signed(folder):
    """The bytes that the vectors' voter signs, made from its frame and from the evidence alike."""
    expected = load(folder / "votes-message.hex")
    header, leaves, _ = unpack(load(folder / "frame-votes.hex"))[6]
    root = fold([hashlib.sha256(b"\x00" + vote).digest() for vote in leaves])
    if message(header, len(leaves), root) != expected:
        raise Mismatch("votes-message: not what the frame's votes give")
    for header, vote, count, position, path, _ in unpack(load(folder / "evidence-list.hex"))[1]:
        if header[1] == 2 and message(header, count, walk(vote, count, position, path)) != expected:
            raise Mismatch("evidence-list: the path misses the root")


def load(path):
    return bytes.fromhex(path.read_text())


def decode(name, data):
    if name.startswith("frame-"):
        return frame(unpack(data))
    if name.startswith("command-"):
        return command(unpack(data))
    if name.startswith("context-"):
        return context(unpack(data))
    if name == "votes-message":
        return {"message": data.hex()}
    return {"vote-leaf": VOTE, "vote-leaf-3": VOTE, "evidence-list": EVIDENCE_LIST, "ledger": ledger,
            "ledger-2": ledger, "ledger-3": ledger}[name](unpack(data))


def check_one(path, write):
    found = decode(path.stem, load(path))
    beside = path.with_suffix(".json")
    if write:
        beside.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    elif json.loads(beside.read_text(encoding="utf-8")) != found:
        raise Mismatch(f"decodes to {json.dumps(found)}")


def main():
    folder = pathlib.Path(sys.argv[1])
    failures = 0
    paths = sorted(folder.glob("*.hex"))
    for path in paths:
        try:
            check_one(path, "--write" in sys.argv)
        except (Mismatch, KeyError, IndexError, ValueError, OSError) as error:
            print(f"{path.name}: {error!r}")
            failures += 1
    check_signed(folder)
    if {path.stem for path in paths} != {path.stem for path in folder.glob("*.json")}:
        print("the .hex and .json files do not pair up")
        failures += 1
    print(f"{len(paths)} vectors, {failures} failures")
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
