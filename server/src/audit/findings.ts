/** What is wrong with a record, and where. */
export type Finding =
  /** Act `seq` is not what was recorded. */
  | { what: 'edited'; seq: number; part: 'act' | 'body' | 'index' }
  /** Acts `seq` to `to` are gone. */
  | { what: 'removed'; seq: number; to: number }
  /** Acts that were not recorded stand at `seq` to `to`. */
  | { what: 'inserted'; seq: number; to: number }
  /** At `seq` stands what was act `from`. */
  | { what: 'reordered'; seq: number; from: number }
  /** The body of act `seq` is gone, and retention did not delete it. */
  | { what: 'body-removed'; seq: number; kind: string }
  /** The record ends at `seq`, and by the time of a head it had come to `to`. */
  | { what: 'truncated'; seq: number; to: number; at: number }
  /** Acts behind `seq` were written anew as far as `to`: a head says otherwise. */
  | { what: 'rewritten'; seq: number; to: number; at: number }
  /** A head whose signature is not good, or that is signed by a key of nobody's here. */
  | { what: 'head-forged' | 'head-foreign'; seq: number; at: number; signer: string }
  /** A head that is in one place and not in the other. */
  | { what: 'head-removed'; seq: number; at: number; place: 'database' | 'file' }
  /** What retention is said to have deleted is not what it recorded. */
  | { what: 'retention-edited'; kind: string }
  /** An export whose lines are not those that were signed. */
  | { what: 'export-edited' }

/** A finding for a person. */
export function findingWords(finding: Finding): string {
  const { what } = finding
  switch (what) {
    case 'edited':
      return `act ${finding.seq} was edited (${PARTS[finding.part]})`
    case 'removed':
      return `${acts(finding)} removed`
    case 'inserted':
      return `${acts(finding)} inserted: not recorded by this server`
    case 'reordered':
      return `acts were reordered: at ${finding.seq} stands what was act ${finding.from}`
    case 'body-removed':
      return `the body of act ${finding.seq} (${finding.kind}) was removed, and not by retention`
    case 'truncated':
      return `the record was truncated after act ${finding.seq}: the head of ${time(finding)} is of act ${finding.to}`
    case 'rewritten':
      return `acts after ${finding.seq} up to ${finding.to} were written anew: they do not lead to the head of ${time(finding)}`
    case 'head-forged':
      return `the head of ${time(finding)} (act ${finding.seq}) is forged: its signature is not good`
    case 'head-foreign':
      return `the head of ${time(finding)} (act ${finding.seq}) is signed by a foreign key, ${finding.signer}`
    case 'head-removed':
      return `the head of ${time(finding)} (act ${finding.seq}) was removed from the ${finding.place}`
    case 'retention-edited':
      return `what retention deleted${finding.kind === '' ? '' : ` of ${finding.kind}`} is not what it recorded`
    case 'export-edited':
      return 'the export is not as it was signed'
    default:
      return what satisfies never
  }
}

const PARTS = {
  act: 'its time, kind or hash',
  body: 'who, why or what about',
  index: 'what it is found by',
}

function acts({ seq, to }: { seq: number; to: number }): string {
  return seq === to ? `act ${seq} was` : `acts ${seq} to ${to} were`
}

function time({ at }: { at: number }): string {
  return new Date(at).toISOString()
}
