"""Searches the writable memory of a stopped process for a PIN of four digits.

    dump.py PID PIN               one line of JSON: what was found
    dump.py --judge HOW           reads such lines, one for each run with another PIN; HOW is held, kept or gone

Two kinds of forms. *Certain* ones are longer than four octets, so that no memory of some megabytes has them by chance:
VERIFY as it is sent, the PIN as UTF-16, as words of four octets, and as an ISO 9564 block of BCD; one of them is one too
many. *Uncertain* ones are four octets, ASCII and digit octets: memory may hold them by chance. They are judged over
several runs, each with a PIN of its own: chance finds a given PIN in some runs, a copy is there in all of them. What
chance does is measured in the same dump with two hundred other PINs. (BCD alone is two octets, which any dump has;
only its block can be told from chance.)
"""

import json
import os
import random
import sys

VERIFY = [bytes.fromhex("0020008004"), bytes.fromhex("0020009804")]


def certain(pin):
    digits = [int(digit) for digit in pin]
    bcd = bytes([digits[0] << 4 | digits[1], digits[2] << 4 | digits[3]])
    return {
        "verify": [head + pin.encode() for head in VERIFY],
        "utf-16": [pin.encode("utf-16-le")],
        "words": [b"".join(digit.to_bytes(4, "little") for digit in digits)],
        "bcd-block": [b"\x24" + bcd + b"\xff" * 5],
    }


def uncertain(pin):
    return {"ascii": pin.encode(), "digits": bytes(int(digit) for digit in pin)}


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


def search(pid, pin):
    parts = list(writable(pid))
    size = sum(map(len, parts))
    if size < 1 << 20:
        sys.exit(f"only {size} octets could be read")
    others = random.sample([f"{number:04}" for number in range(10_000) if f"{number:04}" != pin], 200)
    has = lambda octets: any(octets in part for part in parts)
    by_chance = lambda form: sum(has(uncertain(other)[form]) for other in others) / len(others)
    return {
        "octets": size,
        "certain": sorted(name for name, forms in certain(pin).items() if any(map(has, forms))),
        "uncertain": sorted(name for name, octets in uncertain(pin).items() if has(octets)),
        "chance": {form: by_chance(form) for form in uncertain(pin)},
    }


def judge(how, runs):
    assert len(runs) >= 2
    verify = all("verify" in run["certain"] for run in runs)
    strange = {name for run in runs for name in run["certain"]}
    in_all = []
    for form in ("ascii", "digits"):
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
        return "ascii" in in_all
    return not strange and not in_all


if __name__ == "__main__":
    if sys.argv[1] == "--judge":
        sys.exit(0 if judge(sys.argv[2], [json.loads(line) for line in sys.stdin]) else 1)
    print(json.dumps(search(int(sys.argv[1]), sys.argv[2])))
