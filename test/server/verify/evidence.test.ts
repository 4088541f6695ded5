import { createHash } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Signer } from '@vedette/server/audit/signer'
import { MANIFEST, type Manifest, SIGNATURE } from '@vedette/server/evidence/manifest'
import { unzip, zipOf } from '@vedette/server/evidence/zip'
import { isGood, type Means, type Verification } from '@vedette/server/verify/verification'
import { verify } from '@vedette/server/verify/verify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { EvidenceBench } from '../../support/server-evidence.ts'

let bench: EvidenceBench
let file: Buffer
let other: Buffer

beforeAll(async () => {
  bench = await EvidenceBench.open()
  await bench.enrol(1)
  await bench.enrol(3, 'Bert')
  file = await bench.export((await bench.walk(1)).id, { photos: true })
  other = await bench.export((await bench.walk(3)).id, { photos: true })
})
afterAll(() => bench[Symbol.asyncDispose]())

const judge = (bytes: Buffer, means: Partial<Means> = {}) =>
  verify(bytes, { keys: bench.audit.signer.known, models: undefined, ...means })
const wordsOf = ({ findings }: Verification, state = 'broken') =>
  findings.filter((one) => one.state === state).map(({ about, words }) => `${about}: ${words}`)
const partsOf = (bytes: Buffer) => new Map(unzip(bytes)!.parts)
const manifestOf = (parts: ReadonlyMap<string, Uint8Array>) =>
  JSON.parse(Buffer.from(parts.get(MANIFEST)!).toString()) as Manifest

/** The file with other parts, as somebody would make it who has no key. */
function changed(change: (parts: Map<string, Uint8Array>) => void): Buffer {
  const parts = partsOf(file)
  change(parts)
  return zipOf(parts)
}

/** The same by somebody who has a key: all is hashed and signed anew. */
function signedAnew(
  change: (said: Manifest, parts: Map<string, Uint8Array>) => void,
  { signer = bench.audit.signer, from = file } = {},
): Buffer {
  const parts = partsOf(from)
  const said = manifestOf(parts)
  change(said, parts)
  for (const name of Object.keys(said.parts)) {
    const bytes = parts.get(name)!
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    said.parts[name] = { sha256, bytes: bytes.length }
  }
  const bytes = Buffer.from(JSON.stringify(said))
  parts.set(MANIFEST, bytes)
  parts.set(SIGNATURE, Buffer.from(`${signer.sign('evidence', bytes).toString('hex')}\n`))
  return zipOf(parts)
}

describe('evidence as it was exported', () => {
  it('holds, its scores computed again from its probes and from its pictures', async () => {
    const verified = await judge(file)
    expect([isGood(verified), verified.kind, verified.signer?.vouched]).toEqual([
      true,
      'evidence',
      true,
    ])
    expect(wordsOf(verified, 'unchecked')).toEqual([])
    expect(verified.findings.map(({ about }) => about)).toEqual([
      ...['the file', 'signature', 'parts', 'record', 'threshold', 'raised'],
      ...['frame 1', 'frame 2', 'frame 3', 'frame 1, pictures', 'frame 3, pictures'],
    ])
  })

  it('says so where nobody vouches for its key', async () => {
    const verified = await judge(file, { keys: undefined })
    expect([isGood(verified), verified.signer?.vouched]).toEqual([true, false])
  })

  it('says which model is not what it was, and does not compute with another', async () => {
    const another = signedAnew(({ dossier }) => {
      dossier!.models.embedder.sha256 = 'b'.repeat(64)
      dossier!.models.landmarks.id = 'landmarks-x'
    })
    const verified = await judge(another)
    expect(isGood(verified)).toBe(true)
    expect(wordsOf(verified, 'unchecked')).toEqual([
      expect.stringMatching(/^pictures: not computed .* dlib-resnet29-1 is another one here/),
      expect.stringMatching(/^pictures: not computed .* landmarks-x is not here/),
    ])
  })
})

describe('evidence that was touched', () => {
  it('is told in any byte: 500 of them', async () => {
    const random = seeded(32)
    const missed: number[] = []
    for (let i = 0; i < 500; i++) {
      // Every tenth near an end, where the headers are.
      const edge = i % 10 === 0 ? 600 : file.length
      const from = i % 20 === 0 ? file.length - edge : 0
      const at = from + Math.floor(random() * edge)
      const touched = Buffer.from(file)
      touched[at]! ^= 1 + Math.floor(random() * 255)
      if (isGood(await judge(touched))) missed.push(at)
    }
    expect(missed).toEqual([])
  })

  it.each<[string, () => Buffer, RegExp]>([
    ['cut off', () => file.subarray(0, file.length - 1), /^the file: it is cut off/],
    ['cut off in the middle', () => file.subarray(0, file.length / 2), /^the file: it is cut off/],
    ['longer', () => Buffer.concat([file, Buffer.of(0)]), /^the file: it is cut off or damaged/],
    ['with something before it', () => Buffer.concat([Buffer.from(MANIFEST), file]), /^the file/],
    [
      'with a chip of another alert',
      () => changed((parts) => parts.set('frames/01.jpg', partsOf(other).get('frames/01.jpg')!)),
      /^frames\/01\.jpg: it was touched/,
    ],
    [
      'with two of its own chips swapped',
      () =>
        changed((parts) => {
          const [one, two] = [parts.get('frames/01.jpg')!, parts.get('frames/02.jpg')!]
          parts.set('frames/01.jpg', two).set('frames/02.jpg', one)
        }),
      /^frames\/01\.jpg: it was touched/,
    ],
    [
      'with the manifest of another alert, signature and all',
      () =>
        changed((parts) => {
          for (const name of [MANIFEST, SIGNATURE]) parts.set(name, partsOf(other).get(name)!)
        }),
      /^frames\/01\.jpg: it was touched/,
    ],
    [
      'with the signature of another alert',
      () => changed((parts) => parts.set(SIGNATURE, partsOf(other).get(SIGNATURE)!)),
      /^signature: manifest\.json was touched, or was not signed/,
    ],
    [
      'without a part',
      () => changed((parts) => parts.delete('photos/1.jpg')),
      /^photos\/1\.jpg: it is missing/,
    ],
    [
      'with one more',
      () => changed((parts) => parts.set('x.exe', Buffer.of(1))),
      /^x\.exe: it was added/,
    ],
    [
      'without a manifest',
      () => changed((parts) => parts.delete(MANIFEST)),
      /^manifest\.json: it is missing/,
    ],
    [
      'in another order',
      () => zipOf(new Map([...partsOf(file)].toReversed())),
      /^parts: they are in another order/,
    ],
  ])('is told when it is %s', async (_what, make, expected) => {
    const verified = await judge(make())
    expect(isGood(verified)).toBe(false)
    expect(wordsOf(verified)).toContainEqual(expect.stringMatching(expected))
  })

  it('and signed by another key is told where the right one is known', async () => {
    const signer = await Signer.open(await mkdtemp(join(tmpdir(), 'vedette-forger-')))
    const forged = signedAnew(
      (said) => {
        said.alert.outcome = 'true'
        said.signer = { id: signer.id, publicKey: signer.publicKey }
      },
      { signer },
    )
    expect(wordsOf(await judge(forged))[0]).toMatch(
      new RegExp(`^signature: signed by key ${signer.id}, which is not the deployment's`),
    )
    const pretended = signedAnew(() => {}, { signer })
    expect(wordsOf(await judge(pretended))[0]).toMatch(/^signature: manifest.json was touched/)
    expect(isGood(await judge(pretended, { keys: undefined }))).toBe(false)
  })
})

describe('evidence that does not bear itself out, though it is signed', () => {
  it.each<[string, Parameters<typeof signedAnew>[0], RegExp]>([
    [
      'a score that its probes do not have',
      ({ frames, alert }) => {
        frames[0]!.score = 0.9999
        alert.score = 0.9999
      },
      /^frame 1: the score computed again is 0\.\d{4}, it differs by 0\.\d{4} from 0\.9999/,
    ],
    [
      'a score below what it had to reach',
      ({ alert }) => {
        alert.threshold = 0.9999
      },
      /^threshold: the score .* is below/,
    ],
    [
      'a threshold that the walk did not reach',
      ({ dossier }) => {
        dossier!.threshold.needed = 0.9999
      },
      /^raised: .* it does not$/,
    ],
    [
      "somebody else's templates",
      ({ dossier }) => {
        dossier!.templates = manifestOf(partsOf(other)).dossier!.templates
      },
      /^raised: raised at 0\.8.* it does not$/,
    ],
    [
      "somebody else's picture",
      (_said, parts) => void parts.set('frames/01.jpg', partsOf(other).get('frames/01.jpg')!),
      /^frame 1: its picture is not what its probe is of: 0\.8/,
    ],
    [
      'a picture that is none',
      (_said, parts) => void parts.set('frames/02.jpg', Buffer.from('no picture')),
      /^frame 2: its picture cannot be read/,
    ],
    [
      "somebody else's probe",
      (_said, parts) =>
        void parts.set('frames/02-own.f32', partsOf(other).get('frames/02-own.f32')!),
      /^frame 2: its probe does not make of the walk what it says/,
    ],
    [
      'a record that nobody signed',
      ({ record }) => void record.seq++,
      /^record: the head of the record/,
    ],
  ])('is told: %s', async (_what, change, expected) => {
    const verified = await judge(signedAnew(change))
    expect(isGood(verified)).toBe(false)
    expect(wordsOf(verified)).toContainEqual(expect.stringMatching(expected))
  })

  it('is not blamed on anybody where the photographs were changed meanwhile', async () => {
    const later = signedAnew((said) => {
      said.entry.templates = ['another']
      said.frames[1]!.score += 0.01
    })
    const verified = await judge(later)
    expect(isGood(verified)).toBe(true)
    expect(wordsOf(verified, 'unchecked')).toEqual([
      expect.stringMatching(/^frame 2: .* the photographs enrolled were changed meanwhile$/),
    ])
  })
})

it('what Vedette never signed is nothing', async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(5000, 7)]) {
    const verified = await judge(bytes)
    expect([verified.kind, isGood(verified)]).toEqual([null, false])
  }
})
