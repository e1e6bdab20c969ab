// Beginnings of months' names, January to December; several for one month with a stroke between them. Without accents, as words are compared.
const stems = `
jan|gen|ene|ian|xan feb|fev mar|maa|mrt apr|avr|abr may|mai|maj|mag|mei jun|juin|giu|iun|xun jul|juil|lug|iul|xul aug|ago|aou|agu|avg sep|set|szep oct|okt|ott|out nov|noi|noe dec|dez|dic|des
янв фев мар апр май|мая июн июл авг сен окт ноя дек
січ лют бер кві тра чер лип сер вер жов лис гру
сту лют сак кра тра чэр ліп жні вер кас ліс сне
яну|јан феб март апр мај юни|јун юли|јул авг сеп окт ное|нов дец
ιαν φεβ μαρ απρ μαι ιουν ιουλ αυγ σεπ οκτ νοε δεκ
sty lut marz kwi maj cze lip sie wrz paz lis gru
led uno bre dub kve cerv|cvn cervenc|cervene|cvc srp zar rij list pro
oca sub mart nis mayi haz tem agus eyl eki kas ara
tam hel maal huh tou kes hei elo syy lok marras jou
jaa vee marts apr mai juun juul aug sept okt nov dets
sau vas kov bal geg bir lie rugp rugs spa lap gruo
jan shk mars pri maj qer korr gush sht tet nen dhj
urt ots mar api mai eka uzt abu ira urr aza abe
ינו פבר מרץ|מרס אפר מאי יונ יול אוג ספט אוק נוב דצמ
يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر`

function folded(word: string): string {
  return word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
}

const months = new Map<string, number>()
for (const line of stems.trim().split('\n')) {
  for (const [index, names] of line.split(' ').entries()) for (const name of names.split('|')) months.set(folded(name), index + 1)
}
const longest = Math.max(...[...months.keys()].map(({ length }) => length))

/** The number of the month that a word names, in full or by its beginning, in some thirty languages; undefined where it names none. */
export function monthOf(word: string): number | undefined {
  const plain = folded(word)
  // The longest beginning counts: Finnish "marraskuu" is no March.
  for (let length = Math.min(longest, plain.length); length > 2; length -= 1) {
    const month = months.get(plain.slice(0, length))
    if (month !== undefined) return month
  }
  return undefined
}
