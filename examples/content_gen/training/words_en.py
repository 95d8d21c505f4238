"""What English articles are made of, for make_articles.py. {t} is the topic."""

GERUNDS = "growing choosing planning repairing cleaning learning teaching building painting cooking baking saving visiting exploring understanding collecting storing brewing writing reading sewing knitting recycling measuring training".split()
THINGS = "tomatoes bread coffee houseplants bicycles chess photography herbs money energy water rain gardens small rooms old furniture languages music stars birds bees soap cheese maps stamps tea wood mushrooms sleep public transport winter clothes soups salads home networks watches pottery".split()
ENDS = ["", "", "", " at home", " on a balcony", " for beginners", " in the city", " with children", " in winter", " on a small budget", " without stress", " step by step", " in summer", " for families"]


def topic(rng):
    thing = rng.choice(THINGS)
    form = rng.randrange(4)
    if form == 0:
        return thing + rng.choice(ENDS)
    if form == 1:
        return "how to " + rng.choice(["choose", "keep", "enjoy", "plan", "start with", "care for"]) + " " + thing
    return rng.choice(GERUNDS) + " " + thing + rng.choice(ENDS)


def reason(rng, t):
    return rng.choice([f"it says nothing about `{t}`", "it has 3 sections, at least 4 are wanted", "it repeats itself: `Good to know`", "more facts, please", f"it lacks what the brief says: `{t}`", "too short", "it has 9 sections, at most 7 are wanted"])


def capital(text):
    return text[0].upper() + text[1:]


def join(texts):
    return " ".join(texts)


def from_fact(rng, text):
    words = [w.strip(".,;:").lower() for w in text.split() if w.strip(".,;:").isalpha() and len(w) > 3]
    rng.shuffle(words)
    return rng.choice(["About {}", "All about {}", "{}", "Something about {}", "A word on {}"]).format(" and ".join(words[:2]) or "it").capitalize()


FIRST = ["What {t} is about", "{t} at a glance", "Why {t} is worth your time", "Getting to know {t}", "{t}: an introduction", "A first look at {t}", "Why {t} matters"]
LAST = ["{t} in short", "Where to go from here", "What to remember", "The most important points again", "Your next steps", "In the end"]
GENERAL = ["How to get started", "What you need before you begin", "Common mistakes and how to avoid them", "Tips from experience", "Questions that others ask", "What makes the difference", "How to plan your time", "Good habits that help", "How to keep the costs down", "How to tell good quality"]
BY_KIND = {
    "money": ["What it costs", "Prices and costs", "What you pay"],
    "date": ["Dates to remember", "When it happens", "Important dates"],
    "time": ["Opening hours", "When to come", "Times of the day"],
    "contact": ["Whom to ask", "Contact and booking", "How to reach us"],
    "percent": ["What you can save", "Shares and rates", "The figures in percent"],
    "people": ["The people behind it", "Who is involved", "Faces and names"],
    "place": ["Where to find it", "The place", "Where it comes from"],
    "figures": ["Facts and figures", "The details", "In numbers"],
    "plain": ["Good to know", "What else to know", "A few remarks"],
}
LEAD = {
    "money": ["Let us look at the money first.", "Nobody likes surprises when it comes to prices.", "Here is what {t} means for your wallet."],
    "date": ["Take a pen and your calendar.", "Some days should not be missed.", "These dates belong to {t}."],
    "time": ["A good plan begins with the right hour.", "It pays to come at the right time.", "So that nobody waits in vain, here are the times."],
    "contact": ["Is anything still unclear?", "Sometimes a short question saves a lot of time.", "If you want to know more about {t}, just ask."],
    "percent": ["A look at the shares is worth it.", "Small percentages add up.", "The figures speak for themselves."],
    "people": ["Behind every good idea there are people.", "It is people who make {t} what it is.", "A name often says more than a brochure."],
    "place": ["The right place makes a difference.", "Where something comes from tells a lot about it.", "Getting there is easier than you might think."],
    "figures": ["Here are the facts.", "A few figures give a clear picture.", "Whoever compares should know the details."],
    "plain": ["Some things are good to know in advance.", "A remark may help here.", "There is one more thing to say about {t}."],
}
AFTER = {
    "money": ["Compare before you decide, and keep the receipt.", "That way you can plan your budget without worry.", "Ask whether there are further charges."],
    "date": ["It is best to write that down at once.", "Plan early, and you have the choice.", "So there is enough time to prepare."],
    "time": ["Those who come early have more time to look around.", "Plan a few minutes more than you need.", "Outside of these hours it is quieter."],
    "contact": ["You will get a friendly answer.", "Do not hesitate to ask.", "Have your questions ready before you get in touch."],
    "percent": ["Do the sums for your own case.", "It is worth having a second look.", "That is more than many would expect."],
    "people": ["Experience like that cannot be bought.", "It is worth asking them for advice.", "You notice the care in every detail."],
    "place": ["Have a look at the map beforehand.", "The way there is part of the experience.", "You will find it without trouble."],
    "figures": ["With that you can compare calmly.", "Keep these details in mind when you choose.", "That is enough for most needs."],
    "plain": ["Keep that in mind.", "It makes many things easier.", "You will be glad to know it."],
}
OPEN_BODY = ["When it comes to {t}, one point deserves a closer look.", "This is a question that many readers ask.", "Here is what we know about it."]
FIRST_BODY = ["Many people are interested in {t}, and for good reasons.", "This article shows what {t} is about and what you should look at first.", "You need no experience to follow along.", "Whoever takes a little time for {t} will be rewarded.", "The first step is the hardest, and it is smaller than you think.", "We begin with the basics and then go into the details.", "There is more to {t} than meets the eye.", "It is worth taking a calm look at it."]
LAST_BODY = ["With that, you have what you need to begin with {t}.", "Take one point at a time and give yourself time.", "Come back to this page whenever you are in doubt.", "Nobody has to know everything from the start.", "Talk to others about {t}: their experience is worth a lot.", "Begin today with something small.", "The most important thing is that you enjoy it.", "If you remember one thing, let it be this: good preparation is half the work."]
GENERAL_BODY = {
    "How to get started": ["Start small and with a clear goal.", "Decide first what you want to achieve with {t}.", "Set aside some time every week.", "Try one thing before you go on to the next.", "Write down what worked and what did not."],
    "What you need before you begin": ["You need less than many believe.", "A short list of what is at hand already saves money.", "Borrow what you need only once.", "Good basic equipment is enough for {t}.", "Put everything within reach before you begin."],
    "Common mistakes and how to avoid them": ["The most common mistake is to want too much at once.", "Many give up just before it gets easier.", "Read the instructions to the end before you begin.", "Do not compare yourself with others too early.", "With {t}, patience is worth more than speed."],
    "Tips from experience": ["Ask somebody who has done it before.", "Little and often is better than a lot at once.", "Keep your notes: they are worth a lot later.", "Those who know {t} well take breaks.", "Choose quality over quantity."],
    "Questions that others ask": ["Is it difficult? Not if you go step by step.", "Does it take long? That depends on your goal.", "Is {t} something for you? Try it and see.", "What if it does not work? Then change one thing and try again."],
    "What makes the difference": ["It is the small things that make the difference.", "Care in the preparation shows in the result.", "Whoever stays with {t} for a while sees progress.", "A clear plan helps more than good intentions.", "Look at the result with fresh eyes the next day."],
    "How to plan your time": ["Put a fixed time into your calendar.", "Plan a reserve for what you did not expect.", "Short sessions are easier to keep up.", "With {t}, a steady rhythm works best.", "Stop while it is still fun."],
    "Good habits that help": ["Tidy up right after you finish.", "Look back once a week at what you have done.", "Make {t} part of your routine.", "Celebrate small successes.", "Share what you have learned."],
    "How to keep the costs down": ["Compare several offers before you buy.", "Second-hand is often as good as new.", "Buy only what you need for the next step.", "With {t}, the dearest choice is rarely the best.", "Take care of what you have, and it lasts longer."],
    "How to tell good quality": ["Look at the details: they rarely lie.", "Good quality feels right from the start.", "Ask how long it will last.", "With {t}, honest information is a good sign.", "Read what others have to say, but judge for yourself."],
}
WARM = ["Have a look and see what suits you!", "Give it a try, you may be surprised!", "We are happy to help if you have questions.", "Enjoy it!", "And above all: have fun!"]
SOBER = ["Please take note of these details.", "This information is provided for your guidance.", "Further details are available on request."]
