// The page: puts the line, the turns and the controls together.
const $ = id => document.getElementById(id);
const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map(b => b.toString(16).padStart(2, '0')).join('');

let language = localStorage.getItem('troupe.language') || (navigator.language.startsWith('zh') ? 'zh' : 'en');
let say = words[language];
let link, turns = [], graph = null, lineState = 'connecting', warming = false, consoleTimer;

const readJson = async path => {
  const answer = await fetch(path, { headers: { Accept: 'application/json' } });
  return answer.ok ? answer.json() : Promise.reject(answer);
};

// ---- turns

function remove(turn) {
  turn.element.remove();
  turns = turns.filter(t => t !== turn);
}

const does = {
  again: turn => { remove(turn); submit(turn.text); },
  rate: (turn, rating) => fetch('v1/feedback', { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ run: turn.run, rating }) }).then(answer => answer.ok, () => false),
};

function addTurn(text) {
  const turn = new Turn(text, does);
  turns.push(turn);
  $('turns').append(turn.element);
  showFrame();
  return turn;
}

function submit(text) {
  const turn = addTurn(text);
  turn.id = random();
  link.say(turn.id, text);
  scrollDown();
}

/// The turn an event is about: by its run, by the message that started it, or a new one that
/// another page started.
function turnOf(event) {
  const waiting = turns.find(t => event.id && t.id === event.id && !t.run);
  const found = turns.find(t => event.run && t.run === event.run);
  if (found && waiting) remove(waiting);
  if (found || waiting || !event.run) return found || waiting;
  const turn = addTurn('');
  turn.run = event.run;
  turn.show();
  readJson(`v1/conversations/${encodeURIComponent(link.conversation)}`).then(c => {
    const known = c.turns.find(t => t.run === turn.run);
    if (known) { turn.text = known.user || ''; turn.show(); }
  }, () => {});
  return turn;
}

function onEvent(event) {
  const turn = turnOf(event);
  if (!turn && event.type === 'error') $('hint').textContent = event.message;
  if (!turn || turn.fromHistory) return;
  const stuck = isAtEnd();
  turn.take(event);
  if (event.type === 'final') $('spoken').textContent = `${say.answer}: ${turn.reply.textContent}`;
  if (event.type === 'error') $('spoken').textContent = say.errors[event.code] || event.message;
  if (stuck) scrollDown();
  showFrame();
}

// ---- conversation

async function openConversation(id, isNew) {
  if (link) link.close();
  turns = [];
  $('turns').replaceChildren();
  localStorage.setItem('troupe.conversation', id);
  if (!isNew) try {
    const history = await readJson(`v1/conversations/${encodeURIComponent(id)}`);
    if (history.last_seq < Number(localStorage.getItem(`troupe.seq.${id}`))) localStorage.removeItem(`troupe.seq.${id}`);
    for (const past of history.turns || []) {
      const turn = addTurn(past.user || '');
      turn.run = past.run;
      turn.fromHistory = true;
      turn.finish(past.reply);
    }
  } catch (answer) {
    // Nothing is known there, so nothing that was seen counts: events are numbered from 1 again.
    if (answer.status === 404) localStorage.removeItem(`troupe.seq.${id}`);
  }
  link = new Link(id, onEvent, state => { lineState = state; showState(); if (state === 'open') checkReady(); });
  link.under = link.under.filter(m => !turns.some(t => t.run === m.run));
  for (const message of [...link.under, ...link.unsent]) {
    const turn = addTurn(message.text);
    Object.assign(turn, { id: message.id, run: message.run });
    turn.show();
  }
  link.connect();
  showFrame();
  scrollDown();
}

async function checkReady() {
  const answer = await fetch('ready').catch(() => null);
  warming = answer !== null && answer.status === 503;
  $('state').title = warming ? (await answer.json().catch(() => null))?.error?.message || '' : '';
  showState();
  if (warming) setTimeout(checkReady, 2000);
}

// ---- what is around the turns

const isAtEnd = () => $('scroll').scrollHeight - $('scroll').scrollTop - $('scroll').clientHeight < 80;

function scrollDown() { $('scroll').scrollTop = $('scroll').scrollHeight; }

const running = () => turns.findLast(t => t.state === 'running' && t.run);

function showState() {
  const state = lineState === 'open' && warming ? 'warming' : lineState;
  $('state').dataset.state = state;
  $('state').lastElementChild.textContent = say[state];
}

function showFrame() {
  $('welcome').hidden = turns.length > 0;
  const stops = Boolean(running()) && !$('text').value.trim();
  $('send').dataset.does = stops ? 'stop' : 'send';
  $('send').disabled = !stops && !$('text').value.trim();
  $('send').setAttribute('aria-label', stops ? say.stop : say.send);
  $('latest').hidden = isAtEnd();
}

function showWords() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  $('language').textContent = say.other;
  $('language').title = say.otherTitle;
  $('fresh').lastElementChild.textContent = say.fresh;
  $('fresh').title = say.fresh;
  $('fresh').setAttribute('aria-label', say.fresh);
  $('console-button').textContent = say.console;
  $('console-title').textContent = say.consoleTitle;
  $('console-close').setAttribute('aria-label', say.close);
  $('latest').setAttribute('aria-label', say.latest);
  $('text').placeholder = say.placeholder;
  $('text').setAttribute('aria-label', say.placeholder);
  $('hint').textContent = say.hint;
  $('welcome').querySelector('h2').textContent = say.welcome;
  $('welcome').querySelector('p').textContent = say.welcomeText;
  for (const turn of turns) turn.show();
  showState();
  showFrame();
  showConsole();
}

// ---- the graph

async function readGraph() {
  graph = await readJson('v1/graph').catch(() => null);
  if (!graph) return showConsole();
  const name = String(graph.name || 'Troupe').replaceAll('_', ' ');
  $('title').textContent = name;
  document.title = name;
  $('chain').replaceChildren(...(graph.stages || []).slice(0, 12).map(s => make('li', {}, make('span', {}, s.name))));
  showConsole();
}

function nextOf(stage) {
  const next = stage.next;
  if (!next || next.length === 0) return say.ends;
  const name = n => typeof n === 'string' ? n : n.to || n.join || JSON.stringify(n);
  return `${say.then} ${Array.isArray(next) ? next.map(name).join(', ') : name(next)}`;
}

function kindOf(stage) {
  const use = stage.use === stage.name ? '' : stage.use || '';
  return stage.replicas > 1 ? `${use} × ${stage.replicas}` : use;
}

function showConsole() {
  if ($('console').hidden) return;
  if (!graph) return $('stages').replaceChildren(make('p', {}, say.noGraph));
  const turn = running();
  const active = new Set(turn ? turn.steps.filter(s => s.state === 'started').map(s => s.name) : []);
  $('stages').replaceChildren(...(graph.stages || []).map(stage => {
    const figures = ['calls', 'failures', 'restarts', 'outstanding', 'queued'].filter(key => stage[key] !== undefined);
    return make('section', { class: active.has(stage.name) ? 'card active' : 'card' },
      make('h3', {}, stage.name, make('span', {}, kindOf(stage))),
      make('dl', {}, ...figures.map(key => make('div', {}, make('dt', {}, say[key]),
        make('dd', { class: stage[key] && (key === 'failures' || key === 'restarts') ? 'bad' : '' }, String(stage[key]))))),
      make('p', {}, nextOf(stage)));
  }));
}

function openConsole(open) {
  $('console').hidden = !open;
  $('console-button').setAttribute('aria-expanded', String(open));
  clearInterval(consoleTimer);
  if (open) {
    readGraph();
    consoleTimer = setInterval(readGraph, 2000);
    $('console').focus();
  } else {
    $('text').focus();
  }
}

// ---- controls

const grow = () => {
  $('text').style.height = 'auto';
  $('text').style.height = `${$('text').scrollHeight}px`;
  showFrame();
};

$('composer').onsubmit = e => {
  e.preventDefault();
  const text = $('text').value.trim();
  if (!text) {
    const turn = running();
    if (turn) link.send({ type: 'cancel', run: turn.run });
    return;
  }
  $('text').value = '';
  grow();
  submit(text);
  $('text').focus();
};
$('text').oninput = grow;
$('text').onkeydown = e => {
  // While an input method composes, Enter takes a candidate; 229 is how older Safari says so.
  if (e.key !== 'Enter' || e.shiftKey || e.isComposing || e.keyCode === 229) return;
  e.preventDefault();
  if ($('text').value.trim()) $('composer').requestSubmit();
};
$('scroll').onscroll = () => { $('latest').hidden = isAtEnd(); };
$('latest').onclick = () => $('scroll').scrollTo({ top: $('scroll').scrollHeight, behavior: 'smooth' });
$('fresh').onclick = () => { openConversation(`web-${random()}`, true); $('text').focus(); };
$('console-button').onclick = () => openConsole($('console').hidden);
$('console-close').onclick = () => openConsole(false);
$('language').onclick = () => {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('troupe.language', language);
  say = words[language];
  showWords();
};
document.addEventListener('keydown', e => { if (e.key === 'Escape' && !$('console').hidden) openConsole(false); });

showWords();
readGraph();
const before = localStorage.getItem('troupe.conversation');
openConversation(before || `web-${random()}`, !before);
$('text').focus();
