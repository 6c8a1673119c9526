/** `node dist/main.js`: starts the workers, then opens the page or, with `--once`, runs the rushes. */
import nodeCluster, { type Worker } from 'node:cluster'
import { type Cluster, createCluster } from '@lockstep/cluster-core'
import { backendOf } from './backend.ts'
import { runHeadless } from './headless.ts'
import { LiveShow } from './live.ts'
import { isFromWorker } from './messages.ts'
import { type Options, readOptions, usage, UsageError } from './options.ts'
import { startOwnServer } from './own-server.ts'
import { choosePort } from './port.ts'
import { sibling } from './sibling.ts'
import { Stage } from './stage.ts'

/** Resolves with the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, process.env)
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }

  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())

  const port = await choosePort(options)
  const backend = backendOf(options.adapter)
  await using server = backend && !options.serverUrl ? await startOwnServer(backend) : undefined
  const cluster = createCluster({
    script: sibling('server'),
    args: ['--port', String(port), '--stock', String(options.stock), '--adapter', options.adapter],
    // Not among the arguments, which everybody on the machine can read: it may hold a password.
    env: { ...(backend && server && { [backend.variable]: server.url }) },
    workers: options.workers,
    // A sale lasts seconds: workers that were killed on purpose have to be back at once.
    restart: { initial: 50, max: 100 },
    signals: false,
  })
  try {
    interrupted.signal.throwIfAborted()
    await start(cluster)
    interrupted.signal.throwIfAborted()
    return await show(options, port, cluster, interrupted.signal)
  } catch (error) {
    if (interrupted.signal.aborted) return 130
    throw error
  } finally {
    await cluster.stop()
  }
}

/** Rejects with the reason that a worker gave, if it gave one. */
async function start(cluster: Cluster): Promise<void> {
  let reason: string | undefined
  const hear = (_worker: Worker, message: unknown): void => {
    if (!isFromWorker(message) || message.flashSale !== 'failed') return
    reason ??= message.message
    // It has waited for its store: the next attempt would only wait again.
    void cluster.stop()
  }
  nodeCluster.on('message', hear)
  try {
    await cluster.start()
  } catch (error) {
    throw reason === undefined ? error : new Error(reason, { cause: error })
  } finally {
    nodeCluster.off('message', hear)
  }
}

async function show(options: Options, port: number, cluster: Cluster, signal: AbortSignal): Promise<number> {
  const { once, workers, adapter, sale } = options
  const stage = new Stage(options, port, cluster, signal)
  if (once) return runHeadless(options, stage)
  const name = sale === undefined ? '' : ` ${sale}`
  process.stdout.write(
    `The sale${name} is open at http://127.0.0.1:${port} (${workers} workers, ${adapter}). Ctrl-C closes it.\n`,
  )
  await new LiveShow(options, stage, cluster).run(signal)
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const wrong = error instanceof UsageError
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(wrong ? `${message}\nTry --help.\n` : `${message}\n`)
  process.exitCode = wrong ? 2 : 1
}
