"""English passages and questions for make_answers.py."""
import frames
import frames_en as words
from answers_common import in_lines, labels, pick, statement

FRAMES = frames.parsed(words)

SYLLABLES = "ba ka lo mi ra ve to su ne lin mar tel dor fen gal hol kir lum mon nor pel quin ros sel tam ul vin wes yor zan bri cla dra fla gre hal jun kel".split()
FIRST = "Anna Ben Clara David Elena Felix Grace Hugo Ines Jonas Karin Leo Maria Nils Olga Peter Ruth Simon Tara Umar Vera Walter Yusuf Zoe Mei Kenji Priya Omar Lucia Sven Amara Tomas".split()
LAST = "Berg Costa Dahl Ekman Fischer Grant Holm Ito Jensen Klein Lopez Moreau Novak Okafor Patel Quist Rossi Silva Tanaka Ueda Vogel Weber Young Zhang Larsen Murphy Schmidt Dubois".split()
CITIES = "Oslo Bergen Lyon Porto Krakow Ghent Turin Leeds Boston Austin Osaka Busan Hanoi Quito Lima Perth Tunis Accra Riga Vilnius Graz Basel Malmo Bilbao Cork Bristol Denver Toronto Shanghai Chengdu".split()
HELD_FIRST = "Ottilie Bertram Henrike Lorcan Saoirse Thandi Ewan Marisol Piotr Yevgenia".split()
HELD_LAST = "Achterberg Vantongeren Kowalczyk Oyelaran Brightwater Montclair Szymanski".split()
HELD_CITIES = "Trondheim Valletta Sapporo Cuenca Ljubljana Dunedin Arequipa Tampere".split()
ADJECTIVES = "small large new old red blue green black white silver wooden steel folding electric portable classic smart heavy light digital winter summer garden travel kitchen deluxe standard compact wireless cotton ceramic outdoor family premium basic silent".split()
THINGS = "lamp kettle bicycle tent camera backpack jacket blender heater speaker chair desk printer router drone violin guitar scooter oven fridge vacuum watch keyboard monitor helmet ladder sofa mattress pillow blanket kayak telescope microscope piano stroller suitcase umbrella wallet boot sandal mug pan knife toaster fan radio tablet phone charger battery cable drill saw hammer brush carpet curtain mirror clock vase candle puzzle".split()
PLACES = "hotel museum library restaurant bakery clinic school theatre gym pool garden market gallery cinema workshop farm hostel castle tower bridge harbour station airport aquarium zoo park studio laboratory observatory bookshop pharmacy garage campsite brewery vineyard temple stadium".split()
EVENTS = "festival concert course marathon exhibition conference fair workshop seminar tournament regatta parade lecture auction premiere retreat hackathon tour cruise excursion".split()
SERVICES = "subscription membership insurance loan account contract plan licence voucher pass course rental policy card scheme programme".split()
NOUNS = "handle cover frame engine filter lid wheel roof door window floor wall surface screen lens case strap base edge core panel sensor motor pump valve tank hose blade seat belt pocket sleeve label seal spring sample batch region village river valley island mountain bridge team class group section chapter volume album series model version edition branch office".split()
MEASURES = [("weight", "weighs", "kg", "heavy"), ("length", "measures", "cm", "long"), ("height", "stands", "metres high", "tall"), ("capacity", "holds", "litres", "much"), ("range", "reaches", "km", "far"), ("power", "draws", "watts", "strong"), ("depth", "goes down", "metres", "deep")]
COLOURS = "red blue green yellow black white grey purple orange brown pink turquoise".split()
MATERIALS = "oak steel cotton wool glass leather bamboo copper aluminium linen marble silk cork rubber granite".split()
VERBS = [("cancel", "cancelling"), ("change", "changing"), ("return", "returning"), ("exchange", "exchanging"), ("track", "tracking"), ("renew", "renewing"), ("book", "booking"), ("register", "registering"), ("activate", "activating"), ("reset", "resetting"), ("update", "updating"), ("download", "downloading"), ("install", "installing"), ("clean", "cleaning"), ("store", "storing"), ("repair", "repairing"), ("upgrade", "upgrading"), ("transfer", "transferring"), ("delete", "deleting"), ("close", "closing"), ("open", "opening"), ("report", "reporting"), ("extend", "extending"), ("pause", "pausing")]
OBJECTS = "order address password booking subscription invoice card ticket account warranty machine filter profile reservation membership parcel licence contract device appointment seat room newsletter delivery payment".split()
PATHS = ["the settings page", "the counter", "the app", "Settings > Privacy", "the front desk", "My Page > Orders", "the help centre", "the control panel", "the menu at the top", "the letter you received"]
FILLERS = ["We are glad that you are here.", "Many people like it for that reason.", "Please read the notes before you start.", "Our team is happy to help.", "It has become a favourite of many guests.", "Nothing else has to be done.", "Some details may differ from place to place.", "The staff speak several languages.", "It was planned with great care.", "Everybody is welcome.", "Most visitors come back.", "You will find signs at the entrance.", "This has been so from the beginning.", "Children enjoy it too.", "The view is worth the trip.", "Quality matters most to us.", "It is easy to use and easy to keep clean.", "The instructions are in the box.", "Thank you for your patience.", "People in the area are proud of it.", "Weather can change quickly, so take something warm.", "There is plenty of space for everyone.", "The design follows an old tradition.", "It fits well into any home."]
SORRY = "I'm sorry, that is not in what I have here."


def maker(rng, held):
    class facts:
        def name(self):
            return " ".join([pick(rng, HELD_FIRST if held else FIRST), pick(rng, HELD_LAST if held else LAST)]) if rng.random() < 0.8 else pick(rng, ["Dr ", "Ms ", "Mr "]) + pick(rng, HELD_LAST if held else LAST)

        def city(self):
            return pick(rng, HELD_CITIES if held else CITIES)

        def brand(self):
            return "".join(pick(rng, SYLLABLES) for _ in range(rng.choice([2, 2, 3]))).capitalize()

        def money(self):
            n = rng.choice([rng.randint(2, 99), rng.randint(100, 999), rng.randint(1000, 9999)])
            cents = rng.random() < 0.3
            amount = f"{n:,}" if n > 999 and rng.random() < 0.6 else str(n)
            if cents:
                amount += f".{rng.randint(1, 99):02d}"
            return rng.choice(["${}", "€{}", "¥{}", "£{}", "{} euros", "{} dollars", "{} yuan", "${}"]).format(amount)

        def number(self):
            return rng.choice([str(rng.randint(2, 30)), str(rng.randint(31, 999)), f"{rng.randint(1000, 99999):,}"])

        def small(self):
            return str(rng.randint(2, 60))

        def date(self):
            month = pick(rng, "January February March April May June July August September October November December".split())
            day = rng.randint(1, 28)
            return rng.choice([f"{day} {month}", f"{month} {day}", f"{day} {month} {rng.randint(1990, 2032)}", f"20{rng.randint(10, 39)}-{rng.randint(1, 12):02d}-{day:02d}"])

        def weekday(self):
            return pick(rng, "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())

        def year(self):
            return str(rng.randint(1650, 2024))

        def time(self):
            return rng.choice([f"{rng.randint(6, 23)}:{rng.choice(['00', '15', '30', '45', '20'])}", f"{rng.randint(1, 12)} {rng.choice(['am', 'pm'])}"])

        def percent(self):
            return rng.choice([f"{rng.randint(2, 95)}%", f"{rng.randint(2, 95)} percent", f"{rng.randint(1, 30)}.{rng.randint(1, 9)}%"])

        def phone(self):
            return rng.choice([f"{rng.randint(200, 999)}-555-{rng.randint(1000, 9999)}", f"+{rng.randint(30, 60)} {rng.randint(20, 99)} {rng.randint(100, 999)} {rng.randint(100, 999)}"])

        def email(self):
            return f"{rng.choice(['info', 'help', 'desk', 'mail', 'service', 'booking'])}@{self.brand().lower()}.example"

        def site(self):
            return f"www.{self.brand().lower()}.example"

        def code(self):
            return rng.choice([f"{''.join(rng.choice('ABCDEFGHKLMNPRSTUVWX') for _ in range(rng.choice([2, 3])))}-{rng.randint(100, 99999)}", f"{rng.choice('ABCDEFGH')}{rng.randint(2, 99)}", f"{''.join(rng.choice('ABCDEFGHKLMNPRSTUVWX') for _ in range(2))}{rng.randint(100000, 99999999)}"])

        def unit(self):
            return rng.choice(["days", "weeks", "months", "hours", "minutes", "working days", "years"])
    return facts()


def subject(rng, f):
    """(kind, how the passage introduces it, how it speaks of it, how questions do)"""
    brand = f.brand()
    kind = rng.choice(["thing", "thing", "place", "place", "event", "service", "order"])
    if kind == "thing":
        noun = pick(rng, THINGS)
        if rng.random() < 0.4:
            noun = pick(rng, ADJECTIVES) + " " + noun
        full = rng.choice([f"the {brand} {noun}", f"the {brand}", f"the {noun}", f"the {brand} {f.small()}"])
    elif kind == "place":
        noun = pick(rng, PLACES)
        full = rng.choice([f"the {brand} {noun.capitalize()}", f"the {noun}", f"{brand} {noun.capitalize()}", f"the {noun} in {f.city()}"])
    elif kind == "event":
        noun = pick(rng, EVENTS)
        full = rng.choice([f"the {brand} {noun.capitalize()}", f"the {noun}", f"the {pick(rng, ADJECTIVES)} {noun}"])
    elif kind == "service":
        noun = pick(rng, SERVICES)
        full = rng.choice([f"the {brand} {noun}", f"the {noun}", f"the {pick(rng, ADJECTIVES)} {noun}"])
    else:
        noun = "order"
        full = rng.choice([f"order ORD-{rng.randint(10000, 99999)}", "your order", f"order {f.code()}"])
    return kind, full, noun


def cap(text):
    return text[0].upper() + text[1:]


def told(rng, full, noun):
    return rng.choice([full, full, "it", f"the {noun}", full])


def attributes(rng, f, kind, full, noun):
    """All that can be said of a subject: key -> statement, in random words."""
    s = told(rng, full, noun)
    ask = rng.choice([full, full, full, "it", f"the {noun}"])
    out = []

    def add(key, fact, statements, questions):
        text = cap(pick(rng, statements))
        out.append(statement(text, [cap(q) for q in rng.sample(questions, min(len(questions), 2))], fact, key))

    m = f.money()
    if kind in ("thing", "service", "event"):
        add("price", m, [f"{s} costs {m}.", f"the price of {s} is {m}.", f"you pay {m} for {s}.", f"{s} is sold for {m}.", f"for {m} {s} is yours.", f"{s} is available for {m} including tax."],
            [f"how much does {ask} cost?", f"what is the price of {ask}?", f"what do I pay for {ask}?", f"how much is {ask}?", f"how expensive is {ask}?", f"price of {ask}?"])
    if kind in ("place", "event"):
        m = f.money()
        add("ticket", m, [f"a ticket for {s} costs {m}.", f"admission is {m}.", f"adults pay {m} at the door.", f"entry to {s} is {m} per person."],
            [f"how much is a ticket for {ask}?", f"what does admission cost?", f"what is the entry fee of {ask}?", f"how much do adults pay?", f"how much is entry?"])
        t = f.time()
        add("opens", t, [f"{s} opens at {t}.", f"doors open at {t}.", f"you can come in from {t} on.", f"{s} starts at {t}."],
            [f"when does {ask} open?", f"what time do the doors open?", f"at what time does {ask} start?", f"opening time of {ask}?", f"what time can I come in?"])
        t = f.time()
        add("closes", t, [f"{s} closes at {t}.", f"the last guests leave at {t}.", f"{s} ends at {t}.", f"everything shuts at {t}."],
            [f"when does {ask} close?", f"until when is {ask} open?", f"what time does {ask} end?", f"how late is {ask} open?", f"closing time?"])
        d = f.weekday()
        add("closed", d, [f"{s} is closed on {d}.", f"on {d} {s} stays shut.", f"there is no access on {d}."],
            [f"on which day is {ask} closed?", f"which day is {ask} shut?", f"what day can I not visit {ask}?"])
        c = f.city()
        add("where", c, [f"{s} is in {c}.", f"{s} takes place in {c}.", f"you find {s} in the old town of {c}.", f"the venue is in {c}."],
            [f"where is {ask}?", f"in which city is {ask}?", f"where does {ask} take place?", f"where can I find {ask}?"])
        n = f.number()
        x = rng.choice(["seats", "rooms", "visitors", "guests", "tables", "parking spaces", "exhibits", "animals", "books", "paintings", "beds", "runners"])
        add("count", n, [f"{s} has {n} {x}.", f"there are {n} {x} in {s}.", f"{s} has room for {n} {x}.", f"{n} {x} can be found there."],
            [f"how many {x} does {ask} have?", f"how many {x} are there?", f"number of {x}?", f"what is the number of {x} in {ask}?"])
        y = f.year()
        add("founded", y, [f"{s} was founded in {y}.", f"{s} was built in {y}.", f"{s} opened its doors in {y}.", f"{s} has existed since {y}.", f"the history of {s} began in {y}."],
            [f"when was {ask} founded?", f"in what year was {ask} built?", f"how old is {ask}?", f"since when does {ask} exist?", f"which year did {ask} begin?"])
    if kind == "event":
        d = f.date()
        add("date", d, [f"{s} takes place on {d}.", f"{s} is on {d}.", f"the date of {s} is {d}.", f"mark {d} in your calendar for {s}."],
            [f"when is {ask}?", f"on what date does {ask} take place?", f"what is the date of {ask}?", f"which day is {ask}?"])
        d = f.date()
        add("deadline", d, [f"registration closes on {d}.", f"please sign up by {d}.", f"the deadline for registration is {d}.", f"applications are accepted until {d}."],
            [f"when does registration close?", f"until when can I sign up?", f"what is the deadline?", f"by when must I register?", f"last day to apply?"])
        n = f.name()
        add("speaker", n, [f"{n} opens the {noun}.", f"the main guest is {n}.", f"{n} leads {s}.", f"this year {n} is in charge."],
            [f"who opens the {noun}?", f"who is the main guest?", f"who leads {ask}?", f"who is in charge of {ask}?"])
    if kind in ("place", "thing", "service"):
        n = f.name()
        add("person", n, [f"{s} is run by {n}.", f"the manager of {s} is {n}.", f"{n} designed {s}.", f"{n} is responsible for {s}.", f"{s} was created by {n}."],
            [f"who runs {ask}?", f"who is the manager of {ask}?", f"who designed {ask}?", f"who is responsible for {ask}?", f"who created {ask}?"])
    if kind == "thing":
        name, verb, unit, how = pick(rng, MEASURES)
        n = f.small()
        add(name, n, [f"{s} {verb} {n} {unit}.", f"the {name} of {s} is {n} {unit}.", f"with a {name} of {n} {unit} {s} suits most people.", f"its {name} is {n} {unit}."],
            [f"what is the {name} of {ask}?", f"how {how} is {ask}?", f"which {name} does {ask} have?", f"{name} of {ask}?"])
        c = pick(rng, COLOURS)
        add("colour", c, [f"{s} comes in {c}.", f"the colour of {s} is {c}.", f"{s} is painted {c}.", f"so far {s} is made in {c} only."],
            [f"what colour is {ask}?", f"in which colour does {ask} come?", f"which colours are there?", f"what color does {ask} have?"])
        c = pick(rng, MATERIALS)
        add("material", c, [f"{s} is made of {c}.", f"the body of {s} consists of {c}.", f"its material is {c}.", f"only {c} is used for {s}."],
            [f"what is {ask} made of?", f"which material is used for {ask}?", f"what material is {ask}?", f"what does {ask} consist of?"])
        n, u = f.small(), f.unit()
        add("battery", n, [f"the battery lasts {n} {u}.", f"one charge is enough for {n} {u}.", f"{s} runs for {n} {u} on a full battery."],
            [f"how long does the battery last?", f"what is the battery life of {ask}?", f"how long does {ask} run on one charge?"])
        n, u = f.small(), rng.choice(["months", "years"])
        add("warranty", n, [f"the warranty covers {n} {u}.", f"{s} comes with a guarantee of {n} {u}.", f"we give {n} {u} of warranty on {s}.", f"defects are repaired free of charge for {n} {u}."],
            [f"how long is the warranty?", f"how many {u} of guarantee does {ask} have?", f"what warranty do you give?", f"how long are defects repaired for free?"])
        c = f.city()
        add("origin", c, [f"{s} is made in {c}.", f"{s} comes from a factory in {c}.", f"the workshop that makes {s} is in {c}.", f"every piece is produced in {c}."],
            [f"where is {ask} made?", f"where does {ask} come from?", f"in which city is {ask} produced?", f"where is the workshop?"])
    if kind in ("thing", "order"):
        n, u = f.small(), f.unit()
        add("delivery", n, [f"delivery takes {n} {u}.", f"{s} arrives within {n} {u}.", f"we ship {s} within {n} {u}.", f"the parcel reaches you after {n} {u}.", f"shipping needs {n} {u}."],
            [f"how long does delivery take?", f"how long does shipping take?", f"when will {ask} arrive?", f"how many {u} until {ask} arrives?", f"how soon do you ship?"])
        m = f.money()
        add("shipping", m, [f"shipping costs {m}.", f"for delivery we charge {m}.", f"the delivery fee is {m}.", f"postage is {m}."],
            [f"how much is shipping?", f"what is the delivery fee?", f"what does delivery cost?", f"how much do you charge for delivery?", f"postage?"])
        n, u = f.small(), rng.choice(["days", "weeks"])
        add("return", n, [f"you can return {s} within {n} {u}.", f"returns are accepted for {n} {u}.", f"send it back within {n} {u} if you do not like it.", f"you have {n} {u} to change your mind."],
            [f"how long do I have to return {ask}?", f"until when can I send {ask} back?", f"what is the return period?", f"how many {u} are there for returns?", f"can I give {ask} back?"])
        n, u = f.small(), f.unit()
        add("refund", n, [f"the money is back in your account after {n} {u}.", f"refunds are paid within {n} {u}.", f"we refund you within {n} {u}.", f"a refund takes {n} {u}."],
            [f"when do I get my money back?", f"how long does a refund take?", f"how fast are refunds paid?", f"when will I be refunded?"])
    if kind == "order":
        c = f.code()
        add("tracking", c, [f"the tracking number is {c}.", f"you can follow the parcel with {c}.", f"its tracking code is {c}."],
            [f"what is the tracking number?", f"how can I track {ask}?", f"which code do I follow the parcel with?", f"tracking code of {ask}?"])
        d = f.date()
        add("eta", d, [f"it should arrive on {d}.", f"the expected delivery date is {d}.", f"we expect delivery on {d}.", f"eta: {d}"],
            [f"when will {ask} arrive?", f"what is the expected delivery date?", f"when is it delivered?", f"on which day does {ask} come?"])
        c = f.brand() + rng.choice([" Express", " Post", " Logistics", ""])
        add("carrier", c, [f"{c} delivers the parcel.", f"the carrier is {c}.", f"it was handed to {c}.", f"carrier: {c}"],
            [f"who delivers {ask}?", f"which carrier has {ask}?", f"who brings the parcel?", f"what courier is it with?"])
        st = rng.choice(["shipped", "packed", "delayed", "cancelled", "on its way", "delivered", "waiting for payment", "out for delivery"])
        add("status", st, [f"{s} is {st}.", f"the status of {s} is {st}.", f"status: {st}", f"current state: {st}"],
            [f"what is the status of {ask}?", f"what is the state of {ask}?", f"how far is {ask}?"])
    if kind == "service":
        n, u = f.small(), f.unit()
        add("term", n, [f"{s} runs for {n} {u}.", f"the minimum term is {n} {u}.", f"{s} is valid for {n} {u}.", f"after {n} {u} {s} ends by itself."],
            [f"how long does {ask} run?", f"what is the minimum term?", f"how long is {ask} valid?", f"when does {ask} end?"])
        p = f.percent()
        add("discount", p, [f"students get {p} off.", f"there is a discount of {p} for students.", f"members save {p}.", f"with a student card {s} is {p} cheaper."],
            [f"what discount do students get?", f"how much do members save?", f"is there a student discount?", f"how much cheaper is it for students?"])
        m = f.money()
        add("fee", m, [f"cancelling early costs {m}.", f"the cancellation fee is {m}.", f"whoever leaves early pays {m}.", f"a late payment adds {m}."],
            [f"what is the cancellation fee?", f"what does cancelling early cost?", f"how much is the penalty?", f"what do I pay if I leave early?"])
        p = f.percent()
        add("rate", p, [f"the interest rate is {p}.", f"{s} pays {p} a year.", f"the rate of {s} is {p}."],
            [f"what is the interest rate?", f"how much does {ask} pay a year?", f"what rate does {ask} have?"])
    p = f.phone()
    add("phone", p, [f"call us on {p}.", f"our phone number is {p}.", f"the hotline is {p}.", f"by phone you reach us on {p}."],
        [f"what is your phone number?", f"how can I call you?", f"what number do I call?", f"hotline number?", f"how do I reach you by phone?"])
    e = f.email()
    add("email", e, [f"write to {e}.", f"our e-mail address is {e}.", f"questions go to {e}.", f"you can reach us at {e}."],
        [f"what is your e-mail address?", f"where can I write to?", f"where do I send questions?", f"how do I contact you by e-mail?"])
    w = f.site()
    add("site", w, [f"more can be found on {w}.", f"our website is {w}.", f"tickets and details: {w}", f"visit {w} for pictures."],
        [f"what is your website?", f"where can I find more online?", f"where are more pictures?", f"what is the web address?"])
    return out


def other(rng, f, full):
    """Statements of random words: what they are about must be found by the words themselves."""
    out = []
    for _ in range(rng.randint(1, 3)):
        a, b = pick(rng, NOUNS), pick(rng, ADJECTIVES + NOUNS)
        v, what = rng.choice([(f.number(), "number"), (f.money(), "value"), (f.date(), "date"), (f.percent(), "share"), (f.code(), "code"), (f.name(), "owner"), (f.city(), "place"), (f.time(), "time")])
        form = rng.randrange(8)
        if form == 0:
            out.append(statement(f"The {a} of the {b} {what} is {v}.", [f"What is the {a} of the {b} {what}?", f"{b} {what} of the {a}?"], v))
        elif form == 1:
            out.append(statement(f"The {b} {a} has the {what} {v}.", [f"Which {what} does the {b} {a} have?", f"What {what} has the {b} {a}?", f"{what} of the {b} {a}?"], v))
        elif form == 2:
            out.append(statement(f"For the {a} with the {b} we note {v}.", [f"What do you note for the {a} with the {b}?", f"What about the {a} with the {b}?"], v))
        elif form == 3:
            out.append(statement(f"{v} stands for the {b} {a}.", [f"What stands for the {b} {a}?", f"What is the {what} of the {b} {a}?"], v))
        elif form == 4:
            verb = pick(rng, VERBS)
            o = pick(rng, OBJECTS)
            out.append(statement(f"To {verb[0]} the {o}, use code {v}.", [f"How do I {verb[0]} the {o}?", f"How to {verb[0]} my {o}?", f"I want to {verb[0]} the {o}.", f"What do I need for {verb[1]} the {o}?"], v))
        elif form == 5:
            verb = pick(rng, VERBS)
            o, p = pick(rng, OBJECTS), pick(rng, PATHS)
            out.append(statement(rng.choice([f"You can {verb[0]} your {o} at {p}.", f"{cap(verb[1])} your {o} is done at {p}.", f"Please go to {p} to {verb[0]} the {o}."]), [f"Where can I {verb[0]} my {o}?", f"How do I {verb[0]} the {o}?", f"how can i {verb[0]} an {o}", f"{verb[0]} {o}"], p))
        elif form == 6:
            verb = pick(rng, VERBS)
            o = pick(rng, OBJECTS)
            n, u = f.small(), f.unit()
            out.append(statement(rng.choice([f"{cap(verb[1])} the {o} is free for {n} {u}.", f"You can {verb[0]} your {o} until {n} {u} before it starts.", f"If you {verb[0]} the {o} later than {n} {u}, a fee is due."]), [f"Until when can I {verb[0]} my {o}?", f"Can I {verb[0]} the {o} for free?", f"What are the rules for {verb[1]} the {o}?", f"how long can i {verb[0]} the {o}"], n))
        else:
            c1, c2 = pick(rng, OBJECTS), pick(rng, NOUNS)
            m = f.money()
            out.append(statement(rng.choice([f"If the {c1} is lost, you pay {m}.", f"A lost {c1} costs {m}.", f"For a new {c1} we charge {m}."]), [f"What happens if I lose my {c1}?", f"I lost the {c1}, what does it cost?", f"How much is a new {c1}?"], m))
    return out


def rival(rng, f):
    """Two subjects with the same attribute: only the name tells them apart."""
    a, b = f.brand(), f.brand()
    noun = pick(rng, THINGS + PLACES + SERVICES)
    v1, v2 = rng.choice([(f.money, f.money), (f.date, f.date), (f.number, f.number), (f.time, f.time)])
    what, question = {"money": ("costs", "How much is the {}?"), "date": ("is ready on", "When is the {} ready?"), "number": ("has the number", "Which number has the {}?"), "time": ("opens at", "When does the {} open?")}[v1.__name__]
    x, y = v1(), v2()
    return [statement(f"The {a} {noun} {what} {x}.", [question.format(a + " " + noun), question.format(a)], x), statement(f"The {b} {noun} {what} {y}.", [question.format(b + " " + noun), question.format(b)], y)]


LABELS = [("passage", "question"), ("Passage", "Question"), ("Context", "Question"), ("Text", "Question"), ("Information", "Customer"), ("passage", "question")]


def joined(rng, f, parts):
    """Sometimes two statements share one sentence."""
    out = []
    i = 0
    while i < len(parts):
        a = parts[i]
        if i + 1 < len(parts) and rng.random() < 0.12 and a.text.endswith(".") and parts[i + 1].text.endswith("."):
            b = parts[i + 1]
            second = b.text if b.text.split()[0][1:].lower() != b.text.split()[0][1:] or not b.text.startswith(("The ", "You ", "We ", "It ", "For ", "There ", "On ", "If ", "To ")) else b.text[0].lower() + b.text[1:]
            text = a.text[:-1] + rng.choice([", and ", "; ", ", while "]) + second
            out.append(statement(text, list(a.questions) + list(b.questions), "", a.key))
            out[-1].facts = [(q, a.fact) for q in a.questions] + [(q, b.fact) for q in b.questions]
            i += 2
        else:
            a.facts = [(q, a.fact) for q in a.questions]
            out.append(a)
            i += 1
    return out


def span(rng, f):
    return f"{f.small()} {rng.choice(['days', 'weeks', 'months', 'hours', 'minutes', 'working days', 'years'])}"


def framed(rng, held):
    """A passage of frames; a few statements of random words among them."""
    f = maker(rng, held)
    subject_, parts = frames.passage(rng, f, words, FRAMES, span, True)
    if rng.random() < 0.25:
        parts += other(rng, f, subject_)[:2]
        rng.shuffle(parts)
    parts = frames.glued(rng, parts, words, True)
    passage = in_lines(parts, "\n" if rng.random() < 0.1 else " ")
    asked = [(q, p.text, fact) for p in parts for q, fact in p.facts]
    rng.shuffle(asked)
    for q, text, fact in asked[:3]:
        yield labels(rng, passage, frames.spoken(rng, q, words, "?", True), LABELS), text, fact


def short(rng, held):
    """Two to four sentences that their words tell apart: what is learned first."""
    f = maker(rng, held)
    kind, full, noun = subject(rng, f)
    parts = other(rng, f, full) + other(rng, f, full)
    if rng.random() < 0.5:
        parts += rng.sample(attributes(rng, f, kind, full, noun), 2)
    rng.shuffle(parts)
    parts = parts[: rng.randint(2, 4)]
    passage = in_lines(parts, " ")
    for p in rng.sample(parts, min(len(parts), 2)):
        yield labels(rng, passage, pick(rng, p.questions), LABELS), p.text, p.fact


def example(rng, held):
    roll = rng.random()
    yield from short(rng, held) if roll < 0.3 else framed(rng, held) if roll < 0.7 else plain(rng, held)


def plain(rng, held):
    f = maker(rng, held)
    kind, full, noun = subject(rng, f)
    pool = attributes(rng, f, kind, full, noun)
    rng.shuffle(pool)
    absent = pool[rng.randint(2, 5):]
    parts = pool[: len(pool) - len(absent)]
    if rng.random() < 0.6:
        parts += other(rng, f, full)
    if rng.random() < 0.3:
        parts += rival(rng, f)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        parts.append(statement(pick(rng, FILLERS)))
    rng.shuffle(parts)
    parts = joined(rng, f, parts[: rng.randint(2, 7)])
    if rng.random() < 0.3:
        parts.insert(0, statement(cap(rng.choice([f"{full} is known far beyond {f.city()}.", f"here is what you should know about {full}.", f"welcome to {full}.", f"{full} is our answer to many wishes."]))))
        parts[0].facts = []
    for p in parts:
        if not hasattr(p, "facts"):
            p.facts = []
    passage = in_lines(parts, "\n" if rng.random() < 0.1 else " ")
    asked = [(q, p.text, fact) for p in parts for q, fact in p.facts]
    rng.shuffle(asked)
    style = rng.random()
    for q, text, fact in asked[:3]:
        if style < 0.2:
            q = q.lower().rstrip("?")
        elif style < 0.35:
            q = rng.choice(["Hi, ", "Hello! ", "Excuse me, ", "Please tell me: ", "One question: "]) + q[0].lower() + q[1:]
        yield labels(rng, passage, q, LABELS), text, fact
    if rng.random() < 0.15:
        keys = {p.key for p in parts}
        for a in absent[:1]:
            if a.key not in keys:
                yield labels(rng, passage, pick(rng, a.questions), LABELS), SORRY, ""
