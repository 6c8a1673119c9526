// The page of the flash sale: asks for the board a few times a second and shows it. It writes text only, never markup.
const interval = 300

const cards = new Map(
  [...document.querySelectorAll('article')].map((card) => {
    const { route } = card.dataset
    card.append(document.querySelector('#sale').content.cloneNode(true))
    card.querySelector('button').addEventListener('click', () => void start(route))
    return [route, card]
  }),
)

async function start(route) {
  for (const card of cards.values()) card.querySelector('button').disabled = true
  // Should the worker that was asked have been killed just then, the button comes back with the next board.
  await fetch(`/rush/${route}`, { method: 'POST' }).catch(() => undefined)
}

async function refresh() {
  try {
    const response = await fetch('/board')
    if (response.ok) show(await response.json())
  } catch {
    write('#summary', 'No worker answers.')
  } finally {
    setTimeout(() => void refresh(), interval)
  }
}

function show(board) {
  const { adapter, stock, sale, kills, workers, running, sales } = board
  const killed = kills > 0 ? `, ${kills} killed so far` : ''
  const shared = sale === null ? '' : ` All shops of the sale ${sale} share it.`
  write(
    '#summary',
    `${stock} units, ${workers.length} workers on one port${killed}. The stock lives in: ${adapter}.${shared}`,
  )
  list('#workers', workers, (item, { slot, pid, state }) => {
    item.textContent = `worker ${slot + 1} · ${state}${pid === null ? '' : ` · pid ${pid}`}`
    item.className = state === 'ready' ? '' : 'away'
  })
  for (const [route, card] of cards) showSale(card, sales[route], { stock, sale, workers, running, route })
}

function showSale(card, { tally, left, verdict }, { stock, sale, workers, running, route }) {
  card.querySelector('button').disabled = running !== null
  showVerdict(card.querySelector('.verdict'), verdict, running === route)

  // What the others have sold is known at the end.
  const figures = { ...tally, stock: left ?? (sale === null ? stock - tally.sold : '…') }
  for (const field of card.querySelectorAll('[data-figure]')) field.textContent = figures[field.dataset.figure]

  const total = card.querySelector('.total')
  total.classList.toggle('over', tally.sold > stock)
  total.style.setProperty('--times', Math.max(1, tally.sold / stock))
  total.style.setProperty('--share', Math.min(1, tally.sold / stock))

  const most = Math.max(1, ...Object.values(tally.soldBy))
  list(card.querySelector('.sellers'), workers, (item, { slot }) => {
    const sold = tally.soldBy[slot] ?? 0
    const bar = element('div', 'bar', element('i'))
    bar.style.setProperty('--share', sold / most)
    item.replaceChildren(element('span', '', `worker ${slot + 1}`), bar, element('b', '', String(sold)))
  })
}

function showVerdict(place, verdict, isRunning) {
  if (isRunning) place.textContent = 'Selling …'
  else place.textContent = verdict ? verdict.text : ''
  place.className = `verdict ${isRunning ? 'running' : verdict?.good ? 'good' : 'bad'}`
}

/** As many items as there are values, each filled in by `fill`. */
function list(place, values, fill) {
  const parent = typeof place === 'string' ? document.querySelector(place) : place
  while (parent.children.length > values.length) parent.lastElementChild.remove()
  while (parent.children.length < values.length) parent.append(element('li'))
  values.forEach((value, index) => fill(parent.children[index], value))
}

function element(name, className = '', ...children) {
  const created = document.createElement(name)
  created.className = className
  created.append(...children)
  return created
}

function write(selector, text) {
  document.querySelector(selector).textContent = text
}

void refresh()
