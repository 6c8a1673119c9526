const { stdout, stderr } = process

/** What a module could change by being loaded. The two streams count as handles as soon as anybody has asked for them, so it is done here. */
exports.surroundings = () => ({
  globals: Reflect.ownKeys(globalThis).map(String),
  environment: { ...process.env },
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  handles: process.getActiveResourcesInfo(),
  streams: [stdout.writable, stderr.writable],
})
