import { findBinary } from './redis/binary.ts'
import type { Unavailable } from './unavailable.ts'
import { control, launch, type OwnRedisServer } from './redis/own-server.ts'
import { freePorts } from '../ports.ts'
import { field } from './redis/protocol.ts'
import { until } from '../until.ts'

/** How many primaries there are, and how many replicas. */
const half = 3

/** https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
const slots = 16_384

/** Milliseconds in which nodes have met, or a replica has taken over. */
const patience = 20_000

/** A replica would wait five seconds for others to copy the data with. */
const defaults = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0']

/**
 * A cluster of three primaries with a replica each, all servers of our own. `options` are those of every node, as on the
 * command line of redis-server (`'--cluster-require-full-coverage', 'no'`). Resolves when every node says that the
 * cluster is fine and the replicas are in sync.
 */
export async function startRedisCluster(options: readonly string[] = []): Promise<RedisCluster | Unavailable> {
  const binary = await findBinary()
  if (typeof binary !== 'string') return binary
  await using stack = new AsyncDisposableStack()
  const ports = await freePorts(4 * half)
  const access = ['--masteruser', control.user, '--masterauth', control.password]
  const nodes: OwnRedisServer[] = []
  for (const port of ports.slice(0, 2 * half)) {
    // The cluster's own default, port + 10000, may be taken or none at all.
    const bus = ['--cluster-port', String(ports[nodes.length + 2 * half])]
    nodes.push(stack.use(await launch({ binary, port, options: [...defaults, ...access, ...bus, ...options] })))
  }
  await join(nodes, ports.slice(2 * half))
  return new RedisCluster(nodes, stack.move())
}

export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly OwnRedisServer[]
  readonly #stack: AsyncDisposableStack

  /** Use `startRedisCluster`. The first half of the nodes are the primaries. */
  constructor(nodes: readonly OwnRedisServer[], stack: AsyncDisposableStack) {
    this.nodes = nodes
    this.#stack = stack
  }

  /** Those that were primaries at the start, in the order of their slots. */
  get primaries(): readonly OwnRedisServer[] {
    return this.nodes.slice(0, half)
  }

  /** Those that were replicas at the start, in the order of their primaries. */
  get replicas(): readonly OwnRedisServer[] {
    return this.nodes.slice(half)
  }

  /**
   * The running primary that serves this slot (0 to 16383). While there is none, as after the end of a primary, it waits
   * for a replica to take over.
   */
  ownerOf(slot: number): Promise<OwnRedisServer> {
    return until(`a primary that serves slot ${slot}`, () => this.#ownerOf(slot), patience)
  }

  /** Ends all of them and removes their folders. */
  async stop(): Promise<void> {
    await this.#stack.disposeAsync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #ownerOf(slot: number): Promise<OwnRedisServer | undefined> {
    const running = this.nodes.filter((node) => node.running)
    const claims = await Promise.all(running.map(async (node) => ({ node, epoch: await claim(node, slot) })))
    // One that was paused may claim its slots still; whoever took them over has a later epoch.
    const [owner] = claims.filter(({ epoch }) => epoch >= 0).toSorted((a, b) => b.epoch - a.epoch)
    return owner?.node
  }
}

/** Makes one cluster of empty nodes, as `redis-cli --cluster create` does. */
async function join(nodes: readonly OwnRedisServer[], busPorts: readonly number[]): Promise<void> {
  const [first] = nodes
  for (const [index, node] of nodes.entries()) {
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    if (index < half) await node.command('CLUSTER', 'ADDSLOTSRANGE', ...slotsOf(index))
    if (first && index > 0) {
      await node.command('CLUSTER', 'MEET', first.host, String(first.port), String(busPorts[0]))
    }
  }
  await until('the nodes to know each other', () => everyNode(nodes, knowsAll), patience)
  for (const [index, replica] of nodes.slice(half).entries()) {
    await replica.command('CLUSTER', 'REPLICATE', String(await nodes[index]?.command('CLUSTER', 'MYID')))
  }
  await until('the cluster to be fine', () => everyNode(nodes, isFine), patience)
}

/** The first and the last slot of a primary. */
function slotsOf(index: number): readonly string[] {
  const [from, next] = [index, index + 1].map((part) => Math.floor((part * slots) / half))
  return [String(from), String(Number(next) - 1)]
}

async function everyNode(
  nodes: readonly OwnRedisServer[],
  check: (node: OwnRedisServer) => Promise<boolean>,
): Promise<boolean> {
  return (await Promise.all(nodes.map(check))).every(Boolean)
}

async function knowsAll(node: OwnRedisServer): Promise<boolean> {
  const known = await lines(node)
  return known.length === 2 * half && known.every(({ flags }) => !flags.includes('handshake'))
}

async function isFine(node: OwnRedisServer): Promise<boolean> {
  const state = field(await node.command('CLUSTER', 'INFO'), 'cluster_state')
  const replication = await node.command('INFO', 'replication')
  const replicas = (await lines(node)).filter(({ flags }) => flags.includes('slave'))
  const linked = field(replication, 'role') === 'master' || field(replication, 'master_link_status') === 'up'
  return state === 'ok' && replicas.length === half && linked
}

/** The configuration epoch in which this node serves this slot as a primary; -1 where it does not. */
async function claim(node: OwnRedisServer, slot: number): Promise<number> {
  const self = (await lines(node)).find(({ flags }) => flags.includes('myself'))
  const serves = self?.ranges.some(([from = 0, to = from]) => from <= slot && slot <= to)
  return self && serves && self.flags.includes('master') ? self.epoch : -1
}

interface NodeLine {
  readonly flags: readonly string[]
  readonly epoch: number
  /** The first and the last slot; the first alone where it is one. */
  readonly ranges: readonly (readonly number[])[]
}

/** What a node knows of all: https://redis.io/docs/latest/commands/cluster-nodes/ */
async function lines(node: OwnRedisServer): Promise<NodeLine[]> {
  const text = String(await node.command('CLUSTER', 'NODES'))
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [, , flags = '', , , , epoch, , ...served] = line.split(' ')
      return {
        flags: flags.split(','),
        epoch: Number(epoch),
        ranges: served.map((range) => range.split('-').map(Number)),
      }
    })
}
