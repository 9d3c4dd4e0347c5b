#!/usr/bin/env python3
"""usage: check_autobahn.py SERVER_REPORT CLIENT_REPORT

Prints a table per group of cases for both roles, each case that is not as it must be, and the
closing line 'N passed, N failed'. Exit 0 only if no case failed and none is missing.
"""
import collections
import json
import os
import sys

CASES = 517
GOOD = {"OK", "INFORMATIONAL"}


def cases(report):
    with open(os.path.join(report, "index.json")) as index:
        agents = json.load(index)
    if len(agents) != 1:
        sys.exit("%s: %d agents in the report, not 1" % (report, len(agents)))
    return next(iter(agents.values()))


def verdict(result):
    good = result["behavior"] in GOOD and result["behaviorClose"] in GOOD
    return "passed" if good else "failed"


def explain(report, case, result):
    with open(os.path.join(report, result["reportfile"])) as file:
        detail = json.load(file)
    print("  %-9s %s / %s: %s | %s" % (case, result["behavior"], result["behaviorClose"],
                                       detail["result"], detail["resultClose"]))


def check(role, report):
    results = cases(report)
    groups = collections.defaultdict(collections.Counter)
    for case, result in results.items():
        groups[case.split(".")[0]][verdict(result)] += 1
    for group in sorted(groups, key=int):
        count = groups[group]
        print("| %-6s | %5s | %6d | %6d |" % (role, group, count["passed"], count["failed"]))
    for case, result in results.items():
        if verdict(result) == "failed":
            explain(report, case, result)
    total = sum(groups.values(), collections.Counter())
    total["failed"] += CASES - len(results)
    return total


print("| role   | group | passed | failed |")
print("|--------|------:|-------:|-------:|")
total = check("server", sys.argv[1]) + check("client", sys.argv[2])
print("%d passed, %d failed" % (total["passed"], total["failed"]))
sys.exit(1 if total["failed"] else 0)
