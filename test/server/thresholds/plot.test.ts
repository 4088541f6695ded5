import { thresholdPlot } from '@vedette/server/thresholds/plot'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NORTH, TestThresholds } from '../../support/server-thresholds.ts'

let test: TestThresholds

beforeAll(async () => {
  test = await TestThresholds.open()
  await test.announced('north')
})

afterAll(() => test[Symbol.asyncDispose]())

async function drawn(): Promise<string> {
  const [report] = await test.thresholds.explain(NORTH)
  const svg = await thresholdPlot(report!)
  expect(/NaN|Infinity|undefined/.test(svg)).toBe(false)
  const { info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true })
  expect([info.width > 700, info.height > 500]).toEqual([true, true])
  return svg
}

describe('the plot of a threshold', () => {
  it('is drawn before anything was seen, and says that it is the published calibration', async () => {
    const svg = await drawn()
    const words = ['gate-7/north', 'published calibration', 'budget', 'threshold 0.9']
    expect(words.filter((word) => !svg.includes(word))).toEqual([])
  })

  it('shows the fitted tail once there is one', async () => {
    await test.pass(1500)
    expect((await drawn()).includes('fitted tail')).toBe(true)
  })
})
