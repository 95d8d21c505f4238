// The line to the server: a WebSocket that comes back by itself and resumes where it was. Whatever
// was not accepted yet is said again; its id makes sure that it runs once.
class Link {
  constructor(conversation, onEvent, onState) {
    Object.assign(this, { conversation, onEvent, onState });
    this.seq = Number(localStorage.getItem(this.key('seq')) || 0);
    // Said but not accepted; accepted but not ended. A page that is loaded again shows both.
    this.unsent = JSON.parse(localStorage.getItem(this.key('unsent')) || '[]');
    this.under = JSON.parse(localStorage.getItem(this.key('under')) || '[]');
    this.tries = 0;
    this.alive = () => { if (document.visibilityState === 'visible') this.hurry(); };
    addEventListener('online', this.alive);
    document.addEventListener('visibilitychange', this.alive);
    this.beat = setInterval(() => this.heartbeat(), 25000);
  }

  key(name) { return `troupe.${name}.${this.conversation}`; }

  connect() {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.onState(this.tries ? 'offline' : 'connecting');
    const address = new URL('v1/chat', location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    address.searchParams.set('conversation', this.conversation);
    address.searchParams.set('last_seq', this.seq);
    const socket = this.socket = new WebSocket(address);
    socket.onopen = () => {
      this.tries = 0;
      this.onState('open');
      for (const message of this.unsent) this.send(message);
    };
    socket.onmessage = e => this.take(JSON.parse(e.data));
    socket.onclose = () => { if (socket === this.socket) this.retry(); };
  }

  retry() {
    if (this.closed) return;
    this.onState('offline');
    const wait = Math.min(10000, 400 * 2 ** this.tries++) * (0.7 + 0.6 * Math.random());
    this.timer = setTimeout(() => this.connect(), wait);
  }

  hurry() {
    if (!this.closed && this.socket && this.socket.readyState === WebSocket.CLOSED) this.connect();
  }

  heartbeat() {
    if (!this.isOpen()) return;
    if (this.heard === false) return this.socket.close();
    this.heard = false;
    this.send({ type: 'ping' });
  }

  isOpen() { return this.socket && this.socket.readyState === WebSocket.OPEN; }

  send(message) {
    if (this.isOpen()) this.socket.send(JSON.stringify(message));
  }

  say(id, text) {
    const message = { type: 'say', id, text };
    this.unsent.push(message);
    this.keep();
    this.send(message);
  }

  take(event) {
    this.heard = true;
    if (event.type === 'pong') return;
    this.sort(event);
    this.onEvent(event);
    if (event.seq > this.seq) this.seq = event.seq;
    // Only ends are remembered beyond the page: a run that is under way is told again from its start.
    if (event.seq && (event.type === 'final' || event.type === 'error'))
      localStorage.setItem(this.key('seq'), event.seq);
  }

  sort(event) {
    const accepted = event.type === 'accepted', ended = event.type === 'final' || event.type === 'error';
    if (!accepted && !ended) return;
    const said = this.unsent.find(m => m.id === event.id);
    this.unsent = this.unsent.filter(m => m !== said);
    if (accepted && said) this.under.push({ ...said, run: event.run });
    if (ended) this.under = this.under.filter(m => m.run !== event.run);
    this.keep();
  }

  keep() {
    for (const name of ['unsent', 'under']) {
      if (this[name].length) localStorage.setItem(this.key(name), JSON.stringify(this[name]));
      else localStorage.removeItem(this.key(name));
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.beat);
    removeEventListener('online', this.alive);
    document.removeEventListener('visibilitychange', this.alive);
    if (this.socket) this.socket.close();
  }
}
