"""Searches the writable memory of a stopped process for a number: a PIN of four digits, a birth date of six, or 照合番号B
of fourteen.

    dump.py PID NUMBER            one line of JSON: what was found
    dump.py --judge HOW           reads such lines, one for each run with another number; HOW is held, kept or gone

Two kinds of forms. *Certain* ones are longer than six octets, so that no memory of some megabytes has them by chance:
VERIFY as it is sent, the number as an ISO 9564 block of BCD, and all forms of 照合番号B; one of them is one too many.
*Uncertain* ones are ASCII, UTF-16, digit octets and digits as words of four octets of the shorter numbers: memory may
hold them by chance, the long ones too, for tables of small integers are everywhere. They are judged over several runs,
each with a number of its own: chance finds a given one in some runs, a copy is there in all of them. What chance does is measured in the same dump with two hundred other numbers. (BCD alone
is two or three octets of a PIN or a birth date, which any dump has; only its block can be told from chance.)
"""

import json
import os
import random
import sys

LONGEST_BY_CHANCE = 6


def forms(number):
    digits = bytes(int(digit) for digit in number)
    bcd = bytes.fromhex(number)
    length = len(number)
    return {
        "verify": [bytes([0x00, 0x20, 0x00, key, length]) + number.encode() for key in (0x80, 0x98)],
        "utf-16": [number.encode("utf-16-le")],
        "words": [b"".join(digit.to_bytes(4, "little") for digit in digits)],
        "bcd-block": [(bytes([0x20 | length]) + bcd).ljust(8, b"\xff")],
        "ascii": [number.encode()],
        "digits": [digits],
    } | ({"bcd": [bcd]} if len(bcd) > LONGEST_BY_CHANCE else {})


def is_certain(name, number, octets):
    return len(number if name in ("utf-16", "words") else octets) > LONGEST_BY_CHANCE


def certain(number):
    return {name: all_of for name, all_of in forms(number).items() if is_certain(name, number, all_of[0])}


def uncertain(number):
    return {name: all_of[0] for name, all_of in forms(number).items() if not is_certain(name, number, all_of[0])}


def another(number):
    """One that could stand in its place: of six digits a date."""
    if len(number) == 6:
        return f"{random.randrange(100):02}{random.randint(1, 12):02}{random.randint(1, 28):02}"
    return f"{random.randrange(10_000):04}"


def writable(pid):
    """Every mapping that can be written, in parts, each with its end overlapping the next."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "w" not in rights or "r" not in rights:
                continue
            begin, end = (int(address, 16) for address in span.split("-"))
            part = bytearray()
            try:
                memory.seek(begin)
                while begin + len(part) < end:
                    read = memory.read(min(1 << 20, end - begin - len(part)))
                    if not read:
                        break
                    part += read
            except OSError:
                pass  # A special mapping, or one that no page lies behind.
            if part.strip(b"\0"):
                yield bytes(part)


def search(pid, number):
    parts = list(writable(pid))
    size = sum(map(len, parts))
    if size < 1 << 20:
        sys.exit(f"only {size} octets could be read")
    others = [other for other in (another(number) for _ in range(200)) if other != number]
    has = lambda octets: any(octets in part for part in parts)
    by_chance = lambda form: sum(has(uncertain(other)[form]) for other in others) / len(others)
    return {
        "octets": size,
        "certain": sorted(name for name, forms in certain(number).items() if any(map(has, forms))),
        "uncertain": sorted(name for name, octets in uncertain(number).items() if has(octets)),
        "chance": {form: by_chance(form) for form in uncertain(number)},
    }


def judge(how, runs):
    assert len(runs) >= 2
    verify = all("verify" in run["certain"] for run in runs)
    strange = {name for run in runs for name in run["certain"]}
    in_all = []
    for form in runs[0]["chance"]:
        chance = 1.0
        for run in runs:
            chance *= run["chance"][form]
        print(f"  {form}: in {sum(form in run['uncertain'] for run in runs)} of {len(runs)} runs; by chance in all: {chance:.1e}")
        if how != "held" and chance > 1e-3:
            sys.exit(f"{form}: chance alone would do this; the search says nothing")
        if all(form in run["uncertain"] for run in runs):
            in_all.append(form)
    print(f"  certain: {sorted(strange) or 'none'}; {runs[0]['octets']} octets searched in the first run")
    if how == "held":
        return verify
    if how == "kept":
        return "ascii" in in_all or all("ascii" in run["certain"] for run in runs)
    return not strange and not in_all


if __name__ == "__main__":
    if sys.argv[1] == "--judge":
        sys.exit(0 if judge(sys.argv[2], [json.loads(line) for line in sys.stdin]) else 1)
    print(json.dumps(search(int(sys.argv[1]), sys.argv[2])))
