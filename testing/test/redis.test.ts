import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, realpath, symlink } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../src/ports.ts'
import { TestProcess } from '../src/processes.ts'
import { type OwnRedisServer, startOwnRedis, startRedis } from '../src/servers/redis.ts'
import { findBinary } from '../src/servers/redis/binary.ts'
import { temporaryFolder } from '../src/tmp.ts'
import { available, withoutRedis } from './available.ts'
import type { Leaving } from './fixtures/redis.ts'
import { remains, tracesOf } from './remains.ts'

const withoutOpenssl = await promisify(execFile)('openssl', ['version']).then(
  () => '',
  () => ': openssl, which makes the certificate, is not on the PATH (apt-get install openssl)',
)

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a redis-server answers, or we are told how to get one', async () => {
  const server = await startRedis()
  const said = 'unavailable' in server ? server.unavailable : await say('PING', new URL(server.url))
  expect(said).toMatch(/^\+PONG|^-NOAUTH|apt-get install redis-server/)
  if ('stop' in server) await server.stop()
})

test('without a redis-server we are told how to get one', async () => {
  vi.stubEnv('LOCKSTEP_REDIS_URL', '')
  vi.stubEnv('PATH', '')
  expect(await startRedis()).toEqual({ unavailable: expect.stringContaining('LOCKSTEP_REDIS_URL=redis://') })
  expect(await startOwnRedis()).toEqual({ unavailable: expect.stringContaining('apt-get install') })
})

describe.skipIf(withoutRedis)(`a redis-server of our own${withoutRedis}`, () => {
  test('it is preferred by those who do it harm, the one of the environment by all others', async () => {
    await using server = await start()
    vi.stubEnv('LOCKSTEP_REDIS_URL', server.url)
    await using given = available(await startRedis())
    expect(given).toMatchObject({ url: server.url, version: server.version })
    expect(given).not.toHaveProperty('kill')
    await given.stop()
    expect(await server.command('PING')).toBe('PONG')
    await using other = await start()
    expect(other.port).not.toBe(server.port)
  })

  test('what is on disk outlives a kill', async () => {
    await using server = await start(['--appendonly', 'yes'])
    const { pid, port } = server
    expect(await server.command('SET', 'greeting', 'hello')).toBe('OK')
    await server.kill()
    expect(server).toMatchObject({ pid: undefined, running: false })
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(server).toMatchObject({ port, running: true })
    expect(server.pid).not.toBe(pid)
    expect(await server.command('GET', 'greeting')).toBe('hello')
  })

  test('by default a kill takes everything', async () => {
    await using server = await start()
    await server.command('SET', 'greeting', 'hello')
    await server.kill()
    await server.restart()
    expect(await server.command('GET', 'greeting')).toBeNull()
  })

  test('a server that still loads its data has not started', async () => {
    const slowly = ['--key-load-delay', '2000', '--loading-process-events-interval-bytes', '1024']
    await using server = await start(['--save', '3600', '1', ...slowly])
    const names = Array.from({ length: 200 }, (_, index) => `name:${index}`)
    await server.command('MSET', ...names.flatMap((name) => [name, 'x'.repeat(1000)]))
    await server.restart()
    expect(await server.command('DBSIZE')).toBe(200)
  })

  test('a paused server stays connected and answers when it is resumed', async () => {
    await using server = await start()
    await server.pause()
    expect(server.running).toBe(false)
    const asked = server.command('PING')
    const stat = await readFile(`/proc/${server.pid}/stat`, 'utf8')
    expect(stat).toContain(') T ')
    server.resume()
    expect(await asked).toBe('PONG')
  })

  test('a paused server can be killed, and started again', async () => {
    await using server = await start()
    await server.pause()
    await server.restart()
    expect(await server.command('PING')).toBe('PONG')
  })

  test('its options may set passwords and users', async () => {
    const alice = ['--user', 'alice', 'on', '>wonderland', '~*', '+ping']
    await using server = await start(['--requirepass', 'a "secret" of ours', ...alice])
    const url = new URL(server.url)
    expect(await say('PING', url)).toMatch(/^-NOAUTH/)
    expect(await say('AUTH "a \\"secret\\" of ours"', url)).toMatch(/^\+OK/)
    expect(await say('AUTH alice wonderland', url)).toMatch(/^\+OK/)
    expect(await server.command('ACL', 'WHOAMI')).toBe('lockstep-testing')
  })

  test("Debian's redis-tools are enough: redis-check-rdb is the server by another name", async () => {
    await using folder = await temporaryFolder()
    const binary = await findBinary()
    if (typeof binary === 'string') await symlink(await realpath(binary), join(folder.path, 'redis-check-rdb'))
    vi.stubEnv('PATH', folder.path)
    await using server = await start()
    expect(await server.command('PING')).toBe('PONG')
  })

  test('an error that the server answers rejects the command', async () => {
    await using server = await start()
    await expect(server.command('SET', 'greeting')).rejects.toThrow('ERR wrong number of arguments')
  })

  test('what keeps a server from starting is in the error', async () => {
    await expect(start(['--maxmemory', 'a lot'])).rejects.toThrow(/did not start:[^]*maxmemory/)
  })

  test('nothing is left of it when it has been stopped', async () => {
    const server = await start(['--appendonly', 'yes'])
    const traces = tracesOf(server)
    expect(await remains([traces])).toHaveLength(3)
    await server.stop()
    expect(await remains([traces])).toEqual([])
  })

  test('it ends with the process that started it', async () => {
    await using fixture = new TestProcess<Leaving>(new URL('fixtures/redis.ts', import.meta.url))
    const traces = await fixture.ask('start')
    expect(await remains([traces])).toHaveLength(3)
    await expect(fixture.ask('leave')).rejects.toThrow('The process has ended (0)')
    // A killed process may stay as a zombie until someone collects it.
    await expect.poll(() => remains([{ ...traces, pid: undefined }])).toEqual([])
  })

  test.skipIf(withoutOpenssl)(`it may listen with TLS alone${withoutOpenssl}`, async () => {
    await using folder = await temporaryFolder()
    const [key, certificate] = [join(folder.path, 'key.pem'), join(folder.path, 'certificate.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const files = ['-keyout', key, '-out', certificate]
    await promisify(execFile)('openssl', ['req', '-x509', '-days', '1', ...algorithm, ...subject, ...files])
    const tlsPort = await freePort()
    const ports = ['--port', '0', '--tls-port', String(tlsPort), '--tls-auth-clients', 'no']
    await using server = await start([...ports, '--tls-cert-file', certificate, '--tls-key-file', key])
    expect(server).toMatchObject({ port: tlsPort, url: `rediss://127.0.0.1:${tlsPort}` })
    const connection = connectTls({ host: server.host, port: server.port, ca: await readFile(certificate) })
    expect(await exchange('PING', connection)).toMatch(/^\+PONG/)
  })
})

async function start(options?: readonly string[]): Promise<OwnRedisServer> {
  return available(await startOwnRedis(options))
}

/** What the server answers to a line from somebody it does not know. */
function say(line: string, { hostname, port }: URL): Promise<string> {
  return exchange(line, createConnection({ host: hostname, port: Number(port) }))
}

async function exchange(line: string, connection: Socket): Promise<string> {
  connection.write(`${line}\r\n`)
  const [answer] = (await once(connection, 'data')) as [Buffer]
  connection.destroy()
  return answer.toString()
}
