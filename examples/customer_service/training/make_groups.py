#!/usr/bin/env python3
"""Writes what the encoder is trained on, group TAB text: make_groups.py FOLDER [--hold-out]

knowledge.tsv   title, other questions and text of each article, in both languages
knowledge_en.tsv, knowledge_zh.tsv   the same by language, to search
intents_en.tsv, intents_zh.tsv   what customers say, and the articles' questions, by their intent
With --hold-out one of the other questions of each article is left out of all that, and FOLDER has
asked_en.tsv and asked_zh.tsv with them.
"""
import pathlib
import random
import sys
import tomllib

here = pathlib.Path(__file__).parent
folder, hold_out = pathlib.Path(sys.argv[1]), "--hold-out" in sys.argv
chance = random.Random(7)


def save(name, lines):
    (folder / name).write_text("".join(f"{group}\t{text}\n" for group, text in lines))


knowledge = []
for language in "en", "zh":
    articles, intents, asked = [], [], []
    file = here / f"../data/knowledge_{language}.toml"
    for article in tomllib.loads(file.read_text())["article"]:
        also = list(article["also"])
        if hold_out:
            asked.append((article["id"], also.pop(chance.randrange(len(also)))))
        questions = [article["title"], *also]
        articles += [(article["id"], text) for text in [*questions, article["text"]]]
        intents += [(article["intents"][0], question) for question in questions]
    for part in sorted(here.glob(f"intents_{language}_*.tsv")):
        lines = [line for line in part.read_text().splitlines() if line and line[0] != "#"]
        intents += [line.split("\t", 1) for line in lines]
    knowledge += articles
    save(f"intents_{language}.tsv", intents)
    save(f"knowledge_{language}.tsv", articles)
    if hold_out:
        save(f"asked_{language}.tsv", asked)
save("knowledge.tsv", knowledge)
