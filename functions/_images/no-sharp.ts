/** Stands in for sharp in the bundle of a Worker, which cannot load native code. */
export default function sharp(): never {
  throw new Error('images: this runtime has no native code; on Workers the binding IMAGES makes the variants ([images] in wrangler.toml)')
}
