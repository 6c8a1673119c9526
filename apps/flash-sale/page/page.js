// The page of the flash sale: asks for the board a few times a second and shows it. It writes text only, never markup.
import { outcome, plain, summary } from './words.js'

/** Milliseconds between an answer and the next question, that an answer may take, and without one until the page says so. */
const interval = 250
const patience = 2_000
const silence = 1_000

const cards = new Map(
  [...document.querySelectorAll('article:not([hidden])')].map((card) => {
    const { route } = card.dataset
    card.append(copy('sale'))
    const button = card.querySelector('button')
    button.setAttribute('aria-label', `${button.textContent}: ${card.querySelector('h2').textContent}`)
    button.addEventListener('click', () => void start(route))
    return [route, card]
  }),
)

/** The rush that was asked for, until the board tells of it: the workers hear of it one after the other. */
let asked = null

/** Until when to show the processes that were killed here as such, by pid: the board hears of their end a little later. */
const killed = new Map()

let heard = performance.now()
/** The latest; none when it is too old to act on. */
let board = null

async function start(route) {
  if (!board || runningOn(board)) return
  asked = { route, until: performance.now() + silence }
  show()
  // Should the worker that was asked have been killed just then, the button comes back.
  if (!(await post(`/rush/${route}`))) asked = null
}

async function kill(slot) {
  const pid = board?.workers[slot]?.pid
  if (!pid || wasKilled(pid)) return
  killed.set(pid, performance.now() + silence)
  show()
  if (!(await post(`/workers/${slot}/kill`))) killed.delete(pid)
}

/** Not for ever: the worker that was asked may have been killed itself before it could pass it on. */
function wasKilled(pid) {
  return performance.now() < killed.get(pid)
}

/** Resolves with whether it was taken on. */
async function post(path) {
  try {
    const { ok } = await fetch(path, { method: 'POST', signal: AbortSignal.timeout(patience) })
    return ok
  } catch {
    return false
  }
}

async function refresh() {
  const latest = await ask()
  setTimeout(() => void refresh(), interval)
  if (latest) {
    board = latest
    heard = performance.now()
    show()
    // One question may have been lost with a worker that was killed; the next one goes to another.
  } else if (performance.now() - heard > silence) showSilence()
}

/** The board, or nothing when no worker has it. */
async function ask() {
  try {
    const response = await fetch('/board', { signal: AbortSignal.timeout(patience) })
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}

function runningOn({ running }) {
  if (running) asked = null
  return running ?? (asked && performance.now() < asked.until ? asked.route : null)
}

function show() {
  document.body.classList.remove('away')
  write('#connection', '')
  write('#summary', summary(board))
  list('#workers', 'worker', board.workers, showWorker, addWorker)
  const running = runningOn(board)
  for (const [route, card] of cards) {
    // A shop that was opened again on the same port, with another adapter, may not have it.
    const sale = board.sales[route]
    if (sale) showSale(card, sale, { running, isRunning: running === route })
  }
}

function showSilence() {
  board = null
  for (const button of document.querySelectorAll('button')) disable(button, true)
  document.body.classList.add('away')
  write('#connection', 'Connection lost. Reconnecting …')
}

function showWorker(item, { slot, pid, state, restarts }) {
  const [name, about, button] = item.children
  const now = wasKilled(pid) ? 'killed' : state
  item.className = now === 'ready' ? '' : 'gone'
  write(name, `Worker ${slot + 1}`)
  const again = now === 'ready' && restarts > 0 ? ' again' : ''
  write(about, pid === null ? now : `${now}${again} · pid ${pid}`)
  disable(button, pid === null || now === 'killed')
}

/** A worker's item stays when the worker is replaced: it belongs to the slot, as the button does. */
function addWorker(item, { slot }) {
  const button = item.querySelector('button')
  button.setAttribute('aria-label', `Kill worker ${slot + 1}`)
  button.addEventListener('click', () => void kill(slot))
}

function showSale(card, { tally, left, verdict }, { running, isRunning }) {
  const { stock, sale, workers } = board
  disable(card.querySelector('button'), running !== null)

  const { mood, text, detail = '' } = outcome(board, { tally, left, verdict }, isRunning)
  card.querySelector('.outcome').className = `outcome ${mood}`
  write(card.querySelector('.verdict'), text)
  write(card.querySelector('.detail'), detail)

  // What the others have sold is known at the end.
  const figures = { ...tally, left: left ?? (sale === null ? stock - tally.sold : null) }
  for (const field of card.querySelectorAll('[data-figure]')) {
    const figure = figures[field.dataset.figure]
    write(field, figure === null ? '…' : plain(figure))
    field.classList.toggle('bad', figure !== null && figure < 0)
  }

  const total = card.querySelector('.total')
  total.classList.toggle('over', tally.sold > stock)
  total.style.setProperty('--times', Math.max(1, tally.sold / stock))
  total.style.setProperty('--share', Math.min(1, tally.sold / stock))

  const most = Math.max(1, ...Object.values(tally.soldBy))
  list(card.querySelector('.sellers'), 'seller', workers, (item, { slot }) => {
    const [name, bar, count] = item.children
    const sold = tally.soldBy[slot] ?? 0
    write(name, `Worker ${slot + 1}`)
    bar.style.setProperty('--share', sold / most)
    write(count, plain(sold))
  })
}

/** As many items as there are values: each a copy of the template, prepared once by `add` and filled in by `fill`. */
function list(place, template, values, fill, add) {
  const parent = find(place)
  while (parent.children.length > values.length) parent.lastElementChild.remove()
  while (parent.children.length < values.length) {
    const value = values[parent.children.length]
    parent.append(copy(template))
    add?.(parent.lastElementChild, value)
  }
  values.forEach((value, index) => fill(parent.children[index], value))
}

function copy(template) {
  return document.querySelector(`#${template}`).content.cloneNode(true)
}

function find(place) {
  return typeof place === 'string' ? document.querySelector(place) : place
}

/** Unlike `disabled`, this leaves the focus of the keyboard where it is. */
function disable(button, whether) {
  button.setAttribute('aria-disabled', String(whether))
}

/** Writes only what is new: every write to a live region may be read aloud. */
function write(place, text) {
  const element = find(place)
  if (element.textContent !== text) element.textContent = text
}

void refresh()
