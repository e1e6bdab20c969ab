import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { build, type Loader, type Plugin } from 'esbuild'
import { PressroomError } from '../../../contract/errors.ts'
import { REQUIRE, SHAPE, explain } from './bundle.ts'
import { kindOf, moduleKinds, type UploadForm } from './upload-form.ts'

const LOADERS: Record<NonNullable<ReturnType<typeof kindOf>>, Loader> = { code: 'js', json: 'json', text: 'text', binary: 'binary' }

/**
 * Makes one module that Node loads of the modules of an upload: what Workers calls text, data and WebAssembly modules has no
 * other form here, an instance reads one file at a cold start, and an import of what was not uploaded is found now. Nothing
 * of the code is run, and no file of this machine is read.
 * @throws PressroomError `revision_refused` with file, line and reason for each syntax error or unknown import
 */
export async function composeUpload(form: UploadForm): Promise<{ code: string; map: string }> {
  try {
    const { outputFiles } = await build({
      entryPoints: [form.main],
      ...SHAPE,
      sourcemap: 'external',
      outfile: 'function.mjs',
      banner: { js: REQUIRE },
      plugins: [uploaded(form.modules)],
    })
    const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))!.text
    const map = JSON.parse(text('.map')) as { sources: string[] }
    // Stacks name modules as they were uploaded, wherever the revision lies.
    map.sources = map.sources.map((source) => `upload:${source.replace(/^(upload|wasm|bin):/, '')}`)
    return { code: text('.mjs'), map: JSON.stringify(map) }
  } catch (error) {
    throw new PressroomError('revision_refused', explain(error))
  }
}

/** Answers every import from the modules of the upload alone. */
function uploaded(modules: UploadForm['modules']): Plugin {
  const find = (specifier: string, importer: string): string | undefined => {
    const relative = /^\.\.?\//.test(specifier) ? posix.join(posix.dirname(importer), specifier) : specifier
    return modules.has(relative) ? relative : undefined
  }
  const missing = (specifier: string, importer: string): string => {
    if (specifier.startsWith('cloudflare:')) return `${specifier} is there on Workers alone`
    if (/^[./]/.test(specifier)) {
      const near = Object.keys(moduleKinds).map((ending) => `${specifier}${ending}`).find((path) => find(path, importer) !== undefined)
      return `there is no module ${specifier} among the uploaded ones${near === undefined ? '' : `; did you mean ${near}?`}`
    }
    return `the package ${specifier} is not part of the upload; bundle it in, as \`pressroom deploy\` does`
  }
  return {
    name: 'uploaded',
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, ({ path, kind, importer, namespace }) => {
        if (kind === 'entry-point') return { path, namespace: 'upload' }
        if (namespace === 'wasm') return { path, namespace: 'bytes' }
        const found = find(path, importer)
        if (found !== undefined) return { path: found, namespace: found.endsWith('.wasm') ? 'wasm' : found.endsWith('.bin') ? 'bin' : 'upload' }
        if (isBuiltin(path)) return { path: path.startsWith('node:') ? path : `node:${path}`, external: true }
        return { errors: [{ text: missing(path, importer) }] }
      })
      builder.onLoad({ filter: /.*/, namespace: 'upload' }, ({ path }) => ({ contents: modules.get(path)!, loader: LOADERS[kindOf(path)!] }))
      builder.onLoad({ filter: /.*/, namespace: 'bytes' }, ({ path }) => ({ contents: modules.get(path)!, loader: 'binary' }))
      // Workers' modules of these kinds export a WebAssembly.Module and an ArrayBuffer.
      builder.onLoad({ filter: /.*/, namespace: 'wasm' }, ({ path }) => ({
        contents: `import bytes from ${JSON.stringify(path)}; export default new WebAssembly.Module(bytes)`,
      }))
      builder.onLoad({ filter: /.*/, namespace: 'bin' }, ({ path }) => ({
        contents: `export default Uint8Array.from(atob(${JSON.stringify(Buffer.from(modules.get(path)!).toString('base64'))}), (byte) => byte.charCodeAt(0)).buffer`,
      }))
    },
  }
}
