#!/usr/bin/env python3
"""Makes examples from the shop's own articles: who asks what an article is about gets all of it.

  make_shop.py >shop.jsonl
"""
import json
import pathlib
import random
import tomllib

import answers_en
import answers_zh

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"


def main():
    rng = random.Random(1)
    for language, words in (("en", answers_en), ("zh", answers_zh)):
        articles = tomllib.loads((DATA / f"knowledge_{language}.toml").read_text("utf-8"))["article"]
        for article in articles:
            for question in [article["title"], *article["also"]]:
                prompt = words.labels(rng, article["text"], question, words.LABELS)
                print(json.dumps({"prompt": prompt, "answer": article["text"]}, ensure_ascii=False))


if __name__ == "__main__":
    main()
