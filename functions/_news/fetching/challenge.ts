/** What pages that ask whether one is human say in their HTML; no article or feed is looked at for these. */
const marks = [
  /<title>\s*(?:just a moment|attention required|security check|are you (?:a )?human|ddos protection|verifying you|robot check)/i,
  /\b(?:cf-challenge|challenge-platform|cf_chl_|cf-turnstile|g-recaptcha|h-captcha|px-captcha|_incapsula_resource|captcha-delivery|awswafintegration|anubis_challenge)/i,
  /enable javascript and cookies to continue|checking your browser|verify (?:that )?you are (?:a )?human/i,
]

/** How much of a page is looked at, bytes. */
export const lookedAtBytes = 65_536

/** True for a page that wants to see a person instead of giving the document. */
export function isChallenge(headers: Headers, text: string): boolean {
  if (headers.get('cf-mitigated') === 'challenge') return true
  const start = text.slice(0, lookedAtBytes)
  return /^\s*(?:<!--[\s\S]{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b/i.test(start) && marks.some((mark) => mark.test(start))
}
