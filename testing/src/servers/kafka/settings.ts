/** The ports of a node: for clients, for the other brokers (and clients that want no proxy), for the controllers. */
export type NodePorts = readonly [client: number, inner: number, controller: number]

export interface NodeSettings {
  /** From 1. */
  readonly id: number
  /** For its data. */
  readonly folder: string
  /** Of all nodes, in the order of their ids. */
  readonly ports: readonly NodePorts[]
  /** The port that clients are told. */
  readonly advertised: number
  /** As in server.properties; they overrule ours. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** The server.properties of a node that is broker and controller in one: https://kafka.apache.org/documentation/#brokerconfigs */
export function properties({ id, folder, ports, advertised, settings }: NodeSettings): string {
  const [client, inner, controller] = ports[id - 1] ?? []
  const all = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': ports.map(([, , port], index) => `${index + 1}@127.0.0.1:${port}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `CLIENT://127.0.0.1:${client},INNER://127.0.0.1:${inner},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${advertised},INNER://127.0.0.1:${inner}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'INNER',
    'log.dirs': folder,
    ...forTests(ports.length),
    ...settings,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function forTests(nodes: number): Readonly<Record<string, string | number>> {
  return {
    'auto.create.topics.enable': 'false',
    'default.replication.factor': nodes,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': nodes,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': nodes,
    'transaction.state.log.min.isr': Math.ceil(nodes / 2),
    // By default 3 s for every group that is new.
    'group.initial.rebalance.delay.ms': 0,
    // By default 6 s: a member that crashes is missed for as long.
    'group.min.session.timeout.ms': 1_000,
    // By default 10 s: how often it looks for transactions that have timed out.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
    // By default 9 s: how long the leader of a partition that was killed is missed, and how long that broker waits when
    // it is started again. One of three could be taken for dead on a busy machine; a lone one stands still with its controller.
    'broker.session.timeout.ms': nodes === 1 ? 1_000 : 3_000,
    'broker.heartbeat.interval.ms': nodes === 1 ? 200 : 500,
    // Few threads and small buffers.
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 ** 2,
    'log.index.size.max.bytes': 1024 ** 2,
  }
}
