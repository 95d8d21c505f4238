#!/usr/bin/env python3
"""Makes examples of answers from a passage, in English and Chinese: JSONL with prompt, answer, fact.

  make_answers.py --count 1000 --seed 1 >answers.jsonl

Every passage, its facts, its names and most of its words are drawn anew; each fact may be told in
several ways and asked for in several ways, among other facts of the same kind. Same seed, same
lines. Seeds from 1000000 on are never trained on: they draw names from other lists. --plain: only
passages whose sentences are much alike, for a beginning.
"""
import argparse
import json
import random

import answers_en
import answers_zh


def make(rng, held_out, plain):
    language = answers_en if rng.random() < 0.55 else answers_zh
    return language.plain(rng, held_out) if plain else language.example(rng, held_out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    made = 0
    while made < arguments.count:
        for prompt, answer, fact in make(rng, arguments.seed >= 1000000, arguments.plain):
            line = {"prompt": prompt, "answer": answer}
            if fact:
                line["fact"] = fact
            print(json.dumps(line, ensure_ascii=False))
            made += 1


if __name__ == "__main__":
    main()
