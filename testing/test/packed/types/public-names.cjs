// public-names.cjs <path of TypeScript> <entry point>…: what they export, types included, as JSON.
const [library, ...entries] = process.argv.slice(2)
const ts = require(library)

const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, strict: true }
const host = ts.createCompilerHost(options)
const files = entries.map((entry) => {
  const importer = `${process.cwd()}/state.ts`
  return ts.resolveModuleName(entry, importer, options, host, undefined, undefined, ts.ModuleKind.ESNext).resolvedModule
    .resolvedFileName
})
const program = ts.createProgram(files, options, host)
const checker = program.getTypeChecker()
const symbols = files.flatMap((file) =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))),
)
console.log(JSON.stringify(symbols.map(({ name }) => name)))
