// One turn of the conversation on the page: what was said, the reply as it grows, its stages.
const shapes = {
  good: 'M5.2 7.2 7.9 2.3c.9 0 1.6.7 1.6 1.6v2.6h3a1.4 1.4 0 0 1 1.4 1.7l-.9 4.2a1.4 1.4 0 0 1-1.4 1.1H5.2m0-6.3v6.3m0-6.3H2.6v6.3h2.6',
  bad: 'M10.8 8.8 8.1 13.7c-.9 0-1.6-.7-1.6-1.6V9.5h-3a1.4 1.4 0 0 1-1.4-1.7l.9-4.2a1.4 1.4 0 0 1 1.4-1.1h6.4m0 6.3V2.5m0 6.3h2.6V2.5h-2.6',
  more: 'm6 4 4 4-4 4',
};

/// An element with attributes and children; texts become text, never markup.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith('on')) element[key] = value; else element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg'), path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}

const duration = ms => ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;

class Turn {
  /// `does`: { again(turn), rate(turn, rating) → promise }
  constructor(text, does) {
    Object.assign(this, { text, does, streams: new Map(), steps: [], seq: 0, state: 'running', rating: 0 });
    this.user = make('p', { class: 'user', dir: 'auto' });
    this.reply = make('div', { class: 'reply', dir: 'auto' });
    this.problem = make('div', { class: 'problem', hidden: '' });
    this.beads = make('span', { class: 'beads', 'aria-hidden': 'true' });
    this.now = make('span', { class: 'now' });
    this.toggle = make('button', { type: 'button', 'aria-expanded': 'false', onclick: () => this.unfold() },
      this.beads, this.now, icon('more'));
    this.list = make('ol', { hidden: '' });
    this.trace = make('div', { class: 'trace', hidden: '' }, this.toggle, this.list);
    this.rates = [1, -1].map(rating => make('button', { type: 'button', 'aria-pressed': 'false',
      onclick: () => this.rate(rating) }, icon(rating > 0 ? 'good' : 'bad')));
    this.rateBox = make('div', { class: 'rate', hidden: '' }, ...this.rates);
    this.element = make('article', { class: 'turn' }, this.user, this.reply, this.problem,
      make('div', { class: 'under' }, this.trace, this.rateBox));
    this.show();
  }

  show() {
    this.element.dataset.state = this.state;
    this.user.hidden = !this.text;
    this.user.textContent = this.text;
    this.user.classList.toggle('unsent', this.state === 'running' && !this.run);
    this.rateBox.hidden = this.state !== 'done' || !this.run;
    this.rates.forEach((button, i) => {
      const label = i === 0 ? say.good : say.bad;
      button.title = label;
      button.setAttribute('aria-label', label);
      button.setAttribute('aria-pressed', String(this.rating === (i === 0 ? 1 : -1)));
    });
    if (this.failure) this.showProblem();
    this.showTrace();
  }

  /// One event of this run; the same one twice does nothing.
  take(event) {
    if (event.seq) {
      if (event.seq <= this.seq) return;
      this.seq = event.seq;
    }
    const act = { accepted: 'accepted', stage: 'stage', delta: 'delta', rewind: 'rewind', final: 'final', error: 'error' }[event.type];
    if (act) this[act](event);
  }

  accepted(event) {
    this.run = event.run;
    this.show();
  }

  stage(event) {
    let step = this.steps.findLast(s => s.name === event.stage && s.state !== 'finished' && s.state !== 'failed');
    if (!step || event.state === 'started') this.steps.push(step = { name: event.stage });
    Object.assign(step, { state: event.state, attempt: event.attempt, ms: event.ms });
    this.showTrace();
  }

  delta(event) {
    this.streams.set(event.stage, (this.streams.get(event.stage) || '') + event.text);
    this.reply.textContent = [...this.streams.values()].join('');
  }

  rewind(event) {
    this.streams.delete(event.stage);
    this.reply.textContent = [...this.streams.values()].join('');
  }

  final(event) {
    this.run = event.run;
    this.finish(event.reply);
  }

  finish(reply) {
    const plain = typeof reply === 'string';
    this.reply.textContent = plain ? reply : JSON.stringify(reply, null, 2);
    this.reply.classList.toggle('data', !plain);
    this.end('done');
  }

  error(event) {
    this.failure = event;
    this.end('failed');
  }

  end(state) {
    this.state = state;
    for (const step of this.steps)
      if (step.state === 'started' || step.state === 'retrying') step.state = state === 'done' ? 'finished' : 'failed';
    this.show();
  }

  showProblem() {
    this.problem.hidden = false;
    this.problem.classList.toggle('calm', this.failure.code === 'cancelled');
    this.problem.replaceChildren(
      make('span', {}, make('b', {}, say.errors[this.failure.code] || say.errors.internal), ' ',
        this.failure.code === 'cancelled' ? '' : this.failure.message || ''),
      make('button', { type: 'button', onclick: () => this.does.again(this) }, say.again));
  }

  unfold() {
    this.list.hidden = !this.list.hidden;
    this.toggle.setAttribute('aria-expanded', String(!this.list.hidden));
  }

  showTrace() {
    this.trace.hidden = this.steps.length === 0;
    const total = this.steps.reduce((sum, s) => sum + (s.ms || 0), 0);
    const active = this.steps.filter(s => s.state === 'started' || s.state === 'retrying');
    this.now.textContent = this.state === 'running' && active.length
      ? active.map(s => s.name).join(' + ') : say.stages(this.steps.length, duration(total));
    this.beads.replaceChildren(...this.steps.slice(-24).map(s => make('i', { 'data-state': s.state })));
    const longest = Math.max(1, ...this.steps.map(s => s.ms || 0));
    this.list.replaceChildren(...this.steps.map(step => {
      const bar = make('i');
      if (step.ms !== undefined) bar.style.width = `${100 * step.ms / longest}%`;
      const name = step.attempt > 1 ? `${step.name} · ${say.attempt(step.attempt)}` : step.name;
      return make('li', { 'data-state': step.state }, make('span', { title: name }, name), make('u', {}, bar),
        make('em', {}, step.ms === undefined ? '…' : duration(step.ms)));
    }));
  }

  async rate(rating) {
    const before = this.rating;
    this.rating = rating;
    this.show();
    if (!await this.does.rate(this, rating)) this.rating = before;
    this.show();
  }
}
