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

/** What a reader sees of HTML, in single spaces. */
export function visibleText(html: string): string {
  let text = ''
  let hidden = 0
  const isHidden = (name: string): boolean => /^(?:script|style|template|noscript|iframe|textarea|title)$/.test(name)
  const parser = new Parser({
    onopentag(name) {
      if (isHidden(name)) hidden += 1
      if (/^(?:p|br|div|li|td|th|h[1-6]|tr)$/.test(name)) text += ' '
    },
    onclosetag(name) {
      if (isHidden(name)) hidden -= 1
    },
    ontext(part) {
      if (hidden === 0) text += part
    },
  })
  parser.end(html)
  return text.replace(/\s+/g, ' ').trim()
}
