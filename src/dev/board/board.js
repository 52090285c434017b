// A replica of a channel in a browser: the last event of each key from the snapshot, then the stream behind it, for good.
// The page's own server hands out URLs with short-lived tokens; whatever the relay sends is shown as text.

const RETRY_MS = 2_000;
const CLOSED_SHOWN_MS = 6_000;
const LIT_MS = 1_600;
const MOVE = { duration: 450, easing: "cubic-bezier(0.2, 0, 0, 1)" };
const STATUSES = ["open", "in-progress", "waiting-for-approval", "waiting-for-parts", "ready", "closed"];

/** The replica: the last event of each repair order. */
const orders = new Map();
const figures = { snapshot: 0, streamed: 0 };
const byId = (id) => document.getElementById(id);
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

follow();
setInterval(() => render(null), 1_000);

/** Listens for as long as the page is open. Where the cursor is too old, or there is none yet, it begins with a snapshot. */
async function follow() {
  for (let cursor = null; ; ) {
    try {
      const { snapshot, stream, channel } = await (await request("session")).json();
      cursor ??= await load(snapshot);
      cursor = await listen(`${stream}&after=${cursor}`, channel, cursor);
    } catch (error) {
      console.info("The relay is out of reach:", error.message);
    }
    show("connecting", "Reconnecting");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Reads a snapshot; answers the cursor behind it. One without a last line was cut, and counts for nothing. */
async function load(url) {
  const text = await (await request(url)).text();
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { cursor } = lines.pop();
  orders.clear();
  for (const { data } of lines) orders.set(data.repairOrderNumber, data);
  figures.snapshot = lines.length;
  render(null);
  return cursor;
}

/**
 * Connections that break are an EventSource's own business: it comes again with the last id. It gives up where the relay refuses it, as
 * once its token has expired. Answers the cursor to go on from then; null where it never got in.
 */
function listen(url, channel, begin) {
  return new Promise((resolve) => {
    const source = new EventSource(url);
    let cursor = null;
    source.addEventListener("open", () => {
      cursor ??= begin;
      show("live", "Live");
    });
    source.addEventListener(channel, (event) => {
      cursor = event.lastEventId;
      take(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      show("connecting", "Reconnecting");
      if (source.readyState === EventSource.CLOSED) resolve(cursor);
    });
  });
}

async function request(url) {
  const answer = await fetch(url, { cache: "no-store" });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  return answer;
}

function take(order) {
  orders.set(order.repairOrderNumber, order);
  figures.streamed++;
  render(order.repairOrderNumber);
}

function show(state, text) {
  byId("state").dataset.state = state;
  byId("state").textContent = text;
}

/** Closed orders leave the board after a moment; they stay in the replica. */
const isShown = ({ status, changedAt }) => status !== "closed" || Date.now() - Date.parse(changedAt) < CLOSED_SHOWN_MS;

/** What has changed last stands first. */
function render(changed) {
  const before = new Map([...byId("orders").rows].map((row) => [row.id, row]));
  const places = new Map([...before].map(([id, row]) => [id, row.offsetTop]));
  const shown = [...orders.values()].filter(isShown).sort((a, b) => (a.changedAt < b.changedAt ? 1 : -1));
  const rows = shown.map((order) =>
    fill(before.get(order.repairOrderNumber) ?? newRow(order.repairOrderNumber), order),
  );
  byId("orders").replaceChildren(...rows);
  byId("empty").hidden = shown.length > 0;
  byId("counts").replaceChildren(...STATUSES.map((status) => count(status, shown)));
  byId("figures").textContent =
    `${figures.snapshot} orders from a snapshot, then ${figures.streamed} events from the stream behind it`;
  if (changed !== null && !isCalm.matches) for (const row of rows) move(row, places.get(row.id), row.id === changed);
}

function newRow(id) {
  const row = document.createElement("tr");
  row.id = id;
  for (const name of ["order", "work", "technician", "status", "since"]) row.insertCell().className = name;
  return row;
}

function fill(row, { repairOrderNumber, note, technicianId, status, changedAt }) {
  row.dataset.status = status;
  const texts = [repairOrderNumber, note ?? "", technicianId ?? "", status.replaceAll("-", " "), sinceOf(changedAt)];
  for (const [i, text] of texts.entries()) if (row.cells[i].textContent !== text) row.cells[i].textContent = text;
  return row;
}

function count(status, shown) {
  const item = document.createElement("li");
  const number = document.createElement("b");
  number.textContent = String(shown.filter((order) => order.status === status).length);
  item.append(number, ` ${status.replaceAll("-", " ")}`);
  return item;
}

function sinceOf(changedAt) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(changedAt)) / 1_000));
  return seconds < 60
    ? `${seconds} s`
    : seconds < 3_600
      ? `${Math.floor(seconds / 60)} min`
      : `${Math.floor(seconds / 3_600)} h`;
}

/** A row glides from where it was; the one that has changed lights up, above the others. */
function move(row, from, isChanged) {
  const distance = (from ?? row.offsetTop) - row.offsetTop;
  if (distance !== 0) row.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], MOVE);
  const shades = ["var(--flash)", "var(--panel)"].map((backgroundColor) => ({ backgroundColor, zIndex: 1 }));
  if (isChanged) row.animate(shades, { duration: LIT_MS });
}
