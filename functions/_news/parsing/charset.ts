// What most letters of a text are, where it is read by the right one of these.
const alphabets: [string, RegExp][] = [
  ['windows-1251', /[оеаинтсрвлкі]/g],
  ['koi8-r', /[оеаинтсрвлкі]/g],
  ['koi8-u', /[оеаинтсрвлкі]/g],
  ['iso-8859-5', /[оеаинтсрвлкі]/g],
  ['windows-1253', /[αοιετσνηρυπκ]/g],
  ['windows-1255', /[יוהלאתמרשבנ]/g],
  ['windows-1256', /[اليمنوترفبة]/g],
  ['iso-8859-6', /[اليمنوترفبة]/g],
  ['windows-874', /[\u0e32\u0e19\u0e23\u0e01\u0e2d\u0e40\u0e07\u0e21\u0e22\u0e27\u0e25\u0e17]|\u0e48|\u0e49/g],
]

// The same of writings with two bytes a sign; the share is what there is at least.
const writings: [string, RegExp, number][] = [
  ['euc-jp', /[\u3040-\u30ff]/g, 0.25],
  ['shift_jis', /[\u3040-\u30ff]/g, 0.25],
  ['euc-kr', /[\uac00-\ud7a3]/g, 0.75],
  ['gb18030', /[的一是不了在人有我他这中大来上国们到说]/g, 0.06],
  ['big5', /[的一是不了在人有我他這中大來上國們到說]/g, 0.06],
]

function read(bytes: Uint8Array, label: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(label, { fatal, ignoreBOM: false }).decode(bytes)
  } catch {
    return undefined
  }
}

function shareOf(text: string, letters: RegExp): number {
  const foreign = text.match(/[^\u0000-\u007f]/g)?.length ?? 0
  return (text.match(letters)?.length ?? 0) / Math.max(1, foreign)
}

// Of equals the first.
function best(candidates: { label: string; score: number }[]): string | undefined {
  const [first, ...rest] = candidates.filter(({ score }) => score >= 1)
  return first === undefined ? undefined : rest.reduce((one, other) => (other.score > one.score ? other : one), first).label
}

/** The encoding of a text that is not UTF-8 and declares none, by its letters; undefined where it looks Western, letters with accents here and there. */
export function guessed(bytes: Uint8Array): string | undefined {
  const sample = bytes.subarray(0, 20_000)
  let high = 0
  let together = 0
  for (let at = 0; at < sample.length; at += 1) {
    if ((sample[at] ?? 0) < 0x80) continue
    high += 1
    if ((sample[at - 1] ?? 0) >= 0x80 || (sample[at + 1] ?? 0) >= 0x80) together += 1
  }
  if (high < 8 || together < high * 0.6) return undefined
  // The sample may end between the two bytes of a sign.
  return best(writings.flatMap(([label, letters, least]) => {
    const text = read(sample, label, sample.length === bytes.length)
    return text === undefined || (text.match(/\ufffd/g)?.length ?? 0) > 2 ? [] : [{ label, score: shareOf(text, letters) / least }]
  })) ?? best(alphabets.map(([label, letters]) => ({ label, score: shareOf(read(sample, label, false) ?? '', letters) / 0.45 })))
}
