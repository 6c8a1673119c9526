import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { UnavailableError } from '@lockstep/state'

/** `sun_path` holds 108 bytes on Linux and 104 elsewhere, the final NUL included: unix(7), unix(4). */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103
const SOCKET = 'link'

/**
 * Where a host can listen so that no other user gets at it: in a fresh directory (mode 0700), or a named pipe on
 * Windows.
 */
export async function openSocketPath(): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\lockstep-${randomUUID()}`
  const parent = fits(tmpdir()) ? tmpdir() : '/tmp'
  try {
    return join(await mkdtemp(join(parent, 'lockstep-')), SOCKET)
  } catch (cause) {
    const remedy = 'set TMPDIR to a writable directory with a short path'
    throw new UnavailableError(`No directory for the socket of the link could be made in ${parent}: ${remedy}`, {
      cause,
    })
  }
}

/** Synchronous, so that it can be the last thing that a process does. */
export function removeSocketPath(path: string): void {
  if (process.platform !== 'win32') rmSync(dirname(path), { recursive: true, force: true })
}

function fits(parent: string): boolean {
  return Buffer.byteLength(join(parent, 'lockstep-XXXXXX', SOCKET)) <= LONGEST_PATH
}
