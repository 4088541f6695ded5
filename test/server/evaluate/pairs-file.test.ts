import { parsePairs } from '@vedette/server/evaluate/pairs-file'
import { Refusal } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../support/thrown.ts'

const fold = undefined

describe('parsePairs, CSV', () => {
  it('reads 1, 0, true, and false', () => {
    const text =
      'left,right,same\na.jpg,b.jpg,1\na.jpg,c.jpg,0\nd.jpg,e.jpg,True\nd.jpg,c.jpg,false\n'
    expect(parsePairs(text, 'p.csv')).toEqual([
      { left: 'a.jpg', right: 'b.jpg', same: true, fold },
      { left: 'a.jpg', right: 'c.jpg', same: false, fold },
      { left: 'd.jpg', right: 'e.jpg', same: true, fold },
      { left: 'd.jpg', right: 'c.jpg', same: false, fold },
    ])
  })

  it('bears a byte order mark, CRLF, blank lines, quotation marks, and blanks', () => {
    const text =
      '\uFEFF\r\n"left",right,Same\r\n\r\n"x, y.jpg","say ""a"".jpg",1\r\n a/b c.jpg , ..d.jpg,"0"\r\n'
    expect(parsePairs(text, 'p.csv')).toEqual([
      { left: 'x, y.jpg', right: 'say "a".jpg', same: true, fold },
      { left: 'a/b c.jpg', right: '..d.jpg', same: false, fold },
    ])
  })

  it.each([
    ['', '1: no pairs: the file is empty'],
    ['\r\n \n', '1: no pairs: the file is empty'],
    ['\nleft,right,same\n', '2: no pairs below the header'],
    ['a.jpg,b.jpg,1\n', '1: neither the header left,right,same nor a number of pairs'],
    ['left,right\na,b\n', '1: neither the header'],
    ['left,right,same\na,b,1\n\na,b\n', '4: 2 fields, not left,right,same'],
    ['left,right,same\na,b,1,\n', '2: 4 fields, not left,right,same'],
    ['left,right,same\na,b,yes\n', "2: same is 1, 0, true, or false, not 'yes'"],
    ['left,right,same\na,b,constructor\n', "2: same is 1, 0, true, or false, not 'constructor'"],
    ['left,right,same\n"a,b,1\n', '2: a quotation mark is out of place'],
    ['left,right,same\na"b",c,1\n', '2: a quotation mark is out of place'],
    ['left,right,same\na,,1\n', '2: a path is empty'],
    ['left,right,same\na,/etc/b,1\n', "2: '/etc/b' is absolute"],
    ['left,right,same\nC:\\b,a,1\n', "2: 'C:\\b' is absolute"],
    ['left,right,same\r\na,b,1\r\na/../../b,c,1\r\n', "3: 'a/../../b' leaves the folder"],
    ['left,right,same\na,..\\b,1\n', "2: '..\\b' leaves the folder"],
  ])('refuses %j', (text, complaint) => {
    const refusal = thrownBy(() => parsePairs(text, 'dir/p.csv'), Refusal)
    expect(refusal.code).toBe('evaluate.bad-pairs')
    expect(refusal.message).toContain(`dir/p.csv:${complaint}`)
  })
})

describe('parsePairs, LFW', () => {
  it('reads the folds one after the other, each with its genuine pairs first', () => {
    const text = [
      '2\t1',
      'Ann_A\t1\t12',
      'Ann_A\t3\tBob\t4',
      'Cy\t2\t1',
      'Cy\t5\tDi\t1234',
      '',
    ].join('\n')
    expect(parsePairs(text, 'pairs.txt')).toEqual([
      { left: 'Ann_A/Ann_A_0001.jpg', right: 'Ann_A/Ann_A_0012.jpg', same: true, fold: 0 },
      { left: 'Ann_A/Ann_A_0003.jpg', right: 'Bob/Bob_0004.jpg', same: false, fold: 0 },
      { left: 'Cy/Cy_0002.jpg', right: 'Cy/Cy_0001.jpg', same: true, fold: 1 },
      { left: 'Cy/Cy_0005.jpg', right: 'Di/Di_1234.jpg', same: false, fold: 1 },
    ])
  })

  it('gives ten folds of 600 for a file as large as view 2', () => {
    const part = (line: (i: number) => string) => Array.from({ length: 300 }, (_, i) => line(i + 1))
    const one = [...part((i) => `P\t${i}\t${i + 1}`), ...part((i) => `P\t${i}\tQ\t${i}`)]
    const pairs = parsePairs(['10\t300', ...Array(10).fill(one).flat()].join('\r\n'), 'pairs.txt')
    for (let fold = 0; fold < 10; fold++) {
      const of = pairs.filter((pair) => pair.fold === fold)
      expect([of.length, of.filter(({ same }) => same).length]).toEqual([600, 300])
    }
  })

  it.each(['1', '1\t1'])('knows no folds where there is one set (%j)', (header) => {
    const pairs = parsePairs(`${header}\nA\t1\t2\nA\t1\tB\t1\n`, 'pairs.txt')
    expect(pairs.map((pair) => pair.fold)).toEqual([undefined, undefined])
    expect(pairs.map((pair) => pair.same)).toEqual([true, false])
  })

  it.each([
    ['0', '1: no pairs: a count is 0'],
    ['10\t0', '1: no pairs: a count is 0'],
    ['1', '1: 0 pairs, but the first line announces 2'],
    ['1\nA\t1\t2\n\n', '2: 1 pairs, but the first line announces 2'],
    ['1\nA\t1\t2\nA\t1\tB\t1\nA\t1\tC\t1', '4: 3 pairs, but the first line announces 2'],
    ['1\nA\t1\nA\t1\tB\t1', '2: 2 fields, not name, number, number'],
    ['1\nA\t1\tB\t1\nA\t1\t2', '2: 4 fields, not name, number, number'],
    ['1\nA\t1\t2\n\nA\t1\t2', '4: 3 fields, not name, number, name, number'],
    ['1\nA\t1\tx\nA\t1\tB\t1', "2: 'x' is not a number (name, number, number)"],
    ['1\nA\t1\t2\nA\t-1\tB\t1', "3: '-1' is not a number"],
    ['1\nA\t1\t2\nA\t1\tA\t2', '3: one name twice in a pair of two persons'],
    ['1\n../x\t1\t2\nA\t1\tB\t1', "2: '../x/../x_0001.jpg' leaves the folder"],
    ['1\nA\t1\t2\n/x\t1\tB\t1', "3: '/x//x_0001.jpg' is absolute"],
  ])('refuses %j', (text, complaint) => {
    const refusal = thrownBy(() => parsePairs(text, 'pairs.txt'), Refusal)
    expect(refusal.code).toBe('evaluate.bad-pairs')
    expect(refusal.message).toContain(`pairs.txt:${complaint}`)
  })
})
