import { Parser } from 'htmlparser2'

const acting = /^(?:script|style|iframe|frame|frameset|object|embed|applet|form|input|button|textarea|select|option|link|meta|base|svg|math|xml|template|noscript|xmp)$/
const addresses = new Set(['href', 'src', 'action', 'formaction', 'poster', 'background', 'cite', 'data', 'srcset', 'xlink:href', 'longdesc', 'usemap', 'dynsrc', 'lowsrc'])

/** True where HTML holds anything that runs, frames, asks for input, styles the page, or an address that a browser would run. */
export function isActive(html: string): boolean {
  let active = false
  const parser = new Parser({
    onopentag(name, attributes) {
      if (acting.test(name)) active = true
      for (const [attribute, value] of Object.entries(attributes)) {
        if (attribute.startsWith('on') || attribute === 'style') active = true
        const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(value.replace(/[\u0000-\u0020\u00a0]+/g, ''))?.[1]?.toLowerCase()
        if (!addresses.has(attribute) || scheme === undefined || /^(?:https?|mailto)$/.test(scheme)) continue
        if (!(name === 'img' && attribute === 'src' && /^data:image\/(?:png|jpe?g|gif|webp|avif);/i.test(value))) active = true
      }
    },
  })
  parser.end(html)
  return active
}
