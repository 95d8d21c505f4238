"""English things that places and shops say, and how people ask for them, for make_answers.py.

A domain has nouns for its subject {S} and frames: ways to say one thing / ways to ask for it. The
first fact in braces is the asked one, or what stands between asterisks: {m} amount, {n} number,
{s} small number, {d} date, {w} weekday, {t} time, {p} percent, {c} code, {h} phone, {e} e-mail,
{u} a span of time, {N} person, {C} city, {B} brand. Of words in [a|b] one is drawn, the same for all of a frame.
"""

DOMAINS = {
    "hotel lodge hostel inn guesthouse resort campsite": """
{S} has {n} [beds|rooms|cabins|pitches]. / With {n} [beds|rooms|cabins|pitches], {S} is one of the larger houses in the region. / There is space for {n} [beds|rooms|cabins|pitches]. ? How many [beds|rooms|cabins|pitches] does {S} have? ? how big is {S} ? Number of [beds|rooms|cabins|pitches]?
Check-in is from {t}. / Your room is ready at {t}. / Guests may move in from {t} on. / Keys are handed out from {t}. ? What time can I check in? ? When can I get into my room? ? earliest check-in ? From when can we arrive?
Please leave your room by {t}. / Check-out is until {t}. / On the last day the room has to be free at {t}. ? When do I have to check out? ? Until when may I stay on the last day? ? check-out time
A [double|single|family] room is {m} per night. / We charge {m} a night for a [double|single|family] room. / [double|single|family] rooms start at {m}. ? How much is a [double|single|family] room? ? What does one night cost? ? rate for a [double|single|family] room
Breakfast is served from {t}. / The breakfast buffet opens at {t}. ? When is breakfast? ? What time can I have something to eat in the morning? ? breakfast hours
Breakfast is {m} extra. / For {m} you can have breakfast with us. ? Is breakfast included? ? What does breakfast cost? ? price of breakfast
Dogs are *allowed for {m} a night*. / You may bring your dog for {m} a night. / Pets stay for {m} a night. ? Can I bring my dog? ? Are pets allowed? ? what do you charge for animals
Whoever loses the key card pays {m}. / A lost key card costs {m}. / Replacing the key card is {m}. ? I lost my key card, what will it cost me? ? What happens if I can't find my key? ? price for a new key card
The tourist tax is {m} per person and night. / On top of that comes a city tax of {m}. ? How high is the tourist tax? ? Are there any other charges? ? city tax
The kitchen is locked at {t}. / After {t} nobody may use the kitchen. ? Until when can I cook? ? When is the kitchen locked? ? how late is the kitchen open
Quiet hours begin at {t}. / We ask for silence after {t}. ? From when must we be quiet? ? When do quiet hours start? ? until what time can we make noise
Bookings may be cancelled free of charge until {u} before arrival. / Up to {u} before you come, cancelling costs nothing. ? Until when can I cancel for free? ? What if I have to cancel my booking? ? cancellation rules
The WiFi password is {c}. / To go online, type {c}. ? What is the WiFi password? ? How do I get on the internet? ? wifi code please
The pool is heated to {s} degrees. / Our pool has {s} degrees all year. ? How warm is the pool? ? What temperature does the water have? ? pool temperature
The shuttle leaves every {s} minutes. / A free bus goes to the station every {s} minutes. ? How often does the shuttle go? ? Is there a bus to the station? ? shuttle times
""",
    "library archive bookshop reading-room": """
You may borrow up to {s} [books|items|discs] at once. / At most {s} [books|items|discs] can be out on one card. / A reader takes home no more than {s} [books|items|discs]. ? How many [books|items|discs] can I borrow? ? What is the limit for loans? ? max number of [books|items|discs]
The loan period is {u}. / You can keep a book for {u}. / Everything must be back after {u}. ? How long can I keep a book? ? When do I have to bring it back? ? loan period
Late returns cost {m} a day. / For every day that you are late we ask {m}. / The fine for overdue books is {m} per day. ? What is the fine? ? How much do I pay if I am late? ? overdue fee
A library card is {m} a year. / Membership costs {m} per year. / The yearly fee is {m}. ? What does a card cost? ? How much is it to become a member? ? yearly fee
The deposit is {m}. / We keep {m} as a deposit. / You leave {m} with us, which you get back at the end. ? How high is the deposit? ? Do I have to leave money? ? deposit amount
Loans can be renewed {s} times. / You may extend a loan {s} times. ? How often can I renew? ? Can I extend my loan? ? renewals
The collection holds {n} volumes. / Our shelves carry {n} volumes. / {n} volumes stand in the stacks. ? How many volumes are there? ? How large is the collection? ? size of the stock
Printing is {m} a page. / A page from the copier costs {m}. ? What does printing cost? ? How much is a copy? ? price per page
A group room can be booked for {u}. / You can have a study room for {u} at most. ? How long can I have a study room? ? Can I book a group room? ? study room time limit
Story time for children is on {w}. / Every {w} we read to children. ? When is story time? ? On which day do you read to children? ? anything for kids
The oldest manuscript dates from {y}. / Our most ancient piece was written in {y}. ? How old is the oldest manuscript? ? From which year is the oldest piece? ? age of the manuscript
Returned books go into the box at *the side entrance*. / Put books into the slot at *the side entrance* when we are closed. ? Where do I return books? ? Where is the return box? ? drop off books
""",
    "clinic practice hospital dentist pharmacy vet": """
[Dr|Professor] {N} sees patients on {w}. / On {w} you will be treated by [Dr|Professor] {N}. ? On which day is {N} there? ? When can I see {N}? ? {N} hours
The first consultation takes {s} minutes. / Plan {s} minutes for your first visit. ? How long is the first visit? ? How much time does a consultation take? ? length of the appointment
A check-up costs {m}. / For a check-up you pay {m}. / We bill {m} for a check-up. ? How much is a check-up? ? What will I pay for an examination? ? check-up price
Please come {s} minutes early. / Be here {s} minutes before your appointment. ? How early should I come? ? Do I have to be there before my appointment? ? when to arrive
Do not eat for {u} before the [test|operation|blood sample]. / You must fast {u} before the [test|operation|blood sample]. ? Can I eat before the [test|operation|blood sample]? ? How long before the [test|operation|blood sample] may I not eat? ? fasting time
Results are ready after {u}. / You get your results within {u}. / It takes {u} until we know the results. ? When do I get my results? ? How long do I wait for results? ? results ready when
In an emergency dial {h}. / At night and on holidays help is at {h}. / The emergency line is {h}. ? What number do I call in an emergency? ? Whom do I ring at night? ? emergency number
The practice is closed from {d}. / We are on holiday from {d}. ? When are you on holiday? ? From when is the practice closed? ? holiday dates
Vaccinations are given on {w}. / On {w} you can be vaccinated without an appointment. ? When can I get a vaccination? ? Which day do you give jabs? ? flu shot day
Missed appointments are charged at {m}. / If you do not turn up, we charge {m}. / A no-show costs {m}. ? What if I miss my appointment? ? How much do you charge when I don't come? ? no-show fee
Take {s} tablets a day. / The usual dose is {s} tablets a day. ? How many tablets do I take? ? What is the dose? ? dosage
The ward has {s} beds. / {s} patients find a place on the ward. ? How many beds does the ward have? ? How many patients fit on the ward? ? size of the ward
Visiting hours end at {t}. / Visitors must leave at {t}. ? Until when can I visit? ? When do visiting hours end? ? how late can I see my mother
The lab is on floor {s}. / You find the lab on floor {s}. ? Where is the lab? ? Which floor is the lab on? ? way to the lab
Our vet {N} looks after [horses|cats|birds]. / {N} is the one for [horses|cats|birds]. ? Who treats [horses|cats|birds]? ? Who looks after [horses|cats|birds]? ? somebody for my [horses|cats|birds]
""",
    "gym pool studio club court dojo": """
A day pass is {m}. / You train for a day for {m}. / One visit costs {m}. ? What is a day pass? ? How much for one visit? ? price for a single day
The monthly fee is {m}. / Members pay {m} a month. / Membership is {m} per month. ? What does membership cost? ? How much do members pay each month? ? monthly price
The minimum contract is {u}. / You commit to {u} at least. ? How long is the contract? ? How long do I have to stay a member? ? minimum time
[Yoga|Spinning|Boxing|Judo|Swimming] is on {w}. / The [Yoga|Spinning|Boxing|Judo|Swimming] class meets every {w}. ? When is [Yoga|Spinning|Boxing|Judo|Swimming]? ? Which day is the [Yoga|Spinning|Boxing|Judo|Swimming] class? ? [Yoga|Spinning|Boxing|Judo|Swimming] day
{N} teaches [beginners|children|seniors]. / The course for [beginners|children|seniors] is led by {N}. ? Who teaches [beginners|children|seniors]? ? Who is the coach of the [beginners|children|seniors]? ? trainer for [beginners|children|seniors]
Lockers need a coin of {m}. / Bring {m} for the locker. ? What do I need for the locker? ? How much is a locker? ? locker coin
Towels can be rented for {m}. / A towel is {m}. ? Can I rent a towel? ? How much is a towel? ? towel price
Classes have at most {s} people. / A class takes no more than {s} people. ? How many people are in a class? ? How large are the groups? ? max class size
The sauna is {s} degrees hot. / It is {s} degrees in the sauna. ? How hot is the sauna? ? What temperature is the sauna? ? sauna heat
Children may swim from the age of {s}. / Swimmers must be at least {s}. ? From what age may children swim? ? How old must swimmers be? ? minimum age
You can freeze your membership for {u}. / A break of {u} is possible. ? Can I pause my membership? ? How long can I take a break? ? freeze membership
""",
    "museum gallery castle aquarium zoo planetarium exhibition": """
[Adults|Students|Seniors|Children] pay {m}. / Entry for [Adults|Students|Seniors|Children] is {m}. / The ticket for [Adults|Students|Seniors|Children] is {m}. ? How much do [Adults|Students|Seniors|Children] pay? ? What is the ticket for [Adults|Students|Seniors|Children]? ? [Adults|Students|Seniors|Children] price
Guided tours start at {t}. / A guide waits for you at {t}. ? When is the guided tour? ? What time does the tour start? ? tour time
A tour lasts {u}. / Plan {u} for the tour. ? How long is the tour? ? How much time does a tour take? ? duration of the tour
Entry is free on {w}. / On {w} nobody pays. ? When is entry free? ? On which day do I pay nothing? ? free day
An audio guide is {m}. / You can hire an audio guide for {m}. ? How much is the audio guide? ? Do you rent out audio guides? ? audio guide price
The show runs until {d}. / You can see it up to {d}. / It closes on {d}. ? Until when is the exhibition on? ? What is the last day of the show? ? end of the exhibition
{N} painted the [ceiling|portrait|altar|mural]. / The [ceiling|portrait|altar|mural] is a work of {N}. / The [ceiling|portrait|altar|mural] comes from the hand of {N}. ? Who painted the [ceiling|portrait|altar|mural]? ? Whose work is the [ceiling|portrait|altar|mural]? ? artist of the [ceiling|portrait|altar|mural]
The [tower|hall|dome|tank] is {n} metres high. / At {n} metres the [tower|hall|dome|tank] rises above everything. ? How high is the [tower|hall|dome|tank]? ? How tall is the [tower|hall|dome|tank]? ? height of the [tower|hall|dome|tank]
{n} steps lead to the top. / You climb {n} steps. ? How many steps are there? ? How many stairs must I climb? ? number of steps
The [penguins|seals|otters|lions] are fed at {t}. / Feeding time of the [penguins|seals|otters|lions] is {t}. ? When are the [penguins|seals|otters|lions] fed? ? When do the [penguins|seals|otters|lions] eat? ? feeding time
Last year {n} people came. / {n} visitors were counted last year. ? How many people came last year? ? How many visitors do you have? ? visitor numbers
Bags go into the cloakroom for {m}. / The cloakroom takes {m} per bag. ? What does the cloakroom cost? ? Where do I leave my bag, and for how much? ? bag storage
Photographs are *allowed without flash*. / You may take pictures *without flash*. ? May I take photographs? ? Can I use my camera? ? photos ok?
Groups of {s} or more get a discount. / From {s} people on the group price applies. ? From how many people do groups get a discount? ? How large must a group be? ? group size
""",
    "restaurant cafe bakery bar brewery teahouse": """
The lunch menu is {m}. / At noon three courses cost {m}. / For {m} you get the lunch menu. ? How much is lunch? ? What does the lunch menu cost? ? lunch price
We bake {n} [loaves|rolls|pies|buns] every day. / {n} [loaves|rolls|pies|buns] leave the oven each day. ? How many [loaves|rolls|pies|buns] do you bake? ? How many [loaves|rolls|pies|buns] are baked a day? ? [loaves|rolls|pies|buns] per day
The dough rests for {u}. / It takes {u} until the dough is ready. ? How long does the dough rest? ? How long must the dough wait? ? resting time
Hot food is served until {t}. / The kitchen closes at {t}. / Last orders are at {t}. ? Until when can I order? ? When does the kitchen close? ? last orders
Tables for more than {s} people must be booked. / Larger groups than {s} should call ahead. ? Do I have to book a table? ? How many can come without booking? ? table for a group
The chef is {N}. / {N} cooks for you. / In the kitchen {N} is in charge. ? Who is the chef? ? Who cooks? ? name of the cook
The beer has {p} alcohol. / It contains {p} alcohol. ? How strong is the beer? ? How much alcohol is in it? ? alcohol content
Delivery is free from {m} on. / Above {m} we bring it for nothing. ? When is delivery free? ? From what amount don't I pay for delivery? ? free delivery
The terrace seats {s} guests. / On the terrace {s} people find a place. ? How many people fit on the terrace? ? How many seats are outside? ? terrace size
The beans come from {C}. / We get our beans from {C}. ? Where are the beans from? ? Where do you get your coffee? ? origin of the beans
Wholesale customers write to {e}. / Orders of larger amounts go to {e}. ? Where should wholesale customers write? ? Where do I send a large order? ? mail for bulk orders
The soup contains *celery and mustard*. / There is *celery and mustard* in the soup. ? What allergens does the soup have? ? What is in the soup? ? is the soup ok for allergies
A cake must be ordered {u} ahead. / Please order cakes {u} before you need them. ? How early must I order a cake? ? When should I order a birthday cake? ? cake order time
""",
    "garage workshop tailor locksmith laundry repair-shop cobbler": """
A new [zip|heel|lock|tyre|chain|screen] is {m}. / Replacing the [zip|heel|lock|tyre|chain|screen] costs {m}. / For {m} we put in another [zip|heel|lock|tyre|chain|screen]. ? How much is a new [zip|heel|lock|tyre|chain|screen]? ? What do you charge to replace the [zip|heel|lock|tyre|chain|screen]? ? my [zip|heel|lock|tyre|chain|screen] is broken, what will it cost
A repair takes {u}. / Your piece is ready after {u}. / We need {u} to mend it. ? How long does a repair take? ? When can I pick it up? ? repair time
An hour of work is {m}. / We ask {m} per hour. / Our hourly rate is {m}. ? What is your hourly rate? ? How much do you charge per hour? ? labour cost
An estimate costs {m}. / We look at it for {m}. ? What does an estimate cost? ? How much is it to have it looked at? ? price of a quote
We keep finished work for {u}. / What nobody collects in {u} is given away. ? How long do you keep my things? ? Until when must I collect it? ? pick up limit
Repairs have a guarantee of {u}. / If it breaks again within {u}, we mend it for nothing. ? What guarantee do you give? ? What if it breaks again? ? guarantee on repairs
The inspection is due every {u}. / Have it serviced every {u}. ? How often must it be serviced? ? When is the next inspection due? ? service interval
{N} has run the workshop since {y}. / Since {y} the workshop belongs to {N}. ? Since when is {N} the owner? ? How long has {N} run the workshop? ? year of taking over
Shirts are washed and ironed for {m}. / A shirt is {m}. ? How much is a shirt? ? What do you take for ironing a shirt? ? shirt price
Express service adds {m}. / If it is urgent, you pay {m} more. ? What does express cost? ? I need it fast, how much more is that? ? rush fee
""",
    "train ferry bus airline taxi cable-car": """
A single ticket is {m}. / You travel one way for {m}. / The fare is {m}. ? How much is a ticket? ? What does a single trip cost? ? fare please
The crossing takes {u}. / You arrive after {u}. / The journey lasts {u}. ? How long does it take? ? How long is the journey? ? travel time
The first one leaves at {t}. / Service begins at {t}. ? When does the first one leave? ? How early can I go? ? first departure
The last one goes at {t}. / After {t} nothing runs any more. ? When is the last departure? ? How late can I go back? ? last one
It departs from platform {s}. / You get on at platform {s}. ? Which platform does it leave from? ? Where do I board? ? platform
A bicycle travels for {m}. / You pay {m} to take a bike along. ? Can I take my bike? ? How much is a bike ticket? ? bicycle price
Luggage may weigh {s} kg. / The limit for bags is {s} kg. / Up to {s} kg of luggage is free. ? How much may my luggage weigh? ? What is the baggage limit? ? bag weight
Children under {s} travel free. / Nobody pays for children below {s}. ? Up to what age do children travel free? ? Do I pay for my child? ? kids age limit
Travelling without a ticket costs {m}. / The penalty without a ticket is {m}. ? What is the fine for having no ticket? ? What happens if I forget my ticket? ? penalty fare
Boarding closes {s} minutes before departure. / Be at the gate {s} minutes before. ? When does boarding close? ? How early must I be at the gate? ? boarding time
Lost property is kept at {h}. / If you left something behind, ring {h}. ? I left my bag behind, whom do I call? ? Where is lost property? ? lost and found number
Seats can be reserved for {m}. / A reservation is {m}. ? What does a reservation cost? ? Can I reserve a seat? ? seat booking fee
A delay of more than {s} minutes is refunded. / You get money back if it is over {s} minutes late. ? When do I get money back for a delay? ? From how many minutes is a delay refunded? ? late refund
""",
    "bank insurer fund credit-union": """
The account costs {m} a month. / We charge {m} a month for the account. ? What does the account cost? ? How much are the monthly charges? ? account fee
Savings earn {p}. / You get {p} on your savings. / The interest on savings is {p}. ? How much interest do I get? ? What do my savings earn? ? savings rate
The daily limit is {m}. / You can withdraw {m} a day. / No more than {m} leaves the account each day. ? How much can I withdraw? ? What is the daily limit? ? cash limit
A transfer abroad costs {m}. / Sending money abroad is {m}. ? What does a transfer abroad cost? ? How much is it to send money to another country? ? foreign transfer fee
Claims must be reported within {u}. / Tell us about damage within {u}. ? How fast must I report a claim? ? Until when do I report damage? ? claim deadline
The excess is {m}. / You bear the first {m} yourself. ? How high is the excess? ? What part do I pay myself? ? excess
The loan runs for {u}. / You pay it back over {u}. ? How long does the loan run? ? When must it be paid back? ? loan term
If your card is stolen, call {h}. / Block your card at {h}. ? How do I block my card? ? My card was stolen, what number? ? lost card
A new card arrives after {u}. / It takes {u} until you have another card. ? How long does a new card take? ? When will my card arrive? ? card delivery
Your adviser is {N}. / {N} looks after your account. ? Who is my adviser? ? Who looks after my account? ? name of my contact
The policy covers up to {m}. / Damage is paid up to {m}. ? How much does the policy cover? ? Up to what amount is damage paid? ? cover limit
Foreign withdrawals cost {p}. / A fee of {p} is taken for cash abroad. ? What do withdrawals abroad cost? ? Is there a fee for cash in other countries? ? atm fee abroad
""",
    "phone-plan app router network streaming-service": """
The plan includes {n} GB. / You can use {n} GB a month. / {n} GB of data are yours every month. ? How much data do I get? ? How many GB are in the plan? ? data volume
After that the speed drops to {n} kbit/s. / Beyond it you surf at {n} kbit/s. ? What speed do I have when my data are used up? ? How slow does it get? ? reduced speed
The setup fee is {m}. / Connecting you costs {m} once. ? What does setup cost? ? Is there a one-off fee? ? activation fee
You can watch on {s} devices at once. / Up to {s} screens are possible at the same time. ? On how many devices can I watch? ? How many screens at once? ? device limit
The free trial lasts {u}. / You can try it for {u} without paying. ? How long is the free trial? ? Can I test it first? ? trial period
Give notice {u} before the end. / You have to cancel {u} before it renews. ? When do I have to give notice? ? How early must I cancel? ? notice period
Version {c} is needed. / It runs from version {c} on. ? Which version do I need? ? What is the oldest version it runs on? ? required version
The default password is {c}. / When you first log in, use {c}. ? What is the default password? ? How do I log in the first time? ? initial password
Press the button for {s} seconds to reset it. / A reset needs {s} seconds on the button. ? How do I reset it? ? How long must I press the button? ? factory reset
It reaches {n} metres. / The signal carries {n} metres. ? How far does it reach? ? What is the range? ? signal distance
Files are kept for {u}. / After {u} deleted files are gone for good. ? How long are files kept? ? Can I get deleted files back? ? recovery time
Uploads may be {n} MB large. / The limit for a file is {n} MB. ? How large may a file be? ? What is the upload limit? ? max file size
""",
    "shop store market boutique webshop nursery": """
Parcels go out on {w}. / We ship every {w}. ? On which day do you ship? ? When do parcels go out? ? shipping day
Orders placed before {t} leave the same day. / Order by {t} and we send it today. ? Until when must I order for same-day dispatch? ? If I order now, is it sent today? ? cut-off time
[Express|Standard|Courier] delivery is {m}. / For {m} we send it by [Express|Standard|Courier] delivery. ? What does [Express|Standard|Courier] delivery cost? ? How much is [Express|Standard|Courier]? ? [Express|Standard|Courier] fee
Delivery is free above {m}. / If you spend {m}, we pay the postage. / No shipping is charged from {m} on. ? When is shipping free? ? How much must I spend for free delivery? ? free shipping limit
Unused goods can be sent back within {u}. / You have {u} to return what you do not want. / Within {u} we take everything back. ? How long can I return something? ? I don't like it, can I send it back? ? return window
The money is back within {u}. / We refund you after {u}. / It takes {u} until you see your money again. ? When do I get my money? ? How long does a refund take? ? refund time
Use the code {c} for {p} off. / With {c} everything is {p} cheaper. ? What is the discount code? ? Which voucher code can I use? ? promo code
A gift card is valid for {u}. / Gift cards expire after {u}. ? How long is a gift card valid? ? When does my gift card run out? ? gift card expiry
Gift wrapping is {m}. / For {m} we wrap it as a present. ? How much is gift wrapping? ? Can you wrap it? ? wrap cost
You collect {s} points for every purchase. / Each purchase brings {s} points. ? How many points do I get? ? What do I earn with a purchase? ? points
Points expire after {u}. / Your points are lost after {u}. ? When do points expire? ? How long do I keep my points? ? points validity
The order can be changed within {u}. / Up to {u} after ordering you can still change it. ? How long can I change my order? ? I want another colour, can I still change? ? edit order
Invoices are sent by *e-mail after dispatch*. / You get the invoice by *e-mail after dispatch*. ? How do I get an invoice? ? Where is my receipt? ? invoice please
We accept *cards and bank transfer*. / You can pay by *cards and bank transfer*. ? How can I pay? ? Which payment methods do you take? ? payment
Damaged goods must be reported within {u}. / Tell us within {u} if something arrives broken. ? It arrived broken, how long do I have to tell you? ? When must I report damage? ? damaged item
Order {c} is *on its way to {C}*. / We handed order {c} over and it is *on its way to {C}*. ? Where is order {c}? ? What is the state of order {c}? ? status of {c}
Your order was *packed on {d}*. / We *packed on {d}* what you ordered. ? Has my order been packed? ? When was my order packed? ? is it packed
The seeds sprout after {u}. / After {u} you see the first green. ? How long until they sprout? ? When do I see something? ? germination
The plant grows {n} cm high. / It reaches {n} cm in a good year. ? How tall does the plant get? ? How high does it grow? ? plant height
Water it every {u}. / It wants water every {u}. ? How often do I water it? ? When does it need water? ? watering
Items are held for you for {u}. / We reserve what you ordered for {u}. ? How long do you hold an item? ? Until when must I pick it up? ? reserve time
""",
    "lamp kettle tent drone heater camera blender speaker stroller telescope e-bike": """
It weighs {n} grams. / With {n} grams it is light. / You carry {n} grams. ? How heavy is it? ? What does it weigh? ? weight
The tank holds {s} litres. / {s} litres fit into it. ? How much fits in? ? What is the capacity? ? volume of the tank
It is ready after {u}. / It needs {u} to warm up. ? How long until it is ready? ? How long does it take to heat? ? warm-up time
The battery is full after {u}. / Charging takes {u}. ? How long does charging take? ? When is the battery full? ? charge time
On one charge it runs {u}. / It works for {u} without the cable. ? How long does the battery last? ? How long does it run? ? battery life
It makes {s} decibels. / At {s} decibels it is quiet. ? How loud is it? ? How much noise does it make? ? noise level
It withstands {s} degrees below zero. / You can use it down to {s} degrees below zero. ? How cold may it get? ? Can I use it in winter? ? lowest temperature
Spare parts are available for {u}. / We keep spare parts for {u}. ? How long are there spare parts? ? Can I get parts later? ? spare parts
The guarantee ends after {u}. / For {u} we repair it at no cost. / You are covered for {u}. ? How long is the guarantee? ? What if it breaks down? ? warranty
It is made of *[oak|steel|linen|bamboo|glass|leather]*. / The body consists of *[oak|steel|linen|bamboo|glass|leather]*. / *[oak|steel|linen|bamboo|glass|leather]* was used for the case. ? What is it made of? ? Which material is it? ? material
It comes in *[red|black|white|olive|navy]*. / You can have it in *[red|black|white|olive|navy]*. ? What colours are there? ? Which colour does it have? ? colour
{N} designed it. / It was invented by {N}. / The idea came from {N}. ? Who designed it? ? Who invented it? ? name of the designer
It is assembled in {C}. / Our factory in {C} builds it. ? Where is it made? ? Where is the factory? ? country or city of origin
The model number is {c}. / On the back it says {c}. ? What is the model number? ? Which type is it? ? model
The filter has to be changed every {u}. / A filter lasts {u}. ? How often do I change the filter? ? How long does a filter last? ? filter change
It zooms {s} times. / Things look {s} times larger. ? How much does it magnify? ? What is the zoom? ? magnification
It carries {n} kg. / The load may be {n} kg. ? How much can it carry? ? What is the maximum load? ? max weight
It folds down to {n} cm. / Packed up it measures {n} cm. ? How small does it get? ? What size is it when packed? ? folded size
It was first sold in {y}. / The first one left the factory in {y}. ? Since when is it sold? ? When did it come out? ? launch year
It sells for {m}. / You can have it for {m}. / It is yours for {m}. ? How much is it? ? What does it cost? ? price
""",
    "school course academy workshop camp kindergarten festival marathon conference": """
Lessons begin at {t}. / We start at {t}. ? When do lessons begin? ? What time does it start? ? start time
The course costs {m}. / The fee is {m}. / Taking part is {m}. ? What is the fee? ? How much does it cost to take part? ? price of the course
Sign up by {d}. / Registration is open until {d}. / After {d} we take no more names. ? Until when can I sign up? ? What is the last day to register? ? deadline
{s} places are left. / There is room for {s} more people. ? Are there places left? ? How many places are free? ? free places
A class has {s} [pupils|students|children]. / {s} [pupils|students|children] learn together. ? How many [pupils|students|children] are in a class? ? How large is a class? ? class size
The teacher is {N}. / {N} gives the course. / You learn from {N}. ? Who is the teacher? ? Who gives the course? ? name of the instructor
It ends on {d}. / The last day is {d}. ? When does it end? ? What is the last day? ? end date
It takes place in room {c}. / We meet in room {c}. ? Which room is it in? ? Where do we meet? ? room number
Bring {s} [pencils|photos|copies]. / Everyone needs {s} [pencils|photos|copies]. ? What do I have to bring? ? How many [pencils|photos|copies] do I need? ? things to bring
To pass you need {p}. / You pass with {p}. ? How much do I need to pass? ? What is the pass mark? ? passing score
Runners start at {t} on {w}. / The starting shot is at {t}. ? When is the start? ? What time do runners start? ? starting time
The route is {s} km long. / You run {s} km. ? How long is the route? ? How far do we run? ? distance
The winner gets {m}. / First prize is {m}. ? What does the winner get? ? How much is the prize? ? prize money
Children are accepted from {s} [months|years]. / We take children who are {s} [months|years] old. ? From what age do you take children? ? How old must my child be? ? minimum age
{B} pays for the event. / The main sponsor is {B}. ? Who pays for it? ? Who is the sponsor? ? sponsor
Lunch at school is {m}. / Parents pay {m} for lunch. ? How much is lunch? ? What do parents pay for food? ? lunch money
""",
    "town office council station landfill registry": """
A new passport takes {u}. / You wait {u} for a passport. ? How long does a passport take? ? When do I get my passport? ? passport waiting time
The fee for a [passport|licence|permit|certificate] is {m}. / You pay {m} for a [passport|licence|permit|certificate]. ? What does a [passport|licence|permit|certificate] cost? ? How much is a [passport|licence|permit|certificate]? ? [passport|licence|permit|certificate] fee
The bins are emptied on {w}. / On {w} the rubbish is taken away. ? When are the bins emptied? ? On which day is rubbish collected? ? bin day
Parking is {m} an hour. / You park for {m} per hour. ? What does parking cost? ? How much is it to leave my car there? ? parking fee
{n} people live here. / The town has {n} inhabitants. / Its population is {n}. ? How many people live here? ? How large is the town? ? population
The mayor is {N}. / {N} was elected mayor. ? Who is the mayor? ? Who was elected? ? head of the town
Take form {c} with you. / You need form {c}. ? Which form do I need? ? What do I have to fill in? ? form number
It lies {n} metres above the sea. / The altitude is {n} metres. ? How high does it lie? ? What is the altitude? ? height above sea
The bridge was finished in {y}. / In {y} they opened the bridge. ? When was the bridge built? ? How old is the bridge? ? year of the bridge
Dogs cost {m} a year in tax. / The dog tax is {m}. ? How much is the dog tax? ? What do I pay for my dog? ? tax for a dog
The nearest station is in {C}. / You change trains in {C}. ? Where is the nearest station? ? Where do I change trains? ? station
Appointments are made on {h}. / Ring {h} for an appointment. ? How do I make an appointment? ? What number do I ring? ? appointment phone
""",
}

NAMES = ["The {B} {x}", "{B} {x}", "the {x}", "the {x} in {C}", "the {B} {x}", "{B} & Sons"]
ASIDES = ["We look forward to you.", "It has been in the family for three generations.", "Most people come on foot.", "The house was renovated not long ago.", "Regulars know each other by name.", "Please be considerate of others.", "A quiet place with a friendly team.", "If in doubt, just ask.", "Many things have changed since then, the spirit has not.", "Everything is explained on the notice board.", "Nobody knows exactly why.", "You will notice the difference at once.", "It is popular with families and students alike.", "We keep it simple.", "The rest takes care of itself."]
GLUE = [", and ", "; ", ", while ", ", but "]
BEFORE = ["Note that ", "As a rule, ", "At the moment ", "In general, ", "Please note: ", "For your information: ", "Since this year, "]
AFTER = [" as long as stocks last", " in most cases", ", whatever the season", ", also on public holidays", ", as agreed with the owners", ", without exception"]
ASKING = ["Hi, {q}", "Hello! {Q}", "Excuse me, {q}", "Please tell me: {q}", "{Q} Thanks!", "I'd like to know: {q}", "Quick question, {q}", "{Q} I could not find it.", "sorry to bother you, {q}"]
