const latin1 = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot ' +
  'cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml ' +
  'Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig ' +
  'agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ' +
  'ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ')

const greek = (
  'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega - - - - - - - ' +
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega'
).split(' ')

const named = new Map<string, string>([
  ...latin1.map((name, index): [string, string] => [name, String.fromCharCode(160 + index)]),
  ...greek.map((name, index): [string, string] => [name, String.fromCharCode(0x391 + index)]),
  ...Object.entries({
    amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", hellip: '…', mdash: '—', ndash: '–', lsquo: '‘', rsquo: '’', sbquo: '‚', ldquo: '“',
    rdquo: '”', bdquo: '„', lsaquo: '‹', rsaquo: '›', bull: '•', euro: '€', trade: '™', dagger: '†', Dagger: '‡', permil: '‰', prime: '′',
    Prime: '″', minus: '−', larr: '←', uarr: '↑', rarr: '→', darr: '↓', infin: '∞', ne: '≠', le: '≤', ge: '≥', asymp: '≈', OElig: 'Œ',
    oelig: 'œ', Scaron: 'Š', scaron: 'š', Yuml: 'Ÿ', fnof: 'ƒ', circ: 'ˆ', tilde: '˜', ensp: ' ', emsp: ' ', thinsp: ' ', zwnj: '', zwj: '\u200d',
    lrm: '\u200e', rlm: '\u200f', oline: '‾', frasl: '⁄', image: 'ℑ', weierp: '℘', real: 'ℜ', alefsym: 'ℵ', harr: '↔', crarr: '↵', lArr: '⇐',
    uArr: '⇑', rArr: '⇒', dArr: '⇓', hArr: '⇔', forall: '∀', part: '∂', exist: '∃', empty: '∅', nabla: '∇', isin: '∈', notin: '∉', ni: '∋',
    prod: '∏', sum: '∑', lowast: '∗', radic: '√', prop: '∝', ang: '∠', and: '∧', or: '∨', cap: '∩', cup: '∪', int: '∫', there4: '∴', sim: '∼',
    cong: '≅', equiv: '≡', sub: '⊂', sup: '⊃', nsub: '⊄', sube: '⊆', supe: '⊇', oplus: '⊕', otimes: '⊗', perp: '⊥', sdot: '⋅', lceil: '⌈',
    rceil: '⌉', lfloor: '⌊', rfloor: '⌋', lang: '\u2329', rang: '\u232a', loz: '◊', spades: '♠', clubs: '♣', hearts: '♥', diams: '♦',
    thetasym: 'ϑ', upsih: 'ϒ', piv: 'ϖ', star: '☆', starf: '★', check: '✓', hyphen: '‐', lsquor: '‚', ldquor: '„', nbhy: '‑', num: '#',
    excl: '!', comma: ',', period: '.', colon: ':', semi: ';', lpar: '(', rpar: ')', sol: '/', quest: '?', commat: '@', dollar: '$', percnt: '%',
    ast: '*', plus: '+', equals: '=', lowbar: '_', grave: '`', Tab: '\t', NewLine: '\n',
  }),
])

// Numbers 128–159 are what Windows pages meant by them.
const windows = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function character(code: number): string {
  if (code >= 128 && code <= 159) return windows[code - 128] ?? ''
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd'
  return String.fromCodePoint(code)
}

/** Replaces HTML's character references by what they stand for; unknown ones stay as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,9}));/g, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return character(Number(decimal))
    if (hex !== undefined) return character(Number.parseInt(hex, 16))
    return named.get(name) ?? whole
  })
}
