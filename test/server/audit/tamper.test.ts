import { type Made, makeRecord, openCopy } from '@vedette/scripts/bench/audit/ledger'
import { TAMPERINGS } from '@vedette/scripts/bench/audit/tamper'
import { judge, type Trial, trials } from '@vedette/scripts/bench/audit/trials'
import { findingWords } from '@vedette/server/audit/findings'
import { beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { seeded } from '../../support/agent-random.ts'

let made: { whole: Made; older: Made }

beforeAll(async () => {
  made = await makeRecord(new ManualClock(), { acts: 60, every: 9 })
})

describe('a record', () => {
  it('that nobody touched is good, and all of it is signed', async () => {
    const db = openCopy(made.whole.database)
    const verdict = await judge(db, [...made.whole.heads], made.whole.known)
    expect(verdict).toMatchObject({ good: true, acts: 60, last: 60, unsigned: 0, findings: [] })
    db.close()
  })

  it('that somebody tampered with is found out, 1,000 times of 1,000, and how is named', async () => {
    const all: Trial[] = []
    for await (const trial of trials(made, 1000, seeded(5))) all.push(trial)
    expect(all.filter(({ found, named }) => !(found && named))).toEqual([])
    expect(all).toHaveLength(1000)
    expect(new Set(all.map(({ name }) => name)).size).toBe(Object.keys(TAMPERINGS).length)
    for (const { findings } of all) {
      for (const finding of findings) expect(findingWords(finding)).toMatch(/^[a-z].* [a-z0-9)].*$/)
    }
  })
})
