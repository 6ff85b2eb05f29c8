"""Reads an answer's JSON from standard input and prints what an integrator would take from it.

Written from docs/answer.md with Python's standard library alone; shares no code with the core.
"""

import datetime
import json
import sys


def read(answer):
    if answer["format"] != "shikaku-answer/1":
        sys.exit("not shikaku-answer/1")
    header, body = answer["MessageHeader"], answer["MessageBody"]
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    day = datetime.datetime.fromtimestamp(header["ProcessExecutionTime"], tokyo).date().isoformat()
    if day != header["QualificationConfirmationDate"]:
        sys.exit("the day is not that of the moment in Tokyo")
    return {
        "code": answer["code"],
        "names": [one["Name"] for one in body["ResultList"]],
        "usable": body.get("QualificationValidity") in ("1", "6"),
    }


if __name__ == "__main__":
    print(json.dumps(read(json.load(sys.stdin.buffer)), ensure_ascii=False))
