/**
 * One process keeps a journal. It shows that it lives by a socket in the folder that it listens on, so nothing has to be
 * renewed, a killed process is seen to be gone at once, and a stopped one counts as living.
 *
 * The race is settled by the order: everybody listens first, under a name of its own that is never used again, and then
 * looks at the others. Of two that meet at least the second sees the first; of two that see each other while neither
 * owns the folder, the one with the lesser name goes on. A name that nobody listens on is dead for good and removed.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '@lockstep/state'

/** `sun_path` holds 108 bytes on Linux and 104 elsewhere, the final NUL included: unix(7), unix(4). */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103
/** Milliseconds that another process may take to say what it is. */
const PATIENCE = 1_000
/** Milliseconds until a name that never came to listening is cleared away. */
const CLAIM_LIFE = 60_000
const OWNER = 'owner-'
/** As long as the other: only a name that listens is seen by others. */
const CLAIM = 'claim-'

export interface Ownership {
  release(): Promise<void>
}

interface Other {
  readonly name: string
  /** `'leaving'`: it ended in the middle of the answer. `'silent'`: it lives and does not say. */
  readonly state: 'opening' | 'owner' | 'leaving' | 'silent'
}

/** Rejects with an `UnavailableError` that names the owner when the folder has one. */
export async function own(folder: string): Promise<Ownership> {
  return process.platform === 'win32' ? ownPipe(folder) : new Claim(folder).settle()
}

class Claim implements Ownership {
  readonly #folder: string
  readonly #id = `${process.pid}-${randomBytes(6).toString('hex')}`
  readonly #name = `${OWNER}${this.#id}`
  readonly #server: Server
  #state: 'opening' | 'owner' = 'opening'

  constructor(folder: string) {
    this.#folder = folder
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.end(this.#state)
    })
  }

  async settle(): Promise<Ownership> {
    const claim = join(this.#folder, `${CLAIM}${this.#id}`)
    if (Buffer.byteLength(claim) > LONGEST_PATH) throw tooLong(this.#folder, claim)
    try {
      await listen(this.#server, claim)
      renameSync(claim, join(this.#folder, this.#name))
    } catch (cause) {
      await this.release()
      throw new UnavailableError(`No socket could be made in ${this.#folder}: ${(cause as Error).message}`, { cause })
    }
    process.once('exit', this.#remove)
    try {
      await this.#outlast()
    } catch (error) {
      await this.release()
      throw error
    }
    this.#state = 'owner'
    removeClaims(this.#folder)
    return this
  }

  async release(): Promise<void> {
    process.off('exit', this.#remove)
    this.#remove()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Resolves when there is nobody else. */
  async #outlast(): Promise<void> {
    for (;;) {
      const names = readdirSync(this.#folder).filter((name) => name.startsWith(OWNER) && name !== this.#name)
      const others = (await Promise.all(names.map((name) => ask(this.#folder, name)))).filter(
        (other) => other !== undefined,
      )
      if (others.length === 0) return
      const stronger = others.find(({ name, state }) => isStronger(state, name < this.#name))
      if (stronger !== undefined) throw taken(this.#folder, `process ${pidOf(stronger.name)}`)
      // The weaker ones are about to see this one, and to go.
      await sleep(5)
    }
  }

  readonly #remove = (): void => {
    // On a file system that cannot remove it the name stays: nobody listens on it.
    rmSync(join(this.#folder, this.#name), { force: true })
  }
}

function isStronger(state: Other['state'], before: boolean): boolean {
  return state === 'owner' || state === 'silent' || (state === 'opening' && before)
}

/** `undefined`: nobody listens on the name, and it is removed. */
function ask(folder: string, name: string): Promise<Other | undefined> {
  const path = join(folder, name)
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(path)
    const settle = (other: Other | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(other)
    }
    const timer = setTimeout(() => settle({ name, state: 'silent' }), PATIENCE)
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => (said += text))
    socket.on('end', () => settle({ name, state: said === 'owner' || said === 'opening' ? said : 'leaving' }))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNRESET' || code === 'EPIPE') return settle({ name, state: 'leaving' })
      // Anything else is no proof of its death: a full queue of connections, a socket of another user.
      if (code !== 'ECONNREFUSED' && code !== 'ENOENT') return settle({ name, state: 'silent' })
      rmSync(path, { force: true })
      settle(undefined)
    })
  })
}

/** The names of processes that died between making their socket and listening on it. */
function removeClaims(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(CLAIM)) continue
    const path = join(folder, name)
    const { mtimeMs = Infinity } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (mtimeMs + CLAIM_LIFE < Date.now()) rmSync(path, { force: true })
  }
}

/** A named pipe has one first instance, and goes with its process. */
async function ownPipe(folder: string): Promise<Ownership> {
  const hash = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  try {
    await listen(server, `\\\\.\\pipe\\lockstep-journal-${hash}`)
  } catch (cause) {
    throw taken(folder, 'another process', cause)
  }
  return { release: () => new Promise((resolve) => void server.close(() => resolve())) }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // Stays on: a later error is one of accepting, and concerns only who asked.
    server.on('error', reject)
    // In a cluster worker the socket would otherwise be the primary's, shared with the other workers.
    server.listen({ path, exclusive: true }, resolve)
  })
  server.unref()
}

function pidOf(name: string): string {
  return name.slice(OWNER.length).split('-')[0] ?? ''
}

function taken(folder: string, by: string, cause?: unknown): UnavailableError {
  return new UnavailableError(
    `The journal in ${folder} is kept by ${by}, which is running: only one process keeps a journal. ` +
      'Stop that one first, or give this one a folder of its own',
    { cause },
  )
}

function tooLong(folder: string, path: string): UnavailableError {
  const most = LONGEST_PATH - (Buffer.byteLength(path) - Buffer.byteLength(folder))
  return new UnavailableError(
    `The path of the journal's folder ${folder} is too long for a socket in it: at most ${most} bytes`,
  )
}
