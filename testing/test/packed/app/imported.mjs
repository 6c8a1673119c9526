// Loads the module that it is asked for and says what it exports and what has changed by it. Nothing here ends the process.
import { surroundings } from './surroundings.cjs'

const before = surroundings()
const module = await import(process.argv[2])
console.log(JSON.stringify({ exports: Object.keys(module).toSorted(), before, after: surroundings() }))
