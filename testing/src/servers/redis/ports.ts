import { freePort } from '../../ports.ts'

/** Free TCP ports of 127.0.0.1, all different: the system may name one twice while nobody listens on it. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
