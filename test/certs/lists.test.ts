import { createPrivateKey } from 'node:crypto'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { makeCrl } from '@vedette/certs/crl'
import { certsLayout } from '@vedette/certs/files'
import { ROOT_KEY } from '@vedette/certs/new-authority'
import { Office } from '@vedette/certs/office'
import { openKey } from '@vedette/certs/sealed-key'
import { codeOf } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  foundDeployment,
  issuingAuthorityOf,
  PASSPHRASE,
  TemporaryFolder,
} from '../support/certs-deployment.ts'

const HOUR = 3_600_000
const start = Date.parse('2026-03-01T12:00:00Z')

let folder: TemporaryFolder
let home: string
let now: number
let office: Office

const clock = { now: () => now }
const issuingPlace = () => certsLayout(home).issuing(office.standing.signs)
const rootPlace = () => certsLayout(home).root(office.standing.roots[0]!)
const ofIssuing = () => office.crl(office.standing.signs)!
const ofRoot = () => office.crl(office.standing.roots[0]!)!
const stateOf = (kind: string) => office.lists.find((list) => list.kind === kind)?.state
const inForce = () => office.credentials.crl?.length ?? 0

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  home = folder.path
  now = start
  await foundDeployment(home, now)
  office = await Office.open(home, clock)
})

afterEach(() => folder[Symbol.asyncDispose]())

describe('the list of an issuing authority', () => {
  it("is there from the beginning, and so is its root's, which lasts as long as the root", () => {
    expect(inForce()).toBe(2)
    expect(ofIssuing()).toMatchObject({ number: 1, nextUpdate: start + 24 * HOUR })
    expect(ofRoot().nextUpdate).toBe(start + 3650 * 24 * HOUR)
  })

  it('is followed by the next after two thirds of its life, not before', async () => {
    now = start + 16 * HOUR - 61_000
    expect((await office.tend()).made).toEqual([])
    now = start + 16 * HOUR
    const { made } = await office.tend()
    expect(made).toMatchObject([{ number: 2, nextUpdate: start + 40 * HOUR }])
    expect((await office.tend()).made).toEqual([])
  })

  it('has a higher number each time, also after a restart and with its file gone', async () => {
    const numbers = [ofIssuing().number]
    for (let day = 1; day <= 4; day++) {
      now = start + day * 24 * HOUR
      if (day === 2) office = await Office.open(home, clock)
      if (day === 3) {
        await rm(issuingPlace().crl)
        office = await Office.open(home, clock)
      }
      await office.tend()
      numbers.push(ofIssuing().number)
    }
    expect(numbers).toEqual([1, 2, 3, 4, 5])
  })

  it('names who was revoked, by whatever process, at the next turn', async () => {
    const { serial } = await office.issue({ role: 'agent', name: 'gate-7' })
    expect((await office.tend()).made).toEqual([])
    const elsewhere = await Office.open(home, clock)
    await elsewhere.ledger.revoke(serial, 'stolen')
    expect((await office.tend()).made).toHaveLength(1)
    expect([...ofIssuing().revoked.keys()]).toEqual([serial])
    expect((await office.tend()).made).toEqual([])
  })

  it('forgets who was revoked once the certificate has expired', async () => {
    const identity = { role: 'agent', name: 'gate-7' } as const
    const { serial } = await office.issue(identity, { life: HOUR })
    await office.ledger.revoke(serial, 'stolen')
    await office.tend()
    now = start + 20 * HOUR
    await office.tend()
    expect(ofIssuing().revoked.size).toBe(0)
  })

  it('is made anew when the clock was set back before its beginning', async () => {
    now = start - 2 * HOUR
    expect(inForce()).toBe(0)
    await office.tend()
    expect(ofIssuing().thisUpdate).toBeLessThan(now)
    expect(ofIssuing().number).toBe(2)
  })
})

describe('a list on the disk that is not in order', () => {
  const spoil: Record<string, (crl: string) => Promise<string>> = {
    'crl.unreadable': async (crl) => crl.slice(0, crl.length / 2),
    'crl.signature': async (crl) => {
      const lines = crl.split('\n')
      const at = lines.length - 3
      lines[at] = lines[at]!.replace(/^..../, (four) => (four === 'AAAA' ? 'BBBB' : 'AAAA'))
      return lines.join('\n')
    },
    'crl.foreign': async () => readFile(rootPlace().crl, 'utf8'),
    'crl.older': async () => {
      const { certificate, key } = await issuingAuthorityOf(home)
      return makeCrl(
        { certificate, key: createPrivateKey(key) },
        { number: 1, thisUpdate: start, nextUpdate: start + 90 * HOUR, revoked: [] },
      )
    },
  }

  it.each(Object.keys(spoil))(
    'is refused as %s; the old one stays until there is a new one',
    async (code) => {
      const { serial } = await office.issue({ role: 'agent', name: 'gate-7' })
      await office.ledger.revoke(serial, 'stolen')
      await office.tend()
      const before = office.crls
      const { crl } = issuingPlace()
      await writeFile(crl, await spoil[code]!(await readFile(crl, 'utf8')))

      await office.refresh()
      expect(office.crls).toEqual(before)
      expect(inForce()).toBe(2)

      const { refused, made } = await office.tend()
      expect(refused.map(({ fault }) => codeOf(fault))).toEqual([code])
      expect(made).toMatchObject([{ number: 3 }])
      expect([...ofIssuing().revoked.keys()]).toEqual([serial])
      expect(await readFile(crl, 'utf8')).toBe(ofIssuing().pem)
      expect(await office.tend()).toEqual({ made: [], refused: [], failed: [] })
    },
  )

  it('is refused when it is an older one, put back while nobody looked', async () => {
    const { crl } = issuingPlace()
    await copyFile(crl, `${crl}.old`)
    now = start + 20 * HOUR
    await office.tend()
    await copyFile(`${crl}.old`, crl)
    office = await Office.open(home, clock)
    const { refused, made } = await office.tend()
    expect(refused.map(({ fault }) => codeOf(fault))).toEqual(['crl.older'])
    expect(made).toMatchObject([{ number: 3 }])
  })

  it('of a root cannot be made anew: the old one stays, and after a restart TLS does without', async () => {
    const { crl } = rootPlace()
    const good = await readFile(crl, 'utf8')
    await writeFile(crl, good.slice(0, -100))
    expect((await office.tend()).refused).toMatchObject([{ fault: { code: 'crl.unreadable' } }])
    expect(inForce()).toBe(2)

    office = await Office.open(home, clock)
    await office.tend()
    expect(stateOf('root')).toBe('missing')
    expect(office.credentials.crl).toBeUndefined()

    await writeFile(crl, good)
    await office.tend()
    expect(inForce()).toBe(2)
  })
})

describe('a list that cannot be made', () => {
  /** Where a folder is no file can be put. */
  async function block(): Promise<() => Promise<void>> {
    const { crl } = issuingPlace()
    const kept = await readFile(crl)
    await rm(crl)
    await mkdir(crl)
    return async () => {
      await rm(crl, { recursive: true })
      await writeFile(crl, kept)
    }
  }

  it('is an alarm at 8 hours left, and TLS does without before its end', async () => {
    const changes: number[] = []
    office.onChange(() => changes.push(inForce()))
    const unblock = await block()
    now = start + 16 * HOUR
    const { failed } = await office.tend()
    expect(failed).toHaveLength(1)
    expect([stateOf('issuing'), inForce()]).toEqual(['good', 2])
    now = start + 16 * HOUR + 10_000
    await office.tend()
    expect([stateOf('issuing'), inForce()]).toEqual(['late', 2])
    now = start + 24 * HOUR - 4000
    await office.tend()
    expect([stateOf('issuing'), inForce()]).toEqual(['expired', 0])
    expect(changes).toEqual([0])

    await unblock()
    now = start + 25 * HOUR
    await office.tend()
    expect([stateOf('issuing'), inForce()]).toEqual(['good', 2])
    expect(changes).toEqual([0, 2])
  })

  it('is not tried again at once', async () => {
    const unblock = await block()
    now = start + 17 * HOUR
    await office.tend()
    await unblock()
    expect(await office.tend()).toMatchObject({ made: [], failed: [] })
    now += 30_000
    expect((await office.tend()).made).toHaveLength(1)
  })
})

describe('a list that the root made', () => {
  it('is taken at the next turn', async () => {
    const { certificate } = office.certificates.get(office.standing.roots[0]!)!
    const key = await openKey(await readFile(rootPlace().key, 'utf8'), PASSPHRASE, ROOT_KEY)
    const pem = await makeCrl(
      { certificate, key: createPrivateKey(key) },
      {
        number: 2,
        thisUpdate: now,
        nextUpdate: now + 1000 * HOUR,
        revoked: [{ serial: 'aa01', at: now }],
      },
    )
    await writeFile(rootPlace().crl, pem)
    expect(await office.refresh()).toBe(true)
    expect([...ofRoot().revoked.keys()]).toEqual(['aa01'])
  })
})
