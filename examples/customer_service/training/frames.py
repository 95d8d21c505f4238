"""Passages and questions from the frames of frames_en.py and frames_zh.py."""
import re

from answers_common import pick, statement


def parsed(words):
    out = []
    for nouns, text in words.DOMAINS.items():
        frames = []
        for line in text.strip().splitlines():
            said, *asked = line.split(" ? ")
            frames.append((said.split(" / "), asked))
        out.append((nouns.split(), frames))
    return out


def filled(rng, template, values):
    """The text, the fact in it and the letter of its kind."""
    fact = []

    def put(match):
        key = match.group(1)
        if key not in values:
            values[key] = values["make"][key]()
        if key not in "SBx" and not fact:
            fact.extend([values[key], key])
        return str(values[key])

    star = re.search(r"\*(.+?)\*", template)
    text = re.sub(r"\{(\w)\}", put, template.replace("*", ""))
    if star:
        fact = [re.sub(r"\{(\w)\}", put, star.group(1)), ""]
    return (text, *(fact or [values.get("B", ""), ""]))


def chosen(rng, templates):
    """Of [a|b] the same one everywhere."""
    found = re.search(r"\[([^\]]*)\]", " ".join(templates))
    if not found:
        return templates
    count = found.group(1).count("|") + 1
    at = rng.randrange(count)
    return [re.sub(r"\[([^\]]*)\]", lambda m: m.group(1).split("|")[at], t) for t in templates]


def passage(rng, f, words, domains, span, capital):
    """Statements of one domain, each with its questions."""
    nouns, frames = pick(rng, domains)
    noun = pick(rng, nouns)
    make = {"m": f.money, "n": f.number, "s": f.small, "d": f.date, "w": f.weekday, "t": f.time, "p": f.percent, "c": f.code, "h": f.phone, "e": f.email, "N": f.name, "C": f.city, "B": f.brand, "y": f.year, "u": lambda: span(rng, f)}
    brand, city = f.brand(), f.city()
    subject = pick(rng, words.NAMES).replace("{B}", brand).replace("{C}", city).replace("{x}", noun)
    out = []
    for said, asked in rng.sample(frames, min(len(frames), rng.choice([2, 2, 3, 3, 4, 4, 5, 6, 7]))):
        both = chosen(rng, said + asked)
        said, asked = both[: len(said)], both[len(said) :]
        values = {"make": make, "S": subject}
        text, fact, kind = filled(rng, pick(rng, said), values)
        if rng.random() < 0.15:
            text = pick(rng, words.BEFORE) + (text[0].lower() + text[1:] if capital else text)
        if rng.random() < 0.1:
            text = text[:-1] + pick(rng, words.AFTER) + text[-1]
        questions = []
        for q in rng.sample(asked, min(2, len(asked))):
            q = filled(rng, q, values)[0]
            questions.append(q[0].upper() + q[1:] if capital and q[-1] == "?" else q)
        out.append(statement(text[0].upper() + text[1:] if capital else text, questions, fact))
        out[-1].kind = kind
    return subject, out


def glued(rng, parts, words, capital):
    """Some statements share a sentence; `facts` lists (question, fact) of each."""
    out = []
    while parts:
        p = parts.pop(0)
        p.facts = [(q, p.fact) for q in p.questions]
        if parts and rng.random() < 0.3:
            q = parts.pop(0)
            second = q.text[0].lower() + q.text[1:] if capital and not re.match(r"[A-Z]\w* [A-Z]|I ", q.text) else q.text
            both = statement(p.text[:-1] + pick(rng, words.GLUE) + second)
            both.facts = p.facts + [(x, q.fact) for x in q.questions]
            p = both
        out.append(p)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        aside = statement(pick(rng, words.ASIDES))
        aside.facts = []
        out.insert(rng.randint(0, len(out)), aside)
    return out


def spoken(rng, question, words, end, capital):
    """The question as somebody writes it who is in a hurry or polite."""
    roll = rng.random()
    if roll < 0.15:
        return (question.lower() if capital else question).rstrip(end)
    if roll < 0.35:
        low = question[0].lower() + question[1:] if capital else question
        return pick(rng, words.ASKING).replace("{q}", low).replace("{Q}", question if question[-1] == end else question + end)
    return question
