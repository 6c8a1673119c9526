// What the page says, from what the board says.

const numbers = new Intl.NumberFormat('en')

export function plain(number) {
  return numbers.format(number).replace('-', '−')
}

export function summary({ adapter, stock, sale, kills, workers }) {
  const shared = sale === null ? '' : ` All shops of the sale ${sale} sell from it.`
  const deaths = kills === 0 ? 'Kill one in the middle of a rush.' : `${plain(kills)} killed so far.`
  return `${count(stock, 'unit')}, kept in: ${adapter}.${shared} ${count(workers.length, 'worker')} on one port. ${deaths}`
}

/** The words above the bar. They change seldom, for they are read aloud whenever they do. */
export function outcome(board, { tally, left, verdict }, isRunning) {
  // Until the board tells of a new rush, it still has the verdict of the last one.
  if (isRunning && verdict === null && tally.sold > board.stock) return { mood: 'bad', text: 'Overselling …' }
  const soldOut = verdict === null && tally.refused > 0
  if (isRunning) return { mood: 'quiet', text: soldOut ? 'Sold out, and still being asked …' : 'Selling …' }
  if (verdict === null) return { mood: 'idle', text: 'Not started yet' }
  const text = verdict.text.charAt(0).toUpperCase() + verdict.text.slice(1)
  return { mood: verdict.good ? 'good' : 'bad', text, detail: reason(board, tally.sold, left) }
}

function reason({ stock, sale }, sold, left) {
  if (sold > stock) return `Sold to ${count(sold - stock, 'customer')} more than there were units.`
  if (left === null || sale !== null) return ''
  if (sold === stock) return 'Every unit was sold, and none twice.'
  const gone = stock - left
  const silently = gone > sold ? `, ${plain(gone - sold)} of them to customers who got no answer` : ''
  return `Gone: ${count(gone, 'unit')}${silently}.`
}

function count(number, noun) {
  return `${plain(number)} ${noun}${number === 1 ? '' : 's'}`
}
