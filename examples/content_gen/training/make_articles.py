#!/usr/bin/env python3
"""Makes examples of outlines, sections and polished sections, in English and Chinese: JSONL with
prompt and answer, as examples/content_gen/pipeline.toml asks for them.

  make_articles.py --count 1000 --seed 1 >articles.jsonl

Topics and facts are drawn anew for every example (facts by the makers of customer_service/training).
Same seed, same lines.
"""
import argparse
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "customer_service" / "training"))
import answers_en  # noqa: E402
import answers_zh  # noqa: E402
import words_en  # noqa: E402
import words_zh  # noqa: E402
from answers_common import pick  # noqa: E402

KINDS = {"price": "money", "ticket": "money", "shipping": "money", "fee": "money", "date": "date", "deadline": "date", "eta": "date", "closed": "date", "opens": "time", "closes": "time", "phone": "contact", "email": "contact", "site": "contact", "discount": "percent", "rate": "percent", "person": "people", "speaker": "people", "where": "place", "origin": "place"}


def brief_of(rng, words, answers):
    """Some facts about a subject, each with what kind of heading it belongs below."""
    f = answers.maker(rng, False)
    kind, full, noun = answers.subject(rng, f)
    pool = [s for s in answers.attributes(rng, f, kind, full, noun) if s.text[-1] in ".。"]
    rng.shuffle(pool)
    facts = [(s.text, KINDS.get(s.key, "figures")) for s in pool[: rng.choice([0, 0, 1, 2, 3, 4, 5])]]
    if rng.random() < 0.3:
        facts.insert(rng.randint(0, len(facts)), (pick(rng, answers.FILLERS), "plain"))
    return full, facts


def topic_of(rng, words, full):
    return rng.choice([full, words.topic(rng), words.topic(rng)])


def lines_of(facts):
    return "".join("\n- " + text for text, _ in facts)


def headings_of(rng, words, topic, facts, count):
    """First what the topic is, then what the brief has facts for, then what every reader asks."""
    kinds = []
    for _, kind in facts:
        if kind not in kinds:
            kinds.append(kind)
    middle = [pick(rng, words.BY_KIND[k]) for k in kinds][: count - 2]
    first = pick(rng, words.FIRST).format(t=topic)
    last = pick(rng, words.LAST).format(t=topic)
    general = [h for h in rng.sample(words.GENERAL, len(words.GENERAL))]
    while len(middle) < count - 2:
        middle.append(general.pop().format(t=topic))
    return [first] + middle + [last]


def outline(rng, words, answers):
    full, facts = brief_of(rng, words, answers)
    topic = topic_of(rng, words, full)
    again = rng.random() < 0.25
    prompt = f"task: outline\ntopic: {topic}\nbrief:{lines_of(facts)}\navoid: {words.reason(rng, topic) if again else ''}"
    count = max(rng.choice([5, 6] if again else [4, 5, 5, 6]), min(7, 2 + len({k for _, k in facts})))
    heads = headings_of(rng, words, topic, facts, count)
    return prompt, "\n".join(f"{mark} {h}" for mark, h in zip(["-"] * 9, heads))


def section(rng, words, answers):
    full, facts = brief_of(rng, words, answers)
    topic = topic_of(rng, words, full)
    roll = rng.random()
    if roll < 0.45 and facts:
        kind = rng.choice(facts)[1]
        heading = pick(rng, words.BY_KIND[kind])
        chosen = [t for t, k in facts if k == kind]
        body = [pick(rng, words.LEAD[kind]).format(t=topic)] + chosen
        if rng.random() < 0.6:
            body.append(pick(rng, words.AFTER[kind]).format(t=topic))
    elif roll < 0.6 and facts:
        text, kind = rng.choice(facts)
        heading = words.from_fact(rng, text)
        body = [pick(rng, words.OPEN_BODY).format(t=topic), text, pick(rng, words.AFTER[kind]).format(t=topic)]
    else:
        group = rng.choice(["first", "general", "last"])
        if group == "first":
            heading = pick(rng, words.FIRST)
            bodies = words.FIRST_BODY
        elif group == "last":
            heading = pick(rng, words.LAST)
            bodies = words.LAST_BODY
        else:
            heading = pick(rng, words.GENERAL)
            bodies = words.GENERAL_BODY[heading]
        heading = heading.format(t=topic)
        body = [b.format(t=topic) for b in rng.sample(bodies, min(len(bodies), rng.choice([3, 3, 4])))]
        if group == "first":
            body += [t for t, k in facts if k == "plain"]
    prompt = f"task: section\ntopic: {topic}\nheading: {heading}\nbrief:{lines_of(facts)}"
    return prompt, words.join(words.capital(b) for b in body)


def polish(rng, words, answers):
    _, facts = brief_of(rng, words, answers)
    topic = words.topic(rng)
    kind = rng.choice(list(words.LEAD))
    plain = [b.format(t=topic) for b in rng.sample(words.FIRST_BODY + words.LAST_BODY + words.LEAD[kind], rng.randint(1, 3))]
    texts = [words.capital(b) for b in plain]
    told = [t for t, _ in facts[:3]]
    for t in told:
        texts.insert(rng.randint(1, len(texts)), t)
    style = rng.choice(["friendly", "formal", "brief"])
    prompt = f"task: polish\nstyle: {style}\ntext: {words.join(texts)}"
    if style == "brief":
        kept = [t for t in texts if t in told] or texts[:1]
    elif style == "friendly":
        kept = texts + [pick(rng, words.WARM)]
    else:
        kept = texts + ([pick(rng, words.SOBER)] if told else [])
    return prompt, words.join(kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    for _ in range(arguments.count):
        words, answers = rng.choice([(words_en, answers_en), (words_zh, answers_zh)])
        make = rng.choice([outline, outline, section, section, section, polish])
        prompt, answer = make(rng, words, answers)
        print(json.dumps({"prompt": prompt, "answer": answer}, ensure_ascii=False))


if __name__ == "__main__":
    main()
