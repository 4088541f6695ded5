import { parseTruth } from '@vedette/server/evaluate/video/truth'
import { Refusal } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../../support/thrown.ts'

const CLIPS = ['days/monday.mp4', 'days/tuesday.mkv']
const END = Number.POSITIVE_INFINITY
const parsed = (text: string) => [...parseTruth(text, 'who.csv', CLIPS)]

describe('parseTruth', () => {
  it('knows clips by path, by name, and by name without its ending', () => {
    const text = 'clip,name\nmonday,jane\ndays/monday.mp4,joe\ntuesday.mkv,"Doe, Jane"\n'
    expect(parsed(text)).toEqual([
      [
        CLIPS[0],
        [
          { name: 'jane', from: 0, to: END },
          { name: 'joe', from: 0, to: END },
        ],
      ],
      [CLIPS[1], [{ name: 'Doe, Jane', from: 0, to: END }]],
    ])
  })

  it('takes times, one of them, or none, and clips that show nobody', () => {
    const rows = [
      'monday,jane,2,10.5',
      'monday,jane,20,',
      'monday,joe,,3',
      'tuesday,,,',
      'other,x,1,2',
    ]
    expect(parsed(['\uFEFFClip,Name,From,To', ...rows].join('\r\n'))).toEqual([
      [
        CLIPS[0],
        [
          { name: 'jane', from: 2, to: 10.5 },
          { name: 'jane', from: 20, to: END },
          { name: 'joe', from: 0, to: 3 },
        ],
      ],
      [CLIPS[1], []],
    ])
  })

  it.each([
    ['nothing', '', 'who.csv:1: '],
    ['another header', 'file,who\nmonday,jane', 'who.csv:1: '],
    ['no clip', 'clip,name\n\n,jane', 'who.csv:3: '],
    ['a time that is none', 'clip,name,from,to\nmonday,jane,early,late', 'who.csv:2: '],
    ['an end before the beginning', 'clip,name,from,to\nmonday,jane,5,4', 'who.csv:2: '],
    ['a beginning before the clip', 'clip,name,from,to\nmonday,jane,-1,4', 'who.csv:2: '],
    ['too much', 'clip,name,from,to\nmonday,jane,1,4,5', 'who.csv:2: '],
    ['a stray quotation mark', 'clip,name\n"monday,jane', 'who.csv:2: '],
    ['a clip of which it says nothing', 'clip,name\nmonday,jane', 'tuesday.mkv'],
  ])('refuses %s', (_what, text, complaint) => {
    const error = thrownBy(() => parsed(text), Refusal)
    expect(error.code).toBe('evaluate.bad-truth')
    expect(error.message).toContain(complaint)
  })
})
