const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 4
const IN_A_GROUP = 5

/** A password that is given once and changed at the first sign-in: 99 random bits, to be read aloud. */
export function oneTimePassword(): string {
  const group = () => Array.from({ length: IN_A_GROUP }, letter).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}

/** Each as likely as the others: what would make the first ones likelier is drawn again. */
function letter(): string {
  const most = 256 - (256 % LETTERS.length)
  for (;;) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1))
    if (byte < most) return LETTERS[byte % LETTERS.length] ?? ''
  }
}
