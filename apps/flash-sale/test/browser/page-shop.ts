import { TestProcess } from '@lockstep/testing/processes'
import { main } from '../run.ts'

/** A shop that sells from memory, on two workers; resolves when it is open. */
export async function openPageShop(port: number, stock: number): Promise<TestProcess> {
  const shop = new TestProcess(main, { args: ['--port', String(port), '--stock', String(stock)] })
  await shop.line(/open at http/)
  return shop
}
