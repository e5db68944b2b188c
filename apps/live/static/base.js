"use strict";
// What all parts of the page use. Scripts share one scope, in the order of index.html; text is only ever set as text, never as markup.

const $ = (id) => document.getElementById(id);

const NOTHING = { number: 0, name: "", views: {} }; // of a picture, before the first
const pictures = new Map();
const bursts = [];
let pinned = 0, lastShown = 0, mayDrive = true, settings = {}, choices = {};
let sentView = "photo", shownView = "received", retryMs = 250;

function make(name, attributes = {}, text) {
  const svg = ["rect", "title"].includes(name);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

async function call(method, path, body, type = "application/json") {
  const answer = await fetch(path, { method, body, headers: body === undefined ? {} : { "content-type": type } });
  const text = await answer.text();
  if (answer.status === 401 && !$("login").open) $("login").showModal();
  let told = text;
  try { told = JSON.parse(text); } catch { /* a plain sentence */ }
  if (!answer.ok) throw Object.assign(new Error(typeof told === "string" ? told : String(told.detail?.[0]?.msg ?? told.detail)), { status: answer.status });
  return told;
}

// Puts buttons in place, anew only where something has changed: a click on what is taken away under the pointer is lost.
// Who has the keyboard keeps it.
function refill(place, items) {
  const fresh = make("div");
  fresh.append(...items);
  if (fresh.innerHTML === place.innerHTML) return;
  const buttons = () => [...place.querySelectorAll("button")];
  const focused = buttons().find((button) => button === document.activeElement)?.textContent;
  place.replaceChildren(...items);
  if (focused !== undefined) buttons().find((button) => button.textContent === focused)?.focus();
}

function say(sentence) { $("status").textContent = sentence; }
async function attempt(action, where = "status") {
  try { if (where === "status") sayConnected(); else $(where).textContent = ""; return await action(); } catch (error) { $(where).textContent = error.message; return null; }
}

// A picture and what is drawn over it

// A browser keeps what it has loaded: a picture of before a restart may have the same number and version.
function viewPath(picture, view) {
  return picture.views[view] ? `/api/pictures/${picture.number}/views/${view}?v=${picture.time_s}-${picture.views[view]}` : null;
}

function setImage(image, path, words) {
  if (path === null) image.removeAttribute("src"); else if (image.getAttribute("src") !== path) image.src = path;
  image.alt = path === null ? "" : words;
}

function drawCaption(place, caption, words) {
  place.replaceChildren();
  let rest = caption ?? "";
  for (const word of words ?? []) {
    const at = rest.indexOf(word);
    if (at < 0) continue;
    const mark = make("mark", {}, word);
    mark.onpointerenter = () => light(word, true); mark.onpointerleave = () => light(word, false);
    place.append(rest.slice(0, at), mark);
    rest = rest.slice(at + word.length);
  }
  place.append(rest);
}

// What a word of the caption names, in the pictures.
function light(word, on) {
  const said = word.toLowerCase(), same = [said, said.replace(/s$/, "")];
  for (const box of document.querySelectorAll("rect.box")) box.classList.toggle("on", on && same.includes(box.dataset.word));
}

function drawTabs(place, views, current, picture, pick) {
  refill(place, views.map(([view, words]) => {
    const button = make("button", { type: "button", "aria-pressed": view === current }, words);
    button.disabled = !picture?.views[view];
    button.onclick = () => { pick(view); drawChosen(); };
    return button;
  }));
}

// Only anew where something has changed: a click on a box that is taken away under it is lost.
function drawBoxes(place, objects, click, frames = []) {
  const shown = JSON.stringify([objects, frames]);
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.replaceChildren(...(objects ?? []).map((item) => {
    const [left, top, right, bottom] = item.box.map((share) => 100 * share);
    const box = make("rect", { class: "box", x: left, y: top, width: right - left, height: bottom - top, "data-word": (item.word ?? item.category).toLowerCase() });
    box.append(make("title", {}, `object ${item.number}: ${item.word ?? item.category}, ${Math.round(100 * item.score)} %`));
    if (click) box.onclick = () => click(item);
    return box;
  }), ...frames.map(([left, top, right, bottom]) => {
    const frame = make("rect", { class: "close-up", x: 100 * left, y: 100 * top, width: 100 * (right - left), height: 100 * (bottom - top) });
    frame.append(make("title", {}, "close-up: sent finer than the rest"));
    return frame;
  }));
  const taken = [];
  $(`${place.id}-labels`).replaceChildren(...(objects ?? []).map((item) => {
    const label = make("span", {}, item.word ?? item.category), left = Math.min(item.box[0], 0.8);
    let top = Math.min(item.box[1], 0.94);
    while (taken.some(([x, y]) => Math.abs(x - left) < 0.15 && Math.abs(y - top) < 0.045)) top += 0.05; // one below the other
    taken.push([left, top]);
    label.style.left = `${100 * left}%`; label.style.top = `${100 * top}%`;
    return label;
  }));
}
