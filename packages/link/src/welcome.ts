import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Failure } from '@lockstep/state'
import { ProtocolError, VERSIONS, commonVersion } from './protocol.ts'
import type { Hello, Identity, Versions } from './protocol.ts'

export function newSecret(): string {
  return randomBytes(24).toString('base64url')
}

export function newIdentity(): Identity {
  return { client: randomUUID(), secret: newSecret() }
}

/** Compares in a time that tells nothing about where the two differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** The HELLO that every connection begins with. Throws a `ProtocolError` at anything else. */
export function readHello(message: unknown): Hello {
  const [kind, hello] = Array.isArray(message) ? (message as unknown[]) : []
  if (kind !== 'HELLO') throw new ProtocolError('a connection has to begin with HELLO')
  const { versions, token, resume } = record(hello)
  return {
    versions: readVersions(versions),
    token: string(token),
    ...(resume === undefined ? {} : { resume: readIdentity(resume) }),
  }
}

function readVersions(value: unknown): Versions {
  const { oldest, newest } = record(value)
  if (typeof oldest === 'number' && typeof newest === 'number') return { oldest, newest }
  throw new ProtocolError('HELLO without versions')
}

function readIdentity(value: unknown): Identity {
  const { client, secret } = record(value)
  return { client: string(client), secret: string(secret) }
}

function record(value: unknown): { readonly [field: string]: unknown } {
  if (typeof value === 'object' && value !== null) return value as { readonly [field: string]: unknown }
  throw new ProtocolError('HELLO of an unknown shape')
}

function string(value: unknown): string {
  if (typeof value === 'string') return value
  throw new ProtocolError('HELLO of an unknown shape')
}

/** The version to go on with, or why not. */
export function agree(theirs: Versions): number | Failure {
  const version = commonVersion(VERSIONS, theirs)
  if (version !== undefined) return version
  const remedy =
    theirs.newest < VERSIONS.oldest
      ? 'update @lockstep/link in this process'
      : 'the host runs an older @lockstep/link: restart it (the primary process) after the update'
  return {
    code: 'LOCKSTEP_UNSUPPORTED',
    message: `This process speaks versions ${range(theirs)} of the link, its host ${range(VERSIONS)}: ${remedy}`,
  }
}

function range({ oldest, newest }: Versions): string {
  return oldest === newest ? `${oldest}` : `${oldest} to ${newest}`
}

export const wrongToken: Failure = {
  code: 'LOCKSTEP_INVALID_ARGUMENT',
  message: 'The host of the link does not know this token: LOCKSTEP_LINK_TOKEN must be the one that this host gave out',
}

export const wrongSecret: Failure = {
  code: 'LOCKSTEP_INVALID_ARGUMENT',
  message: 'The host of the link knows the client that is to be resumed by another secret',
}
