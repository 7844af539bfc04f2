"""How fast, as ratios against what a user would use instead, taken in one run.

``make bench`` runs every module that has figures; ``python -m benchmarks start`` one of them. Not
tests: machines differ, and two cores are noisy. Each figure pairs both sides round by round in
alternating order and compares medians, so that whatever else the machine does hits both.
"""
