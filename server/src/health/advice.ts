/** What is known of one entry. */
export type Troubles = {
  entryId: string
  list: string
  name: string
  photos: number
  strictness: number
  confirmed: number
  withdrawn: number
  /** Alerts that operators judged. */
  judgedTrue: number
  judgedFalse: number
  nearMisses: number
  /** The entry on the list that looks most like it. */
  lookAlike: { entryId: string; name: string; score: number } | null
  /** How alike each photograph is to the other one most like it; null for a single one. */
  agreement: (number | null)[]
  /** Of the alerts that were judged false or withdrawn: how many came by each photograph. */
  blame: number[]
}

export type Levels = {
  /** Two pictures of strangers are less alike than this, all but one in a hundred. */
  stranger: number
  /** What reaches this is taken for the entry. */
  threshold: number
}

export type Advice = {
  kind: 'remove-photo' | 'duplicate' | 'tighten' | 're-photograph'
  /** What is wrong, and why it is thought so. */
  words: string
  /** What to do about it. */
  command: string
}

/** False alerts from which an entry is in trouble. */
const TROUBLE = 2
/** Share of them by one photograph from which it is to blame. */
const TO_BLAME = 0.75
/** Photographs that an entry should have. */
const ENOUGH_PHOTOS = 3
/** Near misses without a confirmed alert that speak of bad photographs. */
const MANY_NEAR_MISSES = 5
/** How much rarer false alerts are asked to be at a time. */
const TIGHTER = 10

/** What an operator should do about an entry, the most urgent first. */
export function adviseOn(of: Troubles, { stranger, threshold }: Levels): Advice[] {
  const { entryId, photos, judgedFalse, withdrawn, confirmed, nearMisses, lookAlike } = of
  const mistakes = judgedFalse + withdrawn
  const advice: Advice[] = []
  const odd = of.agreement.findIndex((score) => score !== null && score < stranger)
  const worst = of.blame.indexOf(Math.max(...of.blame))
  const blamed = photos > 1 && mistakes >= TROUBLE && of.blame[worst]! >= TO_BLAME * mistakes
  if (odd !== -1) {
    const all = photos === 2 ? 'its two photographs are' : `photograph ${odd + 1} is`
    advice.push({
      kind: 'remove-photo',
      words: `${all} no more alike than strangers are (${of.agreement[odd]!.toFixed(3)}): is it the same person?`,
      command: `vedette entries remove-photo ${entryId} ${odd + 1}`,
    })
  } else if (blamed) {
    advice.push({
      kind: 'remove-photo',
      words: `${of.blame[worst]} of ${mistakes} false alerts came by photograph ${worst + 1}`,
      command: `vedette entries remove-photo ${entryId} ${worst + 1}`,
    })
  }
  if (lookAlike !== null && lookAlike.score >= threshold) {
    advice.push({
      kind: 'duplicate',
      words: `${lookAlike.name} looks the same (${lookAlike.score.toFixed(3)}): one person twice, or twins? Their alerts give no name`,
      command: `vedette entries show ${lookAlike.entryId}`,
    })
  }
  if (mistakes >= TROUBLE && mistakes > confirmed) {
    advice.push({
      kind: 'tighten',
      words: `${mistakes} false alerts and ${confirmed} confirmed`,
      command: `vedette entries tighten ${entryId} --factor ${of.strictness * TIGHTER}`,
    })
  }
  const unclear = nearMisses >= MANY_NEAR_MISSES && confirmed === 0
  if (photos < ENOUGH_PHOTOS && (mistakes >= TROUBLE || unclear)) {
    const why = unclear ? `${nearMisses} near misses and no alert` : `${mistakes} false alerts`
    advice.push({
      kind: 're-photograph',
      words: `${why} with ${photos === 1 ? 'a single photograph' : `${photos} photographs`}: three halve what is missed`,
      command: `vedette enroll PHOTO PHOTO PHOTO --name ${JSON.stringify(of.name)}`,
    })
  }
  return advice
}
