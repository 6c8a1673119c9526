import { createClusterState } from '@lockstep/state'
import { redis } from '@lockstep/state-redis'
import { freePort } from '@lockstep/testing/ports'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

const folder = await temporaryFolder()
afterAll(() => folder[Symbol.asyncDispose]())
const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]

/** A server that speaks nothing but TLS, with a certificate that it signed itself. */
async function startWithTls(): ReturnType<typeof startOwnRedis> {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ]).catch(() => undefined)
  if (made === undefined)
    return { unavailable: 'openssl, which makes the certificate, is not on the PATH (apt-get install openssl)' }
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert]
  return startOwnRedis(['--port', '0', '--tls-port', String(await freePort()), '--tls-auth-clients', 'no', ...files])
}

await withServer('TLS', startWithTls, ({ url }) => {
  test('works with the certificate of the authority that signed the server’s', async () => {
    const ca = await readFile(cert)
    const open = () => createClusterState({ adapter: redis({ url, tls: { ca } }) })
    await using one = await open()
    await using other = await open()
    const lease = await one.locks.acquire('lock')
    const waiting = other.locks.acquire('lock')
    await expect.poll(async () => (await one.locks.inspect('lock')).waiters).toBe(1)
    await lease.release()
    expect((await waiting).token).toBeGreaterThan(lease.token)
    expect(await one.counters.add('c', 1)).toMatchObject({ value: 1 })
  })

  test('a certificate that nobody vouches for is refused, told at once in bounded time', async () => {
    await expect(createClusterState({ adapter: redis({ url, connectTimeout: 500 }) })).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
      message: expect.stringMatching(/self-signed certificate/),
    })
  })
})
