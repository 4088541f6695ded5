import { type FaultParams, Refusal } from '@vedette/shared/errors'

/** Characters. Source: NIST SP 800-63B-4, 3.1.1.2: 15 where it is all there is, 8 beside a code. */
export const LEAST_ALONE = 15
export const LEAST_WITH_CODE = 8
export const MOST = 256

/** Of the most common ones; at least as many as OWASP's verification standard asks for. */
const COMMON = 3000
/** What is so short and said again and again is no more than itself. */
const SHORT = 5

/** Of whom it is to be the password. */
export type Owner = { name: string; secondFactor: boolean }

/** Throws Refusal `password.weak`. */
export async function checkPassword(password: string, owner: Owner): Promise<void> {
  const text = password.normalize('NFKC')
  const length = [...text].length
  const least = owner.secondFactor ? LEAST_WITH_CODE : LEAST_ALONE
  if (length < least || length > MOST) {
    throw weak(`a password has ${least} to ${MOST} characters`, { least, most: MOST })
  }
  const plain = text.toLowerCase()
  const unit = repeated(plain)
  const common = await commonPasswords()
  if (common.has(plain) || common.has(unit) || unit.length < SHORT) {
    throw weak('this password is among the first that anybody tries', { which: 'common' })
  }
  const left = plain.replaceAll(owner.name, '').replaceAll('vedette', '')
  if (left.length < LEAST_WITH_CODE) {
    throw weak('this password is little more than a name', { which: 'name' })
  }
}

/** Whether it is long enough to be all that is asked for. */
export function standsAlone(password: string): boolean {
  return [...password.normalize('NFKC')].length >= LEAST_ALONE
}

let common: Promise<ReadonlySet<string>> | undefined

/** Read when the first password is set: the list is long, and most starts set none. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => {
    const all = dictionary['passwords-common']
    // Short ones are refused for their length; those beyond the first thousands may be long enough.
    const long = all.filter((one) => one.length >= LEAST_WITH_CODE)
    return new Set([...all.slice(0, COMMON), ...long].map((one) => one.toLowerCase()))
  })
  return common
}

/** The shortest text that `text` is a repetition of. */
function repeated(text: string): string {
  const period = `${text}${text}`.indexOf(text, 1)
  return text.slice(0, period)
}

function weak(message: string, params: FaultParams): Refusal {
  return new Refusal('password.weak', message, {
    hint: 'four words that have nothing to do with one another are a good one',
    params,
  })
}
