import { closeSync, fdatasyncSync, ftruncateSync, writeSync } from 'node:fs'
import type { Failure } from '@lockstep/state'
import { broken, notSynced, notWritten, reasonOf } from './failures.ts'

/**
 * The file that records are appended to, whole or not at all. A record that could not be written whole is cut off again;
 * where even that fails, or a sync does, nobody knows what the disk has, and nothing is appended any more.
 */
export class JournalFile {
  readonly path: string
  readonly #sync: boolean
  #fd: number
  #length: number
  /** Why the last append failed, if it did. */
  #trouble: string | undefined
  #broken: string | undefined

  /** `length`: of what is good; `sync`: bring every record to the disk. */
  constructor(
    path: string,
    { fd, length, sync }: { readonly fd: number; readonly length: number; readonly sync: boolean },
  ) {
    this.path = path
    this.#fd = fd
    this.#length = length
    this.#sync = sync
  }

  get fd(): number {
    return this.#fd
  }

  /** Bytes of whole records. */
  get length(): number {
    return this.#length
  }

  get warning(): string | undefined {
    if (this.#broken !== undefined) return broken(this.path, this.#broken).message
    if (this.#trouble === undefined) return undefined
    return `The journal ${this.path} cannot be written (${this.#trouble}): changes are refused until it can`
  }

  get broken(): boolean {
    return this.#broken !== undefined
  }

  append(record: Buffer): Failure | undefined {
    if (this.#broken !== undefined) return broken(this.path, this.#broken)
    try {
      writeWhole(this.#fd, record, this.#length)
    } catch (error) {
      this.#trouble = reasonOf(error)
      this.#cut()
      return notWritten(this.path, error)
    }
    try {
      if (this.#sync) fdatasyncSync(this.#fd)
    } catch (error) {
      // What the kernel could not write it may have thrown away: another sync would not tell.
      this.#broken = reasonOf(error)
      return notSynced(this.path, error)
    }
    this.#length += record.length
    this.#trouble = undefined
    return undefined
  }

  /** Go on in another file, which has taken the place of this one. */
  replace(fd: number, length: number): void {
    closeSync(this.#fd)
    this.#fd = fd
    this.#length = length
  }

  /** Nothing is appended any more. */
  break(why: string): void {
    this.#broken ??= why
  }

  close(): void {
    this.break('it was closed')
    closeSync(this.#fd)
  }

  #cut(): void {
    try {
      ftruncateSync(this.#fd, this.#length)
    } catch (error) {
      this.#broken = reasonOf(error)
    }
  }
}

/** A disk that is nearly full takes a part, and says so at the rest only. */
export function writeWhole(fd: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written)
  }
}
