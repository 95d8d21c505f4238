"""What both languages of make_answers.py share: passages of statements, and questions about them."""


def pick(rng, items):
    return items[rng.randrange(len(items))]


class statement:
    """One sentence of a passage, the questions it answers and the fact that they ask for."""

    def __init__(self, text, questions=(), fact="", key=""):
        self.text, self.questions, self.fact, self.key = text, questions, fact, key


def in_lines(parts, between):
    """The statements as one text; one without a full stop has a line of its own."""
    text = ""
    for part in parts:
        own = part.text[-1] not in ".!?。！？；"
        text += ("\n" if own and text and text[-1] != "\n" else "") + part.text + ("\n" if own else between)
    return text.strip()


def labels(rng, passage, question, names):
    """The prompt as graphs write it, in either order."""
    of_passage, of_question = pick(rng, names)
    colon = "：" if rng.random() < 0.5 and of_passage[0] > "z" else ": "
    first, second = of_passage + colon + passage, of_question + colon + question
    return first + "\n" + second if rng.random() < 0.7 else second + "\n" + first
