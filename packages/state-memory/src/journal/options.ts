import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { InvalidArgumentError } from '@lockstep/state'

/** Where the state is kept so that it outlives its process. */
export interface JournalOptions {
  /**
   * A folder on a disk of this machine, for this journal alone. It is made if it is not there, for this user only. A
   * relative path starts at the working directory.
   */
  readonly folder: string
  /**
   * `'batch'`: every batch of changes is on the disk before it is answered, so that acknowledged changes survive the
   * death of the machine too. Default false: they survive the death of the process.
   */
  readonly fsync?: false | 'batch'
  /**
   * Open a damaged journal all the same: what can be read before the damage is kept, the damaged file is moved aside.
   * What came after the damage is lost, and fences from before are refused. Default false.
   */
  readonly repair?: boolean
}

/** The options, checked once; a string is short for `{ folder }`. Throws an `InvalidArgumentError`. */
export function checkJournal(journal: unknown): Required<JournalOptions> | undefined {
  if (journal === undefined) return undefined
  if (typeof journal !== 'string' && (typeof journal !== 'object' || journal === null)) {
    throw new InvalidArgumentError('journal must be a folder, or { folder, fsync, repair }')
  }
  const options: Partial<JournalOptions> = typeof journal === 'string' ? { folder: journal } : journal
  const { folder, fsync = false, repair = false, ...unknown } = options
  const [stranger] = Object.keys(unknown)
  if (stranger !== undefined) {
    throw new InvalidArgumentError(`journal has no option ${stranger}; it knows folder, fsync and repair`)
  }
  if (typeof folder !== 'string' || folder === '' || folder.includes('\0')) {
    throw new InvalidArgumentError('journal.folder must be the path of a folder')
  }
  if (fsync !== false && fsync !== 'batch') throw new InvalidArgumentError("journal.fsync must be false or 'batch'")
  if (typeof repair !== 'boolean') throw new InvalidArgumentError('journal.repair must be true or false')
  return { folder: resolve(folder), fsync, repair }
}

/** What tells one journal from another, in all processes of the machine: its folder, and whether it is synced. */
export function journalId({ folder, fsync }: Required<JournalOptions>): string {
  return fsync === false ? real(folder) : `${real(folder)} (fsync: '${fsync}')`
}

/** What is not there yet will be in what is. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(real(parent), basename(path))
  }
}
