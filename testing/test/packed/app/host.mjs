// A primary that does nothing but host the state, until its channel is closed.
import { startHost } from '@lockstep/state-memory/host'

const host = await startHost()
process.once('disconnect', () => host.close())
process.send(host.env)
