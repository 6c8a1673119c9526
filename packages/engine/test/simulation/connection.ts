import type { Command } from '../../src/index.ts'

export type ToHost =
  | { readonly kind: 'HELLO'; readonly resume: string | undefined }
  | { readonly kind: 'BATCH'; readonly deadline: number; readonly commands: readonly Command[] }
  | { readonly kind: 'BYE' }
  /** The end of the stream. */
  | { readonly kind: 'END' }

export type ToClient =
  | { readonly kind: 'WELCOME'; readonly identity: string; readonly resumed: boolean }
  | { readonly kind: 'RESULTS'; readonly answers: readonly unknown[] }
  | { readonly kind: 'OFFERS'; readonly owners: readonly string[] }
  | { readonly kind: 'BYE_OK' }
  | { readonly kind: 'END' }

const end = { kind: 'END' } as const

/** A stream in each direction; what is in them is on its way. */
export class Connection {
  readonly toHost: ToHost[] = []
  readonly toClient: ToClient[] = []
  /** Neither side has ended it yet, as far as that side knows. */
  clientOpen = true
  hostOpen = true
  /** Whose it is, once the host has welcomed it. */
  identity: string | undefined
  /** Owners that are to be told at the end of this turn of the host. */
  offers: string[] = []
  readonly lineage: number

  /** `lineage`: of the host at its other end. */
  constructor(lineage: number) {
    this.lineage = lineage
  }

  /** The client's side ends. Of what it has sent, the first `arriving` messages still arrive. */
  closeByClient(arriving: number): void {
    this.clientOpen = false
    this.toClient.length = 0
    if (!this.hostOpen) return
    this.toHost.length = Math.min(arriving, this.toHost.length)
    this.toHost.push(end)
  }

  /** Likewise for the host's side. */
  closeByHost(arriving: number): void {
    this.hostOpen = false
    this.toHost.length = 0
    if (!this.clientOpen) return
    this.toClient.length = Math.min(arriving, this.toClient.length)
    this.toClient.push(end)
  }
}
