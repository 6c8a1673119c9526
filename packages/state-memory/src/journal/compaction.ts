import {
  close,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  open,
  openSync,
  closeSync,
  read,
  readSync,
  renameSync,
  rmSync,
  write,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { SnapshotRecord } from '@lockstep/engine'
import { writeWhole } from './file.ts'
import type { JournalFile } from './file.ts'
import { recordOf } from './record.ts'
import { FORMAT } from './replay.ts'
import type { Head } from './replay.ts'

const system = {
  open: promisify(open),
  write: promisify(write),
  read: promisify(read),
  sync: promisify(fdatasync),
  close: promisify(close),
}

/** Characters of a part of a snapshot: a fraction of a millisecond's work in one turn of the event loop. */
const PART = 64 * 1024
/** Bytes that are copied at once. */
const COPY: number = 1024 * 1024
/** What is left of a journal to copy when the last step, which nothing may come between, begins. */
const REST = 64 * 1024

export interface Written {
  readonly fd: number
  readonly length: number
}

export interface Snapshot {
  readonly records: readonly SnapshotRecord[]
  readonly retention: number | null
}

/** The name under which a journal is written before it takes its place. */
export function draftOf(path: string): string {
  return `${path}.new`
}

/** Write a journal that begins with a snapshot, a part in each turn of the event loop, and sync it. The caller closes it. */
export async function writeSnapshot(
  path: string,
  { records, retention }: Snapshot,
  checkpoint: () => void = () => {},
): Promise<Written> {
  const fd = await system.open(path, 'w+', 0o600)
  try {
    let length = 0
    const put = async (json: string): Promise<void> => {
      checkpoint()
      length += await writeAt(fd, recordOf(json), length)
    }
    const created = new Date().toISOString()
    const head: Head = { journal: 'lockstep', format: FORMAT, created, snapshot: records.length, retention }
    await put(JSON.stringify(head))
    for (const part of parts(records)) await put(part)
    await system.sync(fd)
    return { fd, length }
  } catch (error) {
    await discard(path, fd)
    throw error
  }
}

/**
 * Put a journal that begins with a snapshot into the place of `file`, with the records that `file` took since `from`:
 * they go on being appended to it until then. Whatever fails, `file` is as it was, unless the folder could not be synced.
 * Resolves with the length of the snapshot. `checkpoint` throws when the work is to be given up.
 */
export async function compact(
  file: JournalFile,
  from: number,
  {
    snapshot,
    sync,
    checkpoint,
  }: { readonly snapshot: Snapshot; readonly sync: boolean; readonly checkpoint: () => void },
): Promise<number> {
  const draft = draftOf(file.path)
  const { fd, length: start } = await writeSnapshot(draft, snapshot, checkpoint)
  let length = start
  try {
    let copied = from
    while (file.length - copied > REST) {
      checkpoint()
      const bytes = Buffer.allocUnsafe(Math.min(COPY, file.length - copied))
      const { bytesRead } = await system.read(file.fd, bytes, 0, bytes.length, copied)
      length += await writeAt(fd, bytes.subarray(0, bytesRead), length)
      copied += bytesRead
    }
    checkpoint()
    const rest = Buffer.allocUnsafe(file.length - copied)
    for (let filled = 0; filled < rest.length;) {
      filled += readSync(file.fd, rest, filled, rest.length - filled, copied + filled)
    }
    writeWhole(fd, rest, length)
    length += rest.length
    if (sync) fdatasyncSync(fd)
    renameSync(draft, file.path)
  } catch (error) {
    await discard(draft, fd)
    throw error
  }
  file.replace(fd, length)
  try {
    syncFolder(dirname(file.path))
  } catch (error) {
    // A machine that dies now may come up with the old file, without what follows.
    if (sync) file.break(String(error))
  }
  return start
}

/** Renames in a folder are on the disk when it was synced. Windows has no such thing. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function* parts(records: readonly SnapshotRecord[]): Generator<string> {
  let part = ''
  for (const record of records) {
    part += `${part === '' ? '' : ','}${JSON.stringify(record)}`
    if (part.length < PART) continue
    yield `{"snapshot":[${part}]}`
    part = ''
  }
  if (part !== '') yield `{"snapshot":[${part}]}`
}

async function writeAt(fd: number, bytes: Buffer, position: number): Promise<number> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await system.write(fd, bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
  return bytes.length
}

async function discard(path: string, fd: number): Promise<void> {
  await system.close(fd).catch(() => {})
  rmSync(path, { force: true })
}
