import { TestProcess } from '@lockstep/testing/processes'
import { main } from '../run.ts'

/** A shop on two workers, from memory unless the options say otherwise; resolves when it is open. */
export async function openPageShop(
  port: number,
  stock: number,
  { options = [], env = {} }: { options?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<TestProcess> {
  const shop = new TestProcess(main, { args: ['--port', String(port), '--stock', String(stock), ...options], env })
  await shop.line(/open at http/)
  return shop
}
