// As imported.mjs, for CommonJS.
const { surroundings } = require('./surroundings.cjs')

const before = surroundings()
const loaded = require(process.argv[2])
console.log(JSON.stringify({ exports: Object.keys(loaded).toSorted(), before, after: surroundings() }))
