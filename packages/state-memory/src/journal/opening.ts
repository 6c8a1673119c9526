import {
  closeSync,
  copyFileSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  constants,
} from 'node:fs'
import { join } from 'node:path'
import { Engine } from '@lockstep/engine'
import type { Time } from '@lockstep/engine'
import { timeNow } from '@lockstep/link'
import type { EngineSource } from '@lockstep/link'
import { errorFrom, isStateError } from '@lockstep/state'
import { draftOf, syncFolder, writeSnapshot } from './compaction.ts'
import { damaged, notOpened, reasonOf } from './failures.ts'
import { JournalFile } from './file.ts'
import { Journal } from './journal.ts'
import type { JournalSettings, Opened } from './journal.ts'
import { journalId } from './options.ts'
import type { JournalOptions } from './options.ts'
import { own } from './owner.ts'
import { readRecords } from './reading.ts'
import { recordOf } from './record.ts'
import { Replay, engineOptions, reopen } from './replay.ts'
import type { OnOffer, Opening } from './replay.ts'

const FILE = 'journal'

interface Opener {
  readonly path: string
  readonly folder: string
  readonly sync: boolean
  readonly repair: boolean
  readonly onOffer: OnOffer
  readonly start: Omit<Opening, 'forgot'>
}

/** The state of a journal's file: how far it can be read, and what is wrong with the rest, if more than its being unfinished. */
interface Content {
  readonly replay: Replay
  readonly size: number
  readonly end: number
  readonly damage: string | undefined
}

/** For tests. */
export interface Tuning {
  readonly compactBytes?: number
  readonly time?: () => Time
}

/**
 * The engine that the journal of a folder keeps. Opening it rejects with an `UnavailableError` when the folder cannot be
 * written, another process keeps the journal, or it is damaged; with an `UnsupportedError` when its format is newer.
 */
export function journalSource(
  options: Required<JournalOptions>,
  { compactBytes, time = timeNow }: Tuning = {},
): EngineSource {
  const sync = options.fsync !== false
  return {
    id: journalId(options),
    open: async ({ onOffer, operationRetention: retention = null }) => {
      let settings: JournalSettings | undefined
      try {
        mkdirSync(options.folder, { recursive: true, mode: 0o700 })
        const folder = realpathSync(options.folder)
        settings = { ownership: await own(folder), sync, retention, compactBytes }
        const start = { opened: time(), retention }
        const path = join(folder, FILE)
        const opened = await openFile({ path, folder, sync, repair: options.repair, onOffer, start })
        return { engine: opened.engine, log: new Journal(opened, settings) }
      } catch (error) {
        await settings?.ownership.release()
        throw notOpened(options.folder, error)
      }
    },
  }
}

async function openFile(opener: Opener): Promise<Opened> {
  const { path, start, onOffer } = opener
  // A compaction that its process did not live to end.
  rmSync(draftOf(path), { force: true })
  const fd = openExisting(path)
  if (fd === undefined) return begin(opener, new Engine(engineOptions(start, onOffer)))
  try {
    const content = readContent(fd, opener)
    if (content.damage === undefined) return carryOn(fd, content, opener)
    const { size, end, damage, replay } = content
    if (!opener.repair) throw damaged({ path, size, offset: end, records: replay.records, what: damage })
    const opened = await repair(content, opener)
    closeSync(fd)
    return opened
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function readContent(fd: number, { path, onOffer }: Opener): Content {
  const { size } = fstatSync(fd)
  const replay = new Replay(path, onOffer)
  let end = 0
  try {
    const { offset, next } = readRecords(fd, size, (payload, after) => {
      replay.take(payload, after)
      end = after
    })
    const middle = next === undefined ? undefined : 'a record cannot be read, though whole ones follow,'
    const start = replay.engine === undefined ? 'the snapshot that it begins with is not whole' : undefined
    return { replay, size, end: offset, damage: middle ?? start }
  } catch (error) {
    if (isStateError(error)) throw error
    return { replay, size, end, damage: `a record makes no sense (${reasonOf(error)})` }
  }
}

/** Go on where the journal ends. What is no whole record at its end was never acknowledged, unless the machine died. */
function carryOn(fd: number, { replay, size, end }: Content, { path, sync, start, onOffer }: Opener): Opened {
  if (replay.engine === undefined) throw new Error('the journal has no snapshot')
  // The monotonic clock begins anew with the machine, and what was not synced may have gone with it.
  const forgot = !sync && start.opened.now < replay.last.now
  const opening: Opening = { ...start, forgot }
  const engine = reopen(replay.engine, replay.last, opening, onOffer)
  if (end < size) ftruncateSync(fd, end)
  const file = new JournalFile(path, { fd, length: end, sync })
  const refusal = file.append(recordOf(JSON.stringify(opening)))
  if (refusal !== undefined) throw errorFrom(refusal)
  const warning = `The last ${size - end} bytes of the journal ${path} were no whole record, and were cut off`
  return { engine, file, base: replay.base, warning: end < size ? warning : undefined }
}

/** Go on with what can be read; the damaged file is kept. */
async function repair({ replay, size, end, damage }: Content, opener: Opener): Promise<Opened> {
  const { path, folder, start, onOffer } = opener
  const aside = `${path}.${new Date().toISOString().replaceAll(':', '-')}.damaged`
  copyFileSync(path, aside, constants.COPYFILE_EXCL)
  syncFile(aside)
  syncFolder(folder)
  const readable = replay.salvage()
  const opening: Opening = { ...start, forgot: true }
  const engine =
    readable === undefined ? new Engine(engineOptions(start, onOffer)) : reopen(readable, replay.last, opening, onOffer)
  const warning =
    `The journal ${path} was damaged: ${damage} at byte ${end} of ${size}. ` +
    `It was repaired, and what came after that byte is lost; the damaged file is ${aside}`
  return { ...(await begin(opener, engine)), warning }
}

/** A new file, which begins with what the engine holds. */
async function begin({ path, folder, sync, start }: Opener, engine: Engine): Promise<Opened> {
  const snapshot = { records: engine.snapshot(start.opened), retention: start.retention }
  const { fd, length } = await writeSnapshot(draftOf(path), snapshot)
  try {
    renameSync(draftOf(path), path)
    syncFolder(folder)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return { engine, file: new JournalFile(path, { fd, length, sync }), base: length, warning: undefined }
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
