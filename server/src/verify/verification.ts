/** One thing that was looked at: it holds, it does not, or it could not be looked at here. */
export type Finding = {
  /** A part of the file, or what follows from several. */
  about: string
  state: 'holds' | 'broken' | 'unchecked'
  words: string
}

/** What came of verifying a file. */
export type Verification = {
  /** What the file is; null where that cannot be told. */
  kind: string | null
  /** Who signed it, and whether that key was vouched for by somebody other than the file itself. */
  signer: { id: string; vouched: boolean } | null
  findings: Finding[]
}

/** What verifying may use beyond the file. */
export type Means = {
  /** Public keys that are known to be the deployment's, by id; undefined where none are. */
  keys: ReadonlyMap<string, string> | undefined
  /** Folder of the installed models. */
  models: string | undefined
}

/** Knows one kind of file that Vedette signs. */
export type Verifier = {
  kind: string
  /** Whether `file` is, or was, of this kind: told by how it begins. */
  knows(file: Buffer): boolean
  verify(file: Buffer, means: Means): Promise<Verification>
}

export const holds = (about: string, words: string): Finding => ({ about, state: 'holds', words })
export const broken = (about: string, words: string): Finding => ({ about, state: 'broken', words })
export const unchecked = (about: string, words: string): Finding => {
  return { about, state: 'unchecked', words }
}

/** Nothing of it is known to be wrong; what could not be looked at may be. */
export function isGood({ findings }: Verification): boolean {
  return findings.every(({ state }) => state !== 'broken')
}
